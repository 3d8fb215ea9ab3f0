"""The structure of a document: lines, sections, tables, lists, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from meshkg.errors import DocumentError, Problem
from meshkg.reading.markdown import Document, parse
from tests.conftest import Write

TABLE = "| a | b |\n| --- | --- |\n| c | d |\n"


def _problems(path: Path, *, max_bytes: int = 1_000_000) -> list[tuple[str, int]]:
    try:
        found: tuple[Problem, ...] = parse(path, max_bytes=max_bytes).problems
    except DocumentError as error:
        found = error.problems
    return [(problem.rule, problem.place.line) for problem in found]


def test_every_part_has_its_line(write: Write) -> None:
    text = f"""---
title: x
---

# 比較

prose

## 01-02. ツール

- Istio
- Linkerd

> - https://example.org/a?b=c

### Protocols

{TABLE}"""
    document = parse(write(text))
    assert [(s.line, s.level, s.number, s.title, s.parent) for s in document.sections] == [
        (5, 1, "", "比較", None),
        (9, 2, "01-02", "ツール", 1),
        (16, 3, "", "Protocols", 2),
    ]
    assert [(item.line, item.text, item.section) for item in document.items] == [
        (11, "Istio", 2),
        (12, "Linkerd", 2),
    ]
    assert [(link.line, link.url) for link in document.links] == [(14, "https://example.org/a?b=c")]
    (table,) = document.tables
    assert (table.line, table.header, table.section) == (18, ("a", "b"), 3)
    assert [(row.number, row.line, row.cells) for row in table.rows] == [(1, 20, ("c", "d"))]


def test_a_section_after_a_deeper_one_has_the_right_parent(write: Write) -> None:
    document = parse(write(f"# a\n### b\n## c\n### d\n# e\n\n{TABLE}"))
    assert [section.parent for section in document.sections] == [None, 1, 1, 3, None]


@pytest.mark.parametrize(
    "form", ["https://a.example/x", "<https://a.example/x>", "[x](https://a.example/x)"]
)
def test_a_quoted_item_that_is_a_link_is_a_reference(write: Write, form: str) -> None:
    document = parse(write(f"> - {form}\n\n{TABLE}"))
    assert [link.url for link in document.links] == ["https://a.example/x"]


def test_cells_are_verbatim(write: Write) -> None:
    document = parse(write("| x | y |\n|---|---|\n| `L4`<br>a | a\\|b **c** `⭕️` |\n"))
    assert document.tables[0].rows[0].cells == ("`L4`<br>a", "a|b **c** `⭕️`")


def test_windows_lines_and_byte_order_mark_do_not_matter(write: Write) -> None:
    plain = parse(write(f"# a\n\n{TABLE}"))
    windows = parse(write(b"\xef\xbb\xbf" + f"# a\n\n{TABLE}".replace("\n", "\r\n").encode()))
    assert (plain.sections, plain.tables) == (windows.sections, windows.tables)


def test_rows_of_another_width_are_named_with_their_line(write: Write) -> None:
    path = write("# t\n\n| a | b |\n|---|---|\n| 1 |\n| 1 | 2 |\n| 1 | 2 | 3 |\n")
    assert _problems(path) == [("row-width", 5), ("row-width", 7)]


def test_a_table_that_the_parser_would_drop_is_named(write: Write) -> None:
    assert _problems(write("x\n\n| a | b | c |\n|---|---|\n| 1 | 2 |\n")) == [("header-width", 3)]


def test_a_table_without_rows_is_named(write: Write) -> None:
    assert _problems(write(f"{TABLE}\ntext\n\n| a | b |\n|---|---|\n")) == [
        ("table-without-body", 7)
    ]


@pytest.mark.parametrize(
    ("content", "rule", "line"),
    [
        (b"", "not-a-document", 0),
        (b"just prose\n", "not-a-document", 0),
        (b'{"json": true}', "not-a-document", 0),
        (b"%PDF-1.7\n\x00\x01", "not-a-document", 2),
        ("# 表\n\n日本語\n".encode("cp932"), "encoding", 1),
        ("# x\n\n| 責務 |\n".encode("euc_jp"), "encoding", 3),
        (TABLE.encode("utf-16"), "encoding", 1),
    ],
)
def test_what_is_no_document_is_refused(write: Write, content: bytes, rule: str, line: int) -> None:
    assert _problems(write(content)) == [(rule, line)]


def test_a_probable_encoding_is_named(write: Write) -> None:
    with pytest.raises(DocumentError, match="cp932"):
        parse(write("日本語の表".encode("cp932")))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"nowhere\.md"):
        parse(tmp_path / "nowhere.md")


def test_a_huge_file_is_refused_before_it_is_parsed(write: Write) -> None:
    path = write(TABLE.encode() * 1_500_000, "huge.md")
    assert _problems(path) == [("too-large", 0)]
    assert _problems(write(TABLE), max_bytes=len(TABLE)) == []
    assert _problems(write(TABLE), max_bytes=len(TABLE) - 1) == [("too-large", 0)]


def test_the_language_does_not_depend_on_prose(write: Write) -> None:
    def language(text: str) -> str:
        document: Document = parse(write(text))
        return document.language

    assert language(f"ひらがなの文\n\n{TABLE}") == "en"
    assert language(f"# ひらがな\n\n{TABLE}") == "ja"
