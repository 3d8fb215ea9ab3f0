"""The endpoint in process: the query operation of the SPARQL 1.1 Protocol."""

from __future__ import annotations

import csv
import io
import json
import socket
import threading

import pytest
from fastapi.testclient import TestClient
from pyoxigraph import QueryResultsFormat, RdfFormat, Store, parse, parse_query_results

from meshkg.dataset import assemble
from meshkg.server import create_app
from meshkg.server.sparql import MAX_BODY

QUERY = "SELECT ?tool { ?tool mesh:partlySupports responsibility:topology-data }"
FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
KIALI = "https://w3id.org/meshkg/tool/kiali"


@pytest.fixture(scope="module")
def client(shipped: Store) -> TestClient:
    return TestClient(create_app(lambda day: assemble(as_of=day) if day else shipped))


def test_get_form_and_direct_post_give_the_same_answer(client: TestClient) -> None:
    answers = [
        client.get("/sparql", params={"query": QUERY}),
        client.post("/sparql", data={"query": QUERY}),
        client.post("/sparql", content=QUERY, headers={"content-type": DIRECT}),
        client.post("/sparql", content=QUERY, headers={"content-type": f"{DIRECT}; charset=utf-8"}),
    ]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert {answer.text for answer in answers} == {answers[0].text}
    bindings = answers[0].json()["results"]["bindings"]
    assert [row["tool"]["value"] for row in bindings] == [KIALI]


@pytest.mark.parametrize(
    ("accept", "media_type", "form"),
    [
        ("application/sparql-results+json", "application/sparql-results+json", "JSON"),
        ("application/json", "application/sparql-results+json", "JSON"),
        ("*/*", "application/sparql-results+json", "JSON"),
        ("application/sparql-results+xml", "application/sparql-results+xml", "XML"),
        ("text/tab-separated-values", "text/tab-separated-values; charset=utf-8", "TSV"),
        ("text/csv;q=0.3, application/xml;q=0.9", "application/sparql-results+xml", "XML"),
    ],
)
def test_results_in_every_format(
    client: TestClient, accept: str, media_type: str, form: str
) -> None:
    answer = client.get("/sparql", params={"query": QUERY}, headers={"accept": accept})
    assert answer.headers["content-type"] == media_type
    assert answer.headers["vary"] == "Accept"
    solutions = parse_query_results(answer.content, getattr(QueryResultsFormat, form))
    assert [row["tool"].value for row in solutions] == [KIALI]  # type: ignore[union-attr]


def test_results_as_csv(client: TestClient) -> None:
    answer = client.get("/sparql", params={"query": QUERY}, headers={"accept": "text/csv"})
    assert list(csv.reader(io.StringIO(answer.text))) == [["tool"], [KIALI]]


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("text/turtle", RdfFormat.TURTLE),
        ("*/*", RdfFormat.TURTLE),
        ("application/n-triples", RdfFormat.N_TRIPLES),
        ("application/ld+json", RdfFormat.JSON_LD),
        ("application/rdf+xml", RdfFormat.RDF_XML),
        ("application/trig", RdfFormat.TRIG),
        ("application/n-quads", RdfFormat.N_QUADS),
    ],
)
def test_graphs_in_every_format(client: TestClient, accept: str, form: RdfFormat) -> None:
    query = "CONSTRUCT { tool:istio rdfs:label ?l } WHERE { tool:istio rdfs:label ?l }"
    answer = client.get("/sparql", params={"query": query}, headers={"accept": accept})
    assert answer.headers["content-type"].split(";")[0] == form.media_type
    found = {quad.object for quad in parse(answer.content, form)}
    assert {getattr(term, "language", None) for term in found} == {"en", "ja"}


def test_ask_gives_a_boolean(client: TestClient) -> None:
    answer = client.get("/sparql", params={"query": "ASK { tool:istio a mesh:Tool }"})
    assert answer.json()["boolean"] is True


def test_the_dataset_of_the_protocol_is_used(client: TestClient) -> None:
    derived = "https://w3id.org/meshkg/graph/derived"
    count = "SELECT (COUNT(*) AS ?n) { ?s a mesh:Assessment }"
    tools = "https://w3id.org/meshkg/graph/tools"

    def number(**parameters: str) -> int:
        answer = client.get("/sparql", params={"query": count, **parameters})
        return int(answer.json()["results"]["bindings"][0]["n"]["value"])

    assert number() == number(**{"default-graph-uri": derived}) > 0
    assert number(**{"default-graph-uri": tools}) == 0


