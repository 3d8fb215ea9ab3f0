"""Pitfall checks as data: each file in `ontology/quality/` is a SELECT that must come back empty.

The head of a file says in both languages what is wrong and how to put it right; the query gives
the thing at fault as ``?subject`` and the reason as ``?detail``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, Quad, Store, Triple

from meshkg.sparql import select
from meshkg.terms import RDFS, graph_name
from meshkg.words import Text

__all__ = ["Check", "Finding", "checks", "findings", "foreign_terms"]

# the reused vocabularies, by rdflib's names
_FOREIGN: Final = "DCAT DCTERMS DOAP ORG OWL PROV QB RDF RDFS SDO SH SKOS VANN XSD"


@dataclass(frozen=True, kw_only=True)
class Check:
    """A pitfall and the query that finds it.

    Attributes:
        id: the file's name without extension.
        source: the published checks that it stands for.
        severity: ``error``, ``warning`` or ``info``.
        title: name of the pitfall.
        problem: why it does harm.
        fix: what to do about it.
        query: SPARQL SELECT of ``?subject`` and ``?detail``.
    """

    id: str
    source: str
    severity: str
    title: Text
    problem: Text
    fix: Text
    query: str

    @classmethod
    def from_file(cls, path: Path) -> Check:
        """Read a check from a query whose head has a ``#+ key: value`` line for each key.

        Raises:
            KeyError: a key is missing.
        """
        text = path.read_text(encoding="utf-8")
        lines = (line[3:].partition(": ") for line in text.splitlines() if line.startswith("#+ "))
        head = {key: value for key, _, value in lines}
        return cls(
            id=head["id"],
            source=head["source"],
            severity=head["severity"],
            title=Text(head["title"], head["title-ja"]),
            problem=Text(head["problem"], head["problem-ja"]),
            fix=Text(head["fix"], head["fix-ja"]),
            query=text,
        )


@dataclass(frozen=True)
class Finding:
    """One thing that a check found.

    Attributes:
        check: the check.
        subject: IRI (or label of the blank node) of the thing at fault.
        detail: what is wrong with it.
    """

    check: Check
    subject: str
    detail: str


def checks(folder: Path) -> list[Check]:
    """Return the checks of a folder in the order of their names.

    >>> from meshkg.dataset import HOME
    >>> next(iter(checks(HOME / "ontology" / "quality"))).id
    'ambiguous-namespace'
    """
    return [Check.from_file(path) for path in sorted(folder.glob("*.rq"))]


def findings(store: Store, checks: Iterable[Check]) -> Iterator[Finding]:
    """Yield what the checks find in the default graph of a store.

    Args:
        store: the ontology and data, and the quads of `foreign_terms`.
        checks: what to look for.
    """
    for check in checks:
        for row in sorted(select(store, check.query), key=str):
            subject, detail = (term.value for term in row if not isinstance(term, Triple))
            yield Finding(check, subject, detail)


def foreign_terms() -> Iterator[Quad]:
    """Yield the terms that the reused vocabularies define, in the graph that a check looks them up.

    >>> any(quad.subject.value.endswith("core#prefLabel") for quad in foreign_terms())
    True
    """
    from rdflib import namespace  # noqa: PLC0415 (slow to import, needed for checking only)

    graph = graph_name("foreign-terms")
    for name in _FOREIGN.split():
        vocabulary = getattr(namespace, name)
        home = NamedNode(str(vocabulary))
        keywords = [f"{vocabulary}{name}" for name in vocabulary._extras]  # noqa: SLF001 (sh:class)
        for term in (*dir(vocabulary), *keywords):
            yield Quad(NamedNode(term), RDFS.isDefinedBy, home, graph)
