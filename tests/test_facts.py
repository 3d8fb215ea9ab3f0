"""From a facts CSV to claims: what a row states, and what is refused."""

from __future__ import annotations

import csv
from functools import cache
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Store, Triple

from meshkg.dataset import HOME, load_vocabulary
from meshkg.errors import DocumentError
from meshkg.reading import Reading, Unknown, facts, propose_vocabulary, read_document
from meshkg.sparql import select
from meshkg.terms import MESH, RDF, XSD, short, slug, thing
from meshkg.turtle import from_triples
from meshkg.words import speak
from tests.conftest import Write

HEADER = "tool,responsibility,value,note,version,as_of,evidence_url"
PERIODS = (
    "tool,responsibility,value,valid_from_version,valid_from_date,valid_until_date,evidence_url"
)
URL = "https://example.org/docs"


def _read(write: Write, loaded: Store, *rows: str, header: str = HEADER) -> Reading:
    return read_document(write("\n".join((header, *rows, "")), "mine.csv"), loaded)


def _problems(reading: Reading) -> list[str]:
    return [str(problem) for problem in reading.problems]


def _about(reading: Reading, claim: str) -> dict[str, set[str]]:
    subject = thing("claim", reading.source, *claim.split("/"))
    found: dict[str, set[str]] = {}
    for t in reading.triples:
        if t.subject == subject and not isinstance(t.object, Triple):
            text = t.object.value
            value = short(text) if isinstance(t.object, NamedNode) else text
            found.setdefault(slug(t.predicate.value), set()).add(value)
    return found


def test_a_row_is_a_claim(write: Write, loaded: Store) -> None:
    row = f"Istio,mtls,partial,beta only,1.30.3,2026-07-13,{URL}"
    reading = _read(write, loaded, row)
    assert reading.problems == ()
    found = _about(reading, "istio/mutual-tls")
    kind = {name.rsplit("/", 1)[-1].rsplit(":", 1)[-1] for name in found.pop("evidenceKind")}
    assert kind == {"documented"}
    assert found == {
        "type": {"mesh:Claim", "mesh:SupportClaim"},
        "aboutTool": {"tool:istio"},
        "aboutResponsibility": {"responsibility:mutual-tls"},
        "supportLevel": {"level:partial"},
        "note": {"beta only"},
        "toolVersion": {"1.30.3"},
        "asOf": {"2026-07-13"},
        "evidence": {URL},
        "statedIn": {"source:mine"},
        "line": {"2"},
    }
    assert reading.count(MESH.Cell) == 0


@pytest.mark.parametrize(
    ("value", "level"),
    [
        *(("yes", "full"), ("no", "none"), ("partial", "partial"), ("add-on", "add-on")),
        *(("application", "application"), ("unknown", "unknown"), ("", "unknown")),
        *(("not-applicable", "not-applicable"), ("-", "not-applicable"), ("N/A", "not-applicable")),
        *(("⭕️", "full"), ("×", "none"), ("Full support", "full"), ("一部対応", "partial")),
    ],
)
def test_values_are_those_of_documents(value: str, level: str, write: Write, loaded: Store) -> None:
    reading = _read(write, loaded, f"istio,tcp,{value},,,,{URL}")
    assert reading.problems == ()
    assert _about(reading, "istio/tcp")["supportLevel"] == {f"level:{level}"}


@pytest.mark.parametrize("name", ["circuit-breaker", "Circuit breaking", "サーキットブレイカー"])
def test_labels_and_slugs_name_a_responsibility(name: str, write: Write, loaded: Store) -> None:
    reading = _read(write, loaded, f"linkerd,{name},yes,,,,{URL}")
    assert _about(reading, "linkerd/circuit-breaking")["supportLevel"] == {"level:full"}


def test_absence_is_a_weaker_kind_of_evidence(write: Write, loaded: Store) -> None:
    reading = _read(write, loaded, f"istio,tcp,no,absence-based: not in the list,,,{URL}")
    (kind,) = _about(reading, "istio/tcp")["evidenceKind"]
    assert slug(kind).endswith("absence-based")


def test_a_month_stays_a_month(write: Write, loaded: Store) -> None:
    reading = _read(write, loaded, f"istio,tcp,yes,,,2026-07,{URL}")
    claim = thing("claim", "mine", "istio", "tcp")
    month = Literal("2026-07", datatype=XSD.gYearMonth)
    assert Triple(claim, MESH.asOf, month) in reading.triples


