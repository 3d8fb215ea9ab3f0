"""The graphs put together: what stands where, what is derived, and that it is always the same."""

from __future__ import annotations

import hashlib
import runpy
from datetime import date
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Store, Triple
from rdflib import Dataset

from meshkg.dataset import HOME, add_graph, assemble, derive, load_file, load_vocabulary
from meshkg.errors import GraphFileError
from meshkg.publishing.build import write_dataset
from meshkg.reading import read_document
from meshkg.rules import Rule
from meshkg.sparql import construct, query, select
from meshkg.terms import DCTERMS, MESH, PREFIXES, graph_name, short, slug, thing
from meshkg.turtle import canonical, write_whole
from tests.conftest import Write


def _rows(store: Store, text: str) -> set[tuple[str, ...]]:
    return {tuple(short(term.value) for term in row) for row in select(store, text)}


def test_every_cell_is_there_with_line_labels_and_text(shipped: Store) -> None:
    rows = list(
        select(
            shipped,
            """SELECT ?line ?row ?column ?value {
            ?cell a mesh:Cell ; mesh:line ?line ; mesh:rowLabel ?row ; mesh:columnLabel ?column ;
              prov:value ?value } ORDER BY ?line ?cell""",
        )
    )
    assert len(rows) == 206
    first, last = ([term.value for term in rows[i]] for i in (0, -1))
    assert first[0] == "52"
    assert last[:2] == ["216", "カスタムリソース"]


def test_the_default_graph_is_the_merge_without_the_views(shipped: Store) -> None:
    named = {
        triple.triple for triple in shipped if triple.graph_name in {graph_name(n) for n in _MERGED}
    }
    merged = {q.triple for q in shipped.quads_for_pattern(None, None, None, DefaultGraph())}
    assert named == merged
    assert {g.value for g in shipped.named_graphs()} == {
        graph_name(name).value for name in (*_MERGED, "reified", "cube")
    }


_SOURCES = ("tech-notebook", "upstream", "history", "cncf-landscape", "endoflife")
_MERGED = ("ontology", "vocabulary", "tools", *_SOURCES, "derived")


def test_direct_edges_follow_the_assessments(shipped: Store) -> None:
    edges = _rows(
        shipped,
        """SELECT ?level ?edge {
        VALUES ?edge { mesh:supports mesh:lacks mesh:partlySupports }
        ?tool ?edge ?responsibility .
        ?assessment a mesh:Assessment ; mesh:aboutTool ?tool ; mesh:supportLevel ?level ;
          mesh:aboutResponsibility ?responsibility }""",
    )
    assert edges == {
        ("level:full", "mesh:supports"),
        ("level:partial", "mesh:partlySupports"),
        ("level:none", "mesh:lacks"),
    }


@pytest.mark.parametrize(
    ("day", "stage"), [("2020-01-01", "incubating"), ("2021-07-28", "graduated")]
)
def test_attribute_edges_are_those_of_the_day(day: str, stage: str) -> None:
    store = assemble(as_of=date.fromisoformat(day))
    assert _rows(store, "SELECT ?m { tool:linkerd mesh:cncfMaturity ?m }") == {
        (f"maturity:{stage}",)
    }


def test_attributes_become_direct_edges(shipped: Store) -> None:
    found = _rows(shipped, "SELECT ?p ?o { ?p a mesh:Attribute . tool:cilium ?p ?o }")
    assert found == {
        ("mesh:architectureMode", "mode:sidecarless"),
        ("mesh:dataPlane", "data-plane:ebpf"),
        ("mesh:dataPlane", "data-plane:envoy"),
        ("mesh:dataPlane", "data-plane:ztunnel"),
        ("mesh:cncfMaturity", "maturity:graduated"),
        ("mesh:developedBy", "vendor:isovalent"),
    }


def test_an_assessment_corrects_the_mode_that_an_overview_states(shipped: Store) -> None:
    claimed = """SELECT ?m { ?claim mesh:statedIn source:tech-notebook ; mesh:attributeValue ?m ;
      mesh:aboutTool tool:traefik-mesh ; mesh:attribute mesh:architectureMode }"""
    assert _rows(shipped, claimed) == {("mode:sidecar",)}
    assert ("mode:sidecar",) not in _rows(
        shipped, "SELECT ?m { tool:traefik-mesh mesh:architectureMode ?m }"
    )


