"""The shapes: well formed, complete in both languages, and each rule finds what it is for.

A fixture is named after a node shape, or after the rule of a SPARQL constraint. Turtle fixtures
hold the described things; Markdown ones are documents, read as `meshkg read` reads them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pyrudof
import pyshacl
import pytest
from oxrdflib import OxigraphStore
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, Triple, parse, serialize
from rdflib import DCTERMS, OWL, RDF, RDFS, SH, Graph, Literal, URIRef
from rdflib.graph import DATASET_DEFAULT_GRAPH_ID
from rdflib.term import Node

from meshkg.dataset import HOME, load_vocabulary
from meshkg.reading import read_document
from meshkg.terms import BASE, LEVEL, MESH, SHAPES, short, thing

FOLDER = HOME / "ontology" / "shapes"
FIXTURES = Path(__file__).parent / "fixtures" / "shapes"
FILES = {path.stem: Graph().parse(path) for path in sorted(FOLDER.glob("*.ttl"))}
ONTOLOGY = Graph().parse(HOME / "ontology" / "meshkg.ttl")
GRAPH = sum(FILES.values(), start=Graph())

TARGETS = (SH.targetClass, SH.targetSubjectsOf, SH.targetNode)
NODE_SHAPES = {shape for target in TARGETS for shape in GRAPH.subjects(target)}
CONSTRAINTS = set(GRAPH.objects(None, SH.sparql))
RULES = {*GRAPH.objects(None, SH.property), *CONSTRAINTS}
CASES = sorted(path.name for path in FIXTURES.iterdir() if path.suffix != ".tsv")

#: Severity, rule, component, focus node, path, value.
Row = tuple[str, ...]


class Sized(OxigraphStore):
    """A store that knows its size; pySHACL asks for it with every result."""

    def __len__(self, context: Graph | None = None) -> int:
        return len(self._inner)


def stem(case: str) -> str:
    return case.partition(".")[0]


def shape_of(case: str) -> Node:
    node = URIRef(SHAPES[stem(case)].value)
    owner = node if node in NODE_SHAPES else GRAPH.value(None, SH.sparql, node)
    assert owner is not None, f"{case} is named after no node shape and no constraint"
    return owner


def alone(shape: Node) -> Graph:
    """Return one node shape with all that hangs on it, and the declared prefixes."""
    found, todo = Graph(), [shape]
    for node in todo:
        triples = [*GRAPH.triples((node, None, None))]
        for predicate in (SH.declare, SH.prefix, SH.namespace):
            triples += ONTOLOGY.triples((node, predicate, None))
        for triple in triples:
            found.add(triple)
            if triple[2] not in todo:
                todo.append(triple[2])
    return found


def report(store: Store, shapes: Graph) -> Graph:
    data = Graph(Sized(store=store), identifier=DATASET_DEFAULT_GRAPH_ID)
    _, found, text = pyshacl.validate(data, shacl_graph=shapes)
    assert isinstance(found, Graph), text
    return found


def written(term: Node | None) -> str:
    if isinstance(term, Literal):
        kind = f"@{term.language}" if term.language else f" {short(str(term.datatype))}"
        return f"{term}{kind.removesuffix(' xsd:string')}"
    return short(str(term or "")).replace("https://example.org/", "ex:")


def component(name: str) -> str:
    return name.removeprefix("sh:").removesuffix("ConstraintComponent")


def rows(found: Graph) -> Iterator[Row]:
    def name(result: Node, predicate: URIRef) -> str:
        return written(found.value(result, predicate))

    for result in found.subjects(RDF.type, SH.ValidationResult):
        rule = name(result, SH.sourceConstraint) or name(result, SH.sourceShape)
        yield (
            name(result, SH.resultSeverity).removeprefix("sh:"),
            rule.removeprefix("shapes:"),
            component(name(result, SH.sourceConstraintComponent)),
            name(result, SH.focusNode),
            name(result, SH.resultPath),
            name(result, SH.value),
        )


def table(name: str) -> list[Row]:
    with (FIXTURES / name).open(encoding="utf-8", newline="") as file:
        return [tuple(row) for row in csv.reader(file, "excel-tab", quoting=csv.QUOTE_NONE)]


def expected(case: str) -> list[Row]:
    return [row[1:] for row in table("expected.tsv") if row[0] == case]


@pytest.fixture(scope="module")
def base() -> Store:
    return load_vocabulary()


def described(case: str, base: Store) -> list[Triple]:
    if case.endswith(".ttl"):
        return [q.triple for q in parse(path=FIXTURES / case, format=RdfFormat.TURTLE)]
    reading = read_document(FIXTURES / case, base, source="example")
    assert not reading.problems
    return list(reading.triples)


def about(triples: list[Triple]) -> set[str]:
    return {written(URIRef(t.subject.value)) for t in triples if isinstance(t.subject, NamedNode)}


def found_in(case: str, base: Store) -> list[Row]:
    """Return what pySHACL finds on the things that a fixture describes."""
    triples = described(case, base)
    store = Store()
    store.extend(base)
    store.extend(Quad(t.subject, t.predicate, t.object) for t in triples)
    subjects = about(triples)
    found = rows(report(store, alone(shape_of(case))))
    return sorted({row for row in found if row[3] in subjects})


@pytest.mark.parametrize("case", CASES)
def test_fixture_leads_to_exactly_these_results(case: str, base: Store) -> None:
    assert found_in(case, base) == expected(case)
    assert (".pass." in case) == (expected(case) == [])


CORE = [c for c in CASES if c.endswith(".ttl") and not {*alone(shape_of(c))[: SH.select :]}]


@pytest.mark.parametrize("case", CORE)
def test_a_second_engine_agrees(case: str, base: Store) -> None:
    triples = described(case, base)
    merge = base.quads_for_pattern(None, None, None, DefaultGraph())
    data = serialize([*triples, *(quad.triple for quad in merge)], format=RdfFormat.TURTLE)
    rudof = pyrudof.Rudof(pyrudof.RudofConfig())
    assert data
    rudof.read_data(data.decode())
    rudof.read_shacl(alone(shape_of(case)).serialize(format="turtle"))
    found = {
        (
            entry.severity,
            written(URIRef(entry.source_shape or "")).removeprefix("shapes:"),
            component(written(URIRef(entry.constraint_component or ""))),
            written(URIRef(entry.focus_node)),
            written(URIRef(entry.path or "")),
        )
        for entry in rudof.validate_shacl()
    }
    subjects = about(triples)
    assert {row for row in found if row[3] in subjects} == {row[:5] for row in expected(case)}


def test_every_rule_has_a_failing_fixture_and_every_node_shape_a_passing_one() -> None:
    found = {row[2] for row in table("expected.tsv")}
    assert {written(rule).removeprefix("shapes:") for rule in RULES} == found
    passing = {stem(case) for case in CASES if ".pass." in case}
    assert passing == {written(shape).removeprefix("shapes:") for shape in NODE_SHAPES}


def test_no_expectation_is_left_without_its_fixture() -> None:
    assert {row[0] for row in table("expected.tsv")} <= set(CASES)


@pytest.mark.parametrize("rule", sorted(RULES | NODE_SHAPES, key=str), ids=written)
def test_shape_is_named_described_and_graded(rule: Node) -> None:
    texts = [SH.name, SH.description] + ([SH.message] if rule in RULES else [])
    for predicate in texts:
        languages = [getattr(text, "language", None) for text in GRAPH.objects(rule, predicate)]
        assert sorted(map(str, languages)) == ["en", "ja"], predicate
    assert isinstance(rule, URIRef)
    assert rule in CONSTRAINTS or GRAPH.value(rule, SH.severity) in {
        SH.Violation,
        SH.Warning,
        SH.Info,
    }


def test_each_class_has_one_node_shape_per_file_and_severity() -> None:
    for shapes in FILES.values():
        kinds = [
            (target, shapes.value(shape, SH.severity))
            for shape, target in shapes.subject_objects(SH.targetClass)
        ]
        assert len(kinds) == len(set(kinds))


def test_every_class_of_the_model_has_a_structure_shape() -> None:
    own = {c for c in ONTOLOGY.subjects(RDF.type, OWL.Class) if str(c).startswith(MESH.iri)}
    parents = {MESH.Tool, MESH.Signal, MESH.Change}
    kinds: set[Node] = {URIRef(MESH.Change.value)}  # only the reports of `meshkg diff` have changes
    kinds |= {c for p in parents for c in ONTOLOGY.subjects(RDFS.subClassOf, URIRef(p.value))}
    targets = set(FILES["structure"].objects(None, SH.targetClass))
    assert targets == own - kinds


def test_paths_and_classes_are_declared() -> None:
    named = {*GRAPH.objects(None, SH.path), *GRAPH.objects(None, SH["class"])}
    named |= set(GRAPH.objects(None, SH.targetClass))
    queries = " ".join(map(str, GRAPH.objects(None, SH.select)))
    named |= {URIRef(MESH.iri + name) for name in re.findall(r"\bmesh:(\w+)", queries)}
    own = {term for term in named if str(term).startswith(BASE)}
    assert own
    assert own <= set(ONTOLOGY.subjects(RDF.type, None))


@pytest.mark.parametrize("name", FILES)
def test_shapes_conform_to_the_shapes_of_shapes(name: str) -> None:
    conforms, _, text = pyshacl.validate(
        Graph(), shacl_graph=FILES[name] + ONTOLOGY, meta_shacl=True
    )
    assert conforms, text


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ttl")), ids=lambda path: path.stem)
def test_shapes_file_has_a_header(path: Path) -> None:
    (header,) = FILES[path.stem].subjects(RDF.type, OWL.Ontology)
    assert str(header) == f"{BASE}shapes/{path.stem}"
    titles = {getattr(t, "language", None) for t in FILES[path.stem].objects(header, DCTERMS.title)}
    assert titles == {"en", "ja"}


@pytest.fixture(scope="module")
def whole(shipped: Store) -> list[Row]:
    return sorted({row[:2] + row[3:4] + row[5:] for row in rows(report(shipped, GRAPH + ONTOLOGY))})


def test_report_on_the_shipped_graph(whole: list[Row]) -> None:
    assert whole == table("shipped.tsv")


def test_shipped_graph_has_no_violation(whole: list[Row]) -> None:
    assert {row[0] for row in whole} == {"Warning", "Info"}


def test_a_broken_graph_is_reported(shipped: Store, whole: list[Row]) -> None:
    claim = thing("claim", "tech-notebook", "istio", "mutual-tls")
    store = Store()
    store.extend(shipped)
    store.add(Quad(claim, MESH.supportLevel, LEVEL.none))
    broken = {row[:2] + row[3:4] + row[5:] for row in rows(report(store, GRAPH + ONTOLOGY))}
    assert broken - set(whole) == {
        ("Violation", "OneLevel", "source:tech-notebook", "cell:tech-notebook/t5-r1-c3"),
        ("Violation", "OneLevel", "source:tech-notebook", "cell:tech-notebook/t6-r1-c3"),
    }
