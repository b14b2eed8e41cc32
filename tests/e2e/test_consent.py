"""Nothing is stored and nothing is asked of the gateway before the customer's click."""

from playwright.sync_api import Page, expect

from tests.e2e.chat_page import ChatPage
from tests.e2e.protocol_server import ProtocolServer

STORED = "() => [localStorage.length, sessionStorage.length, document.cookie.length]"


def stored(page: Page) -> list[int]:
    """How much the page keeps: local, session, cookies."""
    kept: list[int] = page.evaluate(STORED)
    return kept


def test_a_page_only_loads_the_launcher(desktop: ChatPage, gateway: ProtocolServer) -> None:
    desktop.goto(f"{gateway.url}/boutique")
    desktop.page.wait_for_timeout(800)
    assert [line for line in gateway.requests if "favicon" not in line] == ["GET /boutique", "GET /widget.js"]
    assert stored(desktop.page) == [0, 0, 0]


def test_opening_loads_the_chat_but_begins_no_conversation(desktop: ChatPage, gateway: ProtocolServer) -> None:
    desktop.goto(f"{gateway.url}/boutique").open()
    expect(desktop.log).to_contain_text("l’assistant automatique de Bijourama")
    assert not any("/api/" in line for line in gateway.requests)


def test_the_first_message_begins_the_conversation(desktop: ChatPage, gateway: ProtocolServer) -> None:
    desktop.goto(f"{gateway.url}/boutique").open()
    expect(desktop.ask("Bonjour")).to_contain_text("Vous avez écrit : Bonjour")
    assert gateway.requests.count("POST /api/widget/conversations") == 1
    assert gateway.sessions == [None]


def test_no_word_of_a_delivered_message_stays_on_the_device(desktop: ChatPage, gateway: ProtocolServer) -> None:
    desktop.goto(f"{gateway.url}/boutique").open().ask("Un secret")
    # The reply may reach the page before the word that the message was accepted, which is when it lets go of it.
    desktop.page.wait_for_function("() => !JSON.stringify([{...localStorage}, {...sessionStorage}]).includes('secret')")


def test_the_shops_signed_session_is_passed_on(desktop: ChatPage, gateway: ProtocolServer) -> None:
    gateway.attributes = 'data-session="e30.eyJzdWIiOiAiYzQyIn0.x"'
    desktop.goto(f"{gateway.url}/boutique").open().ask("Bonjour")
    assert gateway.sessions == ["e30.eyJzdWIiOiAiYzQyIn0.x"]


def test_another_customer_does_not_see_the_conversation(desktop: ChatPage, gateway: ProtocolServer) -> None:
    gateway.attributes = 'data-session="e30.eyJzdWIiOiAiYzQyIn0.x"'
    desktop.goto(f"{gateway.url}/boutique").open().ask("Bonjour")
    gateway.attributes = ""
    desktop.goto(f"{gateway.url}/boutique")
    expect(desktop.panel).to_be_visible()
    expect(desktop.messages).to_have_count(0)


def test_a_launcher_that_cannot_load_says_so_and_tries_again(desktop: ChatPage, gateway: ProtocolServer) -> None:
    desktop.goto(f"{gateway.url}/boutique")
    desktop.page.route("**/widget/chat.css", lambda route: route.abort())
    desktop.launcher.click()
    expect(desktop.host.get_by_role("alert")).to_contain_text("n’a pas pu s’ouvrir")
    desktop.page.unroute("**/widget/chat.css")
    desktop.open()
    expect(desktop.host.get_by_role("alert")).to_be_empty()


def test_an_element_of_the_page_can_ask(desktop: ChatPage, gateway: ProtocolServer) -> None:
    desktop.goto(f"{gateway.url}/")
    desktop.page.get_by_role("button", name="Tu es un robot ?").click()
    expect(desktop.answers.first).to_contain_text("Vous avez écrit : Tu es un robot ?")
