"""The saved questions: each has a complete golden answer in `tests/golden/`.

After a change of the graph or of a question, ``python -m tests.test_questions`` writes the golden
answers anew; read the difference before you commit it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import (
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QuerySolutions,
    RdfFormat,
    Store,
    parse,
    serialize,
)
from rdflib.plugins.sparql.parser import parseQuery

from meshkg.dataset import add_graph, assemble, derive, load
from meshkg.errors import UnknownNameError
from meshkg.questions import Question, bind, question, questions
from meshkg.sparql import query
from meshkg.terms import PREFIXES, short
from meshkg.words import speak

GOLDEN = Path(__file__).parent / "golden"
QUESTIONS = questions()
STORE = assemble()
KNOWN = {str(quad.subject) for quad in STORE} | {'"en"', '"ja"', "UNDEF"}
GROUPS = {"comparison", "choosing", "baseline", "evidence", "document"}
VALUES = re.compile(r"VALUES \?(\w+) \{ ([^{}\n]*) \}")
# on rdflib each of these takes more than two seconds; all others together take about ten
SLOW_ON_RDFLIB = {
    "cells",
    "changed-between",
    "compare",
    "compare-source",
    "contradictions",
    "differences",
    "disputed",
    "maker-only",
    "nearest-alternatives",
    "stale",
    "unique-strengths",
}
# rdflib does not see the VALUES of a group from an OPTIONAL inside that group
MISREAD_BY_RDFLIB = {"why"}

Rows = list[list[str]]


def answer(store: Store, text: str) -> Rows:
    """The header and the rows, IRIs shortened, unbound as empty."""
    found = query(store, text)
    assert isinstance(found, QuerySolutions)
    header = [variable.value for variable in found.variables]
    return [header, *([plain(term) for term in row] for row in found)]


def plain(term: object) -> str:
    if isinstance(term, NamedNode):
        return short(term.value)
    return term.value if isinstance(term, Literal) else ""


def from_rdflib(term: rdflib.term.Node | None) -> str:
    if isinstance(term, rdflib.URIRef):
        return short(str(term))
    return "" if term is None else str(term)


def ask(store: Store, name: str, **arguments: Sequence[str]) -> list[dict[str, str]]:
    header, *rows = answer(store, bind(QUESTIONS[name], arguments, store))
    return [dict(zip(header, row, strict=True)) for row in rows]


def column(rows: Sequence[Mapping[str, str]], name: str) -> list[str]:
    return [row[name] for row in rows]


@pytest.fixture(scope="module")
def merge(shipped: Store) -> rdflib.Graph:
    quads = shipped.quads_for_pattern(None, None, None, DefaultGraph())
    triples = serialize((quad.triple for quad in quads), format=RdfFormat.N_TRIPLES)
    assert triples is not None
    return rdflib.Graph().parse(data=triples, format="nt")


# ---------------------------------------------------------------- answers


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_golden_answer(shipped: Store, name: str) -> None:
    with (GOLDEN / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        assert answer(shipped, QUESTIONS[name].text) == list(csv.reader(file))


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_default_gives_a_row_and_no_row_twice(shipped: Store, name: str) -> None:
    _, *rows = answer(shipped, QUESTIONS[name].text)
    assert rows
    assert len(rows) == len(set(map(tuple, rows)))


@pytest.mark.parametrize("name", QUESTIONS)
def test_japanese_labels_stand_in_the_same_rows(shipped: Store, name: str) -> None:
    english = ask(shipped, name)
    japanese = ask(shipped, name, lang=["ja"])
    kept = [key for key in english[0] if key in {"tool", "responsibility", "level", "line", "kind"}]
    assert len(japanese) == len(english)
    assert [[row[key] for key in kept] for row in japanese] == [
        [row[key] for key in kept] for row in english
    ]


@pytest.mark.parametrize("name", QUESTIONS)
def test_it_is_standard_sparql_that_declares_its_prefixes(name: str) -> None:
    text = QUESTIONS[name].text
    assert parseQuery(text)
    declared = re.findall(r"^PREFIX ([\w-]+): <(.*)>$", text, re.MULTILINE)
    assert all(PREFIXES[prefix] == iri for prefix, iri in declared)
    assert "GROUP_CONCAT" not in text


@pytest.mark.parametrize("name", sorted(set(QUESTIONS) - SLOW_ON_RDFLIB - MISREAD_BY_RDFLIB))
def test_another_engine_gives_the_same_rows_in_the_same_order(
    shipped: Store, merge: rdflib.Graph, name: str
) -> None:
    other = [[from_rdflib(term) for term in row] for row in merge.query(QUESTIONS[name].text)]  # type: ignore[union-attr]
    assert other == answer(shipped, QUESTIONS[name].text)[1:]


def test_every_responsibility_stands_for_every_compared_tool(shipped: Store) -> None:
    rows = ask(shipped, "compare", tools=["istio", "kuma", "kubernetes"])
    pairs = {(row["tool"], row["responsibility"]) for row in rows}
    assert len(pairs) == 3 * 35
    assert len(rows) == 3 * 36  # mutual TLS stands in two areas
    assert all(row["level"] for row in rows if row["tool"] == "tool:kuma")


def test_an_area_brings_its_subareas(shipped: Store) -> None:
    rows = ask(shipped, "compare", tools=["istio"], areas=["テレメトリー"], lang=["ja"])
    areas = ["area:logs", "area:metrics", "area:traces", "area:topology"]
    assert list(dict.fromkeys(column(rows, "area"))) == areas
    assert rows[0]["levelLabel"] == "非対応"
    assert (rows[0]["source"], rows[0]["line"]) == ("source:upstream", "19")


def test_one_source_keeps_its_own_answer(shipped: Store) -> None:
    chosen = {"tools": ["linkerd"], "areas": ["resilience"]}
    assert ask(shipped, "compare", **chosen)[0]["level"] == "level:full"
    (own, *_) = ask(shipped, "compare-source", **chosen, source=["tech-notebook"])
    assert (own["level"], own["line"]) == ("level:none", "98")


def test_who_supports(shipped: Store) -> None:
    rows = ask(shipped, "who-supports", responsibility=["circuit-breaking"])
    levels = {row["tool"]: row["level"] for row in rows}
    assert len(levels) == len(rows)
    assert levels["tool:linkerd"] == "level:full"
    assert levels["tool:kubernetes"] == "level:application"
    assert column(rows, "rank") == sorted(column(rows, "rank"), reverse=True)


def test_only_in_counts_silence_as_not_supported_but_shows_it(shipped: Store) -> None:
    (row,) = ask(shipped, "only-in", tool=["linkerd"], other=["istio"])
    assert row["otherLevel"] == "level:partial"
    rows = ask(shipped, "only-in", tool=["kiali"], other=["istio"])
    assert column(rows, "otherLevel") == ["level:unknown"]


def test_satisfies_all_and_why_not(shipped: Store) -> None:
    required = ["sidecarless", "multi-cluster"]
    assert column(ask(shipped, "satisfies-all", responsibilities=required), "tool") == [
        "tool:aws-vpc-lattice",
        "tool:cilium",
        "tool:istio",
    ]
    rows = ask(shipped, "why-not", tool=["linkerd"], responsibilities=required)
    assert {row["responsibility"]: row["met"] for row in rows} == {
        "responsibility:sidecarless": "false",
        "responsibility:multi-cluster": "true",
    }


def test_the_nearest_alternative_is_of_the_same_kind(shipped: Store) -> None:
    rows = ask(shipped, "nearest-alternatives", tool=["kiali"])
    assert [(row["other"], row["share"], row["common"]) for row in rows] == [
        ("tool:aws-x-ray", "50", "2")
    ]


def test_what_needs_an_add_on(shipped: Store) -> None:
    rows = ask(shipped, "without-mesh", levels=["add-on"])
    assert {row["component"] for row in rows if row["isExample"] == "true"} == {
        "component:spiffe",
        "component:dex",
        "component:oauth2-proxy",
        "component:cert-manager",
        "component:otel-client-package",
    }


def test_all_cells(shipped: Store) -> None:
    rows = ask(shipped, "cells")
    assert len({row["cell"] for row in rows}) == len(rows) == 206
    assert all(row["line"] and row["rowLabel"] and row["columnLabel"] for row in rows)


def test_a_document_that_contradicts_itself() -> None:
    store = assemble()
    change(store, "cell/tech-notebook/t6-r1-c3", "prov:value", '"×"')
    change(store, "claim/tech-notebook/linkerd/architecture-mode", "mesh:attributeValue", "<urn:x>")
    rows = ask(store, "contradictions")
    found = {(row["kind"], row["line"], row["otherLine"]) for row in rows}
    assert {("cells-differ", "114", "129"), ("mode-differs", "52", "194")} <= found


def change(store: Store, thing: str, predicate: str, value: str) -> None:
    subject = f"<https://w3id.org/meshkg/{thing}>"
    text = f"DELETE {{ {subject} {predicate} ?old }} INSERT {{ {subject} {predicate} {value} }}"
    store.update(f"{text} WHERE {{ {subject} {predicate} ?old }}", prefixes=PREFIXES)


NEWER = """
<https://w3id.org/meshkg/claim/docs/linkerd/circuit-breaking> a mesh:SupportClaim , mesh:Claim ;
  mesh:aboutTool tool:linkerd ; mesh:aboutResponsibility responsibility:circuit-breaking ;
  mesh:supportLevel level:full ; mesh:statedIn source:docs ; mesh:asOf "2026-01-31"^^xsd:date .
