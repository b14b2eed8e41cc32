"""A shop's content security policy without unsafe-inline, its trusted types, and an origin of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.chat_page import ChatPage
from tests.e2e.protocol_server import ProtocolServer, protocol_server

WATCH = """
window.broken = [];
document.addEventListener('securitypolicyviolation', (event) => {
  window.broken.push(`${event.violatedDirective} ${event.blockedURI}`);
});"""
LISTED = """() => [
  Object.keys(window).sort().join(),
  document.head.innerHTML,
  [...document.body.children].map((element) => element.tagName).join(),
]"""


@pytest.fixture
def shop(gateway: ProtocolServer) -> Iterator[ProtocolServer]:
    """A shop of another origin that loads the widget from the gateway."""
    with protocol_server(page_origin=gateway.url) as server:
        yield server


@pytest.mark.parametrize("path", ["/stricte", "/"])
def test_the_policy_is_never_broken(desktop: ChatPage, gateway: ProtocolServer, path: str) -> None:
    desktop.page.add_init_script(WATCH)
    desktop.goto(f"{gateway.url}{path}").open()
    desktop.ask("BJ-900127")
    desktop.choose("Effacer ma conversation")
    desktop.button("Effacer").click()
    expect(desktop.notice).to_contain_text("effacée")
    assert desktop.page.evaluate("window.broken") == []
    expect(desktop.panel).to_have_css("border-radius", "18px")


def test_it_works_on_a_page_of_another_origin(desktop: ChatPage, gateway: ProtocolServer, shop: ProtocolServer) -> None:
    desktop.page.add_init_script(WATCH)
    desktop.goto(f"{shop.url}/stricte").open()
    expect(desktop.ask("Bonjour")).to_contain_text("Vous avez écrit : Bonjour")
    assert desktop.page.evaluate("window.broken") == []
    assert not any("/api/" in line for line in shop.requests)


def test_nothing_leaks_into_the_page(desktop: ChatPage, gateway: ProtocolServer) -> None:
    desktop.page.goto(f"{gateway.url}/boutique")
    before = desktop.page.evaluate(LISTED)
    desktop.open().ask("Bonjour")
    assert desktop.page.evaluate(LISTED) == before
    assert before[2] == "MAIN,SCRIPT,ECRIN-CHAT"
