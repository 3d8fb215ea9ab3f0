"""The figures of docs/benchmarks.md: meshkg beside plain rdflib, alternating, medians.

Run it with ``make bench``. It prints a Markdown table; machines differ, so quote the ratios.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyshacl
from pyoxigraph import DefaultGraph, RdfFormat, Store, serialize
from rdflib import Graph

from meshkg.dataset import HOME, VIEWS, assemble
from meshkg.publishing.build import write_dataset
from meshkg.questions import bind, question
from meshkg.rules import Rule
from meshkg.sparql import query
from meshkg.terms import PREFIXES, graph_name

SHORT = """SELECT ?mesh WHERE { ?mesh mesh:cncfMaturity maturity:graduated ;
  mesh:supports responsibility:mutual-tls , responsibility:multi-cluster }"""
PREAMBLE = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
PLAIN_COLD = """
import sys, rdflib
graph = rdflib.Graph().parse(sys.argv[1], format="nt")
for row in graph.query(sys.argv[2]):
    print(*row)
"""

Job = Callable[[], object]


def main() -> None:
    """Measure the three pairs and print a table."""
    store = assemble()
    with tempfile.TemporaryDirectory() as folder:
        merge = Path(folder) / "merge.nt"
        merge.write_bytes(_merge(store))
        plain = Graph().parse(merge, format="nt")
        comparison = bind(question("compare"), {}, store)
        pairs: list[tuple[str, Job, Job, int]] = [
            (
                "comparison of two tools, in process",
                lambda: list(query(store, comparison)),  # type: ignore[arg-type]
                lambda: list(plain.query(comparison)),
                15,
            ),
            (
                "short question, from cold",
                lambda: _cold("-m", "meshkg", "ask", "-e", SHORT),
                lambda: _cold("-c", PLAIN_COLD, str(merge), PREAMBLE + SHORT),
                7,
            ),
            (
                "build and validate everything",
                lambda: write_dataset(assemble(), Path(folder) / "build"),
                _plain_build,
                1,
            ),
        ]
        print("| What | meshkg | plain rdflib | ratio |\n| --- | ---: | ---: | ---: |")
        for name, ours, theirs, runs in pairs:
            print(_row(name, ours, theirs, runs), flush=True)


def _row(name: str, ours: Job, theirs: Job, runs: int) -> str:
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(runs + 1):  # the first pair warms up
        for job, found in zip((ours, theirs), times, strict=True):
            started = time.perf_counter()
            job()
            if number:
                found.append(time.perf_counter() - started)
    mine, plain = (statistics.median(found) for found in times)
    return f"| {name} | {mine * 1000:.1f} ms | {plain * 1000:.1f} ms | {plain / mine:.1f} |"


def _cold(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)


def _merge(store: Store) -> bytes:
    quads = store.quads_for_pattern(None, None, None, DefaultGraph())
    return serialize((quad.triple for quad in quads), format=RdfFormat.N_TRIPLES) or b""


def _plain_build() -> None:
    """Do with rdflib and pySHACL alone what `meshkg build` does, the RDF 1.2 view left out."""
    graph, shapes = Graph(), Graph()
    for path in (*HOME.glob("ontology/*.ttl"), *HOME.glob("data/**/*.ttl")):
        graph.parse(path)
    for path in sorted(HOME.glob("ontology/rules/*.rq")):
        rule = Rule.from_file(path)
        if graph_name(rule.graph) not in VIEWS:
            graph += graph.query(PREAMBLE + rule.query).graph or Graph()
    for path in (*HOME.glob("ontology/shapes/*.ttl"), HOME / "ontology" / "meshkg.ttl"):
        shapes.parse(path)
    pyshacl.validate(graph, shacl_graph=shapes)
    graph.serialize(format="nt")


if __name__ == "__main__":
    main()
