"""Asking a store in process: the prefixes are there, and mistakes come with their position."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from pyoxigraph import NamedNode, QueryBoolean, QuerySolutions, QueryTriples, Store, Triple

from meshkg.errors import QueryError
from meshkg.guard import refuse_reaching_out
from meshkg.terms import PREFIXES
from meshkg.words import Text

__all__ = ["Answer", "construct", "query", "select"]

Answer: TypeAlias = QueryBoolean | QuerySolutions | QueryTriples

_POSITION = re.compile(r"^error at (\d+):(\d+): (.*)$", re.DOTALL)


def query(
    store: Store,
    text: str,
    *,
    default_graphs: Sequence[NamedNode] = (),
    named_graphs: Sequence[NamedNode] = (),
) -> Answer:
    """Evaluate a SPARQL query on the store's default graph and named graphs.

    Args:
        store: where to look.
        text: SPARQL 1.1 or 1.2; the prefixes of `meshkg.terms.PREFIXES` need no declaration.
        default_graphs: graphs whose merge is the default graph; the store's own where it and
            `named_graphs` are empty (https://www.w3.org/TR/sparql11-protocol/#dataset).
        named_graphs: graphs that `GRAPH` may name; all where both are empty.

    Raises:
        QueryError: the text is no query (the error carries the position), or would call
            another server.

    >>> bool(query(Store(), "ASK { ?tool a mesh:Tool }"))
    False
    """
    refuse_reaching_out(text)
    chosen = bool(default_graphs or named_graphs)
    try:
        return store.query(
            text,
            prefixes=PREFIXES,
            default_graph=list(default_graphs) if chosen else None,
            named_graphs=list(named_graphs) if chosen else None,
        )
    except SyntaxError as error:
        match = _POSITION.match(str(error))
        line, column = (int(match[1]), int(match[2])) if match else (0, 0)
        reason = match[3] if match else str(error)
        en = f"not a SPARQL query, line {line}, column {column}: {reason}"
        ja = f"SPARQLクエリとして読めません ({line}行{column}列): {reason}"
        raise QueryError(Text(en, ja), line=line, column=column) from None


def select(store: Store, text: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a SELECT query, its terms in the order of its variables.

    Which kind of term stands where only the query knows, hence `Any`.

    Raises:
        TypeError: the query is no SELECT.
    """
    answer = query(store, text)
    if not isinstance(answer, QuerySolutions):
        raise TypeError(text)
    for row in answer:
        yield tuple(row)


def construct(store: Store, text: str) -> Iterator[Triple]:
    """Yield the triples of a CONSTRUCT query.

    Raises:
        TypeError: the query is no CONSTRUCT.
    """
    answer = query(store, text)
    if not isinstance(answer, QueryTriples):
        raise TypeError(text)
    yield from answer
