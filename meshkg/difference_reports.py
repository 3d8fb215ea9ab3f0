"""A difference between two revisions as text, JSON, or Turtle."""

from __future__ import annotations

import base64
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from pyoxigraph import Literal, NamedNode, Triple

from meshkg.difference import Claim, Column, Difference, Key, Pair, Revision
from meshkg.terms import MESH, PROV, RDF, SCHEMA, XSD, short, thing
from meshkg.turtle import from_triples
from meshkg.words import Text

__all__ = ["DIFFERENCE_FORMATS", "as_json", "as_text", "as_turtle"]

_WORDS: Final = {
    "renamed": Text("Renamed", "改名"),
    "changed": Text("Changed", "変更"),
    "added": Text("Added", "追加"),
    "removed": Text("Removed", "削除"),
}
_CLASSES: Final = {
    "renamed": MESH.Renaming,
    "changed": MESH.Replacement,
    "added": MESH.Addition,
    "removed": MESH.Removal,
}
_QUOTED: Final = {XSD.string, RDF.langString}

_Labels = Mapping[str, Text]


class _Change(NamedTuple):
    """One difference: what stands in the older and in the newer revision."""

    kind: str
    old: Claim | Column | None
    new: Claim | Column | None


def as_text(difference: Difference) -> str:
    r"""Return one line for each difference, with its lines in both files, and the counts.

    >>> revision = Revision("a.md", "source:a", "00", frozenset())
    >>> as_text(Difference(revision, revision))
    'no differences\n'
    """
    lines = [_line(difference, change) for change in _changes(difference)]
    return "\n".join((*lines, _summary(difference), ""))


