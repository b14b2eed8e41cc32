"""The console's style sheet and scripts."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import FileResponse

from gateway.console.pages import HERE

router = APIRouter(prefix="/console/static")


@router.get("/console.css")
async def style() -> FileResponse:
    """The one style sheet."""
    return _given("console.css", "text/css; charset=utf-8")


@router.get("/console.js")
async def script() -> FileResponse:
    """What htmx does not do: copying, and leaving a live part alone while somebody chooses in it."""
    return _given("console.js", "text/javascript; charset=utf-8")


@router.get("/htmx.js")
async def htmx() -> FileResponse:
    """htmx 2.0.11 (BSD-0-Clause) as its package has it."""
    return _given("htmx-2.0.11.min.js", "text/javascript; charset=utf-8")


def _given(name: str, media_type: str) -> FileResponse:
    return FileResponse(HERE / "static" / name, media_type=media_type, headers={"Cache-Control": "no-cache"})
