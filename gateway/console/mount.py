"""Joins the console to the gateway: its pages, its API, and the first account."""

from __future__ import annotations

import sys

from fastapi import APIRouter

from gateway.console import files, login, people
from gateway.console.pages import texts
from gateway.console.preview import pages as preview_pages
from gateway.console.preview import routes as preview_api
from gateway.console.users import FIRST_NAME, ensure_first_lead
from gateway.context import Gateway


def console_routes() -> APIRouter:
    """Every route of the console."""
    router = APIRouter()
    router.include_router(preview_api.router)
    for pages in (files, login, preview_pages, people):
        router.include_router(pages.router, include_in_schema=False)
    return router


def first_start(gateway: Gateway) -> None:
    """Make the first account when there is none, and print its one-time password this once."""
    password = ensure_first_lead(gateway.database, now=gateway.now())
    if password:
        sys.stdout.write(str(texts()["first_start"]).format(name=FIRST_NAME, password=password) + "\n")
        sys.stdout.flush()
