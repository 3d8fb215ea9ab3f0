"""Product files of endoflife.date: releases, the end of their support, and their lines."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import Literal, Store, parse

from meshkg.dataset import HOME, load_vocabulary
from meshkg.errors import DocumentError
from meshkg.reading import Reading, Unknown, endoflife
from meshkg.terms import DCTERMS, MESH, PROV, SCHEMA, XSD, thing
from tests.conftest import Write

FIXTURE = Path(__file__).parent / "fixtures" / "endoflife" / "linkerd.md"
REAL = HOME.parent / "shared" / "ea-samples" / "lifecycle"
SHIPPED = HOME / "data" / "sources" / "endoflife.ttl"

only_with_the_real_files = pytest.mark.skipif(not REAL.exists(), reason="no product files at hand")


@cache
def vocabulary() -> Store:
    return load_vocabulary()


@cache
def fixture() -> Reading:
    return endoflife.read(FIXTURE, vocabulary())


def said(reading: Reading, kind: str, *names: str) -> dict[str, str]:
    subject = thing(kind, *names)
    return {
        t.predicate.value.rsplit("#", 1)[-1].rsplit("/", 1)[-1]: getattr(t.object, "value", "")
        for t in reading.triples
        if t.subject == subject
    }


def test_a_product_file_is_known_by_its_first_bytes() -> None:
    assert endoflife.matches(FIXTURE.read_bytes()[:500])
    assert endoflife.matches(b"---\r\ntitle: x\r\nreleases:\r\n")
    assert not endoflife.matches(b"---\ntitle: x\n---\n\n| a | b |\n")
    assert not endoflife.matches(b"releases:\n- releaseCycle: 1\n")


def test_a_release_has_its_dates() -> None:
    assert fixture().problems == ()
    release = said(fixture(), "release", "linkerd", "3.1")
    assert release["releaseOf"] == thing("tool", "linkerd").value
    assert release["softwareVersion"] == "3.1"
    assert release["issued"] == "2026-01-02"
    assert release["latestVersion"] == "3.1.4"
    assert release["latestVersionIssued"] == "2026-02-03"
    assert release["longTermSupport"] == "true"
    assert release["supported"] == "true"
    assert "supportEnds" not in release


def test_an_end_is_a_date_or_only_known_to_have_come() -> None:
    ended = said(fixture(), "release", "linkerd", "3.0")
    assert ended["supportEnds"] == "2026-01-31"
    assert ended["softwareVersion"] == "3.0"
    assert ended["longTermSupport"] == "true"
    assert "supported" not in ended
    assert said(fixture(), "release", "linkerd", "2.9")["supported"] == "false"


def test_dates_and_truth_values_are_typed() -> None:
    objects = {t.object for t in fixture().triples}
    assert Literal("2026-01-31", datatype=XSD.date) in objects
    assert Literal("false", datatype=XSD.boolean) in objects


def test_a_release_points_at_its_line_and_source() -> None:
    release = said(fixture(), "release", "linkerd", "3.0")
    listing = thing("listing", "endoflife", "linkerd", "3.0")
    assert release[PROV.hadPrimarySource.value.rsplit("#", 1)[-1]] == listing.value
    assert said(fixture(), "listing", "endoflife", "linkerd", "3.0")["line"] == "19"
    page = said(fixture(), "listing", "endoflife", "linkerd")
    assert page["url"] == "https://endoflife.date/linkerd"
    assert page["purl"] == "pkg:github/linkerd/linkerd2"
    assert page["line"] == "2"
    assert page["isPartOf"] == thing("source", "endoflife").value


def test_windows_line_ends_change_nothing_but_the_checksum(write: Write) -> None:
    text = FIXTURE.read_bytes().replace(b"\n", b"\r\n")
    reading = endoflife.read(write(text, "linkerd.md"), vocabulary())
    changed = {t.predicate for t in reading.triples ^ fixture().triples}
    assert changed == {SCHEMA.sha256}


def test_an_unknown_product_is_named_with_its_nearest_label(write: Write) -> None:
    text = FIXTURE.read_text(encoding="utf-8").replace("inkerd\n", "inkert\n")
    (problem,) = endoflife.read(write(text, "x.md"), vocabulary()).problems
    assert isinstance(problem, Unknown)
    assert problem.place.line == 2
    assert "“Linkert”; nearest known label: “Linkerd" in problem.text.en


def test_the_same_name_with_another_repository_is_unknown(write: Write) -> None:
    text = FIXTURE.read_text(encoding="utf-8").replace("linkerd/linkerd2", "example/other")
    (problem,) = endoflife.read(write(text, "x.md"), vocabulary()).problems
    assert problem.rule == "unknown-tool"


@pytest.mark.parametrize(
    ("old", "new", "rule", "line"),
    [
        ("2026-01-31", "soon", "bad-date", 21),
        ("2025-01-02", "2025-1-2", "bad-date", 20),
        ("lts: 2025-06-01", "lts: often", "bad-date", 22),
        ('"2.9"', '"2 9"', "unusable-name", 24),
        ("https://linkerd.example/policy", "here", "bad-address", 4),
    ],
)
def test_what_cannot_be_read_is_a_problem_with_its_line(
    old: str, new: str, rule: str, line: int, write: Write
) -> None:
    text = FIXTURE.read_text(encoding="utf-8").replace(old, new, 1)
    reading = endoflife.read(write(text, "linkerd.md"), vocabulary())
    assert [(p.rule, p.place.line) for p in reading.problems] == [(rule, line)]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("# Linkerd\n", "not-a-document"),
        ("---\ntitle: Linkerd\n", "not-a-document"),
        ("---\ntitle: Linkerd\nreleases:\n---\n", "not-a-document"),
        ("---\nreleases: &a [*a]\n---\n", "alias"),
        ("---\nreleases: [}\n---\n", "syntax"),
    ],
)
def test_what_is_no_product_file_is_refused(text: str, rule: str, write: Write) -> None:
    with pytest.raises(DocumentError) as caught:
        endoflife.read(write(text, "x.md"), vocabulary())
    assert [problem.rule for problem in caught.value.problems] == [rule]


@only_with_the_real_files
@pytest.mark.parametrize(
    ("name", "count", "release", "end"),
    [
        ("istio", 24, "1.19", "2024-04-24"),
        ("cilium", 8, "1.17", "2026-07-29"),
        ("consul", 18, "1.20", "2026-05-24"),
    ],
)
def test_the_real_files_are_read(name: str, count: int, release: str, end: str) -> None:
    reading = endoflife.read(REAL / f"endoflife-{name}.md", vocabulary())
    assert reading.problems == ()
    assert reading.count(MESH.Release) == count
    assert said(reading, "release", name, release)["supportEnds"] == end


@only_with_the_real_files
def test_the_shipped_releases_are_what_the_real_files_say() -> None:
    paths = REAL.glob("endoflife-*.md")
    triples = {t for path in paths for t in endoflife.read(path, vocabulary()).triples}
    assert triples == {quad.triple for quad in parse(path=SHIPPED)}


def test_cards_and_releases_agree_on_every_end() -> None:
    ends: dict[object, set[object]] = {}
    for triple in (*parse(path=SHIPPED), *parse(path=HOME / "data" / "tools.ttl")):
        if triple.predicate in (MESH.supportEnds, DCTERMS.issued):
            ends.setdefault((triple.subject, triple.predicate), set()).add(triple.object)
    assert len(ends) > 50
    assert all(len(values) == 1 for values in ends.values())
