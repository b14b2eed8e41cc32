"""Joins the console to the gateway: its pages, its API, the first account, and the notices to those who wait."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import APIRouter, FastAPI

from gateway.console import files, keys, login, people
from gateway.console.conversations import pages as conversation_pages
from gateway.console.faq import pages as faq_pages
from gateway.console.numbers import pages as number_pages
from gateway.console.pages import texts
from gateway.console.preview import pages as preview_pages
from gateway.console.preview import routes as preview_api
from gateway.console.privacy import pages as privacy_pages
from gateway.console.regressions import pages as regression_pages
from gateway.console.teach import pages as teach_pages
from gateway.console.users import FIRST_NAME, ensure_first_lead
from gateway.console.waiting import watch
from gateway.context import Gateway


def console_routes() -> APIRouter:
    """Every route of the console; what runs beside them starts and ends with the application."""
    router = APIRouter(lifespan=_running)
    router.include_router(preview_api.router)
    for pages in (
        files,
        login,
        preview_pages,
        conversation_pages,
        teach_pages,
        faq_pages,
        number_pages,
        people,
        privacy_pages,
        keys,
        regression_pages,
    ):
        router.include_router(pages.router, include_in_schema=False)
    return router


def first_start(gateway: Gateway) -> None:
    """Make the first account when there is none, and print its one-time password this once."""
    password = ensure_first_lead(gateway.database, now=gateway.now())
    if password:
        sys.stdout.write(str(texts()["first_start"]).format(name=FIRST_NAME, password=password) + "\n")
        sys.stdout.flush()


@asynccontextmanager
async def _running(app: FastAPI) -> AsyncIterator[None]:
    # The application's own part has begun before: the gateway and its tables are there.
    watching = asyncio.create_task(watch(app.state.gateway))
    try:
        yield
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
