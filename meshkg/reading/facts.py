"""A facts CSV becomes claims: one for each row, with its evidence, version and dates.

Anyone can write such a file in a spreadsheet, so nothing in it is trusted: a cell that a
spreadsheet would run as a formula is refused, and so is every label that the graph does not know.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Final, NamedTuple

from pyoxigraph import Literal, NamedNode, Store, Triple

from meshkg.errors import Place, Problem
from meshkg.reading.claims import Reading, Unknown
from meshkg.reading.files import MAX_BYTES, read_text
from meshkg.reading.vocabulary import Vocabulary, key
from meshkg.terms import DCAT, MESH, RDF, SCHEMA, XSD, slug, thing
from meshkg.words import Text

__all__ = ["matches", "read"]

_REQUIRED: Final = ("tool", "responsibility", "value", "evidence_url")
#: How many of the required columns make a first line the header of a facts CSV.
_ENOUGH: Final = 2
#: How many problems are listed; a file of another kind may have one in every line.
_MOST_PROBLEMS: Final = 1_000
_LONGEST_QUOTE: Final = 80
_DELIMITERS: Final = ",;\t"

_FIRST_LINE = re.compile(r"\s*([^\r\n]*)")
_LINE_END = re.compile(r"\r\n?|\n")
_BINARY = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_FORMULA = re.compile(r"[\t\r]|\s*[=+@-]")
_ADDRESS = re.compile(r"https?://[^\s/?#<>\"{}|\\^`][^\s<>\"{}|\\^`]*", re.IGNORECASE)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_KANA = re.compile(r"[\u3041-\u30ff]")


@dataclass(frozen=True)
class _Fault:
    """Why a cell cannot be read; `kind` is the class that has no such label."""

    rule: str
    text: Text
    kind: NamedNode | None = None

    def at(self, place: Place, found: str) -> Problem:
        """Return the problem that a cell with this fault is."""
        if self.kind is None:
            return Problem(place, self.text, self.rule, found)
        return Unknown(place, self.text, self.rule, found, self.kind)


_Value = NamedNode | Literal | _Fault


class _Column(NamedTuple):
    """What a column states about a claim, and how its cells are read."""

    predicate: NamedNode
    read: Callable[[str, Vocabulary], _Value]


@dataclass(frozen=True)
class _Record:
    """The cells of a row and the lines of the file on which they stand."""

    line: int
    last_line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class _File:
    """What every row of a file needs to know."""

    name: str
    source: str
    vocabulary: Vocabulary

    def place(self, line: int, column: str = "") -> Place:
        """Return a place in the file."""
        return Place(file=self.name, line=line, column=column)


def matches(head: bytes) -> bool:
    r"""Tell from the first bytes of a file whether it is a facts CSV.

    >>> matches(b'Tool,"Value",note\nistio,yes,'), matches(b"| tool | value |\n| --- | --- |")
    (True, False)
    """
    text = head.decode("utf-8-sig", errors="replace")
    return len(_names(text, _delimiter(text)) & {*_REQUIRED}) >= _ENOUGH


def read(
    path: Path, store: Store, *, source: str | None = None, max_bytes: int = MAX_BYTES
) -> Reading:
    """Read a facts CSV.

    Args:
        path: a file with the columns tool, responsibility, value and evidence_url, and where
            wanted note, version, as_of, valid_from_version, valid_from_date, valid_until_date.
        store: a store whose default graph holds the labels that may be used.
        source: slug of the source; by default one made from the file's name.
        max_bytes: the largest size that is read.

    Returns:
        a claim for each row, and the problems that keep them from being written.

    Raises:
        DocumentError: the file is not there, too large or not UTF-8.
    """
    name = source or _slug(path.stem) or "facts"
    text, data = read_text(path, max_bytes)
    subject = thing("source", name)
    triples = {
        Triple(subject, RDF.type, MESH.Source),
        Triple(subject, DCAT.mediaType, Literal("text/csv")),
        Triple(subject, SCHEMA.sha256, Literal(hashlib.sha256(data).hexdigest())),
    }
    problems: list[Problem] = []
    for found in _interpret(text, _File(path.name, name, Vocabulary.from_store(store))):
        if isinstance(found, Triple):
            triples.add(found)
        elif len(problems) < _MOST_PROBLEMS:
            problems.append(found)
        else:
            problems.append(Problem(found.place, _MORE, "more-problems"))
            break
    return Reading(name, frozenset(triples), tuple(problems))


# -- rows --------------------------------------------------------------------------------------


def _interpret(text: str, file: _File) -> Iterator[Triple | Problem]:
    binary = _BINARY.search(text)
    if binary:
        line = len(_LINE_END.findall(text, 0, binary.start())) + 1
        yield Problem(file.place(line), _NO_TEXT, "binary")
        return
    records = _records(text, file)
    header = next(records, None)
    if not isinstance(header, _Record):
        yield header or Problem(file.place(0), _NO_ROWS, "no-rows")
        return
    names = [name.strip().casefold() for name in header.cells]
    yield from _header_problems(names, file.place(header.line))
    claims: dict[NamedNode, int] = {}
    record: _Record | Problem | None = None
    for record in records:
        if isinstance(record, Problem):
            yield record
        elif len(record.cells) != len(names):
            text_ = _width(len(record.cells), len(names))
            yield Problem(file.place(record.line), text_, "row-width")
        else:
            yield from _row(record, names, file, claims)
    if record is None:
        yield Problem(file.place(header.line), _NO_ROWS, "no-rows")


def _records(text: str, file: _File) -> Iterator[_Record | Problem]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _Record(line, reader.line_num, tuple(cells))
            line = reader.line_num + 1
    except csv.Error as error:
        en = f"cannot be read as CSV from here on ({error})"
        yield Problem(
            file.place(line), Text(en, f"ここから先をCSVとして読めません ({error})"), "syntax"
        )


def _header_problems(names: Sequence[str], place: Place) -> Iterator[Problem]:
    for name in _REQUIRED:
        if name not in names:
            text = Text(f"the column “{name}” is missing", f"列「{name}」がありません")
            yield Problem(place, text, "missing-column")
    for name in _COLUMNS:
        if names.count(name) > 1:
            text = Text(f"the column “{name}” stands twice", f"列「{name}」が重複しています")
            yield Problem(place, text, "repeated-column")


def _row(
    record: _Record, names: Sequence[str], file: _File, claims: dict[NamedNode, int]
) -> Iterator[Triple | Problem]:
    """Yield what a row states; `claims` holds the line of each claim before it."""
    cells = dict(zip(names, record.cells, strict=True))
    values = dict(_values(cells, file.vocabulary))
    for name, value in values.items():
        if isinstance(value, _Fault):
            yield value.at(file.place(record.line, name), _one_line(cells[name]))
    claim = _claim(values, file.source)
    if claim is None:
        return
    if claims.setdefault(claim, record.line) != record.line:
        text = _repeated(claims[claim])
        yield Problem(file.place(record.line), text, "repeated-claim")
    if _begins_after_its_end(values):
        yield Problem(file.place(record.line, "valid_until_date"), _BACKWARDS, "interval")
    yield from _stated(claim, record, values, file.source)


def _values(cells: Mapping[str, str], vocabulary: Vocabulary) -> Iterator[tuple[str, _Value]]:
    for name, column in _COLUMNS.items():
        cell = cells.get(name)
        if cell is None:
            continue
        text = _one_line(cell)
        if _FORMULA.match(cell) and (name, text) != ("value", "-"):
            yield name, _formula(text)
        elif text or name == "value":
            yield name, column.read(text, vocabulary)
        elif name in _REQUIRED:
            yield name, _EMPTY


def _claim(values: Mapping[str, _Value], source: str) -> NamedNode | None:
    """Return the IRI of a row's claim; None where the row does not tell it."""
    tool, responsibility = values.get("tool"), values.get("responsibility")
    if not (isinstance(tool, NamedNode) and isinstance(responsibility, NamedNode)):
        return None
    start = _start(values)
    if isinstance(start, _Fault):
        return None
    parts = (source, slug(tool.value), slug(responsibility.value), start)
    return thing("claim", *(part for part in parts if part))


