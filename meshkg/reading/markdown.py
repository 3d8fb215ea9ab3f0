"""A Markdown document as its structure: sections, tables, lists and links, each with its line.

Nothing here knows what the document is about. Line numbers are 1-based.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.rules_block.table import escapedSplit
from markdown_it.token import Token
from mdit_py_plugins.front_matter import front_matter_plugin

from meshkg.errors import Place, Problem
from meshkg.reading.files import MAX_BYTES, read_text, refusal
from meshkg.words import Text

__all__ = ["Document", "Item", "Link", "Row", "Section", "Table", "parse"]

_NUMBER = re.compile(r"^(\d+(?:[-.]\d+)*)[.．)]?\s")
_LINK = re.compile(r"^(?:\[[^\]]*\]\(|<)?(https?://[^\s<>()\"{}|\\^`\[\]]+)[>)]?$")
_DELIMITER = re.compile(
    r"^[ \t>]*\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)+\|?[ \t]*$", re.MULTILINE
)
_KANA = re.compile(r"[\u3041-\u30ff]")


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it."""

    position: int
    line: int
    level: int
    heading: str
    parent: int | None

    @property
    def number(self) -> str:
        """The number that the heading begins with, such as ``01-02``; empty where it has none."""
        match = _NUMBER.match(self.heading)
        return match[1] if match else ""

    @property
    def title(self) -> str:
        """The heading without its number."""
        return _NUMBER.sub("", self.heading).strip()


@dataclass(frozen=True)
class Item:
    """An item of a list; `group` tells the lists of a document apart."""

    section: int | None
    line: int
    text: str
    group: int


@dataclass(frozen=True)
class Link:
    """A quoted list item that is an address and nothing else."""

    section: int | None
    line: int
    url: str


