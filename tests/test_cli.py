"""The commands as a user types them: what comes out, where it goes, how it ends."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from pyoxigraph import QueryResultsFormat, RdfFormat, parse, parse_query_results

from meshkg.cli import main
from meshkg.dataset import HOME
from tests.conftest import Write

SOURCE = HOME / "data" / "sources" / "tech-notebook.ttl"
FOUR_LINES = """SELECT ?mesh WHERE {
  ?mesh mesh:cncfMaturity maturity:graduated ;
        mesh:supports responsibility:mutual-tls , responsibility:multi-cluster .
} ORDER BY ?mesh"""


class Ran(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Run the command line in this process."""

    def _run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["meshkg", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsysbinary.readouterr()
        return Ran(int(ended.value.code or 0), out.decode(), err.decode())

    return _run


@pytest.fixture
def copy(run: Run, tmp_path: Path) -> Path:
    """The shipped source as a document, everything on its line."""
    path = tmp_path / "copy.md"
    assert run("document", "--keep-lines", "--out", path).code == 0
    return path


def test_reading_a_copy_gives_the_committed_source(run: Run, copy: Path, tmp_path: Path) -> None:
    out = tmp_path / "claims.ttl"
    ran = run("read", copy, "--out", out)
    assert ran == (0, "", f"{out}: 206 cells, 198 claims, source tech-notebook\n")
    differing = set(out.read_text().splitlines()) ^ set(SOURCE.read_text().splitlines())
    assert len(differing) == 2
    assert all("sha256" in line for line in differing)


def test_reading_without_out_prints_turtle(run: Run, write: Write) -> None:
    ran = run("read", write("| 責務 | Istio |\n|---|---|\n| TCP | ○ |\n"), "--source", "mine")
    assert ran.code == 0
    subjects = {str(quad.subject) for quad in parse(ran.out, RdfFormat.TURTLE)}
    assert "<https://w3id.org/meshkg/claim/mine/istio/tcp>" in subjects


def test_unknown_labels_are_listed_and_nothing_is_written(
    run: Run, write: Write, tmp_path: Path
) -> None:
    out, extra = tmp_path / "out.ttl", tmp_path / "extra.ttl"
    path = write("| 責務 | Istio | Osm |\n|---|---|---|\n| TCP | ○ | ○ |\n| UDP | ○ | ○ |\n")
    ran = run("read", path, "--out", out, "--propose", extra)
    assert (ran.code, ran.out) == (2, "")
    assert [line.split(";")[0] for line in ran.err.splitlines()[1:]] == [
        "mesh.md:1 (table 1): unknown tool “Osm”",
        "mesh.md:4 (table 1): unknown row “UDP”",
    ]
    assert not out.exists()
    assert run("read", path, "--out", out, "--vocabulary", extra).code == 0
    found = run("ask", "-e", "SELECT ?t { ?t mesh:supports responsibility:tcp }", "--with", extra,
                "--with", out, "--format", "csv")  # fmt: skip
    assert "https://example.org/tool/osm" in found.out.splitlines()


def test_chosen_tables(run: Run, copy: Path, tmp_path: Path) -> None:
    ran = run("read", copy, "--tables", "1,3-4", "--out", tmp_path / "x.ttl")
    assert "82 cells" in ran.err
    assert run("read", copy, "--tables", "x").code == 2


def test_a_document_that_is_none_is_one_line_and_exit_2(run: Run, write: Write) -> None:
    ran = run("read", write(b"\x82\xa0", "a.md"))
    assert ran == (2, "", "a.md:1: not UTF-8 (byte 0x82); it may be cp932\n")


def test_the_short_question(run: Run) -> None:
    ran = run("ask", "-e", FOUR_LINES, "--format", "csv")
    assert ran.out.split() == [
        "mesh",
        "https://w3id.org/meshkg/tool/istio",
        "https://w3id.org/meshkg/tool/linkerd",
    ]


def test_answers_in_every_format(run: Run, write: Write) -> None:
    query = write(FOUR_LINES, "q.rq")
    table = run("ask", "-f", query).out
    assert "tool:istio" in table
    assert "2 rows" in table
    for name in ("json", "xml", "tsv"):
        answer = run("ask", "-f", query, "--format", name).out
        solutions = parse_query_results(answer, getattr(QueryResultsFormat, name.upper()))
        assert len(list(solutions)) == 2  # type: ignore[arg-type]
    assert len(list(csv.reader(io.StringIO(run("ask", "-f", query, "--format", "csv").out)))) == 3


def test_triples_are_turtle_by_default(run: Run, tmp_path: Path) -> None:
    query = "DESCRIBE tool:istio"
    turtle = run("ask", "-e", query).out
    ntriples = tmp_path / "istio.nt"
    assert run("ask", "-e", query, "--format", "ntriples", "--out", ntriples).out == ""
    assert {q.triple for q in parse(turtle, RdfFormat.TURTLE)} == {
        q.triple for q in parse(path=ntriples)
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-e", "SELECT ?x { ?x"), "line 1, column"),
        (("-e", "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }"), "SERVICE is not allowed"),
        (("-e", "ASK {}", "--format", "turtle"), "choose one of json, xml, csv, tsv"),
        (("-f", "gone.rq"), "gone.rq: cannot be read"),
        (("no-such-question",), "no question"),
        (("who-supports", "--param", "responsibility=mutal-tls"), "mutual-tls"),
        (("who-supports", "--param", "responsibility"), "name=value"),
        (("who-supports", "-e", "ASK {}"), "give one of"),
        (("who-supports", "--format", "parquet"), "choose one of"),
        (("-e", "ASK {}", "--with", "gone.ttl"), "gone.ttl: cannot be opened"),
    ],
)
def test_bad_questions_end_with_one_message_and_exit_2(
    run: Run, arguments: tuple[str, ...], message: str
) -> None:
    ran = run("ask", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert message in " ".join(ran.err.replace("│", " ").split())
    assert "Traceback" not in ran.err


def test_the_list_of_questions(run: Run) -> None:
    english, japanese = run("ask").out, run("ask", "--lang", "ja").out
    assert "Who supports a responsibility" in english
    assert "ある責務に対応するツール" in japanese


def test_a_saved_question_speaks_japanese(run: Run) -> None:
    ran = run("ask", "evidence", "--param", "tool=linkerd", "--param",
              "responsibility=circuit-breaking", "--lang", "ja", "--format", "csv")  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    assert ("非対応", "98", "×") in [(r["levelLabel"], r["line"], r["value"]) for r in rows]


def test_compare_in_every_format(run: Run) -> None:
    source = ("--source", "tech-notebook")
    tools = ("compare", "istio", "linkerd", "--area", "encryption", *source)
    table = run(*tools).out
    assert table.count("│") == 10
    assert run(*tools, "--format", "markdown").out.splitlines() == [
        "| Area | Responsibility | Istio | Linkerd |",
        "| --- | --- | --- | --- |",
        "| Encryption | Mutual TLS | Full support | Full support |",
        "| Encryption | Automatic renewal of server certificates | Full support | Not supported |",
    ]
    assert run(*tools, "--format", "csv").out.splitlines() == [
        "area,responsibility,label,istio,linkerd",
        "encryption,mutual-tls,Mutual TLS,full,full",
        "encryption,cert-rotation,Automatic renewal of server certificates,full,none",
    ]
    (_, renewal) = json.loads(run(*tools, "--format", "json").out)["rows"]
    assert renewal["levels"]["linkerd"] == {"level": "none", "label": "Not supported", "line": 130}
    assert '<td class="none">Not supported</td>' in run(*tools, "--format", "html").out


def test_compare_keeps_the_order_and_takes_labels(run: Run) -> None:
    head = run("compare", "X-Ray", "linkerd", "aws vpc lattice", "--format", "csv").out.split()[0]
    assert head == "area,responsibility,label,aws-x-ray,linkerd,aws-vpc-lattice"


def test_compare_names_every_responsibility(run: Run) -> None:
    rows = json.loads(run("compare", "linkerd", "istio", "--format", "json").out)["rows"]
    assert len({row["responsibility"] for row in rows}) == 35
    assert all(list(row["levels"]) == ["linkerd", "istio"] for row in rows)


def test_compare_and_ask_as_the_evidence_stood_then(run: Run) -> None:
    tools = ("compare", "linkerd", "consul", "--format", "csv")
    now, then = (run(*tools, *day).out.splitlines() for day in ((), ("--as-of", "2023-03-11")))
    changed = {row.split(",")[1] for row in set(now) ^ set(then)}
    assert {"circuit-breaking", "routing", "rate-limit", "egress-controller"} <= changed
    query = ("ask", "-e", "ASK { tool:linkerd mesh:supports responsibility:circuit-breaking }")
    assert run(*query, "--format", "csv").out.strip() == "true"
    assert run(*query, "--format", "csv", "--as-of", "2023-04-09").out.strip() == "false"
    assert run(*query, "--format", "csv", "--as-of", "2023-04-10").out.strip() == "true"
    assert run(*query, "--as-of", "yesterday").code == 2


def test_silence_is_not_no(run: Run) -> None:
    source = ("--source", "tech-notebook", "--area", "topology", "--format", "csv")
    assert run("compare", "kiali", "istio", *source).out.splitlines()[1:] == [
        "topology,topology-data,Collecting the data points behind the topology,full,",
        "topology,topology-model,Modelling the service mesh topology,full,",
    ]


@pytest.mark.parametrize("tools", [("istio",), ("istio", "istoi")])
def test_compare_needs_two_known_tools(run: Run, tools: tuple[str, ...]) -> None:
    ran = run("compare", *tools)
    assert ran.code == 2
    assert ran.err.count("\n") == 1


def test_differences_of_two_revisions(run: Run, write: Write, tmp_path: Path) -> None:
    text = "| 責務 | Istio | AWS App Mesh |\n|---|---|---|\n| TCP | ○ | × |\n"
    old, new = write(text, "a.md"), write(text.replace("App Mesh", "VPC Lattice"), "b.md")
    assert run("diff", old, old) == (0, "no differences\n", "")
    assert run("diff", old, new) == (
        1,
        (
            "Renamed a.md:1 → b.md:1: AWS App Mesh → Amazon VPC Lattice (identical cells: 1)\n"
            "1 renamed, 0 changed, 0 added, 0 removed\n"
        ),
        "",
    )
    out = tmp_path / "diff.json"
    assert run("diff", old, new, "--format", "json", "--out", out) == (1, "", "")
    assert json.loads(out.read_text())["counts"]["renamed"] == 1


def test_differences_of_what_can_be_read(run: Run, write: Write) -> None:
    text = "| 責務 | Istio |\n|---|---|\n| TCP | ○ |\n| UDP | ○ |\n"
    ran = run("diff", write(text, "a.md"), write(text.replace("TCP | ○", "TCP | ×"), "b.md"))
    assert (ran.code, len(ran.out.splitlines())) == (2, 2)
    assert [line.split(";")[0] for line in ran.err.splitlines()] == [
        "a.md:4 (table 1): unknown row “UDP”",
        "b.md:4 (table 1): unknown row “UDP”",
    ]
    ran = run("diff", write("# Nothing\n", "a.md"), "gone.ttl")
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 2)


def test_an_unknown_source_cannot_be_written_back(run: Run) -> None:
    ran = run("document", "--source", "nobody")
    assert ran == (2, "", "no source “nobody” with parts\n")


def test_every_command_has_help_with_an_example(run: Run) -> None:
    commands = ("read", "build", "validate", "ask", "compare", "diff", "document", "serve")
    assert all("Example: meshkg" in run(name, "--help").out for name in commands)
    assert run("--version").out == "meshkg 0.1.0\n"


def test_help_in_japanese() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "meshkg", "read", "--help"],
        env={"MESHKG_LANGUAGE": "ja", "PYTHONUTF8": "1", "PATH": ""},
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    assert "比較文書を主張に変換します" in ran.stdout
