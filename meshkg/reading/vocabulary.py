"""The labels that a document may use, taken from the graph.

All that reading knows about its subject is here, and all of it comes from triples: the names of
tools, rows, values and components, the signs for levels, the values that an attribute may have.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import NamedNode, Store

from meshkg.sparql import select
from meshkg.terms import slug

__all__ = ["Vocabulary", "key", "without_brackets"]

_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_BRACKETS = re.compile("[(\uff08][^()\uff08\uff09]*[)\uff09]")
_UNSEEN = re.compile("[`\\s\ufe00-\ufe0f\u200b-\u200d\u2060]")
_ALIKE_AT_ALL: Final = 1
_LONGEST_LABEL: Final = 200

_LABELS: Final = """
SELECT ?class ?thing ?label WHERE {
  ?thing a/rdfs:subClassOf* ?class ; skos:prefLabel|skos:altLabel|rdfs:label ?label .
}"""
_MARKS: Final = "SELECT ?level ?mark WHERE { ?level mesh:mark|skos:prefLabel ?mark ; a mesh:Level }"
_RANGES: Final = (
    "SELECT ?attribute ?range WHERE { ?attribute a mesh:Attribute ; rdfs:range ?range }"
)
_IMPLIED: Final = "SELECT ?component ?level WHERE { ?component mesh:impliesLevel ?level }"
_RANKS: Final = "SELECT ?level ?rank WHERE { ?level mesh:rank ?rank ; a mesh:Level }"


def key(label: str) -> str:
    """Return what two spellings of one label have in common.

    Width, case, blanks, line breaks, code marks and variation selectors do not count.

    >>> key("`L4`ロード<br>バランシング") == key("Ｌ４ ロードバランシング")
    True
    """
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", _BREAK.sub("", label))).casefold()


def without_brackets(text: str) -> str:
    """Return a text without its bracketed parts.

    >>> without_brackets("ルーティング (割合ベース)")
    'ルーティング '
    """
    return _BRACKETS.sub("", text)


@dataclass(frozen=True)
class Vocabulary:
    """The labels of a graph, found by class and spelling.

    Attributes:
        names: for each class, the things by the key of each of their labels.
        labels: for each class, every label as it is written, by its key.
        marks: the level by the key of its signs and names.
        ranges: the class of the values that an attribute may have.
        implied: the level that a cell states by naming a component.
        ranks: the order of the levels.
    """

    names: dict[NamedNode, dict[str, NamedNode]]
    labels: dict[NamedNode, dict[str, str]]
    marks: dict[str, NamedNode]
    ranges: dict[NamedNode, NamedNode]
    implied: dict[NamedNode, NamedNode]
    ranks: dict[NamedNode, int]
    _nearest: dict[tuple[str, tuple[NamedNode, ...]], str] = field(default_factory=dict)

    @classmethod
    def from_store(cls, store: Store) -> Vocabulary:
        """Take the vocabulary out of a store whose default graph holds ontology and things."""
        names: dict[NamedNode, dict[str, NamedNode]] = {}
        labels: dict[NamedNode, dict[str, str]] = {}
        for kind, thing, label in select(store, _LABELS):
            for text in _spellings(label.value, slug(thing.value)):
                names.setdefault(kind, {}).setdefault(key(text), thing)
                labels.setdefault(kind, {}).setdefault(key(label.value), label.value)
        return cls(
            names,
            labels,
            {key(mark.value): level for level, mark in select(store, _MARKS)},
            dict(select(store, _RANGES)),
            dict(select(store, _IMPLIED)),
            {level: int(rank.value) for level, rank in select(store, _RANKS)},
        )

    def find(self, text: str, *classes: NamedNode) -> NamedNode | None:
        """Return the thing of one of the classes that a text names, or None.

        A label is compared as a whole first, then without what stands in brackets.
        """
        for spelling in (key(text), key(without_brackets(text))):
            for kind in classes:
                found = self.names.get(kind, {}).get(spelling)
                if found and spelling:
                    return found
        return None

    def level(self, text: str) -> NamedNode | None:
        """Return the level that a sign stands for, or None."""
        return self.marks.get(key(text))

    def nearest(self, text: str, *classes: NamedNode) -> str:
        """Return the known label that is most like a text, empty where nothing is alike at all."""
        from rapidfuzz import fuzz, process  # noqa: PLC0415 (needed for bad input only)

        asked = (key(text)[:_LONGEST_LABEL], classes)
        if asked not in self._nearest:
            choices = {k: v for kind in classes for k, v in self.labels.get(kind, {}).items()}
            best = process.extractOne(
                asked[0], choices.keys(), scorer=fuzz.ratio, score_cutoff=_ALIKE_AT_ALL
            )
            self._nearest[asked] = choices[best[0]] if best else ""
        return self._nearest[asked]

    def best(self, levels: Iterable[NamedNode]) -> NamedNode:
        """Return the highest of some levels."""
        return max(levels, key=lambda level: (self.ranks.get(level, 0), level.value))


def _spellings(label: str, name: str) -> tuple[str, ...]:
    bare = without_brackets(label)
    return (label, bare, name) if bare.strip() else (label, name)