@dataclass(frozen=True)
class Row:
    """A row of a table; the first cell is its label."""

    number: int
    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table; the header is row 0, the first column holds the labels."""

    number: int
    section: int | None
    line: int
    header: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Document:
    """What a comparison document holds, prose left out.

    Attributes:
        file: the name it was read from, for messages.
        sha256: checksum of its bytes.
        language: ``ja`` where a heading or cell has Japanese syllables, else ``en``.
        problems: what is wrong with its structure.
    """

    file: str
    sha256: str
    language: str
    sections: tuple[Section, ...]
    tables: tuple[Table, ...]
    items: tuple[Item, ...]
    links: tuple[Link, ...]
    problems: tuple[Problem, ...]

    @property
    def title(self) -> str:
        """The first heading of the highest level, empty where there is no heading."""
        return min(self.sections, key=lambda s: s.level).heading if self.sections else ""


def parse(path: Path, *, max_bytes: int = MAX_BYTES) -> Document:
    """Read a Markdown file.

    Args:
        path: the file.
        max_bytes: the largest size that is read.

    Returns:
        the document; what is wrong with single rows stands in its `problems`.

    Raises:
        DocumentError: it is not there, too large, not text, not UTF-8, or holds no table.
    """
    text, data = read_text(path, max_bytes)
    return _Reader(path.name, _text(text, path.name)).document(hashlib.sha256(data).hexdigest())


def _text(text: str, file: str) -> str:
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        binary = Text("a binary file, not Markdown", "バイナリファイルです")
        raise refusal(file, binary, line=line)
    return text.replace("\r\n", "\n").replace("\r", "\n")


class _Reader:
    """Walks the block tokens of one document once."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.lines = text.split("\n")
        self.sections: list[Section] = []
        self.above: list[Section] = []
        self.tables: list[Table] = []
        self.items: list[Item] = []
        self.links: list[Link] = []
        self.problems: list[Problem] = []

    def document(self, sha256: str) -> Document:
        tokens = _blocks(self.text)
        self._walk(tokens)
        if not self.tables and not self.problems:
            en, ja = "no table in it: not a comparison document in Markdown", "表がありません"
            raise refusal(self.file, Text(en, f"Markdownの比較文書ではありません ({ja})"))
        return Document(
            self.file,
            sha256,
            self._language(),
            tuple(self.sections),
            tuple(self.tables),
            tuple(self.items),
            tuple(self.links),
            tuple(self.problems),
        )

    def _walk(self, tokens: Sequence[Token]) -> None:
        opened: list[str] = []
        group = 0
        for index, token in enumerate(tokens):
            if token.type == "heading_open":
                self._section(token, tokens[index + 1].content)
            elif token.type == "table_open":
                self._table(_until(tokens, index, "table_close"))
            elif token.type in ("bullet_list_open", "ordered_list_open"):
                group += "list" not in opened
                opened.append("list")
            elif token.type == "blockquote_open":
                opened.append("quote")
            elif token.type in ("bullet_list_close", "ordered_list_close", "blockquote_close"):
                opened.pop()
            elif token.type == "list_item_open":
                self._item(tokens[index + 1 : index + 3], group, quoted="quote" in opened)
            elif token.type == "inline":
                self._broken_table(token)

    def _language(self) -> str:
        labels = [section.heading for section in self.sections]
        labels += [label for table in self.tables for label in table.header]
        labels += [cell for table in self.tables for row in table.rows for cell in row.cells]
        return "ja" if any(_KANA.search(label) for label in labels) else "en"

    @property
    def _here(self) -> int | None:
        return len(self.sections) or None

    def _section(self, token: Token, heading: str) -> None:
        level = int(token.tag[1])
        while self.above and self.above[-1].level >= level:
            self.above.pop()
        parent = self.above[-1].position if self.above else None
        position = len(self.sections) + 1
        section = Section(position, _line(token), level, _one_line(heading), parent)
        self.sections.append(section)
        self.above.append(section)

    def _item(self, tokens: Sequence[Token], group: int, *, quoted: bool) -> None:
        if len(tokens) < 2 or tokens[1].type != "inline":  # noqa: PLR2004 (paragraph, inline)
            return
        text, line = _one_line(tokens[1].content), _line(tokens[1])
        link = _LINK.match(text)
        if link:
            self.links.append(Link(self._here, line, link[1]))
        elif not quoted:
            self.items.append(Item(self._here, line, text, group))

    def _table(self, tokens: Sequence[Token]) -> None:
        number = len(self.tables) + 1
        header, *body = _rows(tokens)
        line = header[0]
        if not body:
            en, ja = "a table without rows under its header", "見出し行だけで、行のない表です"
            self._problem(line, number, Text(en, ja), "table-without-body")
        rows = []
        for position, (row_line, cells) in enumerate(body, start=1):
            found = _width(self.lines[row_line - 1])
            if found != len(header[1]):
                en = f"this row has {found} cells, its header has {len(header[1])}"
                ja = f"この行のセルは{found}個、見出し行は{len(header[1])}個です"
                self._problem(row_line, number, Text(en, ja), "row-width")
            rows.append(Row(position, row_line, cells))
        self.tables.append(Table(number, self._here, line, header[1], tuple(rows)))

    def _broken_table(self, token: Token) -> None:
        for match in _DELIMITER.finditer(token.content):
            if "|" not in token.content[: match.start()]:
                continue
            line = _line(token) + token.content.count("\n", 0, match.start())
            en = "a header and its line of dashes have different numbers of cells"
            ja = "見出し行と区切り行のセルの数が違います"
            self._problem(line - 1, len(self.tables) + 1, Text(en, ja), "header-width")

    def _problem(self, line: int, table: int, text: Text, rule: str) -> None:
        self.problems.append(Problem(Place(file=self.file, line=line, table=table), text, rule))


def _blocks(text: str) -> list[Token]:
    parser = MarkdownIt("commonmark").enable("table").use(front_matter_plugin)
    parser.core.ruler.disable("inline")
    return parser.parse(text)


def _one_line(text: str) -> str:
    return " ".join(text.split("\n"))


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 0


def _until(tokens: Sequence[Token], start: int, closing: str) -> Sequence[Token]:
    end = next(i for i in range(start, len(tokens)) if tokens[i].type == closing)
    return tokens[start:end]


def _rows(tokens: Sequence[Token]) -> Iterator[tuple[int, tuple[str, ...]]]:
    line = 0
    cells: list[str] = []
    for token in tokens:
        if token.type == "tr_open":
            line, cells = _line(token), []
        elif token.type == "inline":
            cells.append(token.content)
        elif token.type == "tr_close":
            yield line, tuple(cells)


def _width(line: str) -> int:
    cells = escapedSplit(line.strip(" \t>"))
    return len(cells) - (cells[:1] == [""]) - (len(cells) > 1 and cells[-1] == "")
