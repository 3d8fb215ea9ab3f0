"""What a single cell says, as text."""

from __future__ import annotations

import pytest

from meshkg.reading.cells import head_and_note, parts, values


@pytest.mark.parametrize(
    ("cell", "head", "note"),
    [
        ("`⭕️`", "`⭕️`", ""),
        ("`⭕️`<br>(Spiffeへ置き換えできる)", "`⭕️`", "Spiffeへ置き換えできる"),
        ("✅ （ベータ）", "✅", "ベータ"),
        ("△<br/>since 1.2<BR>only on Linux", "△", "since 1.2 only on Linux"),
        ("", "", ""),
    ],
)
def test_a_note_stands_after_a_break_or_in_brackets(cell: str, head: str, note: str) -> None:
    assert head_and_note(cell) == (head, note)


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("eBPF、Envoy", ["eBPF", "Envoy"]),
        ("サイドカー／サイドカーレス", ["サイドカー", "サイドカーレス"]),
        ("a, b; c", ["a", "b", "c"]),
        ("Googleなど", ["Google"]),
        ("Google etc.", ["Google"]),
        ("・手動<br>・ツール<br>(例：Cert Manager)", ["手動", "ツール"]),
        ("x (a、b)、y", ["x", "y"]),
        ("HTTP/2", ["HTTP/2"]),
    ],
)
def test_values_are_split_outside_brackets(cell: str, names: list[str]) -> None:
    assert [value.name for value in values(cell)] == names


def test_examples_and_notes_in_brackets_are_told_apart() -> None:
    (value,) = values("認証プロキシ (例：OAuth2 Proxy、Dexなど)（外部）")
    assert value.examples == ("OAuth2 Proxy", "Dex")
    assert value.note == "外部"


def test_joined_values_keep_their_own_brackets() -> None:
    (value,) = values("認証プロキシ (例：OAuth2 Proxyなど) やSSOプロキシ(例：Dexなど)")
    assert [(part.name, part.examples) for part in parts(value)] == [
        ("認証プロキシ", ("OAuth2 Proxy",)),
        ("SSOプロキシ", ("Dex",)),
    ]
