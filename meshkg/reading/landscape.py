"""The CNCF landscape: every hosted project with its stages, and the Service Mesh section in full.

An entry becomes a `mesh:Listing`, which keeps what the file says under that name; the dates of its
stages become claims, each with the interval in which it held. Entries that say two different
things are read as they stand: the shapes of `ontology/shapes/landscape.ttl` report them.

Format: https://github.com/cncf/landscape2/blob/main/docs/config/data.yml
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, Store

from meshkg.reading.claims import Reading
from meshkg.reading.files import read_text, refusal
from meshkg.reading.lines import Node, parse_yaml
from meshkg.reading.recorder import KNOWN, Recorder, known_repositories, same_address
from meshkg.reading.vocabulary import Vocabulary, key, without_brackets
from meshkg.terms import DCAT, DCTERMS, MESH, PROV, RDF, RDFS, SCHEMA, SKOS, slug, thing
from meshkg.words import Text

__all__ = ["MAX_BYTES", "SOURCE", "matches", "read"]

#: The largest landscape that is read, in bytes; the real one has 1.1 million.
MAX_BYTES: Final = 8_000_000
#: Slug of the source where the caller names none.
SOURCE: Final = "cncf-landscape"

_BEGIN = re.compile(rb"\A(?:\xef\xbb\xbf)?(?:\s*#[^\n]*\n|\s*\n|---\s*\n)*landscape:\s")
_SECTION: Final = "Service Mesh"
# the keys of the format that carry a date, in the order of a project's life, and their stages
_STAGES: Final = {
    "accepted": "sandbox",
    "incubating": "incubating",
    "graduated": "graduated",
    "archived": "archived",
}
# addresses inside an index that many products share, so they tell nothing about whose they are
_INDEXES: Final = ("docker_url", "helm_chart_url", "operator_chart_url", "package_manager_url")
_TITLE: Final = (
    Literal("CNCF landscape", language="en"),
    Literal("CNCFランドスケープ", language="ja"),
)
_INFERRED: Final = (
    Literal(
        "The file dates acceptance and a later stage; the time between is taken to be Sandbox.",
        language="en",
    ),
    Literal(
        "ファイルにあるのは受け入れと後の段階の日付であり、その間はサンドボックスと見なした。",
        language="ja",
    ),
)


def matches(head: bytes) -> bool:
    r"""Tell from the first bytes of a file whether it is a landscape.

    >>> matches(b"# comment\nlandscape:\n  - category:\n"), matches(b"# Notes on a landscape:\n")
    (True, False)
    """
    return _BEGIN.match(head) is not None


def read(
    path: Path,
    store: Store,
    *,
    source: str | None = None,
    whole: bool = True,
    max_bytes: int = MAX_BYTES,
) -> Reading:
    """Read a landscape file.

    Args:
        path: the file.
        store: a store whose default graph holds the ontology and the known tools.
        source: slug of the source.
        whole: read every project; otherwise only the Service Mesh section, and the entries of
            known tools, data planes and components.
        max_bytes: the largest size that is read.

    Returns:
        the triples, and the problems that keep them from being written.

    Raises:
        DocumentError: the file is no landscape at all.
    """
    text, data = read_text(path, max_bytes)
    entries = tuple(_entries(parse_yaml(text, path.name)))
    if not entries:
        message = Text("a landscape without entries", "項目のないランドスケープです")
        raise refusal(path.name, message, rule="not-a-document")
    reader = _Reader(path.name, source or SOURCE, Vocabulary.from_store(store))
    reader.repositories = known_repositories(store)
    reader.describe(hashlib.sha256(data).hexdigest())
    reader.read(entries, whole=whole)
    return reader.reading()


@dataclass(frozen=True)
class _Entry:
    """An item of the landscape and the headings that it stands under."""

    node: Node
    under: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.node["name"].text

    @property
    def slug(self) -> str:
        return _slug(self.name)

    @property
    def stage(self) -> Node:
        return self.node["project"]

    @property
    def repository(self) -> str:
        return same_address(self.node["repo_url"].text)

    @property
    def dates(self) -> dict[str, Node]:
        """The dated stages, in the order of a project's life."""
        extra = self.node["extra"].parts
        return {name: extra[name] for name in _STAGES if name in extra and extra[name].text}

    @property
    def in_section(self) -> bool:
        return any(heading.rsplit(" / ", 1)[-1] == _SECTION for heading in self.under)


def _entries(root: Node) -> Iterator[_Entry]:
    for category in root["landscape"]:
        for subcategory in category["subcategories"]:
            heading = f"{category['name'].text} / {subcategory['name'].text}"
            for node in subcategory["items"]:
                yield _Entry(node, (heading, *(path.text for path in node["second_path"])))


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


