"""Tools side by side: the matrix of responsibilities and levels, and how it is written."""

from __future__ import annotations

import csv
import html
import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import QuerySolution, QuerySolutions, Store

from meshkg.errors import UnknownNameError
from meshkg.questions import bind, question, things
from meshkg.sparql import query
from meshkg.terms import slug
from meshkg.words import Text

__all__ = [
    "MATRIX_FORMATS",
    "SILENCE",
    "Cell",
    "Matrix",
    "Row",
    "as_csv",
    "as_html",
    "as_json",
    "as_markdown",
    "compare_tools",
]

#: Shown where no source says anything; never to be read as "no".
SILENCE: Final = "—"


@dataclass(frozen=True)
class Cell:
    """What is known of one tool and one responsibility.

    Attributes:
        level: slug of the level, empty where no source says anything.
        label: the level's label.
        line: line of the source that the level rests on, None where there is none.
    """

    level: str = ""
    label: str = SILENCE
    line: int | None = None


@dataclass(frozen=True)
class Row:
    """One responsibility under one of its areas; a cell for each tool of the matrix."""

    area: str
    area_label: str
    responsibility: str
    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Matrix:
    """A comparison.

    Attributes:
        tools: slugs in the order that was asked for.
        labels: the tools' labels in the same order.
        rows: in the order of the vocabulary.
    """

    tools: tuple[str, ...]
    labels: tuple[str, ...]
    rows: tuple[Row, ...]


def compare_tools(
    store: Store,
    tools: Sequence[str],
    *,
    area: str | None = None,
    source: str | None = None,
    language: str = "en",
) -> Matrix:
    """Put tools side by side.

    Args:
        store: the dataset.
        tools: slugs, IRIs or labels; at least two.
        area: one area only, sub-areas included.
        source: compare what this source says; the assessments where it is None.
        language: of the labels, ``en`` or ``ja``.

    Raises:
        UnknownNameError: the graph does not know one of the names, or there is one tool only.
    """
    if len(tools) < 2:  # noqa: PLR2004 (a comparison has two sides)
        en, ja = "a comparison needs at least two tools", "比較にはツールが2つ以上必要です"
        raise UnknownNameError(Text(en, ja))
    asked = question("compare-source" if source else "compare")
    columns = [tool.value for tool in things(asked.parameters[0], tools, store)]
    arguments = {"tools": columns, "lang": [language]}
    if area:
        arguments["areas"] = [area]
    if source:
        arguments["source"] = [source]
    answer = query(store, bind(asked, arguments, store))
    if not isinstance(answer, QuerySolutions):
        raise TypeError(asked.name)
    return _matrix(answer, [slug(tool) for tool in columns])


def _matrix(solutions: Iterable[QuerySolution], tools: Sequence[str]) -> Matrix:
    labels: dict[str, str] = {}
    rows: dict[tuple[str, str], QuerySolution] = {}
    cells: dict[tuple[str, str, str], Cell] = {}
    for found in solutions:
        area, responsibility, tool = (
            slug(found[name].value) for name in ("area", "responsibility", "tool")
        )
        labels[tool] = found["toolLabel"].value
        rows.setdefault((area, responsibility), found)
        cells.setdefault((area, responsibility, tool), _cell(found))
    return Matrix(
        tuple(tools),
        tuple(labels[tool] for tool in tools),
        tuple(
            Row(
                area=area,
                area_label=found["areaLabel"].value,
                responsibility=responsibility,
                label=found["responsibilityLabel"].value,
                cells=tuple(cells[area, responsibility, tool] for tool in tools),
            )
            for (area, responsibility), found in rows.items()
        ),
    )


def _cell(found: QuerySolution) -> Cell:
    level, label, line = found["level"], found["levelLabel"], found["line"]
    if level is None:
        return Cell()
    return Cell(slug(level.value), label.value, int(line.value) if line else None)


def as_markdown(matrix: Matrix) -> str:
    """Return a GitHub-flavoured Markdown table."""
    head = (str(Text("Area", "領域")), str(Text("Responsibility", "責務")), *matrix.labels)
    lines = [_markdown_row(head), "|" + " --- |" * len(head)]
    lines += [_markdown_row(_texts(row)) for row in matrix.rows]
    return "\n".join((*lines, ""))


def as_csv(matrix: Matrix) -> str:
    """Return CSV (RFC 4180) with slugs, which stay when labels change."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(("area", "responsibility", "label", *matrix.tools))
    for row in matrix.rows:
        levels = (cell.level for cell in row.cells)
        writer.writerow((row.area, row.responsibility, row.label, *levels))
    return stream.getvalue()


def as_json(matrix: Matrix) -> str:
    """Return JSON: the tools, and a level with its line for each of them in each row."""
    rows = [
        {
            "area": row.area,
            "responsibility": row.responsibility,
            "label": row.label,
            "levels": {
                tool: {"level": cell.level or None, "label": cell.label, "line": cell.line}
                for tool, cell in zip(matrix.tools, row.cells, strict=True)
            },
        }
        for row in matrix.rows
    ]
    tools = dict(zip(matrix.tools, matrix.labels, strict=True))
    return json.dumps({"tools": tools, "rows": rows}, ensure_ascii=False, indent=2) + "\n"


def as_html(matrix: Matrix) -> str:
    """Return an HTML table; each level's slug is its cell's class."""
    head = (str(Text("Area", "領域")), str(Text("Responsibility", "責務")), *matrix.labels)
    lines = [
        "<table>",
        "<thead><tr>" + "".join(_tag("th", text) for text in head) + "</tr></thead>",
    ]
    lines += ["<tbody>", *(_html_row(row) for row in matrix.rows), "</tbody>", "</table>", ""]
    return "\n".join(lines)


#: How a matrix is written; the names are the command's choices, beside ``table``.
MATRIX_FORMATS: Final[dict[str, Callable[[Matrix], str]]] = {
    "markdown": as_markdown,
    "csv": as_csv,
    "json": as_json,
    "html": as_html,
}


def _texts(row: Row) -> tuple[str, ...]:
    return (row.area_label, row.label, *(cell.label for cell in row.cells))


def _markdown_row(texts: Iterable[str]) -> str:
    return "| " + " | ".join(text.replace("|", r"\|") for text in texts) + " |"


def _html_row(row: Row) -> str:
    cells = "".join(_tag("td", cell.label, kind=cell.level or "silence") for cell in row.cells)
    return f"<tr>{_tag('th', row.area_label)}{_tag('th', row.label)}{cells}</tr>"


def _tag(name: str, text: str, *, kind: str = "") -> str:
    attribute = f' class="{html.escape(kind)}"' if kind else ""
    return f"<{name}{attribute}>{html.escape(text)}</{name}>"