def _start(values: Mapping[str, _Value]) -> str | _Fault:
    """Return the start of a row's interval, as its claim's IRI has it; empty where it has none."""
    day = values.get("valid_from_date")
    version = values.get("valid_from_version")
    end = values.get("valid_until_date")
    for value in (day, version, end):
        if isinstance(value, _Fault):
            return value
    if isinstance(day, Literal):
        return day.value
    if isinstance(version, Literal):
        return _slug(version.value) or "version"
    return f"until-{end.value}" if isinstance(end, Literal) else ""


def _begins_after_its_end(values: Mapping[str, _Value]) -> bool:
    start, end = values.get("valid_from_date"), values.get("valid_until_date")
    return isinstance(start, Literal) and isinstance(end, Literal) and start.value > end.value


def _stated(
    claim: NamedNode, record: _Record, values: Mapping[str, _Value], source: str
) -> Iterator[Triple]:
    note = values.get("note")
    absent = isinstance(note, Literal) and "absence-based" in note.value.casefold()
    yield Triple(claim, RDF.type, MESH.Claim)
    yield Triple(claim, RDF.type, MESH.SupportClaim)
    yield Triple(claim, MESH.statedIn, thing("source", source))
    kind = "absence-based" if absent else "documented"
    yield Triple(claim, MESH.evidenceKind, thing("evidence", kind))
    yield Triple(claim, MESH.line, Literal(record.line))
    if record.last_line != record.line:
        yield Triple(claim, MESH.lastLine, Literal(record.last_line))
    for name, value in values.items():
        if not isinstance(value, _Fault):
            yield Triple(claim, _COLUMNS[name].predicate, value)


