"""A comparison document becomes claims: `read_document` is the one door."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from pathlib import Path

from pyoxigraph import Literal, Store, Triple

from meshkg.reading.claims import Reading, Unknown, interpret
from meshkg.reading.markdown import MAX_BYTES, Document, parse
from meshkg.reading.propose import propose
from meshkg.reading.vocabulary import Vocabulary
from meshkg.sparql import select
from meshkg.terms import slug

__all__ = ["MAX_BYTES", "Reading", "Unknown", "propose_vocabulary", "read_document"]


def read_document(
    path: Path,
    store: Store,
    *,
    source: str | None = None,
    tables: Collection[int] | None = None,
    max_bytes: int = MAX_BYTES,
) -> Reading:
    """Read a Markdown comparison document.

    Args:
        path: the document.
        store: a store whose default graph holds the ontology and the labels that may be used.
        source: slug of the source; by default that of the known source with the document's
            title, else one made from the file's name.
        tables: numbers of the tables to read; all where it is None.
        max_bytes: the largest document that is read.

    Returns:
        the triples, and the problems that keep them from being written.

    Raises:
        DocumentError: the file is no comparison document at all.
    """
    document = parse(path, max_bytes=max_bytes)
    name = source or _known_source(document, store) or _slug(path.stem)
    return interpret(document, Vocabulary.from_store(store), source=name, tables=tables)


def propose_vocabulary(unknown: Iterable[Unknown], store: Store) -> list[Triple]:
    """Return triples that make unknown labels known, a skeleton for their author to edit.

    Args:
        unknown: the labels that a reading did not know.
        store: the store that the reading took its labels from.
    """
    return propose(unknown, Vocabulary.from_store(store))


def _known_source(document: Document, store: Store) -> str | None:
    title = Literal(document.title, language=document.language)
    rows = select(store, f"SELECT ?source {{ ?source a mesh:Source ; dcterms:title {title} }}")
    return next((slug(source.value) for (source,) in rows), None)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "document"
