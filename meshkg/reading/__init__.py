"""A document or data file becomes claims: `read_document` is the one door."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Final, Protocol

from pyoxigraph import Literal, Store, Triple

from meshkg.reading import endoflife, facts, landscape
from meshkg.reading.claims import Reading, Unknown, interpret
from meshkg.reading.files import MAX_BYTES
from meshkg.reading.markdown import Document, parse
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
    """Read a comparison document in Markdown or a data file; its content tells which it is.

    Args:
        path: the document or file.
        store: a store whose default graph holds the ontology and the labels that may be used.
        source: slug of the source; by default that of the known source with the document's
            title, else one made from the file's name.
        tables: numbers of the tables of a document to read; all where it is None.
        max_bytes: the largest file that is read.

    Returns:
        the triples, and the problems that keep them from being written.

    Raises:
        DocumentError: the file cannot be read at all.
    """
    head = _head(path)
    for matches, read in _READERS:
        if matches(head):
            return read(path, store, source=source, max_bytes=max_bytes)
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


class _Read(Protocol):
    """How the reader of a kind of data file is called."""

    def __call__(
        self, path: Path, store: Store, *, source: str | None, max_bytes: int
    ) -> Reading: ...


#: The kinds of data files: what one begins like, and how it is read. All else is Markdown.
_READERS: Final[tuple[tuple[Callable[[bytes], bool], _Read], ...]] = (
    (facts.matches, facts.read),
    (landscape.matches, landscape.read),
    (endoflife.matches, endoflife.read),
)

_HEAD_BYTES: Final = 65_536


def _head(path: Path) -> bytes:
    """Return how a file begins; nothing for a pipe, which can be read only once."""
    if not path.is_file():
        return b""
    try:
        with path.open("rb") as stream:
            return stream.read(_HEAD_BYTES)
    except OSError:
        return b""  # its reader says why


def _known_source(document: Document, store: Store) -> str | None:
    title = Literal(document.title, language=document.language)
    rows = select(store, f"SELECT ?source {{ ?source a mesh:Source ; dcterms:title {title} }}")
    return next((slug(source.value) for (source,) in rows), None)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "document"