def test_every_pair_has_one_assessment(shipped: Store) -> None:
    pairs = "?t a mesh:ServiceMesh . ?r a mesh:Responsibility"
    wanted = _rows(shipped, f"SELECT ?t ?r {{ {pairs} }}")
    claim = "?c a mesh:SupportClaim ; mesh:aboutTool ?t ; mesh:aboutResponsibility ?r"
    wanted |= _rows(shipped, f"SELECT ?t ?r {{ {claim} ; mesh:weight ?weight }}")
    assessment = """?a a mesh:Assessment ; mesh:aboutTool ?t ; mesh:aboutResponsibility ?r ;
      mesh:supportLevel ?l ; mesh:agreement ?g ; mesh:decidedBy ?rule"""
    found = [tuple(row) for row in select(shipped, f"SELECT ?t ?r ?a {{ {assessment} }}")]
    assert {(short(t.value), short(r.value)) for t, r, _ in found} == wanted
    assert len(found) == len(wanted)
    assert all(a == thing("assessment", slug(t.value), slug(r.value)) for t, r, a in found)


def _two_sources(write: Write, first: str, second: str) -> Store:
    """Return a dataset of two documents, the second of them newer."""
    store = load_vocabulary(HOME)
    for name, cell, stamp in (("old", first, "2020-01-01"), ("new", second, "2025-01-01")):
        path = write(f"| 責務 | Istio |\n|---|---|\n| TCP | {cell} |\n", f"{name}.md")
        add_graph(store, read_document(path, store).triples, name)
        day = Literal(stamp, datatype=NamedNode(f"{PREFIXES['xsd']}date"))
        add_graph(store, [Triple(thing("source", name), MESH.asOf, day)], name)
    derive(store)
    return store


@pytest.mark.parametrize(
    ("first", "second", "level", "agreement", "date"),
    [
        ("○", "×", "none", "disputed", "2025-01-01"),
        ("×", "○", "full", "disputed", "2025-01-01"),
        ("○", "○", "full", "agreed", "2025-01-01"),
        ("○", "記入中...", "full", "single-source", "2020-01-01"),
        ("記入中...", "△", "partial", "single-source", "2025-01-01"),
        ("?", "?", "unknown", "single-source", "2025-01-01"),
    ],
)
def test_the_newest_claim_that_knows_decides(  # noqa: PLR0913, PLR0917 (a row of a table)
    first: str, second: str, level: str, agreement: str, date: str, write: Write
) -> None:
    store = _two_sources(write, first, second)
    pair = "?a mesh:aboutTool tool:istio ; mesh:aboutResponsibility responsibility:tcp ;"
    decision = "mesh:supportLevel ?level ; mesh:agreement ?agreement ; mesh:asOf ?date"
    found = _rows(store, f"SELECT ?level ?agreement ?date {{ {pair} {decision} }}")
    assert found == {(f"level:{level}", f"agreement:{agreement}", date)}
    claims = _rows(store, f"SELECT ?claim {{ {pair} prov:wasDerivedFrom ?claim }}")
    assert claims == {("claim:old/istio/tcp",), ("claim:new/istio/tcp",)}


def test_the_two_views_hold_the_same_claims(shipped: Store) -> None:
    claims = _rows(
        shipped,
        "SELECT ?c ?t ?r ?l { ?c a mesh:SupportClaim ; mesh:aboutTool ?t ; "
        "mesh:aboutResponsibility ?r ; mesh:supportLevel ?l }",
    )
    cube = _rows(
        shipped,
        "SELECT ?c ?t ?r ?l { GRAPH graph:cube { ?c a qb:Observation ; mesh:aboutTool ?t ; "
        "mesh:aboutResponsibility ?r ; mesh:supportLevel ?l } }",
    )
    reified = _rows(
        shipped,
        "SELECT ?c ?t ?r ?l { GRAPH graph:reified { "
        "?t ?edge ?r ~ ?c {| mesh:supportLevel ?l |} } }",
    )
    without_period = "mesh:validFrom|mesh:validUntil|mesh:validFromVersion ?period"
    dated = {claim for (claim,) in _rows(shipped, f"SELECT ?c {{ ?c {without_period} }}")}
    assert cube == {row for row in claims if row[0] not in dated}
    stated = {"level:full", "level:partial", "level:none"}
    assert reified == {row for row in claims if row[3] in stated}


