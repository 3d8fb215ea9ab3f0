"""Derivations as data: each file in `ontology/rules/` is a SPARQL CONSTRUCT.

The files run in the order of their names; each sees what the ones before it derived. The head
line ``#+ graph: NAME`` says which named graph receives the triples.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import Store, Triple

from meshkg.sparql import construct

__all__ = ["Rule", "run_rules"]

_GRAPH: Final = re.compile(r"^#\+ graph: (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Rule:
    """A derivation.

    Attributes:
        name: the file's name without extension.
        graph: name of the graph that receives the triples.
        query: the SPARQL CONSTRUCT.
    """

    name: str
    graph: str
    query: str

    @classmethod
    def from_file(cls, path: Path) -> Rule:
        """Read a rule.

        Raises:
            ValueError: the head does not name a graph.
        """
        text = path.read_text(encoding="utf-8")
        match = _GRAPH.search(text)
        if match is None:
            raise ValueError(path)
        return cls(path.stem, match[1], text)


def run_rules(store: Store, folder: Path) -> Iterator[tuple[str, list[Triple]]]:
    """Run the rules of a folder one after the other.

    Args:
        store: what the rules look at; add each result to it before asking for the next.
        folder: the folder with the `.rq` files.

    Yields:
        the graph's name and the derived triples.
    """
    for path in sorted(folder.glob("*.rq")):
        rule = Rule.from_file(path)
        yield rule.graph, list(construct(store, rule.query))
