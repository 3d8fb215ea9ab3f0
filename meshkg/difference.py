"""Two revisions of a source, compared claim by claim.

A claim is known by what it is about, not by where it stands: a row that moves changes nothing.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TypeAlias

from pyoxigraph import Literal, NamedNode, Store, Triple

from meshkg.dataset import is_graph_file, load, parse_file
from meshkg.errors import DocumentError, GraphFileError, Place, Problem
from meshkg.sparql import select
from meshkg.terms import BASE, MESH, PROV, RDF, SCHEMA, slug, thing
from meshkg.words import Text

__all__ = [
    "Claim",
    "Column",
    "Difference",
    "Key",
    "Pair",
    "Revision",
    "Spot",
    "claims",
    "compare_files",
    "compare_revisions",
    "read_revision",
]

#: A property and its value.
Pair: TypeAlias = tuple[NamedNode, NamedNode | Literal]

_Facts: TypeAlias = Mapping[NamedNode, Sequence[NamedNode | Literal]]


@dataclass(frozen=True, order=True)
class Key:
    """What a claim is about; two claims of a source with the same key are one.

    Attributes:
        tool: IRI of the tool, empty for a statement.
        subject: IRI of the responsibility or attribute; of a statement, the end of its own IRI.
        start: when or from which version it holds, empty where it has no interval.
    """

    tool: str
    subject: str
    start: str = ""

    @property
    def row(self) -> tuple[str, str]:
        """What the key shares with those of the other tools."""
        return self.subject, self.start


@dataclass(frozen=True, order=True)
class Spot:
    """Where a claim stands in its file.

    Attributes:
        line: its line, 1-based.
        table: number of the table; 0 outside tables, as are the next two.
        header: line of the table's header.
        column: number of the column.
    """

    line: int
    table: int = 0
    header: int = 0
    column: int = 0


@dataclass(frozen=True)
class Claim:
    """What one revision says about one thing.

    Attributes:
        key: what it is about.
        values: what it says, each with its property.
        spots: where, in order; several where the cell is doubled.
        about: the key's things, each with its property.
        iri: its name, empty where it has none.
    """

    key: Key
    values: frozenset[Pair]
    spots: tuple[Spot, ...] = ()
    about: frozenset[Pair] = frozenset()
    iri: str = ""

    @property
    def said(self) -> frozenset[tuple[str, str]]:
        """The values as they are compared: which language a document is in does not count."""
        return frozenset((predicate.value, value.value) for predicate, value in self.values)

    @property
    def lines(self) -> list[int]:
        """Its lines, in order."""
        return sorted({spot.line for spot in self.spots})

    @property
    def tables(self) -> set[int]:
        """The tables that it stands in."""
        return {spot.table for spot in self.spots}


@dataclass(frozen=True)
class Column:
    """What one revision says about one tool: all of it, or what stands in some tables.

    Attributes:
        tool: IRI of the tool.
        claims: its claims in the rows that both revisions have, by key.
        spots: where they stand, in order.
    """

    tool: str
    claims: tuple[Claim, ...]
    spots: tuple[Spot, ...]

    @property
    def said(self) -> frozenset[tuple[tuple[str, str], frozenset[tuple[str, str]]]]:
        """What its cells say, row by row."""
        return frozenset((claim.key.row, claim.said) for claim in self.claims)

    @property
    def lines(self) -> list[int]:
        """The lines of its headers, or of its claims where there is no table."""
        return sorted({spot.header or spot.line for spot in self.spots})

    def beside(self, other: Column) -> tuple[int, list[tuple[str, tuple[Spot, ...]]]]:
        """Return how far another column stands from this one, the same from both sides."""
        places = [column.spots[0].column if column.spots else 0 for column in (self, other)]
        return abs(places[0] - places[1]), sorted([(c.tool, c.spots) for c in (self, other)])


@dataclass(frozen=True)
class Revision:
    """A file as it stands.

    Attributes:
        file: its name.
        source: IRI of the source that it is a revision of, empty where it names none.
        sha256: checksum of its bytes, in hexadecimal.
        claims: what it says.
        problems: what could not be read.
    """

    file: str
    source: str
    sha256: str
    claims: frozenset[Claim]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Difference:
    """What changed from one revision to another.

    Attributes:
        old: the older revision.
        new: the newer one.
        added: claims of the newer one that the older one does not make.
        removed: claims of the older one that the newer one does not make.
        changed: claims about the same thing that say something else.
        renamed: columns under a new header whose cells stayed as they were; their claims
            count neither as added nor as removed.
        labels: of things and properties, by IRI.
    """

    old: Revision
    new: Revision
    added: tuple[Claim, ...] = ()
    removed: tuple[Claim, ...] = ()
    changed: tuple[tuple[Claim, Claim], ...] = ()
    renamed: tuple[tuple[Column, Column], ...] = ()
    labels: Mapping[str, Text] = field(default_factory=dict, compare=False, repr=False)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be read in either file."""
        return self.old.problems + self.new.problems

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.renamed)


