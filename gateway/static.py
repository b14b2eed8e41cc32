"""The demo page and the widget's files. Only kinds of files a page needs are ever given out."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response

from gateway.problems import Problem

_KINDS = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
_FOR_ANY_PAGE = {"Cross-Origin-Resource-Policy": "cross-origin", "Cache-Control": "public, max-age=300"}
_DEMO = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",
}


def static_routes(folder: Path) -> APIRouter:
    """Routes for the files of `folder`: the demo page, the launcher behind the script tag, and what these load."""
    router = APIRouter(include_in_schema=False)
    root = folder.resolve()

    @router.get("/")
    async def demo() -> Response:
        return FileResponse(_file(root, "demo.html"), media_type="text/html; charset=utf-8", headers=_DEMO)

    @router.get("/widget.js")
    async def launcher() -> Response:
        return _given(root, "launcher.js")

    @router.get("/widget/{path:path}")
    async def part(path: str) -> Response:
        return _given(root, path)

    return router


def _given(root: Path, path: str) -> FileResponse:
    kind = _KINDS.get(Path(path).suffix)
    if kind is None:
        raise Problem(404, "not_found")
    return FileResponse(_file(root, path), media_type=kind, headers=_FOR_ANY_PAGE)


def _file(root: Path, path: str) -> Path:
    if "\0" in path or any(part.startswith(".") for part in Path(path).parts):
        raise Problem(404, "not_found")
    try:
        found = (root / path).resolve()
        if found.is_relative_to(root) and found.is_file():
            return found
    except OSError:
        # A name no file can have.
        pass
    raise Problem(404, "not_found")