@pytest.mark.parametrize(
    ("method", "arguments", "status"),
    [
        ("get", {}, 400),
        ("get", {"params": [("query", QUERY), ("query", QUERY)]}, 400),
        ("get", {"params": {"query": "SELEC"}}, 400),
        ("get", {"params": {"query": QUERY, "default-graph-uri": "not an iri"}}, 400),
        ("get", {"params": {"query": QUERY, "as-of": "yesterday"}}, 400),
        ("get", {"params": {"query": QUERY}, "headers": {"accept": "image/png"}}, 406),
        ("get", {"params": {"query": QUERY}, "headers": {"accept": "nonsense"}}, 406),
        ("get", {"params": {"update": "CLEAR ALL"}}, 403),
        ("post", {"data": {"update": "CLEAR ALL"}}, 403),
        (
            "post",
            {"content": "CLEAR ALL", "headers": {"content-type": "application/sparql-update"}},
            403,
        ),
        ("post", {"content": QUERY, "headers": {"content-type": "text/plain"}}, 415),
        ("post", {"content": QUERY}, 415),
        ("post", {"content": b"query=%ff", "headers": {"content-type": FORM}}, 400),
        ("post", {"content": b"\xff", "headers": {"content-type": DIRECT}}, 400),
        ("post", {"content": b" " * (MAX_BODY + 1), "headers": {"content-type": DIRECT}}, 413),
        ("put", {}, 405),
    ],
)
def test_bad_requests_get_problem_details(
    client: TestClient, method: str, arguments: dict[str, object], status: int
) -> None:
    answer = client.request(method, "/sparql", **arguments)  # type: ignore[arg-type]
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert answer.json()["detail"]


def test_the_endpoint_answers_as_the_evidence_stood_then(client: TestClient) -> None:
    query = "ASK { tool:linkerd mesh:supports responsibility:circuit-breaking }"

    def answer(**parameters: str) -> bool:
        found = client.get("/sparql", params={"query": query, **parameters})
        return bool(found.json()["boolean"])

    assert answer() is True
    assert answer(**{"as-of": "2023-03-11"}) is False


def test_a_syntax_error_has_its_position(client: TestClient) -> None:
    problem = client.get("/sparql", params={"query": "SELECT ?x {\n ?x ?y }"}).json()
    assert (problem["line"], problem["column"]) == (2, 9)


def test_errors_speak_the_language_of_the_request(client: TestClient) -> None:
    japanese = {"accept-language": "ja-JP,ja;q=0.9,en;q=0.5"}
    assert client.get("/sparql", headers=japanese).json()["detail"].startswith("queryは")
    assert client.get("/sparql").json()["detail"].startswith("exactly one")


def test_unknown_paths_are_problems_too(client: TestClient) -> None:
    answer = client.get("/nowhere")
    assert (answer.status_code, answer.json()["title"]) == (404, "Not Found")


def test_the_front_page_says_how_to_ask(client: TestClient) -> None:
    assert "curl" in client.get("/").text
    assert "質問" in client.get("/", headers={"accept-language": "ja"}).text
    assert client.get("/health").json()["status"] == "ok"


def test_no_query_reaches_out(client: TestClient) -> None:
    calls = []
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.settimeout(0.5)
        address = f"http://127.0.0.1:{canary.getsockname()[1]}/"

        def listen() -> None:
            try:
                connection, _ = canary.accept()
            except TimeoutError:
                return
            calls.append(connection)
            connection.close()

        listener = threading.Thread(target=listen)
        listener.start()
        for query in (
            f"SELECT * {{ SERVICE <{address}> {{ ?s ?p ?o }} }}",
            f"SELECT * {{ SERVICE SILENT <{address}> {{ ?s ?p ?o }} }}",
            f"SELECT * {{ {{ SELECT * {{ SERVICE\n#x\n<{address}> {{ ?a ?b ?c }} }} }} }}",
            f"SELECT * {{ \\u0053ERVICE <{address}> {{ ?s ?p ?o }} }}",
            f"BASE <{address}> SELECT * {{ FILTER(1<2)SERVICE<x#>\n{{ ?s ?p ?o }} }}",
        ):
            assert client.get("/sparql", params={"query": query}).status_code == 400
        from_graph = f"SELECT * FROM <{address}> {{ ?s ?p ?o }}"  # noqa: S608 (no SQL)
        answer = client.get("/sparql", params={"query": from_graph})
        assert answer.json()["results"]["bindings"] == []
        listener.join()
    assert calls == []


def test_the_word_service_in_a_text_is_no_service(client: TestClient) -> None:
    query = 'ASK { FILTER(CONTAINS("a service <x> mesh", "service")) } # service ?x'
    assert json.loads(client.get("/sparql", params={"query": query}).text)["boolean"] is True


def test_the_openapi_description_names_the_endpoint(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert set(paths["/sparql"]) == {"get", "post"}
