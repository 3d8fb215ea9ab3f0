"""What a cell says: its signs, values, notes and examples, as text.

Nothing here knows which values exist; `meshkg.reading.claims` looks them up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Value", "head_and_note", "parts", "values"]

_OPEN, _CLOSE = "(\uff08", ")\uff09"
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_BULLET = re.compile(r"(?:^|<br\s*/?>)\s*[\u30fb\u2022*-]\s*", re.IGNORECASE)
_BRACKETED = re.compile(f"[{_OPEN}]([^{_OPEN}{_CLOSE}]*)[{_CLOSE}]")
_EXAMPLE = re.compile(r"^\s*(?:例|e\.g\.|for example)\s*[::\uff1a,]?\s*", re.IGNORECASE)
_AND_SO_ON = re.compile(r"\s*(?:など|等|ほか|,?\s*etc\.?|\s+and others)\s*$", re.IGNORECASE)
_STRONG = "、\uff0f,\uff0c;\uff1b"
_WEAK = "+\uff0b\uff06&や"


@dataclass(frozen=True)
class Value:
    """One of the values that a cell lists.

    Attributes:
        text: the value as written, with its brackets.
        name: the value without brackets and without words such as "and others".
        examples: what it gives as examples in brackets.
        note: what else stands in its brackets.
    """

    text: str
    name: str
    examples: tuple[str, ...] = ()
    note: str = ""


def head_and_note(cell: str) -> tuple[str, str]:
    """Split a cell into what stands first and the note after a line break or in brackets.

    >>> head_and_note("`⭕️`<br>(アンビエントモード)")
    ('`⭕️`', 'アンビエントモード')
    """
    head, *rest = _BREAK.split(cell, maxsplit=1)
    notes = [match[1].strip() for match in _BRACKETED.finditer(head)]
    notes += [_BREAK.sub(" ", text).strip(f"{_OPEN}{_CLOSE} ") for text in rest]
    return _BRACKETED.sub("", head).strip(), " ".join(note for note in notes if note)


def values(cell: str) -> list[Value]:
    """Return the values that a cell lists, separated by commas, slashes, bullets.

    >>> [value.name for value in values("eBPF、Envoy")]
    ['eBPF', 'Envoy']
    >>> values("相互TLS認証ツール<br>(例：Spiffe)")[0].examples
    ('Spiffe',)
    """
    text = _BREAK.sub(" ", _BULLET.sub("、", cell))
    return [_value(part) for part in _split(text, _STRONG)]


def parts(value: Value) -> list[Value]:
    """Return the values that stand joined by "and" in one value.

    >>> [part.name for part in parts(values("Service + kube-proxy")[0])]
    ['Service', 'kube-proxy']
    """
    return [_value(part) for part in _split(value.text, _WEAK)]


def _value(text: str) -> Value:
    inside = [match[1] for match in _BRACKETED.finditer(text)]
    examples = [
        _AND_SO_ON.sub("", name)
        for part in inside
        if _EXAMPLE.match(part)
        for name in _split(_EXAMPLE.sub("", part), _STRONG)
    ]
    note = " ".join(part.strip() for part in inside if not _EXAMPLE.match(part))
    name = _AND_SO_ON.sub("", _BRACKETED.sub("", text).strip())
    return Value(text.strip(), name, tuple(examples), note)


def _split(text: str, separators: str) -> list[str]:
    found, depth = [""], 0
    for sign in text:
        depth += (sign in _OPEN) - (sign in _CLOSE)
        if sign in separators and depth <= 0:
            found.append("")
        else:
            found[-1] += sign
    return [part.strip() for part in found if part.strip()]
