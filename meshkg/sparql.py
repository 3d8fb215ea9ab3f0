"""Asking a store in process: the prefixes are there, and mistakes come with their position."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    Store,
    Triple,
)

from meshkg.errors import QueryError
from meshkg.guard import refuse_reaching_out
from meshkg.terms import PREFIXES
from meshkg.words import Text

__all__ = ["Answer", "Term", "construct", "query", "select"]

Term: TypeAlias = NamedNode | BlankNode | Literal | Triple
Answer: TypeAlias = QueryBoolean | QuerySolutions | QueryTriples

_POSITION = re.compile(r"^error at (\d+):(\d+): (.*)$", re.DOTALL)


def query(store: Store, text: str) -> Answer:
    """Evaluate a SPARQL query on the store's default graph and named graphs.

    Args:
        store: where to look.
        text: SPARQL 1.1 or 1.2; the prefixes of `meshkg.terms.PREFIXES` need no declaration.

    Raises:
        QueryError: the text is no query (the error carries the position), or would call
            another server.

    >>> bool(query(Store(), "ASK { ?tool a mesh:Tool }"))
    False
    """
    refuse_reaching_out(text)
    try:
        return store.query(text, prefixes=PREFIXES)
    except SyntaxError as error:
        match = _POSITION.match(str(error))
        line, column = (int(match[1]), int(match[2])) if match else (0, 0)
        reason = match[3] if match else str(error)
        en = f"not a SPARQL query, line {line}, column {column}: {reason}"
        ja = f"SPARQLクエリとして読めません ({line}行{column}列): {reason}"
        raise QueryError(Text(en, ja), line=line, column=column) from None


def select(store: Store, text: str) -> Iterator[tuple[Term, ...]]:
    """Yield the rows of a SELECT query whose variables are all bound.

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