# -- reading -----------------------------------------------------------------------------------


def compare_files(old: Path, new: Path, *, vocabulary: Iterable[Path] = ()) -> Difference:
    """Compare two files claim by claim, as far as they can be read.

    Args:
        old: the older revision: a document, a data file, or RDF by its file extension.
        new: the newer one.
        vocabulary: files with further labels and concepts.

    Returns:
        what changed; what could not be read is in its `problems` and counts as not there.

    Raises:
        GraphFileError: a file of the vocabulary cannot be read.
    """
    known = load(extra=vocabulary)
    names = (str(old), str(new)) if old.name == new.name else (old.name, new.name)
    revisions = [
        read_revision(path, known, name=name) for path, name in zip((old, new), names, strict=True)
    ]
    return compare_revisions(*revisions, labels=_labels(known))


def read_revision(path: Path, store: Store, *, name: str = "") -> Revision:
    """Read the claims of a file; what keeps them from being read becomes its `problems`.

    Args:
        path: a document, a data file, or RDF by its file extension.
        store: a store whose default graph holds the labels that may be used.
        name: what to call the file; by default its name.
    """
    try:
        read = _graph if is_graph_file(path) else _document
        found = read(path, store)
    except DocumentError as error:
        found = _unread(error.problems)
    except GraphFileError as error:
        found = _unread([Problem(error.place or Place(), error.text, "unreadable")])
    if not (found.claims or found.problems):
        found = _unread([Problem(Place(), _NO_CLAIMS, "no-claims")])
    name = name or path.name
    problems = tuple(replace(p, place=replace(p.place, file=name)) for p in found.problems)
    return replace(found, file=name, problems=problems)


def claims(triples: Iterable[Triple], source: str = "") -> frozenset[Claim]:
    """Return the claims that triples make.

    Args:
        triples: claims and their cells; everything else is left out.
        source: slug of their source, part of the IRIs of statements.

    >>> about = Triple(NamedNode("urn:c"), MESH.aboutTool, thing("tool", "istio"))
    >>> [claim.key.tool for claim in claims([Triple(about.subject, RDF.type, MESH.Claim), about])]
    ['https://w3id.org/meshkg/tool/istio']
    """
    index = _index(triples)
    found: dict[Key, Claim] = {}
    for node, facts in index.items():
        if not _CLASSES.isdisjoint(facts.get(RDF.type, ())):
            claim = _claim(node, facts, index, source)
            same = found.get(claim.key)
            found[claim.key] = _merged(same, claim) if same else claim
    return frozenset(found.values())


def _document(path: Path, store: Store) -> Revision:
    from meshkg.reading import read_document  # noqa: PLC0415 (needed for documents only)

    reading = read_document(path, store)
    # a pipe can be read only once, so the checksum is the one that its reader took
    checksums = (t.object for t in reading.triples if t.predicate == SCHEMA.sha256)
    sha256 = min(found.value for found in checksums if isinstance(found, Literal))
    source = thing("source", reading.source).value
    found = claims(reading.triples, reading.source)
    return Revision(path.name, source, sha256, found, reading.problems)


def _graph(path: Path, _store: Store) -> Revision:
    triples = parse_file(path)
    stated = (t.object for t in triples if t.predicate == MESH.statedIn)
    sources = sorted({node.value for node in stated if isinstance(node, NamedNode)})
    if len(sources) > 1:
        raise DocumentError([Problem(Place(), _several(sources), "several-sources")])
    source = "".join(sources)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return Revision(path.name, source, sha256, claims(triples, slug(source)))


def _unread(problems: Iterable[Problem]) -> Revision:
    return Revision("", "", "", frozenset(), tuple(problems))


