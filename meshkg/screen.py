"""Tables on a terminal: answers, matrices, the list of questions."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, Triple
from rich.console import Console
from rich.table import Table
from rich.text import Text as Words

from meshkg.comparison import Matrix
from meshkg.questions import Question
from meshkg.terms import short
from meshkg.words import Text

__all__ = ["screen", "show_answer", "show_matrix", "show_questions", "shown_columns"]

_PIPED_WIDTH = 10_000
_SORT_KEYS = ("areaPosition", "position", "rank")
_STYLES = {"full": "green", "partial": "yellow", "none": "red"}


def screen() -> Console:
    """Return a console for answers: as wide as the terminal, or as the text where it is piped."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_PIPED_WIDTH)


def show_answer(answer: QuerySolutions, console: Console, *, brief: bool = False) -> None:
    """Print the rows of a SELECT as a table, IRIs as prefixed names.

    Args:
        answer: the rows.
        console: where to print.
        brief: leave out sort keys, and IRIs that a label beside them stands for.
    """
    shown = shown_columns(answer, brief=brief)
    table = _table(name for _, name in shown)
    for row in answer:
        table.add_row(*(Words(_plain(row[column])) for column, _ in shown))
    console.print(table)
    rows = table.row_count
    console.print(str(Text(f"{rows} row{'s' * (rows != 1)}", f"{rows}行")), style="dim")


def shown_columns(answer: QuerySolutions, *, brief: bool) -> list[tuple[str, str]]:
    """Return the variables that a table shows, each with its heading.

    Args:
        answer: the rows; they are not consumed.
        brief: leave out sort keys, and IRIs that a label beside them stands for.
    """
    names = [variable.value for variable in answer.variables]
    if not brief:
        return [(name, name) for name in names]
    technical = {*_SORT_KEYS, *(name.removesuffix("Label") for name in names if "Label" in name)}
    return [(name, name.removesuffix("Label")) for name in names if name not in technical]


def show_matrix(matrix: Matrix, console: Console) -> None:
    """Print a comparison, a rule between the areas."""
    responsibility = str(Text("Responsibility", "責務"))
    table = _table((str(Text("Area", "領域")), responsibility, *matrix.labels))
    area = ""
    for row in matrix.rows:
        if area and row.area != area:
            table.add_section()
        first = row.area_label if row.area != area else ""
        area = row.area
        levels = (Words(cell.label, style=_STYLES.get(cell.level, "dim")) for cell in row.cells)
        table.add_row(Words(first), Words(row.label), *levels)
    console.print(table)


def show_questions(questions: Iterable[Question], console: Console) -> None:
    """Print the saved questions with their parameters."""
    names = (Text("Question", "質問"), Text("What it answers", "内容"), Text("Parameters", "引数"))
    table = _table(str(name) for name in names)
    for question in questions:
        parameters = " ".join(parameter.name for parameter in question.parameters)
        table.add_row(Words(question.name), Words(str(question.title)), Words(parameters))
    console.print(table)


def _table(names: Iterable[str]) -> Table:
    table = Table(header_style="bold")
    for name in names:
        table.add_column(name, overflow="fold")
    return table


def _plain(term: NamedNode | BlankNode | Literal | Triple | None) -> str:
    if term is None:
        return ""
    return short(term.value) if isinstance(term, NamedNode) else getattr(term, "value", str(term))