def as_json(difference: Difference) -> str:
    """Return JSON with prefixed names, which stay when labels change."""
    content = {
        "old": _plain_revision(difference.old),
        "new": _plain_revision(difference.new),
        "counts": _counts(difference),
        "differences": [
            {
                "kind": change.kind,
                **({"old": _plain(change.old)} if change.old else {}),
                **({"new": _plain(change.new)} if change.new else {}),
            }
            for change in _changes(difference)
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def as_turtle(difference: Difference) -> str:
    """Return canonical Turtle: the revision (https://www.w3.org/TR/prov-o/) and each change.

    A revision is named by its checksum (https://www.rfc-editor.org/rfc/rfc6920), for both may
    be revisions of one source.
    """
    old, new = difference.old, difference.new
    triples = [*_revision(old), *_revision(new)]
    if old.sha256 != new.sha256:
        triples.append(Triple(_digest(new), PROV.wasRevisionOf, _digest(old)))
    name = f"{old.sha256[:12]}-{new.sha256[:12]}"
    for number, change in enumerate(_changes(difference), start=1):
        node = thing("change", name, str(number))
        triples += [Triple(node, RDF.type, term) for term in (MESH.Change, _CLASSES[change.kind])]
        triples += [Triple(node, PROV.wasDerivedFrom, _digest(found)) for found in (old, new)]
        for side, stated in (("before", change.old), ("after", change.new)):
            if stated:
                part = thing("change", name, str(number), side)
                triples.append(Triple(node, MESH[side], part))
                triples += [Triple(part, *pair) for pair in _terms(stated)]
    return from_triples(triples)


#: How a difference is written; the names are the command's choices.
DIFFERENCE_FORMATS: Final[dict[str, Callable[[Difference], str]]] = {
    "text": as_text,
    "json": as_json,
    "turtle": as_turtle,
}


def _changes(difference: Difference) -> Iterator[_Change]:
    yield from (_Change("renamed", old, new) for old, new in difference.renamed)
    yield from (_Change("changed", old, new) for old, new in difference.changed)
    yield from (_Change("added", None, claim) for claim in difference.added)
    yield from (_Change("removed", claim, None) for claim in difference.removed)


def _counts(difference: Difference) -> dict[str, int]:
    return {kind: len(getattr(difference, kind)) for kind in _WORDS}


# -- text --------------------------------------------------------------------------------------


def _summary(difference: Difference) -> str:
    if not difference:
        return str(Text("no differences", "差異はありません"))
    counts = _counts(difference).items()
    en = ", ".join(f"{count} {kind}" for kind, count in counts)
    return str(Text(en, "、".join(f"{_WORDS[kind].ja}{count}件" for kind, count in counts)))


def _line(difference: Difference, change: _Change) -> str:
    sides = ((difference.old, change.old), (difference.new, change.new))
    places = [
        f"{revision.file}:{_ranges(side.lines)}" if side.lines else revision.file
        for revision, side in sides
        if side
    ]
    text = _what(change, difference.labels)
    return f"{_WORDS[change.kind]} {' → '.join(places)}: {text}"


def _what(change: _Change, labels: _Labels) -> str:
    columns = [side for side in (change.old, change.new) if isinstance(side, Column)]
    if columns:
        tools = " → ".join(_label(column.tool, labels) for column in columns)
        count = len(columns[0].claims)
        return f"{tools} ({Text(f'identical cells: {count}', f'同一のセル: {count}個')})"
    sides = [side for side in (change.old, change.new) if isinstance(side, Claim)]
    key = sides[0].key
    about = ", ".join(_label(part, labels) for part in (key.tool, key.subject, key.start) if part)
    return f"{about}: {'; '.join(_values(sides, labels))}"


def _values(sides: Sequence[Claim], labels: _Labels) -> Iterator[str]:
    """Yield what one claim says, or of two claims what they do not both say, by property."""
    said = [_by_property(side) for side in sides]
    for name in sorted({name for values in said for name in values}):
        found = [values.get(name, []) for values in said]
        if len(found) == 1 or {v.value for v in found[0]} != {v.value for v in found[1]}:
            yield f"{_label(name, labels)} {' → '.join(_listed(v, labels) for v in found)}"


def _listed(values: Iterable[NamedNode | Literal], labels: _Labels) -> str:
    return ", ".join(dict.fromkeys(_shown(value, labels) for value in values)) or "—"


def _by_property(claim: Claim) -> dict[str, list[NamedNode | Literal]]:
    found: dict[str, list[NamedNode | Literal]] = defaultdict(list)
    for predicate, value in sorted(claim.values, key=str):
        found[predicate.value].append(value)
    return {**found}


def _shown(value: NamedNode | Literal, labels: _Labels) -> str:
    if isinstance(value, NamedNode):
        return _label(value.value, labels)
    text = " ".join(value.value.split())
    return str(Text(f"“{text}”", f"「{text}」")) if value.datatype in _QUOTED else text


def _label(iri: str, labels: _Labels) -> str:
    return str(labels[iri]) if iri in labels else short(iri)


def _ranges(numbers: Iterable[int]) -> str:
    """Return ascending numbers, runs of them drawn together.

    >>> _ranges([3, 4, 5, 9])
    '3-5, 9'
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)


# -- JSON --------------------------------------------------------------------------------------


def _plain_revision(revision: Revision) -> dict[str, str]:
    source = short(revision.source)
    return {"file": revision.file, "source": source, "sha256": revision.sha256}


def _plain(side: Claim | Column) -> dict[str, Any]:
    if isinstance(side, Column):
        rows = [_plain_key(replace(claim.key, tool="")) for claim in side.claims]
        return {"tool": short(side.tool), "lines": side.lines, "rows": rows}
    values = {
        short(name): [short(v.value) if isinstance(v, NamedNode) else v.value for v in found]
        for name, found in _by_property(side).items()
    }
    return {**_plain_key(side.key), "lines": side.lines, "values": values}


def _plain_key(key: Key) -> dict[str, str]:
    found = {"tool": short(key.tool), "subject": short(key.subject), "start": key.start}
    return {name: text for name, text in found.items() if text}


# -- Turtle ------------------------------------------------------------------------------------


def _digest(revision: Revision) -> NamedNode:
    digest = base64.urlsafe_b64encode(bytes.fromhex(revision.sha256)).decode().rstrip("=")
    return NamedNode(f"ni:///sha-256;{digest}")


def _revision(revision: Revision) -> Iterator[Triple]:
    node = _digest(revision)
    yield Triple(node, RDF.type, PROV.Entity)
    if revision.source:
        yield Triple(node, PROV.specializationOf, NamedNode(revision.source))
    yield Triple(node, SCHEMA.name, Literal(revision.file))
    yield Triple(node, SCHEMA.sha256, Literal(revision.sha256))


def _terms(side: Claim | Column) -> Iterator[Pair]:
    """Yield what is said of a side; it is no `mesh:Claim`, for no rule may count it as one."""
    yield from ((MESH.line, Literal(line)) for line in side.lines)
    if isinstance(side, Column):
        yield RDF.type, PROV.Collection
        yield MESH.aboutTool, NamedNode(side.tool)
        yield from ((PROV.hadMember, NamedNode(claim.iri)) for claim in side.claims if claim.iri)
    else:
        yield RDF.type, PROV.Entity
        yield from sorted(side.about | side.values, key=str)
        names = [NamedNode(side.iri)] if side.iri else []
        yield from ((PROV.specializationOf, name) for name in names)