_NO_CLAIMS: Final = Text("no claims in it", "主張がありません")


def _several(sources: Iterable[str]) -> Text:
    names = ", ".join(slug(source) for source in sources)
    return Text(
        f"claims of several sources ({names}); only revisions of one source can be compared",
        f"複数の情報源 ({names}) の主張があります。比べられるのは一つの情報源の版どうしだけです",
    )


def _labels(store: Store) -> dict[str, Text]:
    rows = select(store, "SELECT ?thing ?label { ?thing skos:prefLabel|rdfs:label ?label }")
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for named, label in sorted(rows, key=str, reverse=True):
        found[named.value][label.language or "en"] = label.value
    return {
        iri: Text(texts["en"], texts.get("ja", texts["en"]))
        for iri, texts in found.items()
        if "en" in texts
    }


# -- claims ------------------------------------------------------------------------------------

_CLASSES: Final = {MESH.Claim, MESH.SupportClaim, MESH.AttributeClaim, MESH.Statement}
_STARTS: Final = (MESH.validFrom, MESH.validFromVersion)
#: What a claim has beside `_ABOUT` and its values.
_ORIGIN: Final = {RDF.type, PROV.hadPrimarySource, MESH.statedIn, MESH.line, MESH.lastLine}
_ABOUT: Final = {MESH.aboutTool, MESH.aboutResponsibility, MESH.attribute}


def _index(triples: Iterable[Triple]) -> dict[object, _Facts]:
    """Return what is said of each subject; blank nodes have no identity to compare."""
    found: dict[object, dict[NamedNode, list[NamedNode | Literal]]]
    found = defaultdict(lambda: defaultdict(list))
    for triple in triples:
        if isinstance(triple.object, NamedNode | Literal):
            found[triple.subject][triple.predicate].append(triple.object)
    return {**found}


def _claim(node: object, facts: _Facts, index: Mapping[object, _Facts], source: str) -> Claim:
    iri = node.value if isinstance(node, NamedNode) else ""
    pairs = [(p, value) for p, found in facts.items() if p not in _ORIGIN for value in found]
    about = frozenset(pair for pair in pairs if pair[0] in _ABOUT)
    cells = [index[cell] for cell in facts.get(PROV.hadPrimarySource, ()) if cell in index]
    spots = {_spot(cell, index) for cell in cells} - {None} or {_spot(facts, index)}
    key = _key(facts, iri.removeprefix(f"{BASE}claim/{source}/"))
    ordered = tuple(sorted(spot for spot in spots if spot))
    return Claim(key, frozenset(pairs) - about, ordered, about, iri)


def _merged(one: Claim, other: Claim) -> Claim:
    spots = tuple(sorted({*one.spots, *other.spots}))
    names = (iri for iri in (one.iri, other.iri) if iri)
    values, about = one.values | other.values, one.about | other.about
    return Claim(one.key, values, spots, about, min(names, default=""))


def _key(facts: _Facts, name: str) -> Key:
    subject = _first(facts, MESH.aboutResponsibility) or _first(facts, MESH.attribute) or name
    start = next((text for text in (_first(facts, p) for p in _STARTS) if text), "")
    end = _first(facts, MESH.validUntil)
    return Key(_first(facts, MESH.aboutTool), subject, start or (end and f"until-{end}"))


def _spot(facts: _Facts, index: Mapping[object, _Facts]) -> Spot | None:
    line = _number(facts, MESH.line)
    table = next((index[t] for t in facts.get(MESH.inTable, ()) if t in index), {})
    numbers = (_number(table, MESH.tableNumber), _number(table, MESH.line))
    return Spot(line, *numbers, _number(facts, MESH.columnNumber)) if line else None


def _first(facts: _Facts, predicate: NamedNode) -> str:
    return min((value.value for value in facts.get(predicate, ())), default="")


def _number(facts: _Facts, predicate: NamedNode) -> int:
    text = _first(facts, predicate)
    return int(text) if text.isdecimal() else 0


# -- comparing ---------------------------------------------------------------------------------


