"""From the structure of a document to triples: parts, cells and the claims that they make."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from pyoxigraph import Literal, NamedNode, Triple

from meshkg.errors import Place, Problem
from meshkg.reading.cells import Value, head_and_note, parts, values
from meshkg.reading.markdown import Document, Item, Row, Section, Table
from meshkg.reading.vocabulary import Vocabulary
from meshkg.terms import DCAT, DCTERMS, LEVEL, MESH, PROV, RDF, SCHEMA, slug, thing
from meshkg.words import Text

__all__ = ["Reading", "Unknown", "interpret"]

#: A predicate and its value; nothing is said where the value is None.
_Pair: TypeAlias = tuple[NamedNode, NamedNode | Literal | str | int | None]


@dataclass(frozen=True)
class Unknown(Problem):
    """A label that the vocabulary does not have.

    Attributes:
        kind: the class whose things the label could name.
        section: the heading under which it stands, without its number.
    """

    kind: NamedNode = MESH.Tool
    section: str = ""


@dataclass(frozen=True)
class Reading:
    """What a document says.

    Attributes:
        source: the source's slug; the triples belong into the graph of that name.
        triples: its parts, cells and claims.
        problems: what could not be read; nothing may be written while there are any.
    """

    source: str
    triples: frozenset[Triple]
    problems: tuple[Problem, ...]

    def count(self, kind: NamedNode) -> int:
        """Return how many things of a class the document has."""
        return sum(
            triple.predicate == RDF.type and triple.object == kind for triple in self.triples
        )


def interpret(
    document: Document,
    vocabulary: Vocabulary,
    *,
    source: str,
    tables: Collection[int] | None = None,
) -> Reading:
    """Turn a document into claims.

    Args:
        document: its structure.
        vocabulary: the labels that it may use.
        source: slug of the source, part of every IRI.
        tables: numbers of the tables to read; all where it is None.
    """
    interpreter = _Interpreter(document, vocabulary, source)
    interpreter.read(tables)
    problems = sorted((*document.problems, *interpreter.problems), key=lambda p: p.place)
    return Reading(source, frozenset(interpreter.triples), tuple(problems))


@dataclass(frozen=True)
class _Spot:
    """A cell of a table, with all that stands around it."""

    file: str
    table: Table
    row: Row
    column: int

    @property
    def header(self) -> str:
        return self.table.header[self.column - 1]

    @property
    def text(self) -> str:
        return self.row.cells[self.column - 1]

    @property
    def place(self) -> Place:
        return Place(
            file=self.file,
            line=self.row.line,
            table=self.table.number,
            row=self.row.cells[0],
            column=self.header,
        )


@dataclass
class _Interpreter:
    document: Document
    vocabulary: Vocabulary
    source: str
    triples: set[Triple] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def read(self, tables: Collection[int] | None) -> None:
        self._source()
        for section in self.document.sections:
            self._section(section)
        self._lists()
        self._links()
        for table in self.document.tables:
            if tables is None or table.number in tables:
                self._table(table)

    # -- parts ---------------------------------------------------------------------------

    def _source(self) -> None:
        self._add(
            thing("source", self.source),
            (RDF.type, MESH.Source),
            (DCTERMS.title, self._text(self.document.title or self.source)),
            (DCTERMS.language, self.document.language),
            (DCAT.mediaType, "text/markdown"),
            (SCHEMA.sha256, self.document.sha256),
        )

    def _section(self, section: Section) -> None:
        area = self.vocabulary.find(section.title, MESH.Area)
        self._add(
            self._part("section", f"s{section.position}"),
            (RDF.type, MESH.Section),
            (MESH.heading, section.heading),
            (MESH.sectionNumber, section.number or None),
            (MESH.headingLevel, section.level),
            (MESH.line, section.line),
            (DCTERMS.subject, area),
            (DCTERMS.isPartOf, self._inside(section.parent)),
        )

    def _lists(self) -> None:
        groups: dict[int, list[Item]] = defaultdict(list)
        for item in self.document.items:
            groups[item.group].append(item)
        position = 0
        for items in groups.values():
            named = [(item, self.vocabulary.find(item.text, MESH.Tool)) for item in items]
            if 2 * sum(tool is not None for _, tool in named) <= len(items):
                continue
            for item, tool in named:
                position += 1
                self._mention(item, tool, position)

    def _mention(self, item: Item, tool: NamedNode | None, position: int) -> None:
        if tool is None:
            place = Place(file=self.document.file, line=item.line)
            self._unknown(place, item.text, item.section, MESH.Tool)
            return
        self._add(
            self._part("mention", f"m{position}"),
            (RDF.type, MESH.Mention),
            (MESH.aboutTool, tool),
            (PROV.value, item.text),
            (MESH.line, item.line),
            (DCTERMS.isPartOf, self._inside(item.section)),
        )

    def _links(self) -> None:
        for position, link in enumerate(self.document.links, start=1):
            self._add(
                self._part("reference", f"r{position}"),
                (RDF.type, MESH.Reference),
                (SCHEMA.url, NamedNode(link.url)),
                (MESH.line, link.line),
                (DCTERMS.isPartOf, self._inside(link.section)),
            )

    # -- tables --------------------------------------------------------------------------

    def _table(self, table: Table) -> None:
        self._add(
            self._part("table", f"t{table.number}"),
            (RDF.type, MESH.Table),
            (MESH.tableNumber, table.number),
            (MESH.line, table.line),
            (MESH.cornerLabel, table.header[0]),
            (DCTERMS.isPartOf, self._inside(table.section)),
        )
        tools = [self._tool(table, label) for label in table.header[1:]]
        for row in table.rows:
            subject = self._subject(table, row)
            for column, tool in enumerate(tools, start=2):
                spot = _Spot(self.document.file, table, row, column)
                cell = self._cell(spot)
                if subject and tool:
                    self._claim(spot, tool, subject, cell)

    def _tool(self, table: Table, label: str) -> NamedNode | None:
        tool = self.vocabulary.find(label, MESH.Tool)
        if tool is None:
            place = Place(file=self.document.file, line=table.line, table=table.number)
            self._unknown(place, label, table.section, MESH.Tool)
        return tool

    def _subject(self, table: Table, row: Row) -> NamedNode | None:
        subject = self.vocabulary.find(row.cells[0], MESH.Responsibility, MESH.Attribute)
        if subject is None:
            place = Place(file=self.document.file, line=row.line, table=table.number)
            self._unknown(place, row.cells[0], table.section, MESH.Responsibility)
        return subject

    def _cell(self, spot: _Spot) -> NamedNode:
        number, row = spot.table.number, spot.row
        cell = self._part("cell", f"t{number}-r{row.number}-c{spot.column}")
        self._add(
            cell,
            (RDF.type, MESH.Cell),
            (MESH.inTable, self._part("table", f"t{number}")),
            (MESH.rowNumber, row.number),
            (MESH.columnNumber, spot.column),
            (MESH.rowLabel, row.cells[0]),
            (MESH.columnLabel, spot.header),
            (MESH.line, row.line),
            (PROV.value, spot.text),
        )
        return cell

    def _claim(self, spot: _Spot, tool: NamedNode, subject: NamedNode, cell: NamedNode) -> None:
        known = len(self.problems)
        is_attribute = subject in self.vocabulary.ranges
        said = self._attribute(spot, subject) if is_attribute else self._support(spot, subject)
        if len(self.problems) > known:
            return
        self._add(
            thing("claim", self.source, slug(tool.value), _kebab(slug(subject.value))),
            (RDF.type, MESH.Claim),
            (MESH.aboutTool, tool),
            (MESH.statedIn, thing("source", self.source)),
            (PROV.hadPrimarySource, cell),
            *said,
        )

    def _support(self, spot: _Spot, responsibility: NamedNode) -> list[_Pair]:
        said = [(RDF.type, MESH.SupportClaim), (MESH.aboutResponsibility, responsibility)]
        levels = self._levels(spot.text)
        return [*said, *(levels or self._components(spot))]

    def _attribute(self, spot: _Spot, attribute: NamedNode) -> list[_Pair]:
        kind = self.vocabulary.ranges[attribute]
        said: list[_Pair] = [(RDF.type, MESH.AttributeClaim), (MESH.attribute, attribute)]
        levels = [] if self.vocabulary.find(spot.text, kind) else self._levels(spot.text)
        if levels:
            return [*said, *levels]
        for value, found in self._resolve(spot, kind):
            said += [(MESH.attributeValue, found), (MESH.note, self._text(value.note))]
        return said

    def _levels(self, text: str) -> list[_Pair]:
        """Return what the signs in a cell say; nothing where it holds anything else."""
        head, note = head_and_note(text)
        signs = [head] if self.vocabulary.level(head) else [v.text for v in values(head)]
        levels = [self.vocabulary.level(sign) for sign in signs]
        if None in levels:
            return []
        return [*((MESH.supportLevel, level) for level in levels), (MESH.note, self._text(note))]

    def _components(self, spot: _Spot) -> list[_Pair]:
        """Return what a cell says by naming components: who provides it, and the best level."""
        said: list[_Pair] = []
        levels = []
        for value, component in self._resolve(spot, MESH.Component):
            levels.append(self.vocabulary.implied.get(component, LEVEL.unknown))
            said += [(MESH.providedBy, component), (MESH.note, self._text(value.note))]
            for example in self._examples(value, spot):
                said += [(MESH.providedBy, example), (MESH.citesExample, example)]
        if levels:
            said.append((MESH.supportLevel, self.vocabulary.best(levels)))
        return said

    def _resolve(self, spot: _Spot, kind: NamedNode) -> Iterator[tuple[Value, NamedNode]]:
        for value in values(spot.text):
            whole = self._find(value, kind)
            if whole:
                yield value, whole
                continue
            pieces = [(piece, self._find(piece, kind)) for piece in parts(value)]
            known = [(piece, found) for piece, found in pieces if found]
            if len(known) == len(pieces):
                yield from known
            else:
                missing = [piece.text for piece, found in pieces if not found]
                unknown = missing[0] if known else value.text
                self._unknown(spot.place, unknown, spot.table.section, kind)

    def _examples(self, value: Value, spot: _Spot) -> Iterator[NamedNode]:
        for example in value.examples:
            found = self.vocabulary.find(example, MESH.Component)
            if found:
                yield found
            else:
                self._unknown(spot.place, example, spot.table.section, MESH.Component)

    def _find(self, value: Value, kind: NamedNode) -> NamedNode | None:
        return self.vocabulary.find(value.text, kind) or self.vocabulary.find(value.name, kind)

    # -- small things --------------------------------------------------------------------

    def _part(self, kind: str, name: str) -> NamedNode:
        return thing(kind, self.source, name)

    def _inside(self, section: int | None) -> NamedNode:
        if section is None:
            return thing("source", self.source)
        return self._part("section", f"s{section}")

    def _text(self, text: str) -> Literal | None:
        return Literal(text, language=self.document.language) if text else None

    def _add(self, subject: NamedNode, *pairs: _Pair) -> None:
        for predicate, value in pairs:
            if value is not None:
                term = Literal(value) if isinstance(value, str | int) else value
                self.triples.add(Triple(subject, predicate, term))

    def _unknown(self, place: Place, found: str, section: int | None, kind: NamedNode) -> None:
        rule, en, ja = _WANTED.get(kind, _VALUE)
        kinds = (kind, MESH.Attribute) if kind == MESH.Responsibility else (kind,)
        kinds = (kind, MESH.Level) if kind == MESH.Component else kinds
        near = self.vocabulary.nearest(found, *kinds)
        text = Text(
            f"{en} “{found}”" + (f"; nearest known label: “{near}”" if near else ""),
            f"{ja}「{found}」" + (f"。最も近い既知のラベル:「{near}」" if near else ""),
        )
        heading = self.document.sections[section - 1].title if section else ""
        self.problems.append(Unknown(place, text, rule, found, kind, heading))


_WANTED = {
    MESH.Tool: ("unknown-tool", "unknown tool", "未知のツール"),
    MESH.Responsibility: ("unknown-row", "unknown row", "未知の行"),
}
_VALUE = ("unknown-value", "unknown value", "未知の値")


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()
