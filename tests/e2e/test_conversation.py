"""A customer's visit, at a desk and with a phone, against the gateway of `site`."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.chat_page import ChatPage
from tests.e2e.conftest import DESKTOP, PHONE, OpenContext
from tests.e2e.protocol_server import ProtocolServer

ANSWER_MS = 20_000
SIZES: dict[str, dict[str, Any]] = {"desktop": DESKTOP, "phone": PHONE}


@pytest.fixture(params=["desktop", "phone"])
def visitor(request: pytest.FixtureRequest, context: OpenContext) -> tuple[ChatPage, str]:
    """A customer of either kind, and the kind."""
    return ChatPage(context(**SIZES[request.param]).new_page()), request.param


def test_a_visit(visitor: tuple[ChatPage, str], site: str) -> None:
    chat, kind = visitor
    chat.goto(f"{site}/")
    chat.screenshot(f"{kind}-1-page")
    chat.open()
    expect(chat.log).to_contain_text("l’assistant automatique")
    chat.screenshot(f"{kind}-2-open")
    answer = chat.ask("Où est ma commande BJ-900127 ? Mon e-mail : octave.perignon@example.com", timeout=ANSWER_MS)
    expect(answer).to_contain_text("BJ-900127")
    expect(chat.dots).to_be_hidden()
    chat.screenshot(f"{kind}-3-order")
    chat.ask("Comment retourner un article ?", timeout=ANSWER_MS)
    chat.screenshot(f"{kind}-4-answer")
    chat.ask("merci, au revoir", timeout=ANSWER_MS)
    expect(chat.rating).to_be_visible()
    chat.screenshot(f"{kind}-5-rating")
    chat.button("Oui").last.click()
    expect(chat.notice).to_contain_text("Merci pour votre avis")
    expect(chat.rating).to_be_hidden()


def test_the_history_follows_to_the_next_page(visitor: tuple[ChatPage, str], site: str) -> None:
    chat, kind = visitor
    chat.goto(f"{site}/").open()
    chat.ask("Bonjour", timeout=ANSWER_MS)
    said = chat.texts()
    chat.goto(f"{site}/?suite")
    if kind == "phone":
        expect(chat.panel).to_be_hidden()
        chat.open()
    expect(chat.panel).to_be_visible()
    expect(chat.messages).to_have_count(len(said))
    assert chat.texts() == said


def test_restart_begins_an_empty_conversation(desktop: ChatPage, site: str) -> None:
    desktop.goto(f"{site}/").open()
    desktop.ask("Bonjour", timeout=ANSWER_MS)
    desktop.choose("Recommencer la conversation")
    desktop.button("Recommencer").click()
    expect(desktop.messages).to_have_count(0)
    desktop.ask("Bonjour", timeout=ANSWER_MS)
    expect(desktop.own).to_have_count(1)


def test_erasing_leaves_nothing_here_or_there(desktop: ChatPage, site: str) -> None:
    desktop.goto(f"{site}/").open()
    desktop.ask("Bonjour", timeout=ANSWER_MS)
    token = desktop.page.evaluate("() => JSON.parse(localStorage.ecrin).token")
    desktop.choose("Effacer ma conversation")
    desktop.screenshot("desktop-6-erase")
    desktop.button("Effacer").click()
    expect(desktop.notice).to_contain_text("effacée")
    expect(desktop.messages).to_have_count(0)
    assert desktop.page.evaluate("() => localStorage.length") == 0
    history = f"{site}/api/widget/messages?after=0"
    asked = desktop.page.request.get(history, headers={"Authorization": f"Bearer {token}"})
    assert asked.status in {401, 404, 410}


def test_asking_for_a_person(visitor: tuple[ChatPage, str], site: str) -> None:
    chat, kind = visitor
    chat.goto(f"{site}/").open()
    chat.button("Parler à un conseiller").last.click()
    expect(chat.notice).to_contain_text("Un conseiller vous répondra ici", timeout=ANSWER_MS)
    expect(chat.button("Parler à un conseiller")).to_have_count(0)
    chat.screenshot(f"{kind}-7-handover")


def test_a_person_answers_and_leaves(desktop: ChatPage, gateway: ProtocolServer) -> None:
    desktop.goto(f"{gateway.url}/").open()
    desktop.ask("Bonjour")
    desktop.button("Parler à un conseiller").last.click()
    expect(desktop.host.locator(".subtitle")).to_have_text("Un conseiller est prévenu")
    gateway.set_status("agent")
    gateway.say("Bonjour, ici Camille du Service Clients.", sender="agent")
    expect(desktop.answers.last).to_contain_text("Camille")
    expect(desktop.host.locator(".subtitle")).to_have_text("Conseiller du Service Clients")
    expect(desktop.host.locator("footer")).to_contain_text("Réponses d’un conseiller")
    desktop.screenshot("desktop-8-agent")
    gateway.set_status("none")
    expect(desktop.rating).to_be_visible()
    expect(desktop.host.locator("footer")).to_contain_text("Réponses automatiques")


@pytest.mark.parametrize(("answer", "score"), [("Oui", 1), ("Non", 0)])
def test_the_rating_is_one_tap(desktop: ChatPage, gateway: ProtocolServer, answer: str, score: int) -> None:
    desktop.goto(f"{gateway.url}/").open()
    desktop.ask("merci")
    desktop.rating.get_by_role("button", name=answer, exact=True).click()
    expect(desktop.notice).to_contain_text("Merci pour votre avis")
    assert gateway.conversation.rating == score
    desktop.ask("merci")
    expect(desktop.rating).to_be_hidden()
