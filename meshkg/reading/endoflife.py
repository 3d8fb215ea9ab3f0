"""Product files of endoflife.date: the releases of a tool, and until when each is supported.

Such a file is Markdown whose front matter holds all the data; the prose below it is not read.
The file and each of its releases become a `mesh:Listing` with its line.

Format: https://github.com/endoflife-date/endoflife.date/blob/master/CONTRIBUTING.md
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, Store

from meshkg.reading.claims import Reading, Unknown
from meshkg.reading.files import read_text, refusal
from meshkg.reading.lines import Node, parse_yaml
from meshkg.reading.recorder import KNOWN, Recorder, known_repositories, same_address
from meshkg.reading.vocabulary import Vocabulary
from meshkg.terms import DCAT, DCTERMS, MESH, PROV, RDF, RDFS, SCHEMA, XSD, slug, thing
from meshkg.words import Text

__all__ = ["MAX_BYTES", "SOURCE", "matches", "read"]

#: The largest product file that is read, in bytes; a real one has some thousand.
MAX_BYTES: Final = 1_000_000
#: Slug of the source where the caller names none.
SOURCE: Final = "endoflife"

_FENCE = re.compile(r"^---[ \t]*$", re.MULTILINE)
_BEGIN = re.compile(rb"\A(?:\xef\xbb\xbf)?---[ \t]*\r?\n")
_RELEASES = re.compile(rb"^(?:releases:|- *releaseCycle:| +- *releaseCycle:)", re.MULTILINE)
_CYCLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_GITHUB: Final = "pkg:github/"
_SITE: Final = "https://endoflife.date"
_TRUTH: Final = {"true": True, "false": False}
_TITLE: Final = "endoflife.date"


def matches(head: bytes) -> bool:
    r"""Tell from the first bytes of a file whether it is a product file.

    The list of releases stands behind the product's own data: some 2,000 bytes are needed.

    >>> matches(b"---\ntitle: Istio\nreleases:\n"), matches(b"---\ntitle: Notes\n---\n# Notes\n")
    (True, False)
    """
    return bool(_BEGIN.match(head) and _RELEASES.search(head))


def read(
    path: Path, store: Store, *, source: str | None = None, max_bytes: int = MAX_BYTES
) -> Reading:
    """Read a product file.

    Args:
        path: the file.
        store: a store whose default graph holds the ontology and the known tools.
        source: slug of the source.
        max_bytes: the largest size that is read.

    Returns:
        the triples, and the problems that keep them from being written.

    Raises:
        DocumentError: the file is no product file at all.
    """
    text, data = read_text(path, max_bytes)
    parts = _FENCE.split(text.replace("\r\n", "\n"), maxsplit=2)
    if len(parts) < 3 or parts[0].strip():  # noqa: PLR2004 (before, inside, behind)
        message = Text("no front matter", "フロントマターがありません")
        raise refusal(path.name, message, rule="not-a-document")
    product = parse_yaml(parts[1].removeprefix("\n"), path.name, before=1)
    if not list(product["releases"]):
        message = Text("a product without releases", "リリースのない製品です")
        raise refusal(path.name, message, rule="not-a-document")
    reader = _Reader(path.name, source or SOURCE, Vocabulary.from_store(store))
    reader.read(product, known_repositories(store), hashlib.sha256(data).hexdigest())
    return reader.reading()


class _Reader(Recorder):
    """Goes through the releases of one product."""

    def read(self, product: Node, repositories: dict[NamedNode, set[str]], sha256: str) -> None:
        subject = self._subject(product, repositories)
        if subject is None:
            return
        page = self._page(product, subject, sha256)
        for release in product["releases"]:
            self._release(release, subject, page)

    def _subject(self, product: Node, repositories: dict[NamedNode, set[str]]) -> NamedNode | None:
        """Return the thing of the product's name, unless their repositories differ."""
        title, name = product["title"], product["permalink"].text.strip("/")
        found = self.vocabulary.find(title.text, *KNOWN) or self.vocabulary.find(name, *KNOWN)
        own = {
            same_address(f"https://github.com/{purl.removeprefix(_GITHUB)}")
            for purl in _purls(product)
            if purl.startswith(_GITHUB)
        }
        known = repositories.get(found, set()) if found else set()
        if found and not (own and known and own.isdisjoint(known)):
            return found
        near = self.vocabulary.nearest(title.text, MESH.Tool)
        text = Text(
            f"unknown tool “{title.text}”" + (f"; nearest known label: “{near}”" if near else ""),
            f"未知のツール「{title.text}」"
            + (f"。最も近い既知のラベル:「{near}」" if near else ""),
        )
        self.problems.append(Unknown(self.place(title), text, "unknown-tool", title.text))
        return None

    def _page(self, product: Node, subject: NamedNode, sha256: str) -> NamedNode:
        source = thing("source", self.source)
        page = thing("listing", self.source, slug(subject.value))
        link = product["permalink"].text
        self.add(
            source,
            (RDF.type, MESH.Source),
            (DCTERMS.title, Literal(_TITLE, language="en")),
            (DCTERMS.title, Literal(_TITLE, language="ja")),
            (DCTERMS.language, "en"),
            (DCAT.mediaType, "text/markdown"),
        )
        self.add(
            page,
            (RDF.type, MESH.Listing),
            (MESH.lists, subject),
            (SCHEMA.name, product["title"].text),
            (SCHEMA.url, NamedNode(_SITE + link) if re.fullmatch(r"/[\w.-]+", link) else None),
            (SCHEMA.sha256, sha256),
            (RDFS.seeAlso, self.address(product["releasePolicyLink"])),
            *((MESH.purl, purl) for purl in _purls(product)),
            (MESH.line, product.line),
            (DCTERMS.isPartOf, source),
        )
        return page

    def _release(self, release: Node, subject: NamedNode, page: NamedNode) -> None:
        cycle = release["releaseCycle"]
        if not _CYCLE.fullmatch(cycle.text):
            text = Text("a release without a usable name", "使える名前のないリリースです")
            self.problem(cycle, text, "unusable-name")
            return
        listing = thing("listing", self.source, slug(subject.value), cycle.text)
        self.add(
            listing,
            (RDF.type, MESH.Listing),
            (MESH.line, release.line),
            (DCTERMS.isPartOf, page),
        )
        node = thing("release", slug(subject.value), cycle.text)
        self.add(listing, (MESH.lists, node))
        self.add(
            node,
            (RDF.type, MESH.Release),
            (MESH.releaseOf, subject),
            (SCHEMA.softwareVersion, cycle.text),
            (DCTERMS.issued, self.date(release["releaseDate"])),
            (MESH.latestVersion, release["latest"].text or None),
            (MESH.latestVersionIssued, self.date(release["latestReleaseDate"])),
            self._end(release["eol"]),
            (MESH.longTermSupport, self._long_term(release["lts"])),
            (PROV.hadPrimarySource, listing),
        )

    def _end(self, node: Node) -> tuple[NamedNode, Literal | None]:
        """Return the day when support ends, or whether there still is support."""
        ended = _TRUTH.get(node.text.lower())
        if ended is None:
            return MESH.supportEnds, self.date(node)
        return MESH.supported, _boolean(not ended)

    def _long_term(self, node: Node) -> Literal | None:
        """Return whether a release has long-term support; a date tells from when it has it."""
        known = _TRUTH.get(node.text.lower())
        if known is None:
            return _boolean(True) if self.date(node) else None
        return _boolean(known)


def _purls(product: Node) -> list[str]:
    return [part["purl"].text for part in product["identifiers"] if part["purl"].text]


def _boolean(value: bool) -> Literal:  # noqa: FBT001 (it becomes an RDF literal)
    return Literal(str(value).lower(), datatype=XSD.boolean)
