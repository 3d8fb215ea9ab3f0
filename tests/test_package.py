"""The wheel holds the whole graph, and works from anywhere with nothing else around it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import meshkg
from meshkg.dataset import HOME


def test_the_wheel_answers_on_its_own(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=HOME, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "PYTHONSAFEPATH": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", _ASK],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    home, mutual_tls = ran.stdout.splitlines()
    assert Path(home) == tmp_path / "site" / "meshkg" / "graph"
    assert mutual_tls == "encryption,mutual-tls,Mutual TLS,full,full"


_ASK = """
import contextlib, sys
from meshkg.cli import main
from meshkg.dataset import HOME
print(HOME)
sys.argv = "meshkg compare istio linkerd --area encryption --format csv --out x.csv".split()
with contextlib.suppress(SystemExit):
    main()
print(open("x.csv").read().splitlines()[1])
"""


def test_every_module_lists_its_public_names() -> None:
    for found in walk_packages(meshkg.__path__, "meshkg."):
        if found.name.endswith("__main__"):
            continue
        module = import_module(found.name)
        names = module.__all__
        assert all(hasattr(module, name) for name in names), found.name
        public = {
            name
            for name, value in vars(module).items()
            if not name.startswith("_") and getattr(value, "__module__", "") == found.name
        }
        assert public <= set(names) | {"annotations"}, found.name


def test_the_commands_that_ask_import_neither_rdflib_nor_pyshacl() -> None:
    check = (
        "import sys, meshkg.cli; print(sorted({'rdflib', 'pyshacl', 'fastapi'} & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", check], check=True, capture_output=True, encoding="utf-8"
    )
    assert ran.stdout.strip() == "[]"
