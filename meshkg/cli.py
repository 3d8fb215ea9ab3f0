"""The commands: one thin function for each verb."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from pyoxigraph import QuerySolutions, Store
from rich.console import Console
from rich.status import Status

from meshkg import __version__
from meshkg.comparison import MATRIX_FORMATS, compare_tools
from meshkg.dataset import assemble, load
from meshkg.difference import compare_files
from meshkg.difference_reports import DIFFERENCE_FORMATS
from meshkg.errors import DocumentError, GraphFileError, MeshKGError, Place
from meshkg.formats import GRAPH_FORMATS, RESULT_FORMATS, is_graph
from meshkg.formats import write as write_answer
from meshkg.publishing.build import write_dataset
from meshkg.publishing.document import document as write_document
from meshkg.questions import bind, question, questions
from meshkg.reports import REPORT_FORMATS, summary
from meshkg.screen import screen, show_answer, show_matrix, show_questions
from meshkg.sparql import query
from meshkg.terms import MESH
from meshkg.turtle import from_triples, write_whole
from meshkg.validation import validate as validate_store
from meshkg.validation import validate_files
from meshkg.words import LANGUAGES, Text, preferred_language, speak

__all__ = [
    "app",
    "ask",
    "build",
    "compare",
    "diff",
    "document",
    "main",
    "read",
    "serve",
    "validate",
]

_LANGUAGE: Final = preferred_language()
speak(_LANGUAGE)


def _(en: str, ja: str) -> str:
    return str(Text(en, ja))


def _choice(default: str, names: Iterable[str], *flags: str, **more: Any) -> Any:
    choices = list(names)

    def checked(name: str) -> str:
        if name not in choices:
            raise typer.BadParameter(
                _("choose one of ", "次から選んでください: ") + ", ".join(choices)
            )
        return name

    return typer.Option(
        *flags,
        parser=checked,
        metavar="|".join(choices),
        autocompletion=lambda: choices,
        show_default=default,
        **more,
    )


app: Final = typer.Typer(
    name="meshkg",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help=_(
        "Ask a service-mesh comparison questions, and see the line behind each answer.",
        "サービスメッシュの比較に質問し、答えの根拠となる行まで確かめます。",
    ),
)
_notes: Final = Console(stderr=True, highlight=False, soft_wrap=True)

With = Annotated[
    list[Path] | None,
    typer.Option(
        "--with",
        metavar="FILE.ttl",
        help=_("Load this file of triples too.", "このトリプルのファイルも読み込む。"),
    ),
]
Extra = Annotated[
    list[Path] | None,
    typer.Option(
        "--vocabulary",
        metavar="EXTRA.ttl",
        help=_("Labels and concepts for this reading.", "この読み取りで使うラベルと概念。"),
    ),
]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        formats=["%Y-%m-%d"],
        metavar="YYYY-MM-DD",
        help=_("As the evidence stood on this day.", "この日の時点の根拠に基づいて答える。"),
    ),
]
Language = Annotated[
    str,
    _choice(
        _LANGUAGE,
        LANGUAGES,
        "--lang",
        help=_("Language of the labels.", "ラベルの言語。"),
    ),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", help=_("Write here, not to the screen.", "画面ではなく、ここに書く。")),
]


def main() -> None:
    """Run the command line; a project error becomes its text on stderr and exit code 2."""
    try:
        app()
    except MeshKGError as error:
        _note(str(error))
        sys.exit(2)


@app.command(
    help=_(
        "Turn a Markdown comparison document into claims.\n\n"
        "Example: `meshkg read mesh.md --out claims.ttl`",
        "Markdownの比較文書を主張に変換します。\n\n例: `meshkg read mesh.md --out claims.ttl`",
    )
)
def read(
    document: Annotated[Path, typer.Argument(metavar="DOCUMENT.md")],
    *,
    source: Annotated[
        str | None, typer.Option(help=_("Slug of the source.", "情報源のスラッグ。"))
    ] = None,
    out: Out = None,
    vocabulary: Extra = None,
    propose: Annotated[
        Path | None,
        typer.Option(
            metavar="EXTRA.ttl",
            help=_("Write a skeleton of unknown labels here.", "未知のラベルの雛形をここに書く。"),
        ),
    ] = None,
    tables: Annotated[
        str | None,
        typer.Option(metavar="1,3-5", help=_("Read these tables only.", "この表だけを読む。")),
    ] = None,
    max_bytes: Annotated[
        int,
        typer.Option(
            envvar="MESHKG_MAX_DOCUMENT_BYTES",
            help=_("Largest document that is read.", "読み取る文書の最大バイト数。"),
        ),
    ] = 2_000_000,
) -> None:
    """Read a document; refuse it whole where a label is unknown."""
    from meshkg.reading import (  # noqa: PLC0415 (the other commands start faster without it)
        Unknown,
        propose_vocabulary,
        read_document,
    )

    store = load(extra=vocabulary or ())
    with _working(_("Reading", "読み取り中")):
        reading = read_document(
            document, store, source=source, tables=_numbers(tables), max_bytes=max_bytes
        )
    unknown = [problem for problem in reading.problems if isinstance(problem, Unknown)]
    if propose and unknown:
        write_whole(propose, from_triples(propose_vocabulary(unknown, store)))
        en = f"{propose}: a skeleton of the unknown labels; edit it and pass it to --vocabulary"
        _note(_(en, f"{propose}: 未知のラベルの雛形です。編集して--vocabularyに渡してください"))
    if reading.problems:
        raise DocumentError(reading.problems)
    _emit(from_triples(reading.triples), out)
    if out:
        cells, claims = reading.count(MESH.Cell), reading.count(MESH.Claim)
        en = f"{out}: {cells} cells, {claims} claims, source {reading.source}"
        _note(_(en, f"{out}: セル{cells}個、主張{claims}件、情報源 {reading.source}"))


@app.command(
    help=_(
        "Assemble all graphs, derive, validate; write dataset.nq, reified.nq and report.json.\n\n"
        "Example: `meshkg build --out build`",
        "すべてのグラフを組み立て、導出・検証し、dataset.nq、reified.nq、report.jsonを書きます。\n\n"
        "例: `meshkg build --out build`",
    )
)
def build(
    *,
    out: Annotated[Path, typer.Option(help=_("Folder to write.", "書き込むフォルダー。"))] = Path(
        "build"
    ),
    extra: With = None,
) -> None:
    """Write the dataset, unless a shape is violated."""
    with _working(_("Building", "構築中")):
        report = write_dataset(assemble(extra=extra or ()), out)
    _note(f"{out}: {summary(report)}")
    if not report.conforms:
        raise typer.Exit(1)


@app.command(
    help=_(
        "Check the shipped graph, or documents and files of triples, against the shapes.\n\n"
        "Exit code: 0 conforms, 1 violations, 2 cannot run.\n\n"
        "Example: `meshkg validate mesh.md --format sarif`",
        "同梱のグラフ、または文書やトリプルのファイルをシェイプで検証します。\n\n"
        "終了コード: 0 適合、1 違反あり、2 実行できない。\n\n"
        "例: `meshkg validate mesh.md --format sarif`",
    )
)
def validate(
    files: Annotated[list[Path] | None, typer.Argument(metavar="[FILE...]")] = None,
    *,
    form: Annotated[str, _choice("text", REPORT_FORMATS, "--format")] = "text",
    out: Out = None,
    vocabulary: Extra = None,
) -> None:
    """Validate and report with lines."""
    with _working(_("Validating", "検証中")):
        if files:
            report = validate_files(files, vocabulary=vocabulary or ())
        else:
            report = validate_store(assemble(extra=vocabulary or ()))
    _emit(REPORT_FORMATS[form](report), out)
    if not report.conforms:
        raise typer.Exit(1)


@app.command(
    help=_(
        "Ask a saved question or any SPARQL query; without either, list the questions.\n\n"
        "Example: `meshkg ask who-supports --param responsibility=mutual-tls`\n\n"
        "Example: `meshkg ask -e 'SELECT ?t { ?t mesh:supports responsibility:mutual-tls }'`",
        "保存された質問、または任意のSPARQLクエリを実行します。どちらもなければ質問を一覧します。\n\n"
        "例: `meshkg ask who-supports --param responsibility=mutual-tls`\n\n"
        "例: `meshkg ask -e 'SELECT ?t { ?t mesh:supports responsibility:mutual-tls }'`",
    )
)
def ask(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]")] = None,
    *,
    expression: Annotated[
        str | None,
        typer.Option("-e", metavar="SPARQL", help=_("The query itself.", "クエリそのもの。")),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("-f", metavar="FILE.rq", help=_("A query file.", "クエリのファイル。")),
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option(
            metavar="k=v",
            help=_(
                "A parameter of the question; several values by commas.",
                "質問の引数。複数の値はコンマで区切る。",
            ),
        ),
    ] = None,
    form: Annotated[
        str, _choice("table", ("table", *RESULT_FORMATS, *GRAPH_FORMATS), "--format")
    ] = "table",
    out: Out = None,
    lang: Language = _LANGUAGE,
    as_of: AsOf = None,
    extra: With = None,
) -> None:
    """Ask the dataset."""
    if sum(given is not None for given in (name, expression, file)) > 1:
        en, ja = "give one of NAME, -e and -f", "NAME、-e、-fのうち1つを指定してください"
        raise typer.BadParameter(_(en, ja))
    speak(lang)
    if expression is None and file is None and name is None:
        show_questions(questions().values(), screen())
        return
    store = assemble(extra=extra or (), as_of=_day(as_of))
    if name is not None:
        text = bind(question(name), {"lang": [lang], **_arguments(param)}, store)
    else:
        text = _content(file) if file else expression or ""
    answer = query(store, text)
    if form == "table" and out is None and isinstance(answer, QuerySolutions):
        show_answer(answer, screen(), brief=name is not None)
        return
    fitting = ("turtle" if is_graph(answer) else "csv") if form == "table" else form
    body, _media_type = write_answer(answer, fitting)
    _emit(body, out)


@app.command(
    help=_(
        "Put tools side by side: every responsibility with its level.\n\n"
        "Example: `meshkg compare istio linkerd --area telemetry --format markdown`",
        "ツールを並べ、すべての責務の対応水準を比べます。\n\n"
        "例: `meshkg compare istio linkerd --area telemetry --format markdown`",
    )
)
def compare(
    tools: Annotated[list[str], typer.Argument(metavar="TOOL TOOL...")],
    *,
    area: Annotated[str | None, typer.Option(help=_("One area only.", "この領域だけ。"))] = None,
    source: Annotated[
        str | None,
        typer.Option(help=_("What one source says.", "ひとつの情報源の主張で比べる。")),
    ] = None,
    form: Annotated[str, _choice("table", ("table", *MATRIX_FORMATS), "--format")] = "table",
    out: Out = None,
    lang: Language = _LANGUAGE,
    as_of: AsOf = None,
    extra: With = None,
) -> None:
    """Compare tools."""
    speak(lang)
    store = assemble(extra=extra or (), as_of=_day(as_of))
    matrix = compare_tools(store, tools, area=area, source=source, language=lang)
    if form == "table" and out is None:
        show_matrix(matrix, screen())
    else:
        _emit(MATRIX_FORMATS["markdown" if form == "table" else form](matrix), out)


@app.command(
    help=_(
        "Write a source back as Markdown: sections, lists, links and tables, prose left out.\n\n"
        "Example: `meshkg document --keep-lines --out copy.md`",
        "情報源をMarkdownに書き戻します (節・一覧・リンク・表。本文は含みません)。\n\n"
        "例: `meshkg document --keep-lines --out copy.md`",
    )
)
def document(
    *,
    source: Annotated[
        str, typer.Option(help=_("Slug of the source.", "情報源のスラッグ。"))
    ] = "tech-notebook",
    keep_lines: Annotated[
        bool,
        typer.Option(
            "--keep-lines", help=_("Keep everything on its line.", "すべてを元の行に置く。")
        ),
    ] = False,
    out: Out = None,
    extra: With = None,
) -> None:
    """Write a source back."""
    _emit(write_document(load(extra=extra or ()), source, keep_lines=keep_lines), out)


@app.command(
    help=_(
        "Compare two revisions of a source claim by claim, with the lines in both.\n\n"
        "Exit code: 0 no differences, 1 differences, 2 cannot be read in full.\n\n"
        "Example: `meshkg diff old.md new.md --format json`",
        "情報源の二つの版を主張ごとに比べ、両方の行番号を示します。\n\n"
        "終了コード: 0 差異なし、1 差異あり、2 読めない部分がある。\n\n"
        "例: `meshkg diff old.md new.md --format json`",
    )
)
def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD")],
    new: Annotated[Path, typer.Argument(metavar="NEW")],
    *,
    form: Annotated[str, _choice("text", DIFFERENCE_FORMATS, "--format")] = "text",
    out: Out = None,
    vocabulary: Extra = None,
) -> None:
    """Compare what can be read of two files, then list what cannot."""
    with _working(_("Comparing", "比較中")):
        found = compare_files(old, new, vocabulary=vocabulary or ())
    if found.old.claims and found.new.claims:
        _emit(DIFFERENCE_FORMATS[form](found), out)
    if found.problems:
        raise DocumentError(found.problems)
    if found:
        raise typer.Exit(1)


@app.command(
    help=_(
        "Serve the SPARQL endpoint.\n\nExample: `meshkg serve --port 8000`",
        "SPARQLエンドポイントを起動します。\n\n例: `meshkg serve --port 8000`",
    )
)
def serve(
    *,
    host: Annotated[
        str,
        typer.Option(envvar="MESHKG_HOST", help=_("Address to listen on.", "待ち受けるアドレス。")),
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(
            envvar="MESHKG_PORT",
            min=0,
            max=65535,
            help=_("Port to listen on.", "待ち受けるポート。"),
        ),
    ] = 8000,
    extra: With = None,
) -> None:
    """Run the endpoint until it is interrupted."""
    import uvicorn  # noqa: PLC0415 (the other commands start faster without it)

    from meshkg.server import create_app  # noqa: PLC0415

    application = create_app(partial(_dataset, tuple(extra or ())))
    _note(f"http://{host}:{port}/sparql")
    uvicorn.run(application, host=host, port=port, log_level="warning")


def _show_version(value: bool) -> None:  # noqa: FBT001 (typer calls it so)
    if value:
        typer.echo(f"meshkg {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_show_version,
            is_eager=True,
            help=_("Show the version.", "バージョンを表示する。"),
        ),
    ] = False,
) -> None:
    del version


def _dataset(extra: tuple[Path, ...], as_of: date | None) -> Store:
    return assemble(extra=extra, as_of=as_of)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _note(text: str) -> None:
    _notes.print(text, markup=False)


def _working(text: str) -> Status:
    return _notes.status(text)


def _emit(content: str | bytes, out: Path | None) -> None:
    data = content.encode() if isinstance(content, str) else content
    if out:
        write_whole(out, data)
    else:
        typer.echo(data, nl=not data.endswith(b"\n"))


def _numbers(text: str | None) -> set[int] | None:
    if text is None:
        return None
    if not re.fullmatch(r"\d+(-\d+)?(,\d+(-\d+)?)*", text):
        raise typer.BadParameter(_("write it like 1,3-5", "1,3-5のように書いてください"))
    ranges = (part.partition("-") for part in text.split(","))
    return {n for low, _dash, high in ranges for n in range(int(low), int(high or low) + 1)}


def _arguments(param: Iterable[str] | None) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text in param or ():
        name, equals, value = text.partition("=")
        if not equals:
            en, ja = (
                f"“{text}” is not of the form name=value",
                f"「{text}」は 名前=値 の形ではありません",
            )
            raise typer.BadParameter(_(en, ja))
        found.setdefault(name, []).extend(value.split(","))
    return found


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        text = Text(f"cannot be read: {error}", f"読めません: {error}")
        raise GraphFileError(text, place=Place(file=str(path))) from None