def test_the_language_of_a_note_is_seen(write: Write, loaded: Store) -> None:
    reading = _read(write, loaded, f"istio,tcp,partial,ベータ版のみ,,,{URL}")
    claim = thing("claim", "mine", "istio", "tcp")
    assert Triple(claim, MESH.note, Literal("ベータ版のみ", language="ja")) in reading.triples


def test_the_start_of_a_period_ends_the_name_of_its_claim(write: Write, loaded: Store) -> None:
    reading = _read(
        write,
        loaded,
        f"linkerd,retry,no,2.0,2018-09-18,2019-02-12,{URL}",
        f"linkerd,retry,yes,2.2,2019-02-12,,{URL}",
        f"linkerd,tcp,yes,Edge 2.4,,,{URL}",
        f"linkerd,cni,no,,,2020-01-01,{URL}",
        header=PERIODS,
    )
    assert reading.problems == ()
    claims = {
        t.subject.value.split("/claim/mine/")[1]
        for t in reading.triples
        if isinstance(t.subject, NamedNode) and t.object == MESH.SupportClaim
    }
    assert claims == {
        "linkerd/retry/2018-09-18",
        "linkerd/retry/2019-02-12",
        "linkerd/tcp/edge-2.4",
        "linkerd/cni/until-2020-01-01",
    }
    found = _about(reading, "linkerd/retry/2018-09-18")
    assert found["validFrom"] == {"2018-09-18"}
    assert found["validUntil"] == {"2019-02-12"}
    assert found["validFromVersion"] == {"2.0"}


def test_all_problems_are_in_one_list_with_their_lines(write: Write, loaded: Store) -> None:
    reading = _read(
        write,
        loaded,
        f"Linkrd,tcp,yes,,,,{URL}",
        f"istio,tcpp,yes,,,,{URL}",
        f'istio,http1,yes,"two\nlines",,,{URL}',
        f"istio,tcp,partialy,,,2023-02-30,{URL}",
        "istio,http2,yes,,,13/02/2023,ftp://example.org",
        f"istio,grpc,yes,=SUM(A1),,,{URL}",
        "istio,cni,yes,too short",
        f"istio,http1,no,,,,{URL}",
        f",timeout,yes,,,,{URL}",
    )
    assert _problems(reading) == [
        "mine.csv:2 (tool): unknown tool “Linkrd”; nearest known label: “Linkerd”",
        "mine.csv:3 (responsibility): unknown responsibility “tcpp”; nearest known label: “TCP”",
        "mine.csv:6 (value): unknown value “partialy”; nearest known label: “Partial support”",
        "mine.csv:6 (as_of): “2023-02-30” is no date of the form 2026-11-22",
        "mine.csv:7 (as_of): “13/02/2023” is no date of the form 2026-11-22",
        "mine.csv:7 (evidence_url): “ftp://example.org” is no http or https address",
        "mine.csv:8 (note): “=SUM(A1)” begins like a formula; begin it with a word",
        "mine.csv:9: this row has 4 cells, its header has 7",
        "mine.csv:10: the same tool, responsibility and start as on line 4",
        "mine.csv:11 (tool): an empty cell",
    ]
    speak("ja")
    assert _problems(reading)[0] == (
        "mine.csv:2 (tool): 未知のツール「Linkrd」。最も近い既知のラベル:「Linkerd」"
    )


def test_a_value_that_is_like_no_other_brings_the_list(write: Write, loaded: Store) -> None:
    (problem,) = _problems(_read(write, loaded, f"istio,tcp,42,,,,{URL}"))
    known = "full, partial, add-on, application, none, not-applicable, unknown"
    assert problem == f"mine.csv:2 (value): unknown value “42”; known values: {known}"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", '"\t=1"', '"\r=1"', '" =1"', "-"])
def test_a_formula_is_refused(cell: str, write: Write, loaded: Store) -> None:
    reading = _read(write, loaded, f"istio,tcp,yes,{cell},,,{URL}")
    assert [problem.rule for problem in reading.problems] == ["formula"]


@pytest.mark.parametrize(
    "address",
    *[
        [
            "",
            "example.org",
            "http://",
            "https:///x",
            "javascript:alert(1)",
            "https://a b/%zz",
            "https://[",
        ]
    ],
)
def test_evidence_is_an_address_on_the_web(address: str, write: Write, loaded: Store) -> None:
    reading = _read(write, loaded, f"istio,tcp,yes,,,,{address}")
    assert [problem.place.column for problem in reading.problems] == ["evidence_url"]


