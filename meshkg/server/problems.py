"""Errors over HTTP: problem details (https://www.rfc-editor.org/rfc/rfc9457)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from meshkg.errors import MeshKGError, QueryError, UnknownNameError
from meshkg.words import Text

__all__ = ["RequestError", "answer_problems"]

_STATUS: Final[dict[type[Exception], HTTPStatus]] = {
    QueryError: HTTPStatus.BAD_REQUEST,
    UnknownNameError: HTTPStatus.NOT_FOUND,
}


class RequestError(MeshKGError):
    """A request that HTTP has a status of its own for."""

    def __init__(self, status: HTTPStatus, text: Text) -> None:
        """Say which status it is and why, in both languages."""
        super().__init__(text)
        self.status = status


def answer_problems(app: FastAPI) -> None:
    """Make an application answer every error with problem details."""
    app.add_exception_handler(MeshKGError, _project_error)
    app.add_exception_handler(HTTPException, _http_error)


def _project_error(_request: Request, error: Exception) -> JSONResponse:
    status: HTTPStatus = getattr(error, "status", None) or _STATUS.get(
        type(error), HTTPStatus.BAD_REQUEST
    )
    position = {}
    if isinstance(error, QueryError) and error.line:
        position = {"line": error.line, "column": error.column}
    return _problem(status, str(error), **position)


def _http_error(_request: Request, error: Exception) -> JSONResponse:
    status = HTTPStatus(getattr(error, "status_code", HTTPStatus.INTERNAL_SERVER_ERROR))
    return _problem(status, status.description or status.phrase)


def _problem(status: HTTPStatus, detail: str, **more: int) -> JSONResponse:
    content = {"title": status.phrase, "status": status.value, "detail": detail, **more}
    return JSONResponse(content, status, media_type="application/problem+json")
