"""SPARQL 1.1 Protocol, query operation (https://www.w3.org/TR/sparql11-protocol/)."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from email.message import Message
from http import HTTPStatus
from typing import Final, TypeAlias
from urllib.parse import parse_qs

import mimeparse
from fastapi import APIRouter, Request, Response
from pyoxigraph import NamedNode, Store
from starlette.concurrency import run_in_threadpool

from meshkg.formats import GRAPH_TYPES, RESULT_TYPES, is_graph, write
from meshkg.server.problems import RequestError
from meshkg.sparql import query
from meshkg.words import Text

__all__ = ["MAX_BODY", "Dataset", "router"]

#: The longest query text in a request body, in bytes.
MAX_BODY: Final = 1_000_000

_FORM: Final = "application/x-www-form-urlencoded"
_DIRECT: Final = "application/sparql-query"
_UPDATE: Final = "application/sparql-update"


Dataset: TypeAlias = Callable[[date | None], Store]


@dataclass(frozen=True)
class _Operation:
    """A query with its dataset, as the protocol defines it, and the day it asks about."""

    text: str
    default_graphs: Sequence[NamedNode]
    named_graphs: Sequence[NamedNode]
    as_of: date | None

    @classmethod
    def from_fields(cls, fields: Mapping[str, Sequence[str]]) -> _Operation:
        if "update" in fields:
            raise _read_only()
        texts = fields.get("query", ())
        if len(texts) != 1:
            en = f"exactly one “query” is needed, this request has {len(texts)}"
            ja = f"queryはちょうど1つ必要です (このリクエストには{len(texts)}つ)"
            raise RequestError(HTTPStatus.BAD_REQUEST, Text(en, ja))
        return cls(
            texts[0],
            _graphs(fields.get("default-graph-uri", ())),
            _graphs(fields.get("named-graph-uri", ())),
            _day(fields.get("as-of", ())),
        )


def router(dataset: Dataset) -> APIRouter:
    """Return the routes of the endpoint over a dataset.

    Besides the parameters of the protocol, ``as-of=YYYY-MM-DD`` asks as the evidence stood then.

    Args:
        dataset: returns the dataset of a day, or of the newest evidence (None).
    """
    routes = APIRouter()

    @routes.get("/sparql", summary="SPARQL query")
    async def get(request: Request) -> Response:
        return await _answer(request, dataset, _fields(request.url.query))

    @routes.post("/sparql", summary="SPARQL query in the body")
    async def post(request: Request) -> Response:
        body = await _body(request)
        kind = _media_type(request)
        if kind == _FORM:
            return await _answer(request, dataset, _fields(body))
        if kind == _DIRECT:
            fields = {**_fields(request.url.query), "query": [body]}
            return await _answer(request, dataset, fields)
        if kind == _UPDATE:
            raise _read_only()
        en, ja = (
            f"send the query as {_FORM} or {_DIRECT}",
            f"クエリは{_FORM}か{_DIRECT}で送ってください",
        )
        raise RequestError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, Text(en, ja))

    return routes


async def _answer(
    request: Request, dataset: Dataset, fields: Mapping[str, Sequence[str]]
) -> Response:
    operation = _Operation.from_fields(fields)
    accept = ", ".join(request.headers.getlist("accept")) or "*/*"
    body, media_type = await run_in_threadpool(_on_one_thread, dataset, operation, accept)
    return Response(body, media_type=media_type, headers={"Vary": "Accept"})


def _on_one_thread(dataset: Dataset, operation: _Operation, accept: str) -> tuple[bytes, str]:
    """Evaluate, write and drop the answer on the thread that asked, which the engine insists on."""
    try:
        return _evaluate(dataset(operation.as_of), operation, accept)
    except Exception as error:
        traceback.clear_frames(error.__traceback__)
        raise


def _evaluate(store: Store, operation: _Operation, accept: str) -> tuple[bytes, str]:
    answer = query(
        store,
        operation.text,
        default_graphs=operation.default_graphs,
        named_graphs=operation.named_graphs,
    )
    types = GRAPH_TYPES if is_graph(answer) else RESULT_TYPES
    return write(answer, types[_best(types, accept)])


def _best(types: Mapping[str, str], accept: str) -> str:
    try:
        best = str(mimeparse.best_match(list(types), accept))
    except mimeparse.MimeTypeParseException:
        best = ""
    if not best:
        offered = ", ".join(types)
        en = f"none of the accepted media types is on offer: {offered}"
        ja = f"受け入れ可能なメディアタイプがありません。提供できるもの: {offered}"
        raise RequestError(HTTPStatus.NOT_ACCEPTABLE, Text(en, ja))
    return best


def _fields(text: str) -> dict[str, list[str]]:
    try:
        return parse_qs(text, keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError:
        en, ja = (
            "the parameters are not percent-encoded UTF-8",
            "引数がUTF-8のパーセント符号ではありません",
        )
        raise RequestError(HTTPStatus.BAD_REQUEST, Text(en, ja)) from None


def _day(days: Sequence[str]) -> date | None:
    try:
        (day,) = (date.fromisoformat(text) for text in days) if days else (None,)
    except ValueError:
        text = Text("as-of takes one day, YYYY-MM-DD", "as-ofには日付を1つ指定します (YYYY-MM-DD)")
        raise RequestError(HTTPStatus.BAD_REQUEST, text) from None
    return day


def _graphs(names: Sequence[str]) -> list[NamedNode]:
    try:
        return [NamedNode(name) for name in names]
    except ValueError as error:
        text = Text(f"not a graph IRI: {error}", f"グラフのIRIではありません: {error}")
        raise RequestError(HTTPStatus.BAD_REQUEST, text) from None


async def _body(request: Request) -> str:
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > MAX_BODY:
            en, ja = (
                f"the body is larger than {MAX_BODY:,} bytes",
                f"本体が{MAX_BODY:,}バイトを超えています",
            )
            raise RequestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, Text(en, ja))
    try:
        return data.decode()
    except UnicodeDecodeError:
        text = Text("the body is not UTF-8", "本体がUTF-8ではありません")
        raise RequestError(HTTPStatus.BAD_REQUEST, text) from None


def _media_type(request: Request) -> str:
    message = Message()
    message["content-type"] = request.headers.get("content-type", "")
    return message.get_content_type()


def _read_only() -> RequestError:
    return RequestError(
        HTTPStatus.FORBIDDEN,
        Text("this endpoint is read-only", "このエンドポイントは読み取り専用です"),
    )
