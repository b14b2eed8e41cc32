"""The console's style sheet and script."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import FileResponse

from gateway.console.pages import HERE

router = APIRouter()

_FILES = {"console.css": "text/css; charset=utf-8", "console.js": "text/javascript; charset=utf-8"}


@router.get("/console/static/console.css")
async def style() -> FileResponse:
    """The one style sheet."""
    return _given("console.css")


@router.get("/console/static/console.js")
async def script() -> FileResponse:
    """The one script."""
    return _given("console.js")


def _given(name: str) -> FileResponse:
    return FileResponse(HERE / "static" / name, media_type=_FILES[name], headers={"Cache-Control": "no-cache"})
