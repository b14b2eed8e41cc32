"""Breaks of every kind: no message lost, none shown or processed twice."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.chat_page import ChatPage
from tests.e2e.protocol_server import ProtocolServer


@pytest.fixture
def chat(desktop: ChatPage, gateway: ProtocolServer) -> ChatPage:
    return desktop.goto(f"{gateway.url}/boutique").open()


def customer_texts(gateway: ProtocolServer) -> list[str]:
    """What the server processed, in its order."""
    return [message["text"] for message in gateway.conversation.messages if message["from"] == "customer"]


def test_answers_given_during_a_break_arrive_once(chat: ChatPage, gateway: ProtocolServer) -> None:
    chat.ask("Bonjour")
    gateway.faults.refuse_streams = True
    gateway.drop_streams()
    for word in ("un", "deux", "trois"):
        gateway.say(word)
    gateway.faults.refuse_streams = False
    expect(chat.answers).to_have_count(4)
    assert chat.texts()[1:] == ["Vous avez écrit : Bonjour", "un", "deux", "trois"]


def test_a_stream_cut_inside_an_event_resumes_there(chat: ChatPage, gateway: ProtocolServer) -> None:
    chat.ask("Bonjour")
    gateway.faults.cut_stream_after = 1
    gateway.drop_streams()
    for word in ("un", "deux", "trois"):
        gateway.say(word)
    expect(chat.answers).to_have_count(4, timeout=15_000)
    assert chat.texts()[2:] == ["un", "deux", "trois"]


def test_repeated_and_reordered_events_show_once_in_order(chat: ChatPage, gateway: ProtocolServer) -> None:
    gateway.faults.repeat_events = True
    for word in ("un", "deux"):
        chat.ask(word)
    chat.page.wait_for_timeout(300)
    assert chat.texts() == ["un", "Vous avez écrit : un", "deux", "Vous avez écrit : deux"]


def test_without_streams_answers_come_by_polling(chat: ChatPage, gateway: ProtocolServer) -> None:
    gateway.faults.refuse_streams = True
    expect(chat.ask("Bonjour", timeout=15_000)).to_contain_text("Vous avez écrit : Bonjour")
    expect(chat.notice).to_contain_text("Connexion interrompue")


def test_a_lost_answer_to_a_sent_message_does_not_send_it_twice(chat: ChatPage, gateway: ProtocolServer) -> None:
    chat.ask("Bonjour")
    gateway.faults.lose_answers = 2
    chat.ask("Et ma commande")
    expect(chat.own).to_have_count(2)
    expect(chat.own.last).to_have_attribute("data-state", "sent")
    assert customer_texts(gateway) == ["Bonjour", "Et ma commande"]
    assert chat.texts()[2:] == ["Et ma commande", "Vous avez écrit : Et ma commande"]


def test_the_same_words_twice_are_two_messages(chat: ChatPage, gateway: ProtocolServer) -> None:
    chat.ask("Oui")
    chat.ask("Oui")
    assert customer_texts(gateway) == ["Oui", "Oui"]
    expect(chat.own).to_have_count(2)


def test_a_text_the_server_cleaned_shows_once(chat: ChatPage, gateway: ProtocolServer) -> None:
    gateway.faults.lose_answers = 1
    chat.ask("Bon\u200bjour")
    expect(chat.own).to_have_count(1)
    expect(chat.own).to_have_attribute("data-state", "sent")
    assert customer_texts(gateway) == ["Bonjour"]


def test_failing_messages_keep_their_order(chat: ChatPage, gateway: ProtocolServer) -> None:
    gateway.faults.post_status = [503, 500]
    for word in ("un", "deux", "trois"):
        chat.say(word)
    expect(chat.answers).to_have_count(3, timeout=15_000)
    assert customer_texts(gateway) == ["un", "deux", "trois"]


def test_a_message_too_many_waits_and_goes(chat: ChatPage, gateway: ProtocolServer) -> None:
    gateway.faults.post_status = [429]
    chat.say("Bonjour")
    expect(chat.notice).to_contain_text("Vous écrivez vite")
    expect(chat.answers).to_have_count(1)


def test_a_refused_message_says_why_and_can_be_tried_again(chat: ChatPage, gateway: ProtocolServer) -> None:
    gateway.faults.post_status = [422]
    chat.say("Bonjour")
    expect(chat.own).to_contain_text("Ce message ne peut pas être envoyé.")
    chat.button("Réessayer").click()
    expect(chat.answers).to_have_count(1)
    expect(chat.own).to_have_attribute("data-state", "sent")


def test_offline_is_said_and_messages_wait(chat: ChatPage, gateway: ProtocolServer) -> None:
    chat.ask("Bonjour")
    chat.page.context.set_offline(True)
    gateway.drop_streams()
    expect(chat.notice).to_contain_text("Vous êtes hors connexion")
    chat.say("Sans réseau")
    expect(chat.own.last).to_have_attribute("data-state", "waiting")
    chat.screenshot("desktop-offline")
    chat.page.context.set_offline(False)
    expect(chat.answers).to_have_count(2, timeout=15_000)
    expect(chat.notice).to_be_empty()
    assert customer_texts(gateway) == ["Bonjour", "Sans réseau"]


def test_an_unsent_message_survives_the_page(chat: ChatPage, gateway: ProtocolServer) -> None:
    chat.ask("Bonjour")
    gateway.faults.post_status = [503] * 50
    chat.say("Avant de partir")
    expect(chat.own.last).to_have_attribute("data-state", "waiting")
    gateway.faults.post_status = []
    chat.goto(f"{gateway.url}/boutique?suite")
    expect(chat.answers).to_have_count(2)
    assert customer_texts(gateway) == ["Bonjour", "Avant de partir"]
    assert chat.own.locator(".bubble").all_inner_texts() == ["Bonjour", "Avant de partir"]


def test_a_conversation_the_gateway_forgot_is_begun_anew(chat: ChatPage, gateway: ProtocolServer) -> None:
    chat.ask("Bonjour")
    gateway.conversations.clear()
    chat.say("Toujours là ?")
    expect(chat.notice).to_contain_text("n’est plus disponible")
    expect(chat.answers).to_have_count(1)
    assert chat.texts() == ["Toujours là ?", "Vous avez écrit : Toujours là ?"]
    assert len(gateway.conversations) == 1


def test_two_tabs_show_the_same_conversation(chat: ChatPage, gateway: ProtocolServer) -> None:
    chat.ask("Bonjour")
    other = ChatPage(chat.page.context.new_page())
    other.goto(f"{gateway.url}/boutique").open()
    expect(other.messages).to_have_count(2)
    other.ask("Oui")
    expect(chat.answers).to_have_count(2)
    assert chat.texts() == other.texts()
    other.choose("Effacer ma conversation")
    other.button("Effacer").click()
    expect(other.messages).to_have_count(0)
    expect(chat.messages).to_have_count(0)


def test_dots_do_not_outlive_the_line(chat: ChatPage, gateway: ProtocolServer) -> None:
    chat.ask("Bonjour")
    gateway.faults.endless_typing = True
    chat.say("encore")
    expect(chat.dots).to_be_visible()
    gateway.faults.refuse_streams = True
    gateway.drop_streams()
    expect(chat.dots).to_be_hidden()


def test_the_badge_counts_what_came_while_closed(chat: ChatPage, gateway: ProtocolServer) -> None:
    chat.ask("Bonjour")
    chat.launcher.click()
    expect(chat.panel).to_be_hidden()
    gateway.say("un")
    gateway.say("deux")
    expect(chat.badge).to_have_text("2")
    expect(chat.launcher).to_have_accessible_name(re.compile("Chat avec l’assistant automatique, 2 nouveaux messages"))
    chat.screenshot("desktop-badge")
    chat.goto(f"{gateway.url}/boutique?suite")
    expect(chat.badge).to_have_text("2")
    chat.open()
    expect(chat.badge).to_be_hidden()
