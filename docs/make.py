"""Writes the generated pages of this folder; ``make docs``. A test compares them with the graph."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from pyoxigraph import QuerySolutions, Store

from meshkg.dataset import assemble
from meshkg.questions import Question, bind, questions
from meshkg.screen import shown_columns
from meshkg.sparql import query, select
from meshkg.terms import short
from meshkg.turtle import write_whole

__all__ = ["pages"]

FOLDER: Final = Path(__file__).parent
ROWS: Final = 8
COMMANDS: Final = ("read", "build", "validate", "ask", "compare", "diff", "document", "serve")
TERMS: Final = """
SELECT ?term ?en ?ja ?definition ?teigi WHERE {
  ?term a %s ; rdfs:label ?en , ?ja ; skos:definition ?definition , ?teigi .
  FILTER(STRSTARTS(STR(?term), STR(mesh:)) && LANG(?en) = "en" && LANG(?ja) = "ja")
  FILTER(LANG(?definition) = "en" && LANG(?teigi) = "ja")
} ORDER BY ?term"""
CONCEPTS: Final = """
SELECT ?term ?en ?ja ?definition ?teigi WHERE {
  ?term skos:inScheme scheme:%s ; skos:prefLabel ?en , ?ja ; skos:definition ?definition , ?teigi .
  FILTER(LANG(?en) = "en" && LANG(?ja) = "ja")
  FILTER(LANG(?definition) = "en" && LANG(?teigi) = "ja")
  OPTIONAL { ?term mesh:position ?position } OPTIONAL { ?term mesh:rank ?rank }
} ORDER BY DESC(?rank) ?position ?term"""
SCHEMES: Final = {
    "levels": "Levels / 対応水準",
    "modes": "Architecture modes / アーキテクチャモード",
    "maturity": "CNCF maturity / CNCFの成熟度",
    "agreement": "Agreement / 一致度",
    "responsibilities": "Areas and responsibilities / 領域と責務",
}


def pages(store: Store) -> dict[str, str]:
    """Return the text of every generated page by its file name."""
    return {
        "questions.md": "\n".join(_questions(store)),
        "model.md": "\n".join(_model(store)),
        "commands.md": "\n".join(_commands()),
    }


def _questions(store: Store) -> Iterator[str]:
    yield "# The saved questions / 保存された質問\n"
    yield "Written by `make docs`. Each table shows the answer for the parameters in the file.\n"
    for saved in questions().values():
        yield f"## {saved.name}\n"
        yield f"**{saved.title.en}** / **{saved.title.ja}**\n"
        yield f"{saved.description.en}\n\n{saved.description.ja}\n"
        yield f"    meshkg ask {saved.name}{_arguments(saved)}\n"
        yield from _answer(store, saved)


def _arguments(saved: Question) -> str:
    shown = (
        (parameter.name, parameter.default.split())
        for parameter in saved.parameters
        if parameter.name != "lang" and parameter.default != "UNDEF"
    )
    return "".join(
        f" --param {name}={','.join(term.partition(':')[2] or term for term in terms)}"
        for name, terms in shown
        if not terms[0].startswith('"')
    )


def _answer(store: Store, saved: Question) -> Iterator[str]:
    answer = query(store, bind(saved, {}, store))
    if not isinstance(answer, QuerySolutions):
        raise TypeError(saved.name)
    columns = shown_columns(answer, brief=True)
    rows = list(answer)
    yield _row(name for _, name in columns)
    yield _row("---" for _ in columns)
    for row in itertools.islice(rows, ROWS):
        cells = (row[column] for column, _ in columns)
        yield _row(short(cell.value).replace("|", r"\|") if cell else "" for cell in cells)
    yield f"\n{len(rows)} rows in all / 全{len(rows)}行\n" if len(rows) > ROWS else ""


def _model(store: Store) -> Iterator[str]:
    yield "# The model / モデル\n"
    yield "Written by `make docs` from `ontology/`.\n"
    kinds = {
        "owl:Class": "Classes / クラス",
        "owl:ObjectProperty": "Links / 関係",
        "owl:DatatypeProperty": "Values / 値",
    }
    for kind, title in kinds.items():
        yield from _terms(title, store, TERMS % kind)
    for scheme, title in SCHEMES.items():
        yield from _terms(title, store, CONCEPTS % scheme)


def _terms(title: str, store: Store, text: str) -> Iterator[str]:
    yield f"## {title}\n"
    yield _row(("Term", "Label", "Definition", "定義"))
    yield _row(["---"] * 4)
    for term, en, ja, definition, teigi in select(store, text):
        labels = en.value if en.value == ja.value else f"{en.value} / {ja.value}"
        yield _row((f"`{short(term.value)}`", labels, definition.value, teigi.value))
    yield ""


def _commands() -> Iterator[str]:
    yield "# The commands / コマンド\n"
    yield "Written by `make docs`. `MESHKG_LANGUAGE=ja` gives the help in Japanese.\n"
    for name in COMMANDS:
        environment = {**os.environ, "COLUMNS": "100", "MESHKG_LANGUAGE": "en", "NO_COLOR": "1"}
        ran = subprocess.run(
            [sys.executable, "-m", "meshkg", name, "--help"],
            env=environment,
            capture_output=True,
            check=True,
            encoding="utf-8",
        )
        lines = (line.rstrip() for line in ran.stdout.strip().splitlines())
        yield f"## meshkg {name}\n\n```text\n" + "\n".join(lines) + "\n```\n"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    for page, content in pages(assemble()).items():
        write_whole(FOLDER / page, content)
