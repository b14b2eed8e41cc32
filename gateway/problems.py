"""Errors as RFC 9457 problems, whose `detail` is French and fit to be shown. They never repeat what was sent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from gateway.store.database import cause_of
from gateway.texts import Texts

_KEYS: Mapping[int, str] = {
    400: "unreadable",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    413: "too_large",
    422: "invalid",
    503: "unavailable",
}
_RETRY_S = 5

_log = structlog.get_logger(__name__)


class ProblemBody(BaseModel):
    """The shape of every error."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str


def described(meanings: Mapping[int, str]) -> dict[int | str, dict[str, Any]]:
    """The problems a route may answer with, for its OpenAPI description."""
    content = {"application/problem+json": {"schema": ProblemBody.model_json_schema()}}
    return {status: {"description": meaning, "content": content} for status, meaning in meanings.items()}


class Problem(HTTPException):
    """A refusal with a sentence of its own: `key` names it in `texts_fr.yaml`."""

    def __init__(self, status: int, key: str, *, headers: Mapping[str, str] | None = None, **facts: object) -> None:
        super().__init__(status, detail=key, headers=headers)
        self.key = key
        self.facts = facts


def too_many(seconds: float) -> Problem:
    """The refusal of one who comes too often."""
    whole = max(1, math.ceil(seconds))
    return Problem(429, "too_many", headers={"Retry-After": str(whole)}, seconds=whole)


def problem_response(
    texts: Texts, status: int, key: str, *, headers: Mapping[str, str] | None = None, **facts: object
) -> JSONResponse:
    """A problem as it is sent."""
    body = ProblemBody(title=HTTPStatus(status).phrase, status=status, detail=texts.problem(key, **facts))
    response = JSONResponse(body.model_dump(), status_code=status, media_type="application/problem+json")
    response.headers.update(headers or {})
    return response


def install(app: FastAPI, texts: Texts) -> None:
    """Make every error of the application a problem."""

    async def refused(request: Request, error: Exception) -> JSONResponse:
        if isinstance(error, Problem):
            return problem_response(texts, error.status_code, error.key, headers=error.headers, **error.facts)
        status = error.status_code if isinstance(error, HTTPException) else 500
        headers = error.headers if isinstance(error, HTTPException) else None
        return problem_response(texts, status, _KEYS.get(status, "unexpected"), headers=headers)

    async def invalid(request: Request, error: Exception) -> JSONResponse:
        return problem_response(texts, 422, "invalid")

    async def database_failed(request: Request, error: Exception) -> JSONResponse:
        _log.error("database_failed", cause=cause_of(error), path=route_of(request))
        request.app.state.gateway.telemetry.metrics.failed("http")
        return problem_response(texts, 503, "unavailable", headers={"Retry-After": str(_RETRY_S)})

    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        return problem_response(texts, 500, "unexpected")

    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(DBAPIError, database_failed)
    app.add_exception_handler(NoConnection, database_failed)
    app.add_exception_handler(Exception, unexpected)


def route_of(request: Request) -> str:
    """The route's template; never the path as sent, which may hold anything."""
    return str(getattr(request.scope.get("route"), "path", "unknown"))
