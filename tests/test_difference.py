"""Two revisions side by side: every kind of difference, in every format, from both sides."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Store, Triple, parse

from meshkg.difference import (
    Claim,
    Column,
    Difference,
    Key,
    Revision,
    Spot,
    claims,
    compare_files,
    compare_revisions,
    read_revision,
)
from meshkg.difference_reports import as_json, as_text, as_turtle
from meshkg.errors import GraphFileError
from meshkg.terms import LEVEL, MESH, RDF, thing
from meshkg.turtle import canonical
from meshkg.words import speak
from tests.conftest import Write

OLD = """# Meshes

| 責務 | Istio | AWS App Mesh |
|---|---|---|
| TCP | ○ | × |
| HTTP/1.1 | ○ (beta) | × |
| リトライ | ○ | ○ |
"""
# TCP and HTTP/1.1 change places, App Mesh becomes VPC Lattice, retries make way for timeouts
NEW = """# Meshes

Some prose, so that every line moves.

| 責務 | Istio | AWS VPC Lattice |
|---|---|---|
| HTTP/1.1 | △ | × |
| TCP | ○ | × |
| タイムアウト | - | ○ |
"""
TEXT = """\
Renamed old.md:3 → new.md:5: AWS App Mesh → Amazon VPC Lattice (identical cells: 2)
Changed old.md:6 → new.md:7: Istio, HTTP/1.1: note “beta” → —; \
support level Full support → Partial support
Added new.md:9: Amazon VPC Lattice, Timeouts: support level Full support
Added new.md:9: Istio, Timeouts: support level Not applicable
Removed old.md:7: AWS App Mesh, Retries: support level Full support
Removed old.md:7: Istio, Retries: support level Full support
1 renamed, 1 changed, 2 added, 2 removed
"""
TEXT_JA = """\
改名 old.md:3 → new.md:5: AWS App Mesh → AWS VPC Lattice (同一のセル: 2個)
変更 old.md:6 → new.md:7: Istio, HTTP/1.1: 補足 「beta」 → —; 対応水準 対応 → 一部対応
追加 new.md:9: AWS VPC Lattice, タイムアウト: 対応水準 対応
追加 new.md:9: Istio, タイムアウト: 対応水準 対象外
削除 old.md:7: AWS App Mesh, リトライ処理: 対応水準 対応
削除 old.md:7: Istio, リトライ処理: 対応水準 対応
改名1件、変更1件、追加2件、削除2件
"""
SMALL_OLD = "| 責務 | Istio | Kuma |\n|---|---|---|\n| TCP | ○ | ○ |\n| gRPC | ○ | × |\n"
SMALL_NEW = "| 責務 | Istio | Consul |\n|---|---|---|\n| TCP | × (Envoy) | ○ |\n| gRPC | ○ | × |\n"
TABLES = "| 責務 | Istio | {} |\n|---|---|---|\n| TCP | ○ | ○ |\n| gRPC | × | × |\n\n"


@pytest.fixture
def compared(write: Write) -> Difference:
    return compare_files(write(OLD, "old.md"), write(NEW, "new.md"))


def report(write: Write, old: str, new: str, suffix: str = ".md") -> list[str]:
    """Return the lines of the text that compares two files."""
    files = (write(old, f"a{suffix}"), write(new, f"b{suffix}"))
    return as_text(compare_files(*files)).splitlines()


# -- documents ---------------------------------------------------------------------------------


def test_text(compared: Difference) -> None:
    assert as_text(compared) == TEXT
    speak("ja")
    assert as_text(compared) == TEXT_JA


def test_json(write: Write) -> None:
    found = compare_files(write(SMALL_OLD, "old.md"), write(SMALL_NEW, "new.md"))
    rows = [{"subject": "responsibility:grpc"}, {"subject": "responsibility:tcp"}]
    about = {"tool": "tool:istio", "subject": "responsibility:tcp", "lines": [3]}
    assert json.loads(as_json(found)) == {
        "old": {"file": "old.md", "source": "source:old", "sha256": found.old.sha256},
        "new": {"file": "new.md", "source": "source:new", "sha256": found.new.sha256},
        "counts": {"renamed": 1, "changed": 1, "added": 0, "removed": 0},
        "differences": [
            {
                "kind": "renamed",
                "old": {"tool": "tool:kuma", "lines": [1], "rows": rows},
                "new": {"tool": "tool:consul", "lines": [1], "rows": rows},
            },
            {
                "kind": "changed",
                "old": {**about, "values": {"mesh:supportLevel": ["level:full"]}},
                "new": {
                    **about,
                    "values": {"mesh:note": ["Envoy"], "mesh:supportLevel": ["level:none"]},
                },
            },
        ],
    }


def test_turtle(write: Write) -> None:
    found = compare_files(write(SMALL_OLD, "old.md"), write(SMALL_NEW, "new.md"))
    assert as_turtle(found) == TURTLE
    assert canonical(TURTLE) == TURTLE


def test_turtle_of_additions_and_removals(compared: Difference) -> None:
    store = Store()
    store.extend(parse(as_turtle(compared), RdfFormat.TURTLE))
    kinds = [quad.object for quad in store.quads_for_pattern(None, RDF.type, None)]
    assert kinds.count(MESH.Change) == 6
    assert [kinds.count(MESH[name]) for name in ("Addition", "Removal")] == [2, 2]
    sides = [[*store.quads_for_pattern(None, MESH[name], None)] for name in ("before", "after")]
    assert [len(side) for side in sides] == [4, 4]


def test_a_file_is_no_revision_of_itself(write: Write) -> None:
    path = write(OLD)
    found = compare_files(path, path)
    assert not found
    assert as_text(found) == "no differences\n"
    assert "wasRevisionOf" not in as_turtle(found)
    speak("ja")
    assert as_text(found) == "差異はありません\n"


def test_a_doubled_cell_is_one_claim(write: Write) -> None:
    once = TABLES.format("Kuma")
    assert report(write, once * 2, once) == ["no differences"]
    other = once.replace("TCP | ○", "TCP | △")
    assert report(write, once * 2, once + other) == [
        (
            "Changed a.md:3, 8 → b.md:3, 8: Istio, TCP: support level Full support → "
            "Full support, Partial support"
        ),
        "0 renamed, 1 changed, 0 added, 0 removed",
    ]


def test_a_tool_that_is_renamed_in_all_tables_is_one_renaming(write: Write) -> None:
    other = "| 責務 | Kuma |\n|---|---|\n| リトライ | ○ |\n"
    old = TABLES.format("Kuma") + other
    assert report(write, old, old.replace("Kuma", "Consul")) == [
        "Renamed a.md:1, 6 → b.md:1, 6: Kuma → Consul (identical cells: 3)",
        "1 renamed, 0 changed, 0 added, 0 removed",
    ]


def test_a_column_that_is_renamed_in_one_table(write: Write) -> None:
    other = "| 責務 | Kuma |\n|---|---|\n| リトライ | ○ |\n| TCP | ○ |\n"
    old = TABLES.format("Kuma") + other
    assert report(write, old, TABLES.format("Consul") + other) == [
        "Renamed a.md:1 → b.md:1: Kuma → Consul (identical cells: 2)",
        "1 renamed, 0 changed, 0 added, 0 removed",
    ]


def test_one_edited_cell_keeps_its_table_from_being_renamed(write: Write) -> None:
    tables = "| 責務 | Kuma |\n|---|---|\n| {} | ○ |\n\n"
    old = "".join(map(tables.format, ("TCP", "gRPC", "リトライ")))
    new = old.replace("Kuma", "Consul").replace("リトライ | ○", "リトライ | ×")
    assert report(write, old, new) == [
        "Renamed a.md:1, 5 → b.md:1, 5: Kuma → Consul (identical cells: 2)",
        "Added b.md:11: Consul, Retries: support level Not supported",
        "Removed a.md:11: Kuma, Retries: support level Full support",
        "1 renamed, 0 changed, 1 added, 1 removed",
    ]


def test_of_two_that_fit_the_nearest_column_is_the_new_name(write: Write) -> None:
    old = "| 責務 | Istio | Kuma | Cilium |\n|---|---|---|---|\n| TCP | × | ○ | ○ |\n"
    new = "| 責務 | Istio | Linkerd | Consul |\n|---|---|---|---|\n| TCP | × | ○ | × |\n"
    assert report(write, old, new)[0] == (
        "Renamed a.md:1 → b.md:1: Kuma → Linkerd (identical cells: 1)"
    )
    assert report(write, new, old)[0] == (
        "Renamed a.md:1 → b.md:1: Linkerd → Kuma (identical cells: 1)"
    )


def test_what_cannot_be_read_is_listed_and_the_rest_compared(write: Write, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    old = write("| 責務 | Istio | Osm |\n|---|---|---|\n| TCP | ○ | ○ |\n", "x/mesh.md")
    new = write("| 責務 | Istio |\n|---|---|\n| TCP | × |\n| UDP | ○ |\n")
    found = compare_files(old, new)
    assert [str(problem).split(";")[0] for problem in found.problems] == [
        f"{old}:1 (table 1): unknown tool “Osm”",
        f"{new}:4 (table 1): unknown row “UDP”",
    ]
    assert [before.key.tool for before, _ in found.changed] == [thing("tool", "istio").value]


def test_labels_of_an_extra_vocabulary(write: Write) -> None:
    extra = write(
        """PREFIX mesh: <https://w3id.org/meshkg/ontology#>
        PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        <urn:osm> a mesh:Tool ; skos:prefLabel "OSM"@en .
        <urn:udp> a mesh:Responsibility ; skos:prefLabel "UDP"@ja .""",
        "extra.ttl",
    )
    old = write("| 責務 | Istio | OSM |\n|---|---|---|\n| UDP | ○ | ○ |\n", "a.md")
    new = write("| 責務 | Istio |\n|---|---|\n| UDP | ○ |\n", "b.md")
    lines = as_text(compare_files(old, new, vocabulary=[extra])).splitlines()
    assert lines[0] == "Removed a.md:3: OSM, urn:udp: support level Full support"
    with pytest.raises(GraphFileError):
        compare_files(old, new, vocabulary=[old.with_name("gone.ttl")])


# -- files of triples --------------------------------------------------------------------------

CLAIMS = """
PREFIX level: <https://w3id.org/meshkg/level/>
PREFIX mesh: <https://w3id.org/meshkg/ontology#>
PREFIX responsibility: <https://w3id.org/meshkg/responsibility/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX source: <https://w3id.org/meshkg/source/>
PREFIX tool: <https://w3id.org/meshkg/tool/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
BASE <https://w3id.org/meshkg/claim/history/>
"""
DATED = (
    CLAIMS
    + """