def compare_revisions(
    old: Revision, new: Revision, *, labels: Mapping[str, Text] | None = None
) -> Difference:
    """Compare two revisions; everything comes out in the order of the claims' keys.

    Args:
        old: the older one.
        new: the newer one.
        labels: of things and properties, by IRI; an IRI stands for itself.

    >>> one = Claim(Key("tool:istio", "tcp"), frozenset({(MESH.note, Literal("beta"))}))
    >>> old = Revision("a.md", "source:a", "00", frozenset())
    >>> new = Revision("b.md", "source:b", "01", frozenset({one}))
    >>> compare_revisions(old, new).added == (one,)
    True
    """
    before = {claim.key: claim for claim in old.claims}
    after = {claim.key: claim for claim in new.claims}
    renamed = _renamed(before, after)
    gone = {claim.key for column, _ in renamed for claim in column.claims}
    came = {claim.key for _, column in renamed for claim in column.claims}
    return Difference(
        old,
        new,
        added=tuple(after[key] for key in sorted(after.keys() - before.keys() - came)),
        removed=tuple(before[key] for key in sorted(before.keys() - after.keys() - gone)),
        changed=tuple(
            (before[key], after[key])
            for key in sorted(before.keys() & after.keys())
            if before[key].said != after[key].said
        ),
        renamed=renamed,
        labels=labels or {},
    )


_Claims: TypeAlias = Mapping[Key, Claim]


def _renamed(before: _Claims, after: _Claims) -> tuple[tuple[Column, Column], ...]:
    """Pair the columns that are gone with new ones that say the same, whole tools first."""
    pairs: dict[tuple[str, str], list[tuple[Column, Column]]] = defaultdict(list)
    settled: set[str] = set()
    for split in (_tools, _tables):
        gone = [column for column in split(before, after) if column.tool not in settled]
        came = [column for column in split(after, before) if column.tool not in settled]
        for old, new in _paired(gone, came):
            pairs[old.tool, new.tool].append((old, new))
        settled |= {tool for pair in pairs for tool in pair}
    return tuple(
        (_joined(old for old, _ in pairs[names]), _joined(new for _, new in pairs[names]))
        for names in sorted(pairs)
    )


def _paired(gone: Iterable[Column], came: Iterable[Column]) -> Iterator[tuple[Column, Column]]:
    """Yield pairs of columns with identical cells; where several fit, the nearest ones."""
    alike: dict[object, list[Column]] = defaultdict(list)
    for column in came:
        alike[column.said].append(column)
    fitting = [(old, new) for old in gone for new in alike[old.said]]
    taken: set[tuple[str, Column]] = set()
    for old, new in sorted(fitting, key=lambda pair: pair[0].beside(pair[1])):
        if taken.isdisjoint({("old", old), ("new", new)}):
            taken |= {("old", old), ("new", new)}
            yield old, new


def _tools(here: _Claims, there: _Claims) -> Iterator[Column]:
    """Yield the tools of one revision of which the other says nothing."""
    elsewhere = {key.tool for key in there}
    columns = _columns(here, there, lambda _: {0})
    yield from (column for column in columns if column.tool not in elsewhere)


def _tables(here: _Claims, there: _Claims) -> Iterator[Column]:
    """Yield the columns of single tables whose header the other revision does not have.

    A cell that is doubled in another table may stay there.
    """
    for column in _columns(here, there, lambda claim: claim.tables):
        lost = [claim for claim in column.claims if claim.key not in there]
        if lost and all(claim in lost or len(claim.tables) > 1 for claim in column.claims):
            yield column


def _columns(
    here: _Claims, there: _Claims, tables: Callable[[Claim], Iterable[int]]
) -> Iterator[Column]:
    """Yield columns, rows that the other revision does not have left out."""
    rows = {key.row for key in there}
    found: dict[tuple[str, int], list[Claim]] = defaultdict(list)
    for key, claim in sorted(here.items()):
        if key.tool and key.row in rows:
            for table in tables(claim):
                found[key.tool, table].append(claim)
    for (tool, table), inside in sorted(found.items()):
        spots = {spot for claim in inside for spot in claim.spots if table in (0, spot.table)}
        yield Column(tool, tuple(inside), tuple(sorted(spots)))


def _joined(columns: Iterable[Column]) -> Column:
    columns = [*columns]
    inside = {claim.key: claim for column in columns for claim in column.claims}
    spots = {spot for column in columns for spot in column.spots}
    ordered = tuple(inside[key] for key in sorted(inside))
    return Column(columns[0].tool, ordered, tuple(sorted(spots)))
