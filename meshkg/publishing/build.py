"""The dataset as files: the same input gives the same bytes."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, Store

from meshkg.reports import REPORT_FORMATS
from meshkg.terms import graph_name
from meshkg.turtle import write_whole
from meshkg.validation import Report, validate

__all__ = ["write_dataset"]


def write_dataset(store: Store, folder: Path) -> Report:
    """Validate a dataset and write it.

    `dataset.nq` holds the named graphs and the merge as default graph, in RDF 1.1, so that any
    store can load it; `reified.nq` holds the one graph that needs RDF 1.2; `report.json` says
    what validation found.

    Args:
        store: the dataset.
        folder: where to write; made where it is missing.

    Returns:
        the report. Where it does not conform, only the report is written.
    """
    report = validate(store)
    write_whole(folder / "report.json", REPORT_FORMATS["json"](report))
    if report.conforms:
        reified = graph_name("reified")
        quads = list(store)
        plain = Dataset(quad for quad in quads if quad.graph_name != reified)
        plain.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
        write_whole(folder / "dataset.nq", _sorted(list(plain)))
        views = [quad for quad in quads if quad.graph_name == reified]
        write_whole(folder / "reified.nq", _sorted(views))
    return report


def _sorted(quads: list[Quad]) -> bytes:
    lines = pyoxigraph.serialize(quads, format=RdfFormat.N_QUADS) or b""
    return b"".join(sorted(lines.splitlines(keepends=True)))
