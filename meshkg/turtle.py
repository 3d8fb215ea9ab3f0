"""Turtle in its one canonical form, and graph files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph
from pyoxigraph import RdfFormat, Triple

from meshkg.terms import PREFIXES

__all__ = ["canonical", "from_triples", "write_whole"]


def canonical(turtle: str) -> str:
    """Return a Turtle text in the form that every committed file has.

    That form is rdflib's `longturtle` with canonical blank nodes: sorted, one object a line.

    >>> canonical("<urn:b> a <urn:C> . <urn:a> a <urn:C> .").index("urn:a") < 20
    True
    """
    from rdflib import Graph  # noqa: PLC0415 (slow to import, needed for writing only)

    return Graph().parse(data=turtle, format="turtle").serialize(format="longturtle", canon=True)


def from_triples(triples: Iterable[Triple]) -> str:
    """Return triples as canonical Turtle with the project's prefixes."""
    data = pyoxigraph.serialize(triples, format=RdfFormat.TURTLE, prefixes=PREFIXES)
    return canonical((data or b"").decode())


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that a reader finds the old content or the new one, never a half.

    Args:
        path: the file; its folder is made where it is missing.
        content: text (written as UTF-8) or bytes.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode() if isinstance(content, str) else content
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _main() -> None:
    """Rewrite the files named on the command line in canonical form."""
    import sys  # noqa: PLC0415

    for name in sys.argv[1:]:
        write_whole(Path(name), canonical(Path(name).read_text(encoding="utf-8")))


if __name__ == "__main__":
    _main()
