"""Nothing reaches out: a query that would call another server is refused before evaluation."""

from __future__ import annotations

import re
from typing import Final

from meshkg.errors import QueryError
from meshkg.words import Text

__all__ = ["refuse_reaching_out"]

_GAP: Final = r"(?:\s|#[^\n\r]*)*"
#: Every SERVICE clause looks like this, or hides behind a code point escape.
_SUSPECT: Final = re.compile(
    rf"service{_GAP}(?:silent{_GAP})?(?:[<?$]|[^\s<>(){{}}\"']*:)|\\u", re.IGNORECASE
)


def refuse_reaching_out(text: str) -> None:
    """Refuse a query with a SERVICE clause (https://www.w3.org/TR/sparql11-federated-query/).

    The engine offers no switch for it. Only a text in which the keyword could stand is parsed, so
    that all other queries pay nothing.

    Args:
        text: a SPARQL query.

    Raises:
        QueryError: it has a SERVICE clause, or could have one and cannot be parsed to make sure.

    >>> refuse_reaching_out('SELECT ?x { ?x ?y "service mesh: yes" }')
    """
    if _SUSPECT.search(text) and _has_service(text):
        en = "SERVICE is not allowed: this endpoint calls no other server"
        raise QueryError(Text(en, "SERVICEは使えません。ほかのサーバーには接続しません"))


def _has_service(text: str) -> bool:
    from pyparsing import ParseBaseException  # noqa: PLC0415 (slow, and rarely needed)
    from rdflib.plugins.sparql.parser import parseQuery  # noqa: PLC0415

    try:
        return _contains(parseQuery(text), "ServiceGraphPattern")
    except ParseBaseException:
        return True


def _contains(node: object, name: str) -> bool:
    if getattr(node, "name", None) == name:
        return True
    if isinstance(node, dict):
        return any(_contains(child, name) for child in node.values())
    if isinstance(node, str | bytes) or not hasattr(node, "__iter__"):
        return False
    return any(_contains(child, name) for child in node)
