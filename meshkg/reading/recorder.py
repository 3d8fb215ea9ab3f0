"""What the readers of data files share: triples, problems, and values that are checked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import Literal, NamedNode, Store, Triple

from meshkg.errors import Place, Problem
from meshkg.reading.claims import Reading
from meshkg.reading.lines import Node
from meshkg.reading.vocabulary import Vocabulary
from meshkg.sparql import select
from meshkg.terms import MESH, XSD
from meshkg.words import Text

__all__ = ["KNOWN", "Recorder", "known_repositories", "same_address"]

#: The classes of things that have an identity card.
KNOWN: Final = (MESH.Tool, MESH.DataPlane, MESH.Component, MESH.Project)

_DATE = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
_ADDRESS = re.compile(r"https?://[^\s<>\"{}|\\^`]+")
_REPOSITORIES: Final = "SELECT ?thing ?repository { ?thing schema:codeRepository ?repository }"


def same_address(address: str) -> str:
    """Return what two spellings of one address have in common.

    >>> same_address("https://GitHub.com/istio/istio.git") == "https://github.com/istio/istio"
    True
    """
    return address.lower().rstrip("/").removesuffix(".git")


def known_repositories(store: Store) -> dict[NamedNode, set[str]]:
    """Return the code repositories of every thing that has some, by `same_address`."""
    found: dict[NamedNode, set[str]] = {}
    for known, address in select(store, _REPOSITORIES):
        found.setdefault(known, set()).add(same_address(address.value))
    return found


@dataclass
class Recorder:
    """Gathers what one data file says.

    Attributes:
        file: its name, for messages.
        source: slug of the source.
        vocabulary: the labels that it may use.
        triples: what was read.
        problems: what could not be read.
    """

    file: str
    source: str
    vocabulary: Vocabulary
    triples: set[Triple] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def reading(self) -> Reading:
        """Return all of it; problems in the order of the file."""
        problems = sorted(dict.fromkeys(self.problems), key=lambda problem: problem.place)
        return Reading(self.source, frozenset(self.triples), tuple(problems))

    def add(
        self,
        subject: NamedNode,
        *pairs: tuple[NamedNode, NamedNode | Literal | str | int | None],
    ) -> None:
        """Add a triple for each pair that has a value."""
        for predicate, value in pairs:
            if value is not None:
                term = Literal(value) if isinstance(value, str | int) else value
                self.triples.add(Triple(subject, predicate, term))

    def problem(self, node: Node, text: Text, rule: str) -> None:
        """Note what is wrong with a value."""
        self.problems.append(Problem(self.place(node), text, rule, node.text))

    def place(self, node: Node) -> Place:
        """Return the place of a value."""
        return Place(file=self.file, line=node.line)

    def date(self, node: Node) -> Literal | None:
        """Return a value as a date, None where there is no value; anything else is a problem."""
        if _DATE.fullmatch(node.text):
            return Literal(node.text, datatype=XSD.date)
        if node.value is not None:
            en = f"not a date: “{node.text}”; expected YYYY-MM-DD"
            ja = f"日付ではありません:「{node.text}」。YYYY-MM-DDの形で書いてください"
            self.problem(node, Text(en, ja), "bad-date")
        return None

    def address(self, node: Node) -> NamedNode | None:
        """Return a value as a web address, as `date` does."""
        if _ADDRESS.fullmatch(node.text):
            return NamedNode(node.text)
        if node.text:
            en, ja = f"not an address: “{node.text}”", f"アドレスではありません:「{node.text}」"
            self.problem(node, Text(en, ja), "bad-address")
        return None
