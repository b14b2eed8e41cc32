"""A Chromium, a gateway and pages of two sizes.

`site` is the address of the real gateway, bot and demo shop behind it; `ECRIN_SITE` names another one. The failure
tests use `gateway`, a protocol server that speaks the same protocol without a bot.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from ecrin.supervisor import Stack
from tests.e2e.chat_page import ChatPage
from tests.e2e.protocol_server import ProtocolServer, protocol_server

LAUNCH_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
    "device_scale_factor": 2,
}

OpenContext = Callable[..., BrowserContext]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what drives a browser, and what needs the trained model for its site."""
    for item in items:
        names = getattr(item, "fixturenames", ())
        if "browser" in names:
            item.add_marker(pytest.mark.browser)
        if "site" in names and not os.environ.get("ECRIN_SITE"):
            item.add_marker(pytest.mark.model)


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest) -> str:
    """Base URL of the gateway under test."""
    named = os.environ.get("ECRIN_SITE")
    if named:
        return named.rstrip("/")
    stack: Stack = request.getfixturevalue("stack")
    return stack.gateway_url


@pytest.fixture
def gateway() -> Iterator[ProtocolServer]:
    """A protocol server of this test's own, whose faults it chooses."""
    with protocol_server() as server:
        yield server


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium from PATH, else the one Playwright brings."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=LAUNCH_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[OpenContext]:
    """Opens visitors: contexts with a storage of their own, closed at the end."""
    opened: list[BrowserContext] = []

    def open_context(**options: object) -> BrowserContext:
        visitor = browser.new_context(**{"locale": "fr-FR", "timezone_id": "Europe/Paris", **DESKTOP, **options})
        visitor.set_default_timeout(8000)
        opened.append(visitor)
        return visitor

    yield open_context
    for visitor in opened:
        visitor.close()


@pytest.fixture
def desktop(context: OpenContext) -> ChatPage:
    """A visitor at a desk."""
    return ChatPage(context().new_page())


@pytest.fixture
def phone(context: OpenContext) -> ChatPage:
    """A visitor with a phone."""
    return ChatPage(context(**PHONE).new_page())
