"""A source back as Markdown: its sections, lists, links and tables, prose left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import Store

from meshkg.errors import UnknownNameError
from meshkg.sparql import select
from meshkg.terms import thing
from meshkg.words import Text

__all__ = ["document"]

_WITHIN = "(mesh:inTable?/dcterms:isPartOf)+"
_SECTIONS = "?part a mesh:Section ; mesh:line ?line ; mesh:headingLevel ?level ; mesh:heading ?text"
_MENTIONS = "?part a mesh:Mention ; mesh:line ?line ; prov:value ?text"
_LINKS = "?part a mesh:Reference ; mesh:line ?line ; schema:url ?text"
_TABLES = "?part a mesh:Table ; mesh:line ?line ; mesh:cornerLabel ?text"
_CELLS = """?part a mesh:Cell ; mesh:inTable ?table ; mesh:rowNumber ?row ;
  mesh:columnNumber ?column ; mesh:rowLabel ?rowLabel ; mesh:columnLabel ?columnLabel ;
  prov:value ?text"""


@dataclass(frozen=True, order=True)
class _Block:
    """Lines that stand together, and where the first of them stood."""

    line: int
    kind: str
    lines: tuple[str, ...]


def document(store: Store, source: str, *, keep_lines: bool = False) -> str:
    """Write a source as Markdown.

    Args:
        store: a dataset that holds the source.
        source: its slug.
        keep_lines: put everything on the line where it stood.

    Returns:
        Markdown that reads back to the same claims; with `keep_lines` to the same graph but for
        the checksum.

    Raises:
        UnknownNameError: the graph has no part of such a source.
    """
    blocks = sorted(_blocks(store, source))
    if not blocks:
        en, ja = f"no source “{source}” with parts", f"「{source}」という情報源はありません"
        raise UnknownNameError(Text(en, ja))
    return "\n".join((*(_at_lines(blocks) if keep_lines else _in_order(blocks)), ""))


def _at_lines(blocks: list[_Block]) -> list[str]:
    lines = [""] * max(block.line + len(block.lines) - 1 for block in blocks)
    for block in blocks:
        lines[block.line - 1 : block.line - 1 + len(block.lines)] = block.lines
    return lines


def _in_order(blocks: list[_Block]) -> Iterator[str]:
    before = ""
    for block in blocks:
        if before and (block.kind != before or block.kind in ("section", "table")):
            yield ""
        yield from block.lines
        before = block.kind


def _blocks(store: Store, source: str) -> Iterator[_Block]:
    for line, level, text in _parts(store, source, _SECTIONS, "?line ?level ?text"):
        yield _Block(int(line), "section", (f"{'#' * int(level)} {text}",))
    for line, text in _parts(store, source, _MENTIONS, "?line ?text"):
        yield _Block(int(line), "list", (f"- {text}",))
    for line, text in _parts(store, source, _LINKS, "?line ?text"):
        yield _Block(int(line), "links", (f"> - {text}",))
    cells = _cells(store, source)
    for table, line, text in _parts(store, source, _TABLES, "?part ?line ?text"):
        yield _Block(int(line), "table", tuple(_table(text, cells[table])))


def _parts(store: Store, source: str, pattern: str, names: str) -> Iterator[list[str]]:
    owner = thing("source", source)
    query = f"SELECT {names} WHERE {{ {pattern} . ?part {_WITHIN} {owner} }}"
    for row in select(store, query):
        yield [getattr(term, "value", "") for term in row]


def _cells(store: Store, source: str) -> dict[str, dict[tuple[int, int], str]]:
    tables: dict[str, dict[tuple[int, int], str]] = defaultdict(dict)
    names = "?table ?row ?column ?rowLabel ?columnLabel ?text"
    for table, row, column, label, header, text in _parts(store, source, _CELLS, names):
        tables[table][0, int(column)] = header
        tables[table][int(row), 1] = label
        tables[table][int(row), int(column)] = text
    return tables


def _table(corner: str, cells: dict[tuple[int, int], str]) -> Iterator[str]:
    rows, columns = (max(numbers) for numbers in zip(*cells, strict=True))
    grid = {**cells, (0, 1): corner}
    for row in range(rows + 1):
        texts = [grid[row, column].replace("|", r"\|") for column in range(1, columns + 1)]
        yield f"| {' | '.join(texts)} |"
        if row == 0:
            yield f"|{' --- |' * columns}"