@dataclass
class _Reader(Recorder):
    """Goes through the entries.

    Attributes:
        repositories: those of every known thing.
        owners: name of the project that a repository belongs to.
        named: the thing that an entry is about, by the key of the entry's name.
        taken: how often a slug has been used.
    """

    repositories: dict[NamedNode, set[str]] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    named: dict[str, NamedNode] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)

    def describe(self, sha256: str) -> None:
        self.add(
            thing("source", self.source),
            (RDF.type, MESH.Source),
            *((DCTERMS.title, title) for title in _TITLE),
            (DCTERMS.language, "en"),
            (DCAT.mediaType, "application/yaml"),
            (SCHEMA.sha256, sha256),
        )

    def read(self, entries: tuple[_Entry, ...], *, whole: bool) -> None:
        self.owners = {e.repository: e.name for e in entries if e.stage.text and e.repository}
        chosen = []
        for entry in filter(self._usable, entries):
            known = self._known(entry)
            if known or entry.in_section or (whole and (entry.stage.text or entry.dates)):
                chosen.append((entry, known or self._project(entry)))
        self.named = {key(entry.name): subject for entry, subject in chosen}
        for entry, subject in chosen:
            listing = self._listing(entry, subject)
            self._stages(entry, subject, listing)

    # -- what an entry is about ------------------------------------------------------------

    def _usable(self, entry: _Entry) -> bool:
        if not entry.slug:
            text = Text(
                "an entry whose name has no Latin letter or digit",
                "名前に英数字のない項目です",
            )
            self.problem(entry.node["name"], text, "unusable-name")
        return bool(entry.slug)

    def _known(self, entry: _Entry) -> NamedNode | None:
        """Return the thing of an entry's name, unless their repositories differ."""
        found = self.vocabulary.find(entry.name, *KNOWN)
        if found is None:
            return None
        known = self.repositories.get(found)
        if known and entry.repository:
            return found if entry.repository in known else None
        return found if without_brackets(entry.name) == entry.name else None

    def _project(self, entry: _Entry) -> NamedNode:
        """Return a project; an entry may list one again, with a word in brackets."""
        owner = self.owners.get(entry.repository, "")
        if not entry.stage.text and owner and key(without_brackets(entry.name)) == key(owner):
            return thing("project", _slug(owner))
        project = thing("project", entry.slug)
        self.add(
            project,
            (RDF.type, MESH.Project),
            *((SKOS.prefLabel, Literal(entry.name, language=tag)) for tag in ("en", "ja")),
        )
        return project

    # -- what an entry says ----------------------------------------------------------------

    def _listing(self, entry: _Entry, subject: NamedNode) -> NamedNode:
        count = self.taken[entry.slug] = self.taken.get(entry.slug, 0) + 1
        name = entry.slug if count == 1 else f"{entry.slug}-{count}"
        listing = thing("listing", self.source, name)
        node = entry.node
        self.add(
            listing,
            (RDF.type, MESH.Listing),
            (MESH.lists, subject),
            (SCHEMA.name, entry.name),
            *((MESH.listedUnder, heading) for heading in entry.under),
            (SCHEMA.url, self.address(node["homepage_url"])),
            (SCHEMA.codeRepository, self.address(node["repo_url"])),
            *((RDFS.seeAlso, address) for address in self._further(node["extra"])),
            (MESH.stage, self._stage(entry.stage)),
            *((MESH.stageDate, self.date(date)) for date in entry.dates.values()),
            (MESH.line, node.line),
            (DCTERMS.isPartOf, thing("source", self.source)),
        )
        parent = self.named.get(key(node["extra"]["parent_project"].text))
        self.add(subject, (DCTERMS.isPartOf, parent))
        return listing

    def _further(self, extra: Node) -> Iterator[NamedNode | None]:
        for name, part in extra.parts.items():
            if name not in _INDEXES and re.match(r"https?://\S+$", part.text):
                yield self.address(part)

    def _stage(self, node: Node) -> NamedNode | None:
        found = self.vocabulary.find(node.text, MESH.Maturity)
        if node.text and found is None:
            near = self.vocabulary.nearest(node.text, MESH.Maturity)
            en = f"unknown stage “{node.text}”"
            ja = f"未知の段階「{node.text}」"
            en += f"; nearest known label: “{near}”" if near else ""
            ja += f"。最も近い既知のラベル:「{near}」" if near else ""
            self.problem(node, Text(en, ja), "unknown-value")
        return found

    # -- the claims ------------------------------------------------------------------------

    def _stages(self, entry: _Entry, subject: NamedNode, listing: NamedNode) -> None:
        """Make a claim for each stage that took some time; the last one has no end."""
        if not entry.stage.text:
            return
        here = self.vocabulary.find(entry.stage.text, MESH.Maturity)
        spans = [
            (name, node, self.vocabulary.find(_STAGES[name], MESH.Maturity))
            for name, node in entry.dates.items()
            if self.date(node)
        ]
        dated = any(value == here for _, _, value in spans)
        ends = [node for _, node, _ in spans[1:]]
        for (name, start, value), end in zip(spans, (*ends, None), strict=False):
            if (end and end.text == start.text) or not (end or dated):
                continue
            claim = self._claim(subject, listing, value, start, start.text)
            self.add(
                claim,
                (MESH.validFrom, self.date(start)),
                (MESH.validUntil, self.date(end) if end else None),
            )
            if end and name == "accepted":
                self.add(claim, *((SKOS.note, note) for note in _INFERRED))
        if not dated:
            self._claim(subject, listing, here, entry.stage)

    def _claim(
        self,
        subject: NamedNode,
        listing: NamedNode,
        value: NamedNode | None,
        place: Node,
        *start: str,
    ) -> NamedNode:
        claim = thing("claim", self.source, slug(subject.value), "cncf-maturity", *start)
        is_tool = subject in self.vocabulary.names.get(MESH.Tool, {}).values()
        self.add(
            claim,
            (RDF.type, MESH.Claim),
            (RDF.type, MESH.AttributeClaim),
            (MESH.aboutTool if is_tool else MESH.aboutProject, subject),
            (MESH.attribute, MESH.cncfMaturity),
            (MESH.attributeValue, value),
            (MESH.statedIn, thing("source", self.source)),
            (MESH.line, place.line),
            (PROV.hadPrimarySource, listing),
        )
        return claim
