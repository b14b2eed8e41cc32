"""For everyone: axe finds nothing, the keyboard reaches everything, motion can be declined."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, expect

from tests.e2e.chat_page import ChatPage
from tests.e2e.conftest import PHONE, OpenContext
from tests.e2e.protocol_server import ProtocolServer

FOCUSED = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at?.ariaLabel ?? at?.textContent?.trim() ?? '';
}"""
OPTIONS = ("Parler à un conseiller", "Donner mon avis", "Recommencer la conversation", "Effacer ma conversation")


def assert_no_violation(page: Page) -> None:
    """Runs axe over the whole page, animations ended."""
    page.wait_for_timeout(350)
    violations = Axe().run(page).response["violations"]
    found = [(rule["id"], node["target"], node["failureSummary"]) for rule in violations for node in rule["nodes"]]
    assert found == []


def long_conversation(chat: ChatPage, gateway: ProtocolServer) -> None:
    """Every kind of message, many times."""
    chat.ask("BJ-900127")
    for index in range(12):
        gateway.say(f"Question {index}", sender="customer")
        gateway.say(
            "Une liste :\n- un\n- deux\n\n1. Un\n2. Deux",
            links=[{"label": "Nous écrire", "url": "https://example.org/"}],
        )
    gateway.set_status("agent")
    gateway.say("Bonjour, ici Camille.", sender="agent")
    expect(chat.answers).to_have_count(14)
    chat.ask("quelle taille")
    chat.ask("BJ-900127")


def test_axe_closed(desktop: ChatPage, site: str) -> None:
    desktop.goto(f"{site}/")
    assert_no_violation(desktop.page)


def test_axe_open(desktop: ChatPage, site: str) -> None:
    desktop.goto(f"{site}/").open()
    assert_no_violation(desktop.page)


def test_axe_open_on_a_phone(phone: ChatPage, site: str) -> None:
    phone.goto(f"{site}/")
    assert_no_violation(phone.page)
    phone.open()
    assert_no_violation(phone.page)


def test_axe_long_conversation(desktop: ChatPage, gateway: ProtocolServer) -> None:
    desktop.goto(f"{gateway.url}/").open()
    long_conversation(desktop, gateway)
    assert_no_violation(desktop.page)


def test_axe_long_conversation_on_a_phone(phone: ChatPage, gateway: ProtocolServer) -> None:
    phone.goto(f"{gateway.url}/").open()
    long_conversation(phone, gateway)
    assert_no_violation(phone.page)


def test_axe_menu_confirmation_rating_and_refusal(desktop: ChatPage, gateway: ProtocolServer) -> None:
    desktop.goto(f"{gateway.url}/").open()
    desktop.ask("merci")
    expect(desktop.rating).to_be_visible()
    assert_no_violation(desktop.page)
    gateway.faults.post_status = [422]
    desktop.say("Bonjour")
    expect(desktop.button("Réessayer")).to_be_visible()
    desktop.menu_button.click()
    assert_no_violation(desktop.page)
    desktop.button("Effacer ma conversation").click()
    assert_no_violation(desktop.page)
    desktop.button("Annuler").click()
    desktop.page.context.set_offline(True)
    expect(desktop.notice).not_to_be_empty()
    desktop.page.wait_for_timeout(200)
    assert_no_violation(desktop.page)


def test_the_keyboard_alone_is_enough(desktop: ChatPage, gateway: ProtocolServer) -> None:
    page = desktop.goto(f"{gateway.url}/boutique").page
    page.locator("#avant").focus()
    page.keyboard.press("Tab")
    expect(desktop.launcher).to_be_focused()
    page.keyboard.press("Enter")
    expect(desktop.input).to_be_focused()
    page.keyboard.type("BJ-900127")
    page.keyboard.press("Enter")
    expect(desktop.answers).to_have_count(1)
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(FOCUSED) == "Le suivi ne bouge pas"
    page.keyboard.press("Space")
    expect(desktop.answers).to_have_count(2)
    expect(desktop.input).to_be_focused()
    desktop.menu_button.focus()
    page.keyboard.press("Enter")
    for expected in OPTIONS:
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUSED) == expected
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED) == "Annuler"
    page.keyboard.press("Escape")
    expect(desktop.menu_button).to_be_focused()
    expect(desktop.panel).to_be_visible()
    page.keyboard.press("Escape")
    expect(desktop.panel).to_be_hidden()
    expect(desktop.launcher).to_be_focused()