@pytest.mark.parametrize("day", ["2023-02-30", "2023-13", "20230211", "2023-W01-1", "0000-01-01"])
def test_a_date_is_in_the_calendar(day: str, write: Write, loaded: Store) -> None:
    reading = _read(write, loaded, f"istio,tcp,yes,,,{day},{URL}")
    assert [problem.rule for problem in reading.problems] == ["date"]


def test_missing_and_repeated_columns(write: Write, loaded: Store) -> None:
    reading = _read(write, loaded, "istio,yes,a,b", header="tool,value,note,note")
    assert _problems(reading) == [
        "mine.csv:1: the column “responsibility” is missing",
        "mine.csv:1: the column “evidence_url” is missing",
        "mine.csv:1: the column “note” stands twice",
    ]


def test_a_period_does_not_end_before_it_begins(write: Write, loaded: Store) -> None:
    row = f"istio,tcp,yes,1.0,2024-01-02,2024-01-01,{URL}"
    assert _problems(_read(write, loaded, row, header=PERIODS)) == [
        "mine.csv:2 (valid_until_date): the claim ends before it begins"
    ]


def test_the_same_start_twice(write: Write, loaded: Store) -> None:
    rows = [f"istio,{name},yes,{name},2024-01-02,,{URL}" for name in ("mtls", "Mutual TLS")]
    assert _problems(_read(write, loaded, *rows, header=PERIODS)) == [
        "mine.csv:3: the same tool, responsibility and start as on line 2"
    ]


def test_other_columns_and_blank_rows_are_passed_over(write: Write, loaded: Store) -> None:
    header = "\ufeffTool ,Responsibility,VALUE,evidence_url,reviewer"
    reading = _read(write, loaded, "", f"istio,tcp,yes,{URL},-5", ",,,,", header=header)
    assert reading.problems == ()
    assert _about(reading, "istio/tcp")["line"] == {"3"}


@pytest.mark.parametrize("sign", [";", "\t"])
def test_other_countries_have_other_delimiters(sign: str, write: Write, loaded: Store) -> None:
    text = f"{HEADER}\nistio,tcp,yes,,,,{URL}\n".replace(",", sign)
    assert read_document(write(text, "mine.csv"), loaded).problems == ()


def test_lines_are_those_of_the_file(write: Write, loaded: Store) -> None:
    row = f'istio,tcp,yes,"one\r\ntwo\rthree",,,{URL}'
    reading = _read(write, loaded, row, f"istio,cni,maybe,,,,{URL}")
    assert _about(reading, "istio/tcp")["line"] == {"2"}
    assert _about(reading, "istio/tcp")["lastLine"] == {"4"}
    assert _about(reading, "istio/tcp")["note"] == {"one two three"}
    assert [problem.place.line for problem in reading.problems] == [5]


@pytest.mark.parametrize(
    ("data", "rule", "line"),
    [
        (f"{HEADER}\nistio,tcp,yes,\0,,,{URL}\n".encode(), "binary", 2),
        (f'{HEADER}\nistio,tcp,yes,"open,,,{URL}\n'.encode(), "syntax", 2),
        (f'{HEADER}\n\nistio,tcp,yes,"a"b,,,{URL}\n'.encode(), "syntax", 3),
        (f"{HEADER}\nistio,tcp,yes,{'x' * 200_000},,,{URL}\n".encode(), "syntax", 2),
        (f"{HEADER}\n".encode(), "no-rows", 1),
    ],
)
def test_what_is_no_table_is_refused(
    data: bytes, rule: str, line: int, write: Write, loaded: Store
) -> None:
    (problem,) = read_document(write(data, "mine.csv"), loaded).problems
    assert (problem.rule, problem.place.line) == (rule, line)


def test_what_is_no_text_is_refused(write: Write, loaded: Store) -> None:
    data = f"{HEADER}\nistio,tcp,yes,ベータ,,,{URL}\n".encode("cp932")
    with pytest.raises(DocumentError, match=r"mine\.csv:2: not UTF-8"):
        read_document(write(data, "mine.csv"), loaded)
    with pytest.raises(DocumentError, match="larger than 10 bytes"):
        read_document(write(HEADER, "mine.csv"), loaded, max_bytes=10)
    with pytest.raises(DocumentError, match="cannot be opened"):
        facts.read(Path("missing.csv"), loaded)


def test_an_empty_file_has_no_rows(write: Write, loaded: Store) -> None:
    assert _problems(facts.read(write("\n", "mine.csv"), loaded)) == [
        "mine.csv: no rows under a header"
    ]


def test_the_list_of_problems_has_an_end(write: Write, loaded: Store) -> None:
    reading = _read(write, loaded, *["istio"] * 5_000)
    assert len(reading.problems) == 1_001
    assert reading.problems[-1].rule == "more-problems"


