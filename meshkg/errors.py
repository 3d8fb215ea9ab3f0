"""What can go wrong, said for the person who has to put it right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from meshkg.words import Text

__all__ = [
    "DocumentError",
    "GraphFileError",
    "MeshKGError",
    "Place",
    "Problem",
    "QueryError",
    "UnknownNameError",
]


@dataclass(frozen=True, kw_only=True, order=True)
class Place:
    """Where something stands in a file: its line and, in a table, the cell.

    Attributes:
        file: the file's name or a source's short name.
        line: line number, 1-based; 0 where the whole file is meant.
        table: number of the table, 1-based; 0 outside tables.
        row: label of the row.
        column: label of the column.

    >>> str(Place(file="a.md", line=7, table=2, row="TCP", column="Istio"))
    'a.md:7 (table 2, TCP, Istio)'
    """

    file: str = ""
    line: int = 0
    table: int = 0
    row: str = ""
    column: str = ""

    def __str__(self) -> str:
        spot = f"{self.file}:{self.line}" if self.line else self.file
        table = str(Text(f"table {self.table}", f"表{self.table}")) if self.table else ""
        inside = ", ".join(part for part in (table, self.row, self.column) if part)
        return f"{spot} ({inside})" if inside else spot


@dataclass(frozen=True)
class Problem:
    """One thing in a document that cannot be read.

    Attributes:
        place: where it stands.
        text: what is wrong and what would be right.
        rule: short name of the kind of problem, such as ``unknown-tool``.
        found: the text as it stands there, empty where the structure is wrong.
    """

    place: Place
    text: Text
    rule: str
    found: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


class MeshKGError(Exception):
    """Something the user can put right; its text is one line in the user's language."""

    def __init__(self, text: Text, *, place: Place | None = None) -> None:
        """Say what is wrong, in both languages, and where."""
        super().__init__(text.en)
        self.text = text
        self.place = place

    def __str__(self) -> str:
        return f"{self.place}: {self.text}" if self.place else str(self.text)


class DocumentError(MeshKGError):
    """A document cannot be read; `problems` lists all of it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Gather every problem of one document."""
        self.problems = tuple(problems)
        count = len(self.problems)
        super().__init__(Text(f"{count} problems", f"問題が{count}件あります"))

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class GraphFileError(MeshKGError):
    """A file of triples cannot be parsed, or is not there."""


class QueryError(MeshKGError):
    """A SPARQL query cannot be parsed, or asks for what is not allowed."""

    def __init__(self, text: Text, *, line: int = 0, column: int = 0) -> None:
        """Say what is wrong with the query and at which line and column (1-based)."""
        super().__init__(text)
        self.line = line
        self.column = column


class UnknownNameError(MeshKGError):
    """A name that the graph does not know: a tool, a question, a parameter, a source."""
