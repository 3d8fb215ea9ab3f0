"""A validation report as text, JSON, SARIF, or a SHACL report in Turtle."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from meshkg.errors import Place
from meshkg.terms import MESH, RDF, SH, SHAPES, short
from meshkg.turtle import from_triples
from meshkg.validation import SEVERITIES, Report, Result
from meshkg.words import Text

__all__ = ["REPORT_FORMATS", "as_json", "as_sarif", "as_text", "as_turtle", "summary"]

_SEVERITY_WORDS: Final = {
    "violation": Text("Violation", "違反"),
    "warning": Text("Warning", "警告"),
    "info": Text("Info", "情報"),
}
_SARIF_LEVELS: Final = {"violation": "error", "warning": "warning", "info": "note"}


def summary(report: Report) -> str:
    """Return the report's counts in one line."""
    violations, warnings, infos = (report.count(severity) for severity in SEVERITIES)
    verdict = Text("conforms", "適合") if report.conforms else Text("does not conform", "不適合")
    en = f"{verdict.en}: {violations} violations, {warnings} warnings, {infos} infos"
    ja = f"{verdict.ja}: 違反{violations}件、警告{warnings}件、情報{infos}件"
    return str(Text(en, ja))


def as_text(report: Report) -> str:
    """Return one line for each result and the counts at the end."""
    return "\n".join((*(_line(result) for result in report.results), summary(report), ""))


def as_json(report: Report) -> str:
    """Return the report as JSON, messages in both languages."""
    content = {
        "conforms": report.conforms,
        "counts": {severity: report.count(severity) for severity in SEVERITIES},
        "results": [_plain(result) for result in report.results],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def as_sarif(report: Report) -> str:
    """Return the report as SARIF 2.1.0, which code-hosting sites show beside the line.

    See https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
    """
    rules = sorted({result.rule for result in report.results})
    driver = {
        "name": "meshkg",
        "informationUri": "https://w3id.org/meshkg/",
        "rules": [{"id": rule} for rule in rules],
    }
    run = {
        "tool": {"driver": driver},
        "results": [_sarif_result(result, rules) for result in report.results],
        "columnKind": "unicodeCodePoints",
    }
    content = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def as_turtle(report: Report) -> str:
    """Return a SHACL validation report in canonical Turtle, each result with its `mesh:line`s."""
    root = BlankNode("report")
    triples = [
        Triple(root, RDF.type, SH.ValidationReport),
        Triple(root, SH.conforms, Literal(value=report.conforms)),
    ]
    for number, result in enumerate(report.results):
        node = BlankNode(f"result{number}")
        triples.append(Triple(root, SH.result, node))
        triples += [Triple(node, predicate, term) for predicate, term in _terms(result)]
    return from_triples(triples)


#: How a report is written; the names are the command's choices.
REPORT_FORMATS: Final[dict[str, Callable[[Report], str]]] = {
    "text": as_text,
    "json": as_json,
    "sarif": as_sarif,
    "turtle": as_turtle,
}


def _line(result: Result) -> str:
    node = result.value.value if isinstance(result.value, NamedNode) else result.focus
    where = "; ".join(str(place) for place in result.places) or node
    return f"{_SEVERITY_WORDS[result.severity]} {where}: {result.text} [{result.rule}]"


def _plain(result: Result) -> dict[str, Any]:
    found = {
        "severity": result.severity,
        "rule": result.rule,
        "focus": result.focus,
        "path": short(result.path),
        "value": result.value.value if result.value else "",
        "component": result.component,
    }
    return {
        **{name: text for name, text in found.items() if text},
        "message": {"en": result.text.en, "ja": result.text.ja},
        "places": [_plain_place(place) for place in result.places],
    }


def _plain_place(place: Place) -> dict[str, str | int]:
    fields = ("file", "line", "table", "row", "column")
    return {name: getattr(place, name) for name in fields if getattr(place, name)}


def _sarif_result(result: Result, rules: list[str]) -> dict[str, Any]:
    return {
        "ruleId": result.rule,
        "ruleIndex": rules.index(result.rule),
        "level": _SARIF_LEVELS[result.severity],
        "message": {"text": str(result.text)},
        "locations": [_sarif_location(place) for place in result.places],
    }


def _sarif_location(place: Place) -> dict[str, Any]:
    artifact: dict[str, Any] = {"artifactLocation": {"uri": place.file}}
    if place.line:
        artifact["region"] = {"startLine": place.line}
    name = ", ".join(part for part in (place.row, place.column) if part)
    logical = {"logicalLocations": [{"name": name}]} if name else {}
    return {"physicalLocation": artifact, **logical}


def _terms(result: Result) -> list[tuple[NamedNode, NamedNode | Literal]]:
    found: list[tuple[NamedNode, NamedNode | Literal]] = [
        (RDF.type, SH.ValidationResult),
        (SH.resultSeverity, SH[result.severity.capitalize()]),
        (SH.resultMessage, Literal(result.text.en, language="en")),
        (SH.resultMessage, Literal(result.text.ja, language="ja")),
        (SH.sourceShape, SHAPES[result.rule]),
    ]
    if result.component:
        found.append((SH.sourceConstraintComponent, SH[result.component]))
    if result.focus:
        found.append((SH.focusNode, NamedNode(result.focus)))
    if result.path:
        found.append((SH.resultPath, NamedNode(result.path)))
    if result.value:
        found.append((SH.value, result.value))
    found += [(MESH.line, Literal(place.line)) for place in result.places if place.line]
    return found
