"""What several tests share: the shipped graph, and documents written for one test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from pyoxigraph import Store

from meshkg.dataset import assemble, load
from meshkg.words import speak

settings.register_profile("long", deadline=None, max_examples=2000)
settings.register_profile("meshkg", deadline=None, derandomize="CI" in os.environ)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "meshkg"))

Write = Callable[..., Path]


@pytest.fixture(scope="session")
def shipped() -> Store:
    """The whole dataset; tests only read it."""
    return assemble()


@pytest.fixture(scope="session")
def loaded() -> Store:
    """The files of the graph, nothing derived; tests only read it."""
    return load()


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    speak("en")
    yield
    speak("en")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a document and return its path."""

    def _write(text: str | bytes, name: str = "mesh.md") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return _write
