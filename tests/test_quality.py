from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store, parse

from meshkg.dataset import HOME, load, load_file
from meshkg.quality import Check, checks, findings, foreign_terms
from meshkg.terms import short

FIXTURES = Path(__file__).parent / "fixtures" / "quality"
FOLDER = HOME / "ontology" / "quality"
CHECKS = checks(FOLDER)

EXTRA = "https://w3id.org/meshkg/extra"
# what the fixture of each check contains: the things that this check must find, and no more
EXPECTED = {
    "ambiguous-namespace": {EXTRA},
    "ambiguous-notation": {"responsibility:cert-rotation"},
    "broader-cycle": {"responsibility:encryption", "responsibility:mutual-tls"},
    "circular-definition": {"mesh:Claim", "mesh:Proxy"},
    "class-cycle": {"mesh:ServiceMesh", "mesh:Tool"},
    "deprecated-not-boolean": {"mesh:ServiceMesh"},
    "deprecated-term-used": {"claim:old", "tool:istio"},
    "duplicate-definition": {"tool:istio"},
    "duplicate-label": {"mesh:Proxy"},
    "equivalent-own-terms": {"mesh:Claim", "mesh:aboutTool"},
    "equivalent-without-genus": {"mesh:Claim"},
    "file-extension": {f"{EXTRA}.ttl"},
    "inverse-of-symmetric": {"mesh:aboutTool"},
    "is-a-property": {"mesh:isA"},
    "language-tag": {"tool:istio"},
    "lowercase-definition": {"tool:kuma"},
    "mapping-clash": {"responsibility:mutual-tls"},
    "mapping-inside-scheme": {"responsibility:mutual-tls"},
    "miscellaneous-class": {"mesh:OtherTool"},
    "missing-definition": {"mesh:Proxy"},
    "missing-disjointness": {"mesh:Claim", "mesh:Responsibility", "mesh:Tool"},
    "missing-label": {"mesh:Proxy", "tool:kuma"},
    "missing-licence": {EXTRA},
    "missing-ontology-description": {EXTRA},
    "missing-ontology-title": {EXTRA},
    "missing-superclass": {"mesh:Vendor"},
    "naming-pattern": {"mesh:Uses", "mesh:http_proxy", "tool:Big_Mesh"},
    "ontology-header": {EXTRA},
    "orphan-concept": {"responsibility:retry"},
    "overlapping-labels": {"tool:istio"},
    "own-datatype": {"mesh:percentage"},
    "property-without-domain-or-range": {"mesh:uses"},
    "redundant-broader": {"responsibility:spiffe"},
    "reflexive-link": {"responsibility:mutual-tls"},
    "related-siblings": {"responsibility:mutual-tls"},
    "relation-clash": {"responsibility:mutual-tls"},
    "repeated-label": {"tool:istio"},
    "replaced-not-deprecated": {"tool:istio"},
    "scheme-without-top-concept": {"scheme:levels"},
    "self-inverse": {"mesh:aboutTool"},
    "several-definitions": {"tool:istio"},
    "several-domains-or-ranges": {"mesh:aboutResponsibility", "mesh:aboutTool"},
    "several-equivalent-classes": {"mesh:Tool"},
    "several-labels": {"mesh:Tool", "tool:istio"},
    "single-step-chain": {"mesh:aboutTool"},
    "top-concept-with-broader": {"responsibility:mutual-tls"},
    "transitive-only": {"responsibility:mutual-tls"},
    "unconnected-class": {"mesh:Vendor"},
    "undeclared-term": {"mesh:ServiceMash", "mesh:aboutTol"},
    "unknown-foreign-term": {"schema:SoftwareAplication", "skos:comment"},
    "untidy-text": {"mesh:Tool", "tool:istio"},
}
# what other checks must find in the same fixture
ALSO = {
    "broader-cycle": {("responsibility:encryption", "top-concept-with-broader")},
    "unconnected-class": {("mesh:Vendor", "missing-superclass")},
}


def found(store: Store, chosen: Iterable[Check] = CHECKS) -> set[tuple[str, str]]:
    return {(short(finding.subject), finding.check.id) for finding in findings(store, chosen)}


def fixture(*names: str) -> Store:
    store = Store()
    store.extend(foreign_terms())
    for name in names:
        store.extend(parse(path=FIXTURES / f"{name}.ttl", format=RdfFormat.TURTLE))
    return store


def test_base_fixture_is_clean() -> None:
    assert found(fixture("_base")) == set()


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_fixture_has_exactly_these_pitfalls(name: str) -> None:
    expected = {(subject, name) for subject in EXPECTED[name]} | ALSO.get(name, set())
    assert found(fixture("_base", name)) == expected


def test_every_check_has_a_fixture() -> None:
    fixtures = {path.stem for path in FIXTURES.glob("[!_]*.ttl")}
    assert {check.id for check in CHECKS} == fixtures == set(EXPECTED)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.rq")), ids=lambda path: path.stem)
def test_head_is_complete(path: Path) -> None:
    check = Check.from_file(path)
    assert check.id == path.stem
    assert check.severity in {"error", "warning", "info"}
    assert all((check.source, *check.title, *check.problem, *check.fix))
    assert all(text.ja != text.en for text in (check.title, check.problem, check.fix))


def test_a_head_without_japanese_is_refused(tmp_path: Path) -> None:
    text = (FOLDER / "class-cycle.rq").read_text(encoding="utf-8")
    path = tmp_path / "class-cycle.rq"
    path.write_text(text.replace("fix-ja", "fix-de"), encoding="utf-8")
    with pytest.raises(KeyError, match="fix-ja"):
        Check.from_file(path)


def test_a_store_without_the_foreign_terms_is_noticed() -> None:
    assert found(Store()) == {("graph:foreign-terms", "unknown-foreign-term")}


def test_shipped_graph_has_no_pitfall() -> None:
    store = load()
    store.extend(foreign_terms())
    for path in (HOME / "ontology" / "shapes").glob("*.ttl"):
        load_file(store, path, "shapes")
    chosen = [check for check in CHECKS if check.severity != "info"]
    assert [f"{f.check.id}: {short(f.subject)} {f.detail}" for f in findings(store, chosen)] == []
