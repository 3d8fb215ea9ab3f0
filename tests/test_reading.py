"""From a document to claims: marks, values, components, and what is refused."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Store, Triple

from meshkg.dataset import HOME, add_graph, load_vocabulary
from meshkg.errors import DocumentError
from meshkg.publishing.document import document
from meshkg.reading import Reading, Unknown, propose_vocabulary, read_document
from meshkg.terms import MESH, PROV, RDF, SKOS, short, slug, thing
from meshkg.turtle import from_triples
from tests.conftest import Write

#: The document that the shipped source was read from, where it stands beside the checkout.
DOCUMENT = list((HOME.parent / "shared" / "seed").glob("*.txt"))


def _table(*rows: str, header: str = "| 責務 | Istio |") -> str:
    dashes = "|" + " --- |" * (header.count("|") - 1)
    return "\n".join((header, dashes, *rows, ""))


def _values(reading: Reading, claim: str, predicate: NamedNode) -> set[str]:
    subject = thing("claim", reading.source, *claim.split("/"))
    return {
        short(t.object.value) if isinstance(t.object, NamedNode) else str(t.object.value)
        for t in reading.triples
        if t.subject == subject and t.predicate == predicate and not isinstance(t.object, Triple)
    }


def _levels(cell: str, write: Write, loaded: Store) -> set[str]:
    reading = read_document(write(_table(f"| TCP | {cell} |")), loaded)
    assert reading.problems == ()
    return _values(reading, "istio/tcp", MESH.supportLevel)


@pytest.mark.parametrize(
    ("cell", "level"),
    [
        *((mark, "full") for mark in ("⭕", "⭕️", "`⭕️`", "`⭕`️", "○", "◯", "✓", "✅", "`✅`")),
        *((mark, "none") for mark in ("×", "✕", "✗", "❌", "`×`", "✗ (beta)")),
        ("△", "partial"),
        *((mark, "unknown") for mark in ("記入中...", "記入中…", "TBD", "tbd", "?", "？", "")),
        *((mark, "not-applicable") for mark in ("-", "－", "N/A", "n/a", "Ｎ／Ａ")),
    ],
)
def test_every_mark_is_read(cell: str, level: str, write: Write, loaded: Store) -> None:
    assert _levels(cell, write, loaded) == {f"level:{level}"}


def test_two_marks_in_a_cell_are_two_levels(write: Write, loaded: Store) -> None:
    assert _levels("`⭕️`／×", write, loaded) == {"level:full", "level:none"}


def test_a_note_is_kept_apart_from_its_mark(write: Write, loaded: Store) -> None:
    path = write(_table("| 相互TLS認証 | `⭕️`<br>(Spiffeへ置き換えできる) |"))
    reading = read_document(path, loaded)
    assert _values(reading, "istio/mutual-tls", MESH.supportLevel) == {"level:full"}
    note = Triple(
        thing("claim", "mesh", "istio", "mutual-tls"),
        MESH.note,
        Literal("Spiffeへ置き換えできる", language="ja"),
    )
    assert note in reading.triples


def test_named_components_give_the_level(write: Write, loaded: Store) -> None:
    cell = "アプリで実装、認証プロキシ (例：OAuth2 Proxyなど) やSSOプロキシ(例：Dexなど)"
    row = f"| JWTによるBearer認証 | {cell} |"
    header = "| 責務 | Kubernetes<br>(サービスメッシュ採用せず) |"
    reading = read_document(write(_table(row, header=header)), loaded)
    claim = "kubernetes/jwt-auth"
    assert reading.problems == ()
    assert _values(reading, claim, MESH.supportLevel) == {"level:add-on"}
    assert _values(reading, claim, MESH.citesExample) == {"component:oauth2-proxy", "component:dex"}
    assert _values(reading, claim, MESH.providedBy) == {
        "component:application",
        "component:authentication-proxy",
        "component:sso-proxy",
        "component:oauth2-proxy",
        "component:dex",
    }


def test_attributes_take_the_values_of_their_range(write: Write, loaded: Store) -> None:
    text = _table(
        "| アーキテクチャモード | サイドカー／サイドカーレス |",
        "| データプレーン | Nginx |",
        "| 開発元 | Nginx |",
        "| CNCFステータス | なし |",
    )
    reading = read_document(write(text), loaded)
    claims = ("architecture-mode", "data-plane", "developed-by", "cncf-maturity")
    found = [_values(reading, f"istio/{name}", MESH.attributeValue) for name in claims]
    assert found == [
        {"mode:sidecar", "mode:sidecarless"},
        {"data-plane:nginx"},
        {"vendor:nginx"},
        {"maturity:not-a-cncf-project"},
    ]


def test_an_open_attribute_is_unknown(write: Write, loaded: Store) -> None:
    reading = read_document(write(_table("| データプレーン | 記入中... |")), loaded)
    assert _values(reading, "istio/data-plane", MESH.attributeValue) == set()
    assert _values(reading, "istio/data-plane", MESH.supportLevel) == {"level:unknown"}


def test_a_row_that_stands_twice_is_one_claim_with_two_cells(write: Write, loaded: Store) -> None:
    reading = read_document(write(_table("| TCP | ○ |", "| TCP | × |")), loaded)
    assert _values(reading, "istio/tcp", PROV.hadPrimarySource) == {
        "cell:mesh/t1-r1-c2",
        "cell:mesh/t1-r2-c2",
    }
    assert _values(reading, "istio/tcp", MESH.supportLevel) == {"level:full", "level:none"}


def test_all_unknown_labels_are_listed_with_line_and_nearest(write: Write, loaded: Store) -> None:
    text = "## 01. ツール\n\n- Istio\n- Linkerd\n- Lstio Mesh\n\n" + _table(
        "| リトライ制御 | ○ | ○ |",
        "| TCP | 対応 | maybe |",
        "| 開発元 | Kng | Kong |",
        header="| 責務 | Istio | Linkrd |",
    )
    problems = read_document(write(text), loaded).problems
    assert [str(problem) for problem in problems] == [
        "mesh.md:5: unknown tool “Lstio Mesh”; nearest known label: “Istio Service Mesh”",
        "mesh.md:7 (table 1): unknown tool “Linkrd”; nearest known label: “Linkerd”",
        "mesh.md:9 (table 1): unknown row “リトライ制御”; nearest known label: “リトライ”",
        "mesh.md:11 (table 1, 開発元, Istio): unknown value “Kng”; nearest known label: “Kong”",
    ]


def test_a_list_of_prose_is_not_read(write: Write, loaded: Store) -> None:
    reading = read_document(
        write(f"- Istioは便利\n- Istio\n- 負担が減る\n\n{_table('| TCP | ○ |')}"), loaded
    )
    assert reading.problems == ()
    assert reading.count(MESH.Mention) == 0


def test_chosen_tables_only(write: Write, loaded: Store) -> None:
    text = f"{_table('| TCP | ○ |')}\n{_table('| 意味不明 | ○ |')}\n{_table('| gRPC | ○ |')}"
    reading = read_document(write(text), loaded, tables={1, 3})
    assert reading.problems == ()
    assert reading.count(MESH.Table) == 2


def test_the_source_is_known_by_its_title(write: Write, loaded: Store) -> None:
    text = f"# サービスメッシュの担う責務＠サービスメッシュ\n\n{_table('| TCP | ○ |')}"
    assert read_document(write(text), loaded).source == "tech-notebook"
    assert read_document(write(text), loaded, source="mine").source == "mine"
    assert read_document(write(_table("| TCP | ○ |"), "My Notes.md"), loaded).source == "my-notes"


def test_reading_the_proposed_vocabulary_makes_everything_known(
    write: Write, tmp_path: Path
) -> None:
    """A document about another subject needs a vocabulary and no code."""
    text = "# Brokers\n\n" + _table(
        "| Ordering | ○ | per partition |",
        "| 永続化 | ○ | × |",
        header="| feature | Kafka | NATS |",
    )
    store = load_vocabulary(HOME)
    for _round in range(2):  # rows and tools first, then the values in their cells
        problems = read_document(write(text), store).problems
        unknown = [problem for problem in problems if isinstance(problem, Unknown)]
        assert unknown
        extra = tmp_path / "extra.ttl"
        extra.write_text(from_triples(propose_vocabulary(unknown, store)))
        add_graph(store, propose_vocabulary(unknown, store), "extra")
    reading = read_document(write(text), store)
    assert reading.problems == ()
    assert reading.count(MESH.SupportClaim) == 4
    kinds = {
        slug(t.object.value)
        for t in propose_vocabulary(unknown, store)
        if t.predicate == RDF.type and isinstance(t.object, NamedNode)
    }
    assert kinds == {"Component"}


def test_a_proposal_has_the_label_and_the_area(write: Write, loaded: Store) -> None:
    text = f"## 04. 回復性の管理\n\n{_table('| バックプレッシャー | ○ |')}"
    problems = read_document(write(text), loaded).problems
    found = {
        (t.predicate, t.object)
        for t in propose_vocabulary([p for p in problems if isinstance(p, Unknown)], loaded)
    }
    assert (SKOS.prefLabel, Literal("バックプレッシャー", language="ja")) in found
    assert (SKOS.broader, thing("area", "resilience")) in found


# -- there and back ------------------------------------------------------------------------


def _without_checksum(reading: Reading) -> set[Triple]:
    return {t for t in reading.triples if not t.predicate.value.endswith("sha256")}


def test_the_shipped_source_reads_back_line_by_line(write: Write, loaded: Store) -> None:
    path = write(document(loaded, "tech-notebook", keep_lines=True))
    reading = read_document(path, loaded)
    committed = (HOME / "data" / "sources" / "tech-notebook.ttl").read_text(encoding="utf-8")
    written = from_triples(reading.triples)
    differing = set(written.splitlines()) ^ set(committed.splitlines())
    assert all("schema:sha256" in line for line in differing)
    assert len(differing) == 2


@pytest.mark.skipif(not DOCUMENT, reason="the document is not beside this checkout")
def test_the_document_reads_to_the_committed_source(loaded: Store) -> None:
    (path,) = DOCUMENT
    committed = (HOME / "data" / "sources" / "tech-notebook.ttl").read_text(encoding="utf-8")
    assert from_triples(read_document(path, loaded).triples) == committed


def test_the_shipped_source_reads_back_without_its_lines(write: Write, loaded: Store) -> None:
    kept = read_document(write(document(loaded, "tech-notebook", keep_lines=True)), loaded)
    packed = read_document(write(document(loaded, "tech-notebook")), loaded)
    differing = _without_checksum(kept) ^ _without_checksum(packed)
    assert {t.predicate for t in differing} == {MESH.line}


_TOOLS = ("Istio", "Linkerd", "Consul", "Cilium Service Mesh", "Kubernetes")
_ROWS = ("TCP", "gRPC", "`L4`ロードバランシング", "相互TLS認証", "タイムアウト")
_CELLS = ("`⭕️`", "×", "△<br>(一部)", "記入中...", "-", "Ingress、Service + kube-proxy", "○ (a|b)")


@st.composite
def _documents(draw: st.DrawFn) -> str:
    lines = []
    for number in range(draw(st.integers(1, 3))):
        lines += [draw(st.sampled_from(("", "prose\n"))), f"## 0{number}. 節\n"]
        tools = draw(st.lists(st.sampled_from(_TOOLS), min_size=1, max_size=3, unique=True))
        lines += ["".join(f"- {tool}\n" for tool in tools)]
        header = "| 責務 | " + " | ".join(tools) + " |"
        rows = draw(st.lists(st.sampled_from(_ROWS), min_size=1, max_size=3))
        cells = st.sampled_from([cell.replace("|", r"\|") for cell in _CELLS])
        lines.append(
            _table(
                *(f"| {row} | " + " | ".join(draw(cells) for _ in tools) + " |" for row in rows),
                header=header,
            )
        )
    return "\n".join(lines)


@given(text=_documents())
def test_any_document_reads_back(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("documents") / "mesh.md"
    store = _vocabulary()
    path.write_text(text, encoding="utf-8")
    first = read_document(path, store)
    assert first.problems == ()
    graph = Store()
    add_graph(graph, first.triples, "mesh")
    path.write_text(document(graph, "mesh", keep_lines=True), encoding="utf-8")
    assert _without_checksum(read_document(path, store)) == _without_checksum(first)


@given(data=st.binary(max_size=300))
def test_no_input_breaks_the_reader(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("bytes") / "mesh.md"
    path.write_bytes(b"| a | Istio |\n| - | - |\n| TCP | " + data + b" |\n")
    try:
        reading = read_document(path, _vocabulary())
        found = bool(reading.problems) or reading.count(MESH.Claim) > 0
    except DocumentError as error:
        found = bool(error.problems)
    assert found


@cache
def _vocabulary() -> Store:
    return load_vocabulary(HOME)
