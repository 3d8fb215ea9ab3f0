"""The graphs put together: ontology, vocabulary, tools, sources, and what the rules derive.

Each file's triples stand in a named graph; the default graph is the merge of them all, so that a
question needs no ``GRAPH`` clause. The two views (RDF 1.2 reifiers, data cube) stay out of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Final

from pyoxigraph import DefaultGraph, Literal, Quad, RdfFormat, Store, Triple, parse

from meshkg.errors import GraphFileError, Place
from meshkg.rules import run_rules
from meshkg.terms import MESH, XSD, graph_name
from meshkg.words import Text

__all__ = [
    "HOME",
    "VIEWS",
    "add_graph",
    "assemble",
    "derive",
    "is_graph_file",
    "load",
    "load_file",
    "load_vocabulary",
    "parse_file",
]

_HERE: Final = Path(__file__).parent
#: The folder with `ontology/`, `data/` and `queries/`: in the wheel, or the checkout.
HOME: Final = _HERE / "graph" if (_HERE / "graph").is_dir() else _HERE.parent

#: Graphs beside the merge.
VIEWS: Final = (graph_name("reified"), graph_name("cube"))

_FORMATS: Final = {
    ".jsonld": RdfFormat.JSON_LD,
    ".nq": RdfFormat.N_QUADS,
    ".nt": RdfFormat.N_TRIPLES,
    ".owl": RdfFormat.RDF_XML,
    ".rdf": RdfFormat.RDF_XML,
    ".trig": RdfFormat.TRIG,
    ".ttl": RdfFormat.TURTLE,
}
_ONTOLOGY: Final = ("meshkg", "alignments")


def load_vocabulary(home: Path = HOME) -> Store:
    """Load ontology, vocabulary and tools into a store, without what any source says.

    Args:
        home: the folder with `ontology/` and `data/`.

    Raises:
        GraphFileError: a file cannot be parsed.
    """
    store = Store()
    for path in sorted((home / "ontology").glob("*.ttl")):
        load_file(store, path, "ontology" if path.stem in _ONTOLOGY else "vocabulary")
    for path in sorted((home / "data").glob("*.ttl")):
        load_file(store, path)
    return store


def load(home: Path = HOME, *, extra: Iterable[Path] = ()) -> Store:
    """Load every file of the graph, each into its named graph and the merge.

    Args:
        home: the folder with `ontology/` and `data/`.
        extra: further files of triples.

    Raises:
        GraphFileError: a file cannot be parsed.
    """
    store = load_vocabulary(home)
    for path in (*sorted((home / "data" / "sources").glob("*.ttl")), *extra):
        load_file(store, path)
    return store


def load_file(store: Store, path: Path, graph: str = "") -> None:
    """Load a file of triples into a named graph of a store and into the merge.

    Args:
        store: the store.
        path: Turtle, or another format by its file extension.
        graph: name of the graph; by default the file's name up to the first dot.

    Raises:
        GraphFileError: it cannot be opened or parsed; the store is then as before.
    """
    name = graph or path.name.split(".")[0]
    form = _format(path)
    if form.supports_datasets:
        add_graph(store, parse_file(path), name)
        return
    with _named_errors(path):
        store.load(path=path, format=form, to_graph=graph_name(name))
    store.update(f"ADD {graph_name(name)} TO DEFAULT")


def parse_file(path: Path) -> list[Triple]:
    """Return the triples of a file, graph names left out.

    Raises:
        GraphFileError: it cannot be opened or parsed.
    """
    with _named_errors(path):
        return [quad.triple for quad in parse(path=path, format=_format(path))]


def is_graph_file(path: Path) -> bool:
    """Return whether a file holds triples, by its extension; a ``.txt`` is a document."""
    return path.suffix.lower() in _FORMATS


def _format(path: Path) -> RdfFormat:
    return _FORMATS.get(path.suffix.lower(), RdfFormat.TURTLE)


@contextmanager
def _named_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except SyntaxError as error:
        place = Place(file=path.name, line=error.lineno or 0)
        raise GraphFileError(
            Text(f"{error.msg}", f"構文の誤り: {error.msg}"), place=place
        ) from None
    except OSError as error:
        reason = error.strerror or str(error)
        text = Text(f"cannot be opened: {reason}", f"開けません: {reason}")
        raise GraphFileError(text, place=Place(file=str(path))) from None


def add_graph(store: Store, triples: Iterable[Triple], graph: str) -> None:
    """Add triples to a named graph and, unless it is a view, to the merge."""
    name = graph_name(graph)
    triples = list(triples)
    store.extend(Quad(t.subject, t.predicate, t.object, name) for t in triples)
    if name not in VIEWS:
        store.extend(Quad(t.subject, t.predicate, t.object, DefaultGraph()) for t in triples)


def assemble(home: Path = HOME, *, extra: Iterable[Path] = (), as_of: date | None = None) -> Store:
    """Return the whole dataset: every file loaded, every rule run.

    Args:
        home: the folder with `ontology/` and `data/`.
        extra: further files of triples.
        as_of: assess as the evidence stood on this day; by default on the newest date of any
            source.

    >>> bool(assemble().query("ASK { <https://w3id.org/meshkg/tool/istio> ?p ?o }"))
    True
    """
    store = load(home, extra=extra)
    derive(store, home, as_of=as_of)
    return store


def derive(store: Store, home: Path = HOME, *, as_of: date | None = None) -> None:
    """Run the rules of `ontology/rules/` over a loaded store, as the evidence stood on a day."""
    if as_of:
        day = Literal(as_of.isoformat(), datatype=XSD.date)
        add_graph(store, [Triple(graph_name("derived"), MESH.asOf, day)], "derived")
    for graph, triples in run_rules(store, home / "ontology" / "rules"):
        add_graph(store, triples, graph)