# -- cells -------------------------------------------------------------------------------------


def _tool(text: str, vocabulary: Vocabulary) -> _Value:
    found = _find(text, MESH.Tool, vocabulary)
    return found or _unknown(text, MESH.Tool, vocabulary)


def _responsibility(text: str, vocabulary: Vocabulary) -> _Value:
    found = _find(text, MESH.Responsibility, vocabulary)
    return found or _unknown(text, MESH.Responsibility, vocabulary)


def _find(text: str, kind: NamedNode, vocabulary: Vocabulary) -> NamedNode | None:
    """Look up a label or a slug; a hyphen may stand for the blank of a label."""
    return vocabulary.find(text, kind) or vocabulary.find(text.replace("-", " "), kind)


def _level(text: str, vocabulary: Vocabulary) -> _Value:
    found = vocabulary.level(text) or vocabulary.names.get(MESH.Level, {}).get(key(text))
    return found or _unknown(text, MESH.Level, vocabulary)


def _address(text: str, _vocabulary: Vocabulary) -> _Value:
    try:
        return NamedNode(text) if _ADDRESS.fullmatch(text) else _no_address(text)
    except ValueError:
        return _no_address(text)


def _note(text: str, _vocabulary: Vocabulary) -> _Value:
    return Literal(text, language="ja" if _KANA.search(text) else "en")


def _word(text: str, _vocabulary: Vocabulary) -> _Value:
    return Literal(text)


def _day(text: str, _vocabulary: Vocabulary) -> _Value:
    if _DAY.fullmatch(text) and _in_calendar(text):
        return Literal(text, datatype=XSD.date)
    return _no_date(text)


def _day_or_month(text: str, vocabulary: Vocabulary) -> _Value:
    """Read a day, or a month where a page gives no more; no day is made up for it."""
    if _MONTH.fullmatch(text) and _in_calendar(f"{text}-01"):
        return Literal(text, datatype=XSD.gYearMonth)
    return _day(text, vocabulary)


