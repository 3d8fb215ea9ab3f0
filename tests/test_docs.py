"""The documents say what is so: generated pages are current, commands and links work."""

from __future__ import annotations

import re
import runpy
import shlex
import sys
from pathlib import Path

import pytest
from pyoxigraph import Store

from meshkg.cli import main
from meshkg.dataset import HOME
from meshkg.sparql import query

DOCS = HOME / "docs"
PROSE = ("README.md", "README.ja.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")


def test_generated_pages_are_current(shipped: Store) -> None:
    pages = runpy.run_path(str(DOCS / "make.py"))["pages"](shipped)
    for name, text in pages.items():
        assert (DOCS / name).read_text(encoding="utf-8") == text, "run: make docs"


@pytest.mark.parametrize("name", PROSE)
def test_links_inside_the_repository_lead_somewhere(name: str) -> None:
    text = (HOME / name).read_text(encoding="utf-8")
    targets = [t for t in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in t]
    assert [target for target in targets if not (HOME / target).exists()] == []


@pytest.mark.parametrize("name", ["README.md", "README.ja.md"])
def test_the_first_screen_is_what_comes_out(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (HOME / name).read_text(encoding="utf-8")
    console = re.search(r"```console\n\$ (meshkg ask -e '\n.*?\n}')\n(.*?)```", text, re.DOTALL)
    assert console is not None
    monkeypatch.setattr(sys, "argv", shlex.split(console[1]))
    with pytest.raises(SystemExit):
        main()
    shown = capsys.readouterr().out
    assert shown.startswith(console[2])


@pytest.mark.parametrize("name", ["README.md", "README.ja.md"])
def test_every_question_in_the_readme_can_be_asked(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (HOME / name).read_text(encoding="utf-8")
    commands = re.findall(r"`(meshkg (?:ask|compare) [a-z][^`]*)`", text)
    assert len(commands) >= 4
    for command in commands:
        monkeypatch.setattr(sys, "argv", shlex.split(command))
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code, command
        assert capsys.readouterr().out


def test_sparql_in_the_documents_parses(shipped: Store) -> None:
    for path in (*DOCS.glob("*.md"), *(HOME / name for name in PROSE)):
        for text in re.findall(r"```sparql\n(.*?)```", path.read_text("utf-8"), re.DOTALL):
            query(shipped, text)


def test_every_room_and_module_is_in_the_architecture() -> None:
    text = (HOME / "ARCHITECTURE.md").read_text(encoding="utf-8")
    modules = {path.stem for path in (HOME / "meshkg").glob("*.py")} - {"__init__", "__main__"}
    folders = {f"{path.parent.name}/" for path in (HOME / "meshkg").glob("*/__init__.py")}
    assert {name for name in modules | folders if f"`{name}`" not in text} == set()


def test_no_page_names_a_machine() -> None:
    pages = [*Path(HOME).glob("*.md"), *DOCS.glob("*.md")]
    assert [path for path in pages if re.search(r"/(home|root|work|tmp)/", path.read_text())] == []
