"""Validation as a user meets it: planted mistakes, places, report formats, exit codes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Store
from rdflib import RDF, SH, Graph

from meshkg.cli import main
from meshkg.errors import DocumentError, Place
from meshkg.publishing.document import document
from meshkg.reports import REPORT_FORMATS, summary
from meshkg.terms import MESH, thing
from meshkg.validation import Report, Result, validate, validate_files
from meshkg.words import Text, speak
from tests.conftest import Write

Plant = Callable[..., Path]

REPORT = Report(
    (
        Result(
            severity="violation",
            rule="OneLevel",
            text=Text("two levels", "水準が2つあります"),
            places=(Place(file="a.md", line=3, table=1, row="TCP", column="Istio"),),
            focus=thing("claim", "a", "istio", "tcp").value,
            path=MESH.supportLevel.value,
            value=Literal("x", language="en"),
            component="MaxCountConstraintComponent",
        ),
        Result(
            severity="warning",
            rule="unknown-tool",
            text=Text("unknown", "未知"),
            places=(Place(file="a.md", line=1),),
            value=NamedNode("urn:x"),
        ),
    )
)


@pytest.fixture
def plant(loaded: Store, write: Write) -> Plant:
    """Write a copy of the shipped source with texts replaced on some lines."""

    def _plant(*changes: tuple[int, str, str]) -> Path:
        lines = document(loaded, "tech-notebook", keep_lines=True).split("\n")
        for line, old, new in changes:
            assert old in lines[line - 1], lines[line - 1]
            lines[line - 1] = lines[line - 1].replace(old, new, 1)
        return write("\n".join(lines), "copy.md")

    return _plant


def _violations(report: Report) -> list[tuple[str, tuple[int, ...]]]:
    return [
        (result.rule, tuple(place.line for place in result.places))
        for result in report.results
        if result.severity == "violation"
    ]


def test_the_shipped_graph_has_no_violation(shipped: Store) -> None:
    report = validate(shipped)
    assert report.conforms
    assert _violations(report) == []
    warnings = [result for result in report.results if result.severity == "warning"]
    assert all(result.places for result in warnings if "tech-notebook" in result.focus)


def test_five_planted_mistakes_are_found_with_their_lines(plant: Plant) -> None:
    path = plant(
        (96, "AWS VPC Lattice", "AWS VPC Latice"),
        (98, "サーキットブレイカー", "サーキットブレイク"),
        (129, "`⭕️` | `⭕️` | `⭕️`", "× | `⭕️` | `⭕️`"),
        (54, "Sandbox", "Sandboxed"),
        (
            52,
            "サイドカー | サイドカー／サイドカーレス",
            "サイドカーレス | サイドカー／サイドカーレス",
        ),
    )
    found = _violations(validate_files([path]))
    assert set(found) == {
        ("unknown-tool", (96,)),
        ("unknown-row", (98,)),
        ("unknown-value", (54,)),
        ("OneLevel", (114,)),
        ("OneLevel", (129,)),
        ("ModeContradiction", (52,)),
        ("ModeContradiction", (194,)),
        ("ModeContradiction", (195,)),
    }


def test_a_copy_without_mistakes_conforms(plant: Plant) -> None:
    report = validate_files([plant()])
    assert report.conforms
    assert {place.file for result in report.results for place in result.places} == {"copy.md"}


def test_a_text_file_is_a_document(plant: Plant) -> None:
    path = plant((98, "サーキットブレイカー", "サーキットブレイク"))
    text = path.rename(path.with_suffix(".txt"))
    assert _violations(validate_files([text])) == [("unknown-row", (98,))]


def test_turtle_is_validated_too(write: Write) -> None:
    claim = """PREFIX mesh: <https://w3id.org/meshkg/ontology#>
<https://w3id.org/meshkg/claim/x/istio/tcp> a mesh:Claim, mesh:SupportClaim ;
  mesh:aboutTool <https://w3id.org/meshkg/tool/istio> ."""
    report = validate_files([write(claim, "x.ttl")])
    assert not report.conforms
    violations = [result for result in report.results if result.severity == "violation"]
    assert {result.rule for result in violations} == {
        "ClaimWithPlace",
        "ClaimWithoutSourceOrDate",
        "OneResponsibility",
        "SupportLevel",
    }
    assert all("claim/x/istio/tcp" in f"{r.focus} {r.value}" for r in violations)


def test_what_is_no_document_cannot_be_validated(write: Write) -> None:
    with pytest.raises(DocumentError):
        validate_files([write("prose")])


@pytest.mark.parametrize(("name", "code"), [("mesh.md", 1), ("prose.md", 2)])
def test_exit_codes(
    name: str,
    code: int,
    write: Write,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write("| 責務 | Nobody |\n|---|---|\n| TCP | ○ |\n", "mesh.md")
    path = write("prose", "prose.md").with_name(name)
    monkeypatch.setattr(sys, "argv", ["meshkg", "validate", str(path)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == code
    assert "Traceback" not in capsys.readouterr().err


def test_text_names_place_message_and_rule() -> None:
    assert REPORT_FORMATS["text"](REPORT).splitlines() == [
        "Violation a.md:3 (table 1, TCP, Istio): two levels [OneLevel]",
        "Warning a.md:1: unknown [unknown-tool]",
        "does not conform: 1 violations, 1 warnings, 0 infos",
    ]
    speak("ja")
    assert "違反 a.md:3 (表1, TCP, Istio): 水準が2つあります" in REPORT_FORMATS["text"](REPORT)
    assert summary(REPORT) == "不適合: 違反1件、警告1件、情報0件"


def test_json_has_both_languages_and_places() -> None:
    content = json.loads(REPORT_FORMATS["json"](REPORT))
    assert content["conforms"] is False
    assert content["counts"] == {"violation": 1, "warning": 1, "info": 0}
    assert content["results"][0] == {
        "severity": "violation",
        "rule": "OneLevel",
        "focus": "https://w3id.org/meshkg/claim/a/istio/tcp",
        "path": "mesh:supportLevel",
        "value": "x",
        "component": "MaxCountConstraintComponent",
        "message": {"en": "two levels", "ja": "水準が2つあります"},
        "places": [{"file": "a.md", "line": 3, "table": 1, "row": "TCP", "column": "Istio"}],
    }


def test_sarif_points_at_the_line() -> None:
    run = json.loads(REPORT_FORMATS["sarif"](REPORT))["runs"][0]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["OneLevel", "unknown-tool"]
    first, second = run["results"]
    assert (first["level"], second["level"]) == ("error", "warning")
    assert (first["ruleIndex"], second["ruleIndex"]) == (0, 1)
    location = first["locations"][0]["physicalLocation"]
    assert location == {"artifactLocation": {"uri": "a.md"}, "region": {"startLine": 3}}


def test_turtle_is_a_shacl_report() -> None:
    graph = Graph().parse(data=REPORT_FORMATS["turtle"](REPORT), format="turtle")
    (report,) = graph.subjects(RDF.type, SH.ValidationReport)
    assert graph.value(report, SH.conforms).toPython() is False  # type: ignore[union-attr]
    (violation,) = graph.subjects(SH.resultSeverity, SH.Violation)
    assert (report, SH.result, violation) in graph
    assert {m.language for m in graph.objects(violation, SH.resultMessage)} == {"en", "ja"}  # type: ignore[attr-defined]
    assert str(graph.value(violation, SH.focusNode)).endswith("claim/a/istio/tcp")
