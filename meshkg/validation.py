"""SHACL over the dataset, with the line and the cell of every result."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, Store

from meshkg.dataset import HOME, add_graph, derive, is_graph_file, load, load_file, load_vocabulary
from meshkg.errors import Place, Problem
from meshkg.sparql import select
from meshkg.terms import slug
from meshkg.words import LANGUAGES, Text

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

__all__ = ["SEVERITIES", "Report", "Result", "validate", "validate_files"]

#: From bad to good.
SEVERITIES: Final = ("violation", "warning", "info")

_PLACEHOLDER: Final = re.compile(r"\{[?$]\w+\}")
_PLACES: Final = """
SELECT ?node ?source ?line ?table ?row ?column WHERE {
  VALUES ?node { %s }
  {
    ?node prov:hadPrimarySource? ?spot .
    ?spot mesh:line ?line ; mesh:inTable?/dcterms:isPartOf* ?source .
  }
  UNION
  {
    ?node mesh:line ?line ; mesh:statedIn ?source .
    BIND(?node AS ?spot)
    FILTER NOT EXISTS { ?node prov:hadPrimarySource ?place }
  }
  ?source a mesh:Source .
  OPTIONAL { ?spot mesh:inTable?/mesh:tableNumber ?number }
  OPTIONAL { ?spot mesh:rowLabel ?label ; mesh:columnLabel ?header }
  BIND(COALESCE(?number, 0) AS ?table)
  BIND(COALESCE(?label, "") AS ?row)
  BIND(COALESCE(?header, "") AS ?column)
}"""


@dataclass(frozen=True, kw_only=True)
class Result:
    """One thing that a shape, or the reading of a document, found.

    Attributes:
        severity: ``violation``, ``warning`` or ``info``.
        rule: name of the shape, or of the kind of reading problem.
        text: what is wrong.
        places: where it stands in the source, one place for each cell or line.
        focus: IRI of the focus node, empty for reading problems.
        path: IRI of the property, empty where the whole node is meant.
        value: the offending value, None where there is none.
        component: name of the constraint component, empty for reading problems.
    """

    severity: str
    rule: str
    text: Text
    places: tuple[Place, ...]
    focus: str = ""
    path: str = ""
    value: NamedNode | Literal | None = None
    component: str = ""


@dataclass(frozen=True)
class Report:
    """What validation found, worst first, then by place."""

    results: tuple[Result, ...]

    @property
    def conforms(self) -> bool:
        """Whether there is no violation; warnings do not count."""
        return not any(result.severity == "violation" for result in self.results)

    def count(self, severity: str) -> int:
        """Return how many results have a severity."""
        return sum(result.severity == severity for result in self.results)


def validate(
    store: Store,
    *,
    home: Path = HOME,
    problems: Sequence[Problem] = (),
    files: Mapping[str, str] | None = None,
) -> Report:
    """Check a dataset against the shapes in `ontology/shapes/` (https://www.w3.org/TR/shacl/).

    Args:
        store: the dataset; its default graph is checked.
        home: the folder with `ontology/`.
        problems: what could not be read; each becomes a violation.
        files: file names by source slug, for places; a source's slug stands for itself.
    """
    from rdflib import RDF, SH  # noqa: PLC0415 (slow to import)

    report, shapes = _run(store, home)
    nodes = list(report.subjects(RDF.type, SH.ValidationResult))
    located = [node for result in nodes for node in _located(report, result)]
    places = _places(store, located, files or {})
    results = {_result(report, node, shapes, places) for node in nodes}
    results |= {
        Result(severity="violation", rule=p.rule, text=p.text, places=(p.place,)) for p in problems
    }
    return Report(tuple(sorted(results, key=_order)))


def validate_files(
    paths: Iterable[Path], *, home: Path = HOME, vocabulary: Iterable[Path] = ()
) -> Report:
    """Check documents and files of triples against vocabulary and shapes.

    What a document says is checked as far as it can be read; what cannot be read is a violation.
    The sources of the shipped graph are left out.

    Args:
        paths: Markdown documents, or files in an RDF format by their file extension.
        home: the folder with `ontology/` and `data/`.
        vocabulary: files with further labels and concepts.

    Raises:
        DocumentError: a document cannot be read at all.
        GraphFileError: a file of triples cannot be parsed.
    """
    from meshkg.reading import read_document  # noqa: PLC0415 (needed for documents only)

    known = load(home, extra=vocabulary)
    store = load_vocabulary(home)
    for path in vocabulary:
        load_file(store, path)
    problems: list[Problem] = []
    files: dict[str, str] = {}
    for path in paths:
        if is_graph_file(path):
            load_file(store, path)
            continue
        reading = read_document(path, known)
        problems += reading.problems
        files[reading.source] = path.name
        add_graph(store, reading.triples, reading.source)
        for part in sorted((home / "data" / "sources").glob(f"{reading.source}.*.ttl")):
            load_file(store, part)
    derive(store, home)
    return validate(store, home=home, problems=problems, files=files)


def _run(store: Store, home: Path) -> tuple[Graph, Graph]:
    import pyshacl  # noqa: PLC0415 (slow to import)
    from oxrdflib import OxigraphStore  # noqa: PLC0415
    from rdflib import Graph  # noqa: PLC0415
    from rdflib.graph import DATASET_DEFAULT_GRAPH_ID  # noqa: PLC0415

    shapes = Graph()
    for path in sorted((home / "ontology" / "shapes").glob("*.ttl")):
        shapes.parse(path)
    shapes.parse(home / "ontology" / "meshkg.ttl")

    size = len(store)

    class Counted(OxigraphStore):
        """A store that knows its size: pySHACL asks for it three times for each result."""

        def __len__(self, context: Graph | None = None) -> int:
            return size

    data = Graph(Counted(store=store), identifier=DATASET_DEFAULT_GRAPH_ID)
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes)
    if not isinstance(report, Graph):
        raise TypeError(report)
    return report, shapes


def _located(report: Graph, result: Node) -> tuple[Node, ...]:
    """Return the nodes that may tell a result's place, the value before the focus node."""
    from rdflib import SH, URIRef  # noqa: PLC0415

    nodes = (report.value(result, SH.value), report.value(result, SH.focusNode))
    return tuple(node for node in nodes if isinstance(node, URIRef))


def _places(
    store: Store, nodes: Iterable[Node], files: Mapping[str, str]
) -> dict[str, tuple[Place, ...]]:
    found: dict[str, set[Place]] = defaultdict(set)
    values = " ".join(sorted({str(NamedNode(str(node))) for node in nodes}))
    for node, source, line, table, row, column in select(store, _PLACES % values):
        name = slug(source.value)
        place = Place(
            file=files.get(name, name),
            line=int(line.value),
            table=int(table.value),
            row=row.value,
            column=column.value,
        )
        found[node.value].add(place)
    return {node: tuple(sorted(spots)) for node, spots in found.items()}


def _result(
    report: Graph, node: Node, shapes: Graph, places: Mapping[str, tuple[Place, ...]]
) -> Result:
    from rdflib import SH  # noqa: PLC0415

    def name(predicate: Node) -> str:
        return str(report.value(node, predicate) or "")

    rule = report.value(node, SH.sourceConstraint) or report.value(node, SH.sourceShape)
    spots = (places.get(str(spot)) for spot in _located(report, node))
    return Result(
        severity=slug(name(SH.resultSeverity)).lower(),
        rule=slug(str(rule)),
        text=_message([str(m) for m in report.objects(node, SH.resultMessage)], rule, shapes),
        places=next((spot for spot in spots if spot), ()),
        focus=name(SH.focusNode),
        path=name(SH.resultPath),
        value=_term(report.value(node, SH.value)),
        component=slug(name(SH.sourceConstraintComponent)),
    )


def _message(said: Sequence[str], rule: Node | None, shapes: Graph) -> Text:
    """Tell the languages of a result's messages by the templates that they were made from.

    pySHACL fills in the templates of SPARQL constraints but drops their language tags.
    """
    from rdflib import SH, Literal  # noqa: PLC0415

    found = dict.fromkeys(LANGUAGES, said[0] if said else "")
    for template in shapes.objects(rule, SH.message):
        pattern = ".*".join(map(re.escape, _PLACEHOLDER.split(str(template))))
        for text in said:
            if isinstance(template, Literal) and re.fullmatch(pattern, text, re.DOTALL):
                found[str(template.language)] = text
    return Text(found["en"], found["ja"])


def _term(node: Node | None) -> NamedNode | Literal | None:
    from rdflib import Literal as Value  # noqa: PLC0415 (the other Literal is taken)
    from rdflib import URIRef  # noqa: PLC0415

    if isinstance(node, URIRef):
        return NamedNode(str(node))
    if isinstance(node, Value) and node.language:
        return Literal(str(node), language=node.language)
    if isinstance(node, Value) and node.datatype:
        return Literal(str(node), datatype=NamedNode(str(node.datatype)))
    return Literal(str(node)) if isinstance(node, Value) else None


def _order(result: Result) -> tuple[int, tuple[Place, ...], str, str, str, str]:
    rank = SEVERITIES.index(result.severity)
    return rank, result.places, result.rule, result.focus, result.path, str(result.value)
