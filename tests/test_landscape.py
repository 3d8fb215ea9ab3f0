"""The CNCF landscape: entries, stages with their intervals, lines, and what the shapes find."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import Literal, Store, parse

from meshkg.dataset import HOME, add_graph, load_vocabulary
from meshkg.errors import DocumentError
from meshkg.reading import Reading, landscape
from meshkg.sparql import select
from meshkg.terms import MESH, slug, thing
from meshkg.validation import validate
from tests.conftest import Write

FIXTURE = Path(__file__).parent / "fixtures" / "landscape" / "landscape.yml"
REAL = HOME.parent / "shared" / "ea-samples" / "lifecycle" / "cncf-landscape.yml"
SHIPPED = HOME / "data" / "sources" / "cncf-landscape.ttl"

only_with_the_real_file = pytest.mark.skipif(not REAL.exists(), reason="no landscape at hand")

_STAGES = """
SELECT ?thing ?value ?start ?end ?line WHERE {
  ?claim mesh:attribute mesh:cncfMaturity ; mesh:attributeValue ?value ; mesh:line ?line ;
    mesh:aboutTool|mesh:aboutProject ?thing .
  OPTIONAL { ?claim mesh:validFrom ?start }
  OPTIONAL { ?claim mesh:validUntil ?end }
}"""


@cache
def vocabulary() -> Store:
    return load_vocabulary()


@cache
def fixture() -> Reading:
    return landscape.read(FIXTURE, vocabulary())


def store_of(reading: Reading) -> Store:
    store = load_vocabulary()
    add_graph(store, reading.triples, reading.source)
    return store


def stages(reading: Reading) -> set[tuple[str, ...]]:
    store = Store()
    add_graph(store, reading.triples, reading.source)
    return {
        tuple("" if term is None else slug(term.value) for term in row)
        for row in select(store, _STAGES)
    }


def current(reading: Reading, name: str) -> tuple[str, str]:
    rows = [row for row in stages(reading) if row[0] == name and not row[3]]
    return rows[0][1], rows[0][2]


def lines_of(reading: Reading, rule: str) -> list[int]:
    report = validate(store_of(reading))
    return [p.line for result in report.results if result.rule == rule for p in result.places]


def test_a_landscape_is_known_by_its_first_bytes() -> None:
    assert landscape.matches(FIXTURE.read_bytes()[:200])
    assert landscape.matches(b"\xef\xbb\xbflandscape:\r\n")
    assert not landscape.matches(b"# Notes\n\nOn the landscape:\n- category: none\n")
    assert not landscape.matches(b"my_landscape: 1\n")


def test_stages_become_claims_with_intervals_and_lines() -> None:
    assert fixture().problems == ()
    assert {row for row in stages(fixture()) if row[0] in {"linkerd", "cilium"}} == {
        ("cilium", "incubating", "2020-01-02", "2022-03-04", "18"),
        ("cilium", "graduated", "2022-03-04", "", "19"),
        ("linkerd", "sandbox", "2017-01-01", "2018-01-01", "44"),
        ("linkerd", "incubating", "2018-01-01", "2021-01-01", "45"),
        ("linkerd", "graduated", "2021-01-01", "", "46"),
    }


def test_projects_that_are_no_tools_are_kept_apart() -> None:
    reading = fixture()
    assert current(reading, "old-mesh-om") == ("archived", "2023-06-06")
    assert current(reading, "young-mesh") == ("sandbox", "2024-07-07")
    about = {t.predicate for t in reading.triples if t.object == thing("project", "young-mesh")}
    assert about == {MESH.aboutProject, MESH.lists}


def test_a_stage_without_a_date_is_a_claim_without_an_interval() -> None:
    assert {row for row in stages(fixture()) if row[0] == "undated"} == {
        ("undated", "incubating", "", "", "85")
    }


def test_the_service_mesh_section_is_read_in_full() -> None:
    part = landscape.read(FIXTURE, vocabulary(), whole=False)
    assert part.count(MESH.Listing) == 7
    assert part.triples < fixture().triples
    assert fixture().count(MESH.Listing) == 10


def test_an_entry_points_at_its_line_and_its_headings() -> None:
    listing = thing("listing", "cncf-landscape", "cilium")
    said = {(t.predicate, t.object) for t in fixture().triples if t.subject == listing}
    assert (MESH.line, Literal(9)) in said
    assert (MESH.lists, thing("tool", "cilium")) in said
    assert {o.value for p, o in said if p == MESH.listedUnder and isinstance(o, Literal)} == {
        "Runtime / Cloud Native Network",
        "Extra / Network",
    }


def test_a_repeated_name_lists_the_same_thing_again() -> None:
    again = thing("listing", "cncf-landscape", "old-mesh-om-2")
    assert thing("project", "old-mesh-om") in {
        t.object for t in fixture().triples if t.subject == again and t.predicate == MESH.lists
    }


def test_another_repository_under_a_known_name_is_another_thing(write: Write) -> None:
    text = FIXTURE.read_text(encoding="utf-8").replace("linkerd/linkerd2", "example/linkerd")
    reading = landscape.read(write(text, "landscape.yml"), vocabulary())
    assert thing("project", "linkerd") in {t.object for t in reading.triples}


@pytest.mark.parametrize(
    ("rule", "lines"),
    [
        ("ForeignAddresses", [47]),
        ("DatesWithoutStage", [47]),
        ("StageWithoutDate", [83]),
        ("StagesOutOfOrder", [89]),
        ("StageNotLast", [89]),
        ("SharedRepository", [54, 62, 78]),
    ],
)
def test_contradictions_are_reported(rule: str, lines: list[int]) -> None:
    assert sorted(lines_of(fixture(), rule)) == lines


@pytest.mark.parametrize(
    ("old", "new", "rule", "line"),
    [
        ("'2018-01-01'", "'2018-13-01'", "bad-date", 45),
        ("'2018-01-01'", "[2018]", "", 0),
        ("project: sandbox", "project: sandboks", "unknown-value", 68),
        ("https://young.example", "young.example", "bad-address", 69),
        ("https://old.example/blog/", "https://old.example/<blog>", "bad-address", 53),
        ("name: Young Mesh", "name: メッシュ", "unusable-name", 67),
    ],
)
def test_what_cannot_be_read_is_a_problem_with_its_line(
    old: str, new: str, rule: str, line: int, write: Write
) -> None:
    text = FIXTURE.read_text(encoding="utf-8").replace(old, new, 1)
    reading = landscape.read(write(text, "landscape.yml"), vocabulary())
    assert [(p.rule, p.place.line) for p in reading.problems] == [(rule, line)] * bool(rule)
    assert all(p.text.en != p.text.ja for p in reading.problems)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("landscape:\n  - category: &a [1]\n    name: *a\n", "alias"),
        ("landscape: " + "[" * 100_000, "nesting"),
        ("landscape:\n  - name: a\n    name: b\n", "duplicate-key"),
        ("landscape:\n  ? [a]\n  : b\n", "syntax"),
        ("landscape: a: b\n", "syntax"),
        ("landscape:\n", "not-a-document"),
        ("", "not-a-document"),
        (b"landscape: \xff\n", "encoding"),
    ],
)
def test_hostile_and_broken_files_are_refused(text: str | bytes, rule: str, write: Write) -> None:
    with pytest.raises(DocumentError) as caught:
        landscape.read(write(text, "landscape.yml"), vocabulary())
    assert [problem.rule for problem in caught.value.problems] == [rule]


def test_a_missing_or_too_large_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="cannot be opened"):
        landscape.read(tmp_path / "none.yml", vocabulary())
    with pytest.raises(DocumentError, match="larger than 100 bytes"):
        landscape.read(FIXTURE, vocabulary(), max_bytes=100)


@only_with_the_real_file
def test_the_real_landscape_is_read_whole_and_fast() -> None:
    reading = landscape.read(REAL, vocabulary())
    assert reading.problems == ()
    assert current(reading, "istio") == ("graduated", "2023-07-12")
    assert current(reading, "linkerd") == ("graduated", "2021-07-28")
    assert current(reading, "cilium") == ("graduated", "2023-10-11")
    assert current(reading, "kuma") == ("sandbox", "2020-06-25")
    assert current(reading, "open-service-mesh") == ("archived", "2023-06-30")
    assert sum(t.predicate == MESH.stage for t in reading.triples) == 255


@only_with_the_real_file
def test_the_real_landscape_has_fields_of_another_entry() -> None:
    reading = landscape.read(REAL, vocabulary())
    assert lines_of(reading, "ForeignAddresses") == [5964]
    assert lines_of(reading, "DatesWithoutStage") == [5964]


@only_with_the_real_file
def test_the_shipped_part_is_what_the_real_landscape_says() -> None:
    reading = landscape.read(REAL, vocabulary(), whole=False)
    assert reading.triples == {quad.triple for quad in parse(path=SHIPPED)}