def test_tab_goes_through_the_panel_in_reading_order(desktop: ChatPage, gateway: ProtocolServer) -> None:
    desktop.goto(f"{gateway.url}/boutique").open()
    desktop.launcher.focus()
    order = []
    for _ in range(9):
        desktop.page.keyboard.press("Tab")
        order.append(desktop.page.evaluate(FOCUSED))
    assert order == [
        "Options du chat", "Fermer le chat", "Conversation", "Où est ma commande ?", "Comment faire un retour ?",
        "Où en est mon remboursement ?", "", "Envoyer", "Parler à un conseiller",
    ]  # fmt: skip


def test_escape_closes_the_menu_before_the_panel(desktop: ChatPage, gateway: ProtocolServer) -> None:
    desktop.goto(f"{gateway.url}/boutique").open()
    desktop.menu_button.click()
    desktop.page.keyboard.press("Escape")
    expect(desktop.menu_button).to_have_attribute("aria-expanded", "false")
    expect(desktop.panel).to_be_visible()


def test_keys_typed_in_the_chat_stay_there(desktop: ChatPage, gateway: ProtocolServer) -> None:
    desktop.goto(f"{gateway.url}/boutique").open()
    desktop.page.evaluate("() => { window.keys = 0; document.addEventListener('keydown', () => { window.keys += 1 }) }")
    desktop.input.press_sequentially("/recherche")
    assert desktop.page.evaluate("window.keys") == 0


def test_on_a_phone_the_page_behind_is_out_of_reach(phone: ChatPage, gateway: ProtocolServer) -> None:
    phone.goto(f"{gateway.url}/boutique").open()
    phone.page.wait_for_timeout(350)
    box = phone.panel.bounding_box()
    assert box
    assert [round(box[side]) for side in ("x", "y", "width", "height")] == [0, 0, 390, 844]
    seen = set()
    for _ in range(14):
        phone.page.keyboard.press("Tab")
        seen.add(phone.page.evaluate("() => document.activeElement?.id ?? ''"))
    assert "avant" not in seen
    phone.page.keyboard.press("Escape")
    expect(phone.panel).to_be_hidden()
    expect(phone.launcher).to_be_focused()


def test_turning_the_phone_keeps_chat_and_words(context: OpenContext, gateway: ProtocolServer) -> None:
    chat = ChatPage(context(**PHONE).new_page()).goto(f"{gateway.url}/boutique").open()
    chat.input.fill("à moitié écrit")
    chat.page.set_viewport_size({"width": 844, "height": 390})
    chat.page.set_viewport_size({"width": 1000, "height": 800})
    expect(chat.panel).to_be_visible()
    expect(chat.input).to_have_value("à moitié écrit")
    expect(chat.input).to_be_focused()


def test_one_log_and_a_name_for_every_control(desktop: ChatPage, gateway: ProtocolServer) -> None:
    desktop.goto(f"{gateway.url}/boutique").open()
    desktop.ask("BJ-900127")
    assert desktop.host.get_by_role("log").count() == 1
    expect(desktop.log).to_have_accessible_name("Conversation")
    expect(desktop.panel).to_have_accessible_name("Écrin")
    for control in desktop.host.locator("button, textarea, a").filter(visible=True).all():
        expect(control).to_have_accessible_name(re.compile(r"\S"))


def test_messages_say_who_speaks(desktop: ChatPage, gateway: ProtocolServer) -> None:
    desktop.goto(f"{gateway.url}/boutique").open().ask("Bonjour")
    assert desktop.own.first.text_content().startswith("Vous : ")  # type: ignore[union-attr]
    assert desktop.answers.first.text_content().startswith("Assistant automatique : ")  # type: ignore[union-attr]


def test_nothing_moves_for_those_who_prefer_it(context: OpenContext, gateway: ProtocolServer) -> None:
    chat = ChatPage(context(reduced_motion="reduce").new_page()).goto(f"{gateway.url}/").open()
    gateway.faults.typing_s = 1.5
    chat.say("Bonjour")
    expect(chat.dots).to_be_visible()
    assert chat.page.evaluate("() => document.getAnimations().length") == 0


@pytest.mark.parametrize(("width", "height"), [(320, 560), (640, 400), (640, 320)])
def test_it_fits_small_and_magnified_pages(
    context: OpenContext, gateway: ProtocolServer, width: int, height: int
) -> None:
    """320 pixels, and a desk at 200 % and more: all within reach, nothing to scroll sideways."""
    chat = ChatPage(context(viewport={"width": width, "height": height}).new_page()).goto(f"{gateway.url}/").open()
    chat.ask("BJ-900127")
    assert chat.log.evaluate("(log) => log.scrollWidth <= log.clientWidth")
    assert chat.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    chat.button("Parler à un conseiller").last.scroll_into_view_if_needed()
    expect(chat.button("Parler à un conseiller").last).to_be_in_viewport()
    chat.screenshot(f"small-{width}x{height}")
