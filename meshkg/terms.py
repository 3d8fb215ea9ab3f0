"""The names that everything else relies on: namespaces, prefixes, terms."""

from __future__ import annotations

from typing import Final

from pyoxigraph import NamedNode

__all__ = [
    "BASE",
    "DCAT",
    "DCTERMS",
    "LEVEL",
    "MESH",
    "PREFIXES",
    "PROV",
    "QB",
    "RDF",
    "RDFS",
    "SCHEMA",
    "SH",
    "SHAPES",
    "SKOS",
    "XSD",
    "Namespace",
    "graph_name",
    "short",
    "slug",
    "thing",
]

BASE: Final = "https://w3id.org/meshkg/"


class Namespace:
    """A namespace whose attributes are its terms.

    >>> Namespace("https://example.org/")["a-b"].value
    'https://example.org/a-b'
    """

    def __init__(self, iri: str) -> None:
        """Take the IRI that every term of the namespace starts with."""
        self.iri = iri

    def __getitem__(self, name: str) -> NamedNode:
        return NamedNode(self.iri + name)

    def __getattr__(self, name: str) -> NamedNode:
        if name.startswith("__"):
            raise AttributeError(name)
        return NamedNode(self.iri + name)


MESH: Final = Namespace(f"{BASE}ontology#")
SHAPES: Final = Namespace(f"{BASE}shapes#")
LEVEL: Final = Namespace(f"{BASE}level/")
RDF: Final = Namespace("http://www.w3.org/1999/02/22-rdf-syntax-ns#")
RDFS: Final = Namespace("http://www.w3.org/2000/01/rdf-schema#")
XSD: Final = Namespace("http://www.w3.org/2001/XMLSchema#")
SKOS: Final = Namespace("http://www.w3.org/2004/02/skos/core#")
DCTERMS: Final = Namespace("http://purl.org/dc/terms/")
PROV: Final = Namespace("http://www.w3.org/ns/prov#")
SCHEMA: Final = Namespace("https://schema.org/")
DCAT: Final = Namespace("http://www.w3.org/ns/dcat#")
QB: Final = Namespace("http://purl.org/linked-data/cube#")
SH: Final = Namespace("http://www.w3.org/ns/shacl#")

_KINDS: Final = (
    *("agreement", "area", "assessment", "cell", "claim", "component", "data-plane", "evidence"),
    *("graph", "interest", "level", "listing", "maturity", "mention", "mode", "project"),
    *("reference", "release", "responsibility", "rule", "scheme", "section", "signal"),
    *("source", "table", "tool", "vendor"),
)

#: The prefixes that every query may use without declaring them.
PREFIXES: Final[dict[str, str]] = {
    "dcat": DCAT.iri,
    "dcterms": DCTERMS.iri,
    "mesh": MESH.iri,
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": PROV.iri,
    "qb": QB.iri,
    "rdf": RDF.iri,
    "rdfs": RDFS.iri,
    "schema": SCHEMA.iri,
    "sh": SH.iri,
    "shapes": SHAPES.iri,
    "skos": SKOS.iri,
    "vann": "http://purl.org/vocab/vann/",
    "xsd": XSD.iri,
    **{kind: f"{BASE}{kind}/" for kind in _KINDS},
}


def thing(kind: str, *parts: str) -> NamedNode:
    """Return the IRI of a thing.

    Args:
        kind: one of the contract's kinds, such as ``tool`` or ``claim``.
        parts: the slug, or its parts.

    >>> thing("claim", "tech-notebook", "istio", "tcp").value
    'https://w3id.org/meshkg/claim/tech-notebook/istio/tcp'
    """
    return NamedNode(BASE + "/".join((kind, *parts)))


def graph_name(name: str) -> NamedNode:
    """Return the IRI of a named graph: ``ontology``, ``derived``, or a source's slug."""
    return thing("graph", name)


def slug(iri: str) -> str:
    """Return the last part of an IRI, the name that people type.

    >>> slug("https://w3id.org/meshkg/tool/istio"), slug("https://w3id.org/meshkg/ontology#Tool")
    ('istio', 'Tool')
    """
    return iri.rsplit("#", 1)[-1].rsplit("/", 1)[-1]


def short(iri: str) -> str:
    """Return an IRI as a prefixed name where a prefix fits, else as it is.

    >>> short("https://w3id.org/meshkg/tool/istio"), short("urn:x")
    ('tool:istio', 'urn:x')
    """
    fitting = [(len(ns), prefix, ns) for prefix, ns in PREFIXES.items() if iri.startswith(ns)]
    if not fitting:
        return iri
    _, prefix, namespace = max(fitting)
    return f"{prefix}:{iri.removeprefix(namespace)}"