<istio/tcp/2018> a mesh:SupportClaim ; mesh:aboutTool tool:istio ; mesh:line 2 ;
  mesh:aboutResponsibility responsibility:tcp ; mesh:validFrom "2018-07-31"^^xsd:date ;
  mesh:validUntil "2020-01-01"^^xsd:date ; mesh:supportLevel level:partial .
<istio/tcp/2> a mesh:Claim ; mesh:aboutTool tool:istio ; mesh:line 3 ; mesh:lastLine 4 ;
  mesh:aboutResponsibility responsibility:tcp ; mesh:validFromVersion "2" ;
  mesh:supportLevel level:full .
[] a mesh:Claim ; mesh:aboutTool tool:istio ; mesh:aboutResponsibility responsibility:grpc ;
  mesh:validUntil "2019-01-01"^^xsd:date ; mesh:note "a\\n b", [] ; mesh:statedIn source:history .
<statement/limits> a mesh:Statement ; mesh:about mesh:Tool ; skos:note "Old."@en ; mesh:line 9 .
"""
)


def test_dated_claims_and_statements(write: Write, loaded: Store) -> None:
    new = DATED.replace('"2020-01-01"', '"2021-01-01"').replace("2019-01-01", "2019-02-01")
    texts = {"a.ttl": DATED, "b.ttl": new.replace("Old.", "New.").replace("history", "later")}
    found = compare_revisions(*(read_revision(write(texts[n], n), loaded) for n in texts))
    assert as_text(found).splitlines() == [
        "Changed a.ttl:9 → b.ttl:9: statement/limits: skos:note “Old.” → “New.”",
        (
            "Changed a.ttl:2 → b.ttl:2: tool:istio, responsibility:tcp, 2018-07-31: "
            "mesh:validUntil 2020-01-01 → 2021-01-01"
        ),
        (
            "Added b.ttl: tool:istio, responsibility:grpc, until-2019-02-01: "
            "mesh:note “a b”; mesh:validUntil 2019-02-01"
        ),
        (
            "Removed a.ttl: tool:istio, responsibility:grpc, until-2019-01-01: "
            "mesh:note “a b”; mesh:validUntil 2019-01-01"
        ),
        "0 renamed, 2 changed, 1 added, 1 removed",
    ]


def test_renaming_in_a_file_without_tables(write: Write) -> None:
    lines = report(write, DATED, DATED.replace("tool:istio", "tool:kuma"), ".ttl")
    assert lines[0] == "Renamed a.ttl:2-3 → b.ttl:2-3: Istio → Kuma (identical cells: 3)"
    assert lines[1:] == ["1 renamed, 0 changed, 0 added, 0 removed"]


def test_claims_without_name_or_line(write: Write) -> None:
    old, new = write(DATED, "a.ttl"), write(DATED.replace("2019-01-01", "2019-02-01"), "b.ttl")
    found = compare_files(old, new)
    added, removed = json.loads(as_json(found))["differences"]
    assert added["new"] == {
        "tool": "tool:istio",
        "subject": "responsibility:grpc",
        "start": "until-2019-02-01",
        "lines": [],
        "values": {"mesh:note": ["a\n b"], "mesh:validUntil": ["2019-02-01"]},
    }
    assert removed["old"]["start"] == "until-2019-01-01"
    assert as_turtle(found).count("specializationOf source:history") == 2
    assert "specializationOf <" not in as_turtle(found)


def test_a_file_that_names_no_source(write: Write) -> None:
    text = CLAIMS + "<urn:c> a mesh:Claim ; mesh:aboutTool tool:istio ; mesh:note 'x' ."
    found = compare_files(write(text, "a.ttl"), write(text.replace("'x'", "'y'"), "b.ttl"))
    assert found.old.source == ""
    assert as_turtle(found).count("specializationOf") == 2
    assert as_text(found).startswith("Changed a.ttl → b.ttl: Istio, urn:c: note “x” → “y”")


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a.md", "# Nothing\n", "a.md: no table in it"),
        ("a.ttl", "<urn:x> a <urn:Y> .", "a.ttl: no claims in it"),
        ("a.ttl", "<urn:x> a ", "a.ttl:1: "),
        (
            "a.ttl",
            CLAIMS + "<a> mesh:statedIn source:a . <b> mesh:statedIn source:b .",
            "a.ttl: claims of several sources (a, b); only revisions of one source",
        ),
    ],
)
def test_files_that_cannot_be_read_at_all(
    write: Write, loaded: Store, name: str, text: str, problem: str
) -> None:
    revision = read_revision(write(text, name), loaded)
    assert revision.claims == frozenset()
    assert len(revision.problems) == 1
    assert str(revision.problems[0]).startswith(problem)


def test_a_missing_file_is_a_problem(loaded: Store) -> None:
    (problem,) = read_revision(Path("gone.ttl"), loaded, name="the old one").problems
    assert str(problem).startswith("the old one: cannot be opened: No such file or directory")


def test_rdflib_is_not_imported() -> None:
    code = "import sys, meshkg.difference_reports; sys.exit('rdflib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# -- claims ------------------------------------------------------------------------------------


def test_claims_of_the_same_key_are_one() -> None:
    tool = thing("tool", "istio")
    facts = [
        (node, predicate, value)
        for node, line in ((NamedNode("urn:b"), 5), (NamedNode("urn:a"), 4), (BlankNode(), 6))
        for predicate, value in (
            (RDF.type, MESH.Claim),
            (MESH.aboutTool, tool),
            (MESH.attribute, MESH.dataPlane),
            (MESH.line, Literal(line)),
        )
    ]
    found = claims(Triple(*fact) for fact in facts)
    about = frozenset({(MESH.aboutTool, tool), (MESH.attribute, MESH.dataPlane)})
    key = Key(tool.value, MESH.dataPlane.value)
    spots = (Spot(4), Spot(5), Spot(6))
    assert found == {Claim(key, frozenset(), spots, about, "urn:a")}


def test_the_language_of_a_note_does_not_count() -> None:
    key = Key("urn:tool", "urn:tcp")
    sides = [
        Revision("a", "", "", frozenset({Claim(key, frozenset({(MESH.note, note)}))}))
        for note in (Literal("x", language="en"), Literal("x", language="ja"))
    ]
    assert not compare_revisions(*sides)


# -- laws --------------------------------------------------------------------------------------

KEYS = st.builds(Key, st.sampled_from("abcd"), st.sampled_from("rst"), st.sampled_from(["", "1"]))
SAID = st.sets(st.sampled_from([LEVEL.full, LEVEL.none]), min_size=1, max_size=2)
SPOTS = st.sets(
    st.builds(Spot, *(st.integers(1, 9), st.integers(0, 2), st.integers(0, 2), st.integers(2, 4))),
    max_size=2,
)


@st.composite
def revisions(draw: st.DrawFn) -> Revision:
    drawn = draw(st.dictionaries(KEYS, st.tuples(SAID, SPOTS), max_size=12))
    found = frozenset(
        Claim(key, frozenset((MESH.supportLevel, level) for level in said), tuple(sorted(spots)))
        for key, (said, spots) in drawn.items()
    )
    return Revision("x", "urn:x", "00", found)


def swapped(pairs: Iterable[tuple[object, object]]) -> set[tuple[object, object]]:
    return {(new, old) for old, new in pairs}


@given(revisions())
def test_nothing_differs_from_itself(revision: Revision) -> None:
    assert compare_revisions(revision, revision) == Difference(revision, revision)


@given(revisions(), revisions())
def test_the_other_way_round_is_the_mirror_image(old: Revision, new: Revision) -> None:
    there, back = compare_revisions(old, new), compare_revisions(new, old)
    assert (there.added, there.removed) == (back.removed, back.added)
    assert swapped(there.changed) == set(back.changed)
    assert swapped(there.renamed) == set(back.renamed)


@given(revisions(), revisions())
def test_every_claim_is_accounted_for(old: Revision, new: Revision) -> None:
    found = compare_revisions(old, new)
    for before, after in found.renamed:
        assert before.said == after.said
    for revision, only, columns in (
        (old, found.removed, [before for before, _ in found.renamed]),
        (new, found.added, [after for _, after in found.renamed]),
    ):
        other = new if revision is old else old
        lost = {c for c in revision.claims if c.key not in {d.key for d in other.claims}}
        assert lost - set(only) <= {c for column in columns for c in column.claims}
        assert set(only) <= lost


@given(st.data())
def test_a_tool_under_another_name_is_one_renaming(data: st.DataObject) -> None:
    old = data.draw(revisions().filter(lambda r: any(c.key.tool == "a" for c in r.claims)))
    kept, moved = [[c for c in old.claims if (c.key.tool == "a") is is_a] for is_a in (False, True)]
    renamed = [Claim(Key("z", *c.key.row), c.values, c.spots) for c in moved]
    found = compare_revisions(old, Revision("y", "urn:x", "01", frozenset(kept + renamed)))
    assert [[column.tool for column in pair] for pair in found.renamed] == [["a", "z"]]
    assert found.added + found.removed == ()
    assert found.changed == ()


def test_a_column_says_its_lines() -> None:
    claim = Claim(Key("a", "r"), frozenset(), (Spot(3, 1, 1, 2), Spot(8)))
    assert Column("a", (claim,), claim.spots).lines == [1, 8]


TURTLE = """\
PREFIX level: <https://w3id.org/meshkg/level/>
PREFIX mesh: <https://w3id.org/meshkg/ontology#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX responsibility: <https://w3id.org/meshkg/responsibility/>
PREFIX schema: <https://schema.org/>
PREFIX source: <https://w3id.org/meshkg/source/>
PREFIX tool: <https://w3id.org/meshkg/tool/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

