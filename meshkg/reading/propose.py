"""A skeleton of the vocabulary that a document needs and the graph does not have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from meshkg.reading.claims import Unknown
from meshkg.reading.vocabulary import Vocabulary, key
from meshkg.terms import LEVEL, MESH, RDF, SKOS, slug

__all__ = ["PROPOSED", "propose"]

#: Where proposed things live until their author gives them a home.
PROPOSED: Final = "https://example.org/"

_EDIT: Final = (
    Literal("TODO: check the class and the labels, then replace this definition.", language="en"),
    Literal("TODO: クラスとラベルを確認し、この定義を書き換えてください。", language="ja"),
)


def propose(unknown: Iterable[Unknown], vocabulary: Vocabulary) -> list[Triple]:
    """Return triples that make unknown labels known, one thing for each, ready to edit.

    Args:
        unknown: the labels that a reading did not know.
        vocabulary: names the areas; an unknown row goes under the area of its heading.
    """
    found = {(label.kind, key(label.found)): label for label in unknown}
    taken: dict[str, int] = {}
    return [
        triple
        for label in found.values()
        for triple in _thing(_name(label, taken), label, vocabulary)
    ]


def _name(label: Unknown, taken: dict[str, int]) -> NamedNode:
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", slug(label.kind.value)).lower()
    words = re.sub(r"[^a-z0-9]+", "-", label.found.lower()).strip("-") or "new"
    path = f"{PROPOSED}{kind}/{words}"
    taken[path] = taken.get(path, 0) + 1
    return NamedNode(path if taken[path] == 1 else f"{path}-{taken[path]}")


def _thing(name: NamedNode, label: Unknown, vocabulary: Vocabulary) -> Iterator[Triple]:
    yield Triple(name, RDF.type, label.kind)
    for language in ("en", "ja"):
        yield Triple(name, SKOS.prefLabel, Literal(label.found, language=language))
    for definition in _EDIT:
        yield Triple(name, SKOS.definition, definition)
    area = vocabulary.find(label.section, MESH.Area)
    if label.kind == MESH.Responsibility and area:
        yield Triple(name, SKOS.broader, area)
    if label.kind == MESH.Component:
        yield Triple(name, MESH.impliesLevel, LEVEL.unknown)
