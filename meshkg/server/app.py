"""The application: routers, errors, and the language of the request."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Final

from fastapi import Depends, FastAPI, Request
from fastapi.responses import PlainTextResponse
from pyoxigraph import Store

from meshkg import __version__
from meshkg.server import sparql
from meshkg.server.problems import answer_problems
from meshkg.words import LANGUAGES, Text, speak

__all__ = ["create_app"]

_DAYS_KEPT: Final = 4

_WELCOME = Text(
    """meshkg: ask a service-mesh comparison in SPARQL.

  curl --get {base}sparql -H 'Accept: text/csv' --data-urlencode \\
    'query=SELECT ?tool { ?tool mesh:supports responsibility:mutual-tls }'
""",
    """meshkg: サービスメッシュの比較にSPARQLで質問できます。

  curl --get {base}sparql -H 'Accept: text/csv' --data-urlencode \\
    'query=SELECT ?tool { ?tool mesh:supports responsibility:mutual-tls }'
""",
)


def create_app(dataset: Callable[[date | None], Store]) -> FastAPI:
    """Return the ASGI application over a dataset.

    Args:
        dataset: returns the dataset as the evidence stood on a day, or as it stands (None), such
            as `meshkg.dataset.assemble` does; what it returns is only read. A few of the last
            days asked for are kept.
    """
    datasets = lru_cache(maxsize=_DAYS_KEPT)(dataset)
    store = datasets(None)
    app = FastAPI(
        title="meshkg",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(_speak_to)],
    )
    answer_problems(app)
    app.include_router(sparql.router(datasets))

    @app.get("/", response_class=PlainTextResponse, summary="How to ask")
    def welcome(request: Request) -> str:
        return str(_WELCOME).replace("{base}", str(request.base_url))

    @app.get("/health", summary="Whether the dataset is there")
    def health() -> dict[str, str | int]:
        return {"status": "ok", "quads": len(store)}

    return app


async def _speak_to(request: Request) -> None:
    """Answer in the language that stands first in `Accept-Language`."""
    wanted = re.findall(r"[a-z]{2}", request.headers.get("accept-language", "").lower())
    speak(next((language for language in wanted if language in LANGUAGES), "en"))
