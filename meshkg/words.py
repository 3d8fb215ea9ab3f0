"""The two languages: a sentence in English and Japanese, and which of them the reader gets."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Final, NamedTuple

__all__ = ["LANGUAGES", "Text", "current_language", "preferred_language", "speak"]

LANGUAGES: Final = ("en", "ja")

_language: ContextVar[str] = ContextVar("language", default="en")


class Text(NamedTuple):
    """One sentence in both languages; ``str()`` gives the one that is being spoken.

    >>> str(Text("no such tool", "そのようなツールはありません"))
    'no such tool'
    """

    en: str
    ja: str

    def __str__(self) -> str:
        return self.ja if _language.get() == "ja" else self.en


def speak(language: str) -> None:
    """Choose the language of every `Text` from here on (in this thread or task).

    Args:
        language: ``en`` or ``ja``; anything else speaks English.
    """
    _language.set(language if language in LANGUAGES else "en")


def current_language() -> str:
    """Return the language that is being spoken, ``en`` or ``ja``."""
    return _language.get()


def preferred_language(environ: Mapping[str, str] = os.environ) -> str:
    """Return the language that the environment asks for.

    Args:
        environ: ``MESHKG_LANGUAGE`` decides, then ``LC_ALL``, ``LC_MESSAGES`` and ``LANG``.

    >>> preferred_language({"LANG": "ja_JP.UTF-8"}), preferred_language({})
    ('ja', 'en')
    """
    names = ("MESHKG_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    wanted = next((environ[name] for name in names if environ.get(name)), "en")
    return "ja" if wanted.lower().startswith("ja") else "en"