<https://w3id.org/meshkg/change/5f7577428464-fb6dca5173c9/1>
    a
        mesh:Change ,
        mesh:Renaming ;
    prov:wasDerivedFrom
        <ni:///sha-256;-23KUXPJM7wNnjT6HVd4MHOuGMN9iVCK2Gb2yK3ZBeM> ,
        <ni:///sha-256;X3V3QoRkRtfahi07vEK6JsROfZadZzzJsAWpPJL99do> ;
    mesh:after <https://w3id.org/meshkg/change/5f7577428464-fb6dca5173c9/1/after> ;
    mesh:before <https://w3id.org/meshkg/change/5f7577428464-fb6dca5173c9/1/before> ;
.

<https://w3id.org/meshkg/change/5f7577428464-fb6dca5173c9/2>
    a
        mesh:Change ,
        mesh:Replacement ;
    prov:wasDerivedFrom
        <ni:///sha-256;-23KUXPJM7wNnjT6HVd4MHOuGMN9iVCK2Gb2yK3ZBeM> ,
        <ni:///sha-256;X3V3QoRkRtfahi07vEK6JsROfZadZzzJsAWpPJL99do> ;
    mesh:after <https://w3id.org/meshkg/change/5f7577428464-fb6dca5173c9/2/after> ;
    mesh:before <https://w3id.org/meshkg/change/5f7577428464-fb6dca5173c9/2/before> ;