def test_prefixes_are_those_that_the_ontology_declares(loaded: Store) -> None:
    declared = {
        prefix.value: namespace.value
        for prefix, namespace in select(
            loaded,
            "SELECT ?p ?n { <https://w3id.org/meshkg/ontology> sh:declare ?d . "
            "?d sh:prefix ?p ; sh:namespace ?n }",
        )
    }
    assert declared.items() <= PREFIXES.items()


# -- files ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", sorted(HOME.glob("ontology/**/*.ttl")) + sorted(HOME.glob("data/**/*.ttl")), ids=str
)
def test_committed_turtle_is_canonical(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert canonical(text) == text, f"run: make format  ({path.name})"


@pytest.mark.filterwarnings("ignore:Dataset.default_context:DeprecationWarning")  # rdflib's own
def test_two_builds_are_byte_identical_and_loadable(tmp_path: Path) -> None:
    hashes = []
    for name in ("a", "b"):
        report = write_dataset(assemble(), tmp_path / name)
        assert report.conforms
        files = sorted((tmp_path / name).iterdir())
        assert [path.name for path in files] == ["dataset.nq", "reified.nq", "report.json"]
        hashes.append([hashlib.sha256(path.read_bytes()).hexdigest() for path in files])
    assert hashes[0] == hashes[1]
    plain = Dataset()
    plain.parse(data=(tmp_path / "a" / "dataset.nq").read_text("utf-8"), format="nquads")
    assert len(list(plain.graphs())) == 1 + len(_MERGED) + 1
    both = Store()
    for name in ("dataset.nq", "reified.nq"):
        both.load(path=tmp_path / "a" / name)
    assert len(both) == len(assemble())


def test_a_broken_file_is_named_with_its_line(write: Write) -> None:
    store = Store()
    with pytest.raises(GraphFileError, match=r"^extra\.ttl:2: "):
        load_file(store, write("<urn:a> <urn:b> <urn:c> .\n<urn:a> x .\n", "extra.ttl"))
    assert len(store) == 0


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(GraphFileError, match=r"gone\.ttl: cannot be opened"):
        load_file(Store(), tmp_path / "gone.ttl")


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file.ttl"
    write_whole(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "\ud800")
    assert path.read_text() == "old"
    assert [p.name for p in path.parent.iterdir()] == ["file.ttl"]


def test_the_formatter_makes_files_canonical(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("<urn:b> a <urn:C> .\n<urn:a> a <urn:C> .\n", "x.ttl")
    monkeypatch.setattr("sys.argv", ["turtle", str(path)])
    runpy.run_path(str(HOME / "meshkg" / "turtle.py"), run_name="__main__")
    text = path.read_text()
    assert text == canonical(text)
    assert text.index("urn:a") < text.index("urn:b")


@pytest.mark.parametrize("text", ["ASK {}", "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"])
def test_select_and_construct_insist_on_their_form(text: str) -> None:
    wrong = construct if text.startswith("ASK") else select
    with pytest.raises(TypeError):
        list(wrong(Store(), text))


def test_a_dataset_with_violations_is_not_written(tmp_path: Path) -> None:
    store = assemble()
    istio, level = thing("claim", "tech-notebook", "istio", "tcp"), thing("level", "none")
    add_graph(store, [Triple(istio, MESH.supportLevel, level)], "tech-notebook")
    (tmp_path / "dataset.nq").write_text("old")
    assert not write_dataset(store, tmp_path).conforms
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dataset.nq", "report.json"]
    assert (tmp_path / "dataset.nq").read_text() == "old"


def test_a_rule_names_its_graph(write: Write) -> None:
    with pytest.raises(ValueError, match=r"10-x\.rq"):
        Rule.from_file(write("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", "10-x.rq"))


def test_the_data_says_its_licence(loaded: Store) -> None:
    licence = NamedNode("https://creativecommons.org/licenses/by/4.0/")
    licensed = {
        quad.subject for quad in loaded.quads_for_pattern(None, DCTERMS.license, licence, None)
    }
    assert {graph_name("tools"), graph_name("tech-notebook")} <= licensed
    assert bool(query(loaded, "ASK { <https://w3id.org/meshkg/ontology> dcterms:license ?l }"))