def test_unknown_labels_can_be_proposed(write: Write, loaded: Store) -> None:
    problems = _read(write, loaded, f"Brand New Mesh,tcp,yes,,,,{URL}").problems
    unknown = [problem for problem in problems if isinstance(problem, Unknown)]
    kinds = {t.object for t in propose_vocabulary(unknown, loaded) if t.predicate == RDF.type}
    assert kinds == {MESH.Tool}


@pytest.mark.parametrize("name", ["README.md", "ontology/meshkg.ttl", "pyproject.toml"])
def test_other_files_are_no_facts(name: str) -> None:
    path = Path(__file__).parent.parent / name
    assert not facts.matches(path.read_bytes())


# -- there and back ------------------------------------------------------------------------

_SHIPPED = """
SELECT ?line ?tool ?responsibility ?level ?note ?version ?day ?url ?since ?from ?until {
  ?claim mesh:statedIn source:%s ; mesh:line ?line ; mesh:aboutTool ?tool ;
    mesh:aboutResponsibility ?responsibility ; mesh:supportLevel ?level ; mesh:evidence ?url .
  OPTIONAL { ?claim mesh:note ?note }
  OPTIONAL { ?claim mesh:toolVersion ?version }
  OPTIONAL { ?claim mesh:asOf ?day }
  OPTIONAL { ?claim mesh:validFromVersion ?since }
  OPTIONAL { ?claim mesh:validFrom ?from }
  OPTIONAL { ?claim mesh:validUntil ?until }
} ORDER BY ?line"""


@pytest.mark.parametrize(("source", "claims"), [("upstream", 362), ("history", 117)])
def test_the_shipped_sources_read_back(
    source: str, claims: int, write: Write, loaded: Store
) -> None:
    """A file written from the graph has its rows on their lines and reads to the same triples."""
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(
        [*HEADER.split(","), "valid_from_version", "valid_from_date", "valid_until_date"]
    )
    for _line, tool, responsibility, level, *rest in select(loaded, _SHIPPED % source):
        names = [slug(term.value) for term in (tool, responsibility, level)]
        writer.writerow([*names, *(term.value if term else "" for term in rest)])
    path = write(out.getvalue(), "facts.csv")
    reading = read_document(path, loaded, source=source)
    assert reading.problems == ()
    assert reading.count(MESH.SupportClaim) == claims
    committed = (HOME / "data" / "sources" / f"{source}.ttl").read_text(encoding="utf-8")
    differing = set(from_triples(reading.triples).splitlines()) ^ set(committed.splitlines())
    assert len(differing) == 2
    assert all("schema:sha256" in line for line in differing)


@cache
def _vocabulary() -> Store:
    return load_vocabulary(HOME)


def _is_read_or_refused(data: bytes, folder: Path) -> None:
    path = folder / "mine.csv"
    path.write_bytes(data)
    try:
        reading = facts.read(path, _vocabulary())
        done = bool(reading.problems) or reading.count(MESH.SupportClaim) > 0
        assert from_triples(reading.triples)
    except DocumentError as error:
        done = bool(error.problems)
    assert done


@settings(deadline=None)
@given(data=st.binary(max_size=200), name=st.sampled_from(HEADER.split(",")))
def test_no_bytes_break_the_reader(
    data: bytes, name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    _is_read_or_refused(data, folder)
    good = {"tool": "istio", "responsibility": "tcp", "value": "yes", "evidence_url": URL}
    cells = {column: good.get(column, "").encode() for column in HEADER.split(",")} | {name: data}
    _is_read_or_refused(HEADER.encode() + b"\n" + b",".join(cells.values()) + b"\n", folder)


@settings(deadline=None)
@given(cells=st.lists(st.text(max_size=20), min_size=7, max_size=7), good=st.integers(0, 127))
def test_no_cells_break_the_reader(
    cells: list[str], good: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    fitting = ["istio", "tcp", "yes", "beta", "1.2", "2024-01-02", "2024-02-02"]
    mixed = [f if good >> i & 1 else c for i, (c, f) in enumerate(zip(cells, fitting, strict=True))]
    out = StringIO(newline="")
    header = [*PERIODS.split(",")[:3], "note", *PERIODS.split(",")[3:6], "evidence_url"]
    csv.writer(out).writerows([header, [*mixed, URL]])
    data = out.getvalue().encode(errors="replace")
    _is_read_or_refused(data, tmp_path_factory.mktemp("cells"))