def _in_calendar(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


_COLUMNS: Final = {
    "tool": _Column(MESH.aboutTool, _tool),
    "responsibility": _Column(MESH.aboutResponsibility, _responsibility),
    "value": _Column(MESH.supportLevel, _level),
    "note": _Column(MESH.note, _note),
    "version": _Column(MESH.toolVersion, _word),
    "as_of": _Column(MESH.asOf, _day_or_month),
    "evidence_url": _Column(MESH.evidence, _address),
    "valid_from_version": _Column(MESH.validFromVersion, _word),
    "valid_from_date": _Column(MESH.validFrom, _day),
    "valid_until_date": _Column(MESH.validUntil, _day),
}


# -- text --------------------------------------------------------------------------------------


def _delimiter(text: str) -> str:
    """Return the sign between the columns; spreadsheets write the one of their country."""
    return max(_DELIMITERS, key=lambda sign: len(_names(text, sign) & _COLUMNS.keys()))


def _names(text: str, delimiter: str) -> set[str]:
    match = _FIRST_LINE.match(text)
    cells = match[1].split(delimiter) if match else []
    return {cell.strip(' "\t').casefold() for cell in cells}


def _one_line(cell: str) -> str:
    return " ".join(cell.split())


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", name.casefold()).strip("-.")


def _brief(text: str) -> str:
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…"


# -- what is wrong -----------------------------------------------------------------------------

_LABELLED: Final = {
    MESH.Tool: ("unknown-tool", "unknown tool", "未知のツール"),
    MESH.Responsibility: ("unknown-responsibility", "unknown responsibility", "未知の責務"),
    MESH.Level: ("unknown-value", "unknown value", "未知の値"),
}
_EMPTY: Final = _Fault("empty-cell", Text("an empty cell", "セルが空です"))
_NO_TEXT: Final = Text(
    "a control character: not a CSV text", "制御文字があり、CSVのテキストではありません"
)
_NO_ROWS: Final = Text("no rows under a header", "見出し行の下に行がありません")
_BACKWARDS: Final = Text("the claim ends before it begins", "終了日が開始日より前です")
_MORE: Final = Text("further problems are not listed", "以降の問題は省略します")


def _unknown(found: str, kind: NamedNode, vocabulary: Vocabulary) -> _Fault:
    rule, en, ja = _LABELLED[kind]
    en, ja = f"{en} “{_brief(found)}”", f"{ja}「{_brief(found)}」"
    near = vocabulary.nearest(found, kind)
    if near:
        en, ja = f"{en}; nearest known label: “{near}”", f"{ja}。最も近い既知のラベル:「{near}」"
    elif kind == MESH.Level:
        ranks = sorted(vocabulary.ranks.items(), key=lambda pair: -pair[1])
        known = ", ".join(slug(level.value) for level, _ in ranks)
        en, ja = f"{en}; known values: {known}", f"{ja}。既知の値: {known}"
    return _Fault(rule, Text(en, ja), kind)


def _formula(found: str) -> _Fault:
    en = f"“{_brief(found)}” begins like a formula; begin it with a word"
    ja = f"「{_brief(found)}」は数式とみなされる書き出しです。文字で始めてください"
    return _Fault("formula", Text(en, ja))


def _no_address(found: str) -> _Fault:
    en = f"“{_brief(found)}” is no http or https address"
    return _Fault(
        "evidence", Text(en, f"「{_brief(found)}」はhttpまたはhttpsのアドレスではありません")
    )


def _no_date(found: str) -> _Fault:
    en = f"“{_brief(found)}” is no date of the form 2026-11-22"
    return _Fault("date", Text(en, f"「{_brief(found)}」は2026-11-22の形式の日付ではありません"))


def _repeated(line: int) -> Text:
    en = f"the same tool, responsibility and start as on line {line}"
    return Text(en, f"ツール・責務・開始が{line}行目と同じです")


def _width(found: int, wanted: int) -> Text:
    en = f"this row has {found} cells, its header has {wanted}"
    return Text(en, f"この行のセルは{found}個、見出し行は{wanted}個です")