source:docs a mesh:Source ; mesh:interest interest:independent ;
  dcterms:title "Documentation"@en , "ドキュメント"@ja .
"""


def test_a_second_source_that_says_otherwise() -> None:
    store = load()
    prefixes = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
    add_graph(store, (q.triple for q in parse(prefixes + NEWER, format=RdfFormat.TURTLE)), "docs")
    derive(store)
    rows = ask(store, "why")
    assert set(column(rows, "level")) == {"level:full"}
    assert set(column(rows, "agreement")) == {"agreement:disputed"}
    assert column(rows, "decides") == ["true", "false", "false", "false"]
    stated = {row["source"]: row["claimLevel"] for row in rows}
    assert (stated["source:docs"], stated["source:tech-notebook"]) == ("level:full", "level:none")
    chosen = {"tools": ["linkerd"], "areas": ["resilience"], "source": ["docs"]}
    assert ask(store, "compare-source", **chosen)[0]["level"] == "level:full"


def test_why_is_answered_without_any_claim(shipped: Store) -> None:
    (row,) = ask(shipped, "why", tool=["linkerd"], responsibility=["topology-data"], lang=["ja"])
    assert (row["level"], row["rule"]) == ("level:unknown", "rule:no-claim")
    assert (row["levelLabel"], row["claim"], row["decides"]) == ("不明", "", "")


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_why_names_the_source_in_the_language_asked_for(shipped: Store, lang: str) -> None:
    titles = column(ask(shipped, "why", lang=[lang]), "sourceTitle")
    assert len(set(titles)) == 3
    assert all(titles)


def test_only_the_makers_word_leaves_out_what_a_third_party_says(shipped: Store) -> None:
    rows = ask(shipped, "maker-only", tools=["linkerd"])
    assert "responsibility:circuit-breaking" not in column(rows, "responsibility")
    assert "responsibility:jwt-auth" not in column(rows, "responsibility")
    assert all(row["evidence"] for row in rows)


def test_a_level_that_ended_has_both_sides(shipped: Store) -> None:
    day = ["2024-11-07"]
    rows = ask(shipped, "changed-between", **{"from": day, "until": day})
    assert [(row["tool"], row["before"], row["after"]) for row in rows] == [
        ("tool:istio", "level:partial", "level:full")
    ]


# ---------------------------------------------------------------- heads


@pytest.mark.parametrize("asked", QUESTIONS.values(), ids=list(QUESTIONS))
def test_everything_is_said_in_both_languages(asked: Question) -> None:
    texts = [asked.title, asked.description, *(parameter.title for parameter in asked.parameters)]
    assert all(re.search("[A-Za-z]", text.en) for text in texts)
    assert all(re.search("[ぁ-んァ-ヶ一-龠]", text.ja) for text in texts)
    assert asked.group in GROUPS


def test_every_question_asks_for_the_language() -> None:
    assert all("lang" in {p.name for p in asked.parameters} for asked in QUESTIONS.values())
    assert len(QUESTIONS) >= 25
    assert {path.stem for path in GOLDEN.glob("*.csv")} == set(QUESTIONS)


def test_a_parameter_of_each_sort() -> None:
    parameters = {parameter.name: parameter for parameter in question("older-than").parameters}
    assert parameters["before"].is_datatype
    assert parameters["tools"].many
    assert parameters["tools"].optional
    assert parameters["tools"].default == "UNDEF"
    assert parameters["lang"].choices == ("en", "ja")


def test_a_parameter_without_its_line_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "who-supports.rq"
    file.write_text(QUESTIONS["who-supports"].text.replace("VALUES ?lang", "VALUES ?language"))
    with pytest.raises(KeyError):
        Question.from_file(file)


# ---------------------------------------------------------------- binding


@pytest.mark.parametrize(
    "value",
    [
        "mutual-tls",
        "responsibility:mutual-tls",
        "https://w3id.org/meshkg/responsibility/mutual-tls",
        "mTLS",
        "ＭＵＴＵＡＬ ｔｌｓ",
        "相互TLS認証",
    ],
)
def test_a_thing_by_any_of_its_names(shipped: Store, value: str) -> None:
    text = bind(question("who-supports"), {"responsibility": [value]}, shipped)
    assert ("responsibility", f"<{PREFIXES['responsibility']}mutual-tls>") in VALUES.findall(text)
    assert ("lang", '"en"') in VALUES.findall(text)


def test_dates_and_nothing_at_all(shipped: Store) -> None:
    text = bind(question("older-than"), {"before": ["2025-06-30"], "tools": []}, shipped)
    assert ("before", f'"2025-06-30"^^<{PREFIXES["xsd"]}date>') in VALUES.findall(text)
    assert ("tools", "UNDEF") in VALUES.findall(text)


@pytest.mark.parametrize(
    ("name", "arguments", "english", "japanese"),
    [
        ("why", {"tool": ["lnkerd"]}, 'did you mean "linkerd"?', "「linkerd」のことですか"),
        ("why", {"tol": ["istio"]}, 'no parameter "tol"; did you mean "tool"?', "引数「tol」"),
        ("why", {"tool": []}, "parameter tool takes one value", "値が1つ必要です"),
        ("why", {"tool": ["istio", "kuma"]}, "parameter tool takes one value", "値が1つ"),
        ("compare", {"tools": []}, "takes one or more values", "値が1つ以上必要です"),
        ("why", {"lang": ["fr"]}, "(known: en, ja)", "(使えるもの: en、ja)"),
        (
            "why",
            {"tool": ["mutual-tls"]},
            'unknown value "mutual-tls"',
            "「mutual-tls」はありません",
        ),
        (
            "older-than",
            {"before": ["yesterday"]},
            'before: unknown value "yesterday"',
            "「yesterday」",
        ),
    ],
)
def test_what_cannot_be_bound(
    shipped: Store,
    name: str,
    arguments: dict[str, list[str]],
    english: str,
    japanese: str,
) -> None:
    with pytest.raises(UnknownNameError) as error:
        bind(question(name), arguments, shipped)
    assert english in str(error.value)
    speak("ja")
    assert japanese in str(error.value)


def test_an_unknown_question() -> None:
    with pytest.raises(UnknownNameError, match='no question "compere"; did you mean "compare"'):
        question("compere")


@pytest.mark.parametrize(
    "value",
    [
        "linkerd> } #",
        "tool:istio } ?s ?p ?o {",
        '" UNION {',
        "UNDEF",
        "",
        "\n",
        "\ud800",
        "x" * 10**5,
    ],
)
@pytest.mark.parametrize("parameter", ["tools", "areas", "lang"])
def test_no_text_gets_into_a_query(shipped: Store, parameter: str, value: str) -> None:
    with pytest.raises(UnknownNameError) as error:
        bind(question("compare"), {parameter: [value]}, shipped)
    assert str(error.value).encode()


def test_a_label_of_two_things_names_neither(shipped: Store) -> None:
    store = Store()
    store.extend(shipped)
    label, kuma = NamedNode(PREFIXES["skos"] + "altLabel"), NamedNode(PREFIXES["tool"] + "kuma")
    store.add(Quad(kuma, label, Literal("Istio Service Mesh", language="en")))
    with pytest.raises(UnknownNameError):
        bind(question("why"), {"tool": ["Istio Service Mesh"]}, store)


@settings(deadline=None)
@given(
    asked=st.sampled_from(sorted(QUESTIONS)),
    values=st.lists(
        st.text() | st.sampled_from(["istio", "mTLS", "テレメトリー", "en"]), max_size=2
    ),
    data=st.data(),
)
def test_only_known_terms_are_bound(asked: str, values: list[str], data: st.DataObject) -> None:
    parameter = data.draw(st.sampled_from([p.name for p in QUESTIONS[asked].parameters]))
    try:
        text = bind(QUESTIONS[asked], {parameter: values}, STORE)
    except UnknownNameError:
        return
    bound = dict(VALUES.findall(text))[parameter].split()
    assert all(term in KNOWN for term in bound)
    assert VALUES.sub("", text) == VALUES.sub("", QUESTIONS[asked].text)


if __name__ == "__main__":
    for saved in QUESTIONS.values():
        stream = io.StringIO()
        csv.writer(stream, lineterminator="\n").writerows(answer(STORE, saved.text))
        (GOLDEN / f"{saved.name}.csv").write_text(stream.getvalue(), encoding="utf-8")