.

<https://w3id.org/meshkg/change/5f7577428464-fb6dca5173c9/1/after>
    a prov:Collection ;
    prov:hadMember
        <https://w3id.org/meshkg/claim/new/consul/grpc> ,
        <https://w3id.org/meshkg/claim/new/consul/tcp> ;
    mesh:aboutTool tool:consul ;
    mesh:line 1 ;
.

<https://w3id.org/meshkg/change/5f7577428464-fb6dca5173c9/1/before>
    a prov:Collection ;
    prov:hadMember
        <https://w3id.org/meshkg/claim/old/kuma/grpc> ,
        <https://w3id.org/meshkg/claim/old/kuma/tcp> ;
    mesh:aboutTool tool:kuma ;
    mesh:line 1 ;
.

<https://w3id.org/meshkg/change/5f7577428464-fb6dca5173c9/2/after>
    a prov:Entity ;
    prov:specializationOf <https://w3id.org/meshkg/claim/new/istio/tcp> ;
    mesh:aboutResponsibility responsibility:tcp ;
    mesh:aboutTool tool:istio ;
    mesh:line 3 ;
    mesh:note "Envoy"@en ;
    mesh:supportLevel level:none ;
.

<https://w3id.org/meshkg/change/5f7577428464-fb6dca5173c9/2/before>
    a prov:Entity ;
    prov:specializationOf <https://w3id.org/meshkg/claim/old/istio/tcp> ;
    mesh:aboutResponsibility responsibility:tcp ;
    mesh:aboutTool tool:istio ;
    mesh:line 3 ;
    mesh:supportLevel level:full ;
.

<ni:///sha-256;-23KUXPJM7wNnjT6HVd4MHOuGMN9iVCK2Gb2yK3ZBeM>
    a prov:Entity ;
    prov:specializationOf source:new ;
    prov:wasRevisionOf <ni:///sha-256;X3V3QoRkRtfahi07vEK6JsROfZadZzzJsAWpPJL99do> ;
    schema:name "new.md" ;
    schema:sha256 "fb6dca5173c933bc0d9e34fa1d57783073ae18c37d89508ad866f6c8add905e3" ;
.

<ni:///sha-256;X3V3QoRkRtfahi07vEK6JsROfZadZzzJsAWpPJL99do>
    a prov:Entity ;
    prov:specializationOf source:old ;
    schema:name "old.md" ;
    schema:sha256 "5f757742846446d7da862d3bbc42ba26c44e7d969d673cc9b005a93c92fdf5da" ;
.
"""
