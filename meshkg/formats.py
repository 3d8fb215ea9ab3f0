"""The formats of answers: their names, media types and writers, known here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pyoxigraph
from pyoxigraph import QueryResultsFormat, QueryTriples, RdfFormat

from meshkg.errors import UnknownNameError
from meshkg.sparql import Answer
from meshkg.terms import PREFIXES
from meshkg.words import Text

__all__ = ["GRAPH_FORMATS", "GRAPH_TYPES", "RESULT_FORMATS", "RESULT_TYPES", "is_graph", "write"]

#: For rows and booleans (https://www.w3.org/TR/sparql11-protocol/#query-success).
RESULT_FORMATS: Final[dict[str, QueryResultsFormat]] = {
    "json": QueryResultsFormat.JSON,
    "xml": QueryResultsFormat.XML,
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
}

#: For triples.
GRAPH_FORMATS: Final[dict[str, RdfFormat]] = {
    "turtle": RdfFormat.TURTLE,
    "ntriples": RdfFormat.N_TRIPLES,
    "jsonld": RdfFormat.JSON_LD,
    "rdfxml": RdfFormat.RDF_XML,
    "trig": RdfFormat.TRIG,
    "nquads": RdfFormat.N_QUADS,
}

#: The media types that clients ask for, the preferred ones last.
RESULT_TYPES: Final[dict[str, str]] = {
    "text/tab-separated-values": "tsv",
    "text/csv": "csv",
    "application/xml": "xml",
    "application/sparql-results+xml": "xml",
    "application/json": "json",
    "application/sparql-results+json": "json",
}
GRAPH_TYPES: Final[dict[str, str]] = {
    "application/n-quads": "nquads",
    "application/trig": "trig",
    "application/xml": "rdfxml",
    "application/rdf+xml": "rdfxml",
    "application/json": "jsonld",
    "application/ld+json": "jsonld",
    "text/plain": "ntriples",
    "application/n-triples": "ntriples",
    "text/turtle": "turtle",
}


def is_graph(answer: Answer) -> bool:
    """Return whether an answer is made of triples (CONSTRUCT, DESCRIBE)."""
    return isinstance(answer, QueryTriples)


def write(answer: Answer, name: str) -> tuple[bytes, str]:
    """Write an answer.

    Args:
        answer: of a query; an iterator, so it can be written once.
        name: a key of `RESULT_FORMATS` or `GRAPH_FORMATS`, whichever fits the answer.

    Returns:
        the bytes and their media type.

    Raises:
        UnknownNameError: the format does not fit the kind of answer.
    """
    if isinstance(answer, QueryTriples):
        if name not in GRAPH_FORMATS:
            raise _unfit(name, GRAPH_FORMATS)
        form = GRAPH_FORMATS[name]
        return pyoxigraph.serialize(answer, format=form, prefixes=PREFIXES) or b"", form.media_type
    if name in RESULT_FORMATS:
        results = RESULT_FORMATS[name]
        return answer.serialize(format=results) or b"", results.media_type
    raise _unfit(name, RESULT_FORMATS)


def _unfit(name: str, choices: Iterable[str]) -> UnknownNameError:
    fitting = ", ".join(choices)
    en = f"this answer cannot be written as {name}; choose one of {fitting}"
    return UnknownNameError(Text(en, f"この結果は{name}形式では書けません。選べる形式: {fitting}"))
