"""The edge to Rasa: the clock, the memory, the trace, the name of an action."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher
from ruamel.yaml import YAML

from actions.dialogue.services import Services
from actions.dialogue_action import NAMES, DialogueAction
from actions.turns import MissingClock
from tests.actions.conversation import NOW, Conversation, recorded, sources, tracker


@pytest.mark.parametrize("metadata", [{}, {"metadata": None}, {"metadata": {"channel": "widget"}}])
def test_a_message_without_an_instant_is_refused(services: Services, metadata: Mapping[str, Any]) -> None:
    action = DialogueAction("action_answer", services)
    message = {**recorded()["Bonjour"], **metadata}
    with pytest.raises(MissingClock, match="now"):
        action.run(CollectingDispatcher(), tracker(message), {})


def test_the_domain_names_every_action(services: Services) -> None:
    domain = YAML(typ="safe", pure=True).load(Path("bot/domain.yml").read_text(encoding="utf-8"))
    assert [DialogueAction(name, services).name() for name in NAMES] == domain["actions"]


def test_every_state_awaited_is_one_the_rules_know(customer: Conversation) -> None:
    domain = YAML(typ="safe", pure=True).load(Path("bot/domain.yml").read_text(encoding="utf-8"))
    known = domain["slots"]["awaiting"]["values"]
    awaited = set()
    for said in (
        "Bonjour",
        "pourquoi vous demandez mon mail",
        "Faites-vous la gravure ?",
        "Comment annuler ma commande ?",
    ):
        customer.say(said)
        awaited.add(customer.slots["awaiting"])
    assert {"nothing", "choice", "person", "order"} == awaited <= set(known)


def test_the_reply_is_plain_json_with_what_the_gateway_reads(customer: Conversation) -> None:
    reply = customer.say("Bonjour")
    assert set(reply) == {"text", "buttons", "links", "card", "handover", "lookup", "trace"}
    assert set(reply["buttons"][0]) == {"title", "payload"}


def test_the_trace_tells_what_was_understood(customer: Conversation) -> None:
    trace = customer.say("Quelle est la date limite pour un retour ?")["trace"]
    parse = recorded()["Quelle est la date limite pour un retour ?"]
    assert trace["intent"] == "return_order"
    assert trace["normalized"] == parse["normalized"]
    assert trace["ranking"] == parse["intent_ranking"]
    assert trace["entry"] == "return_order"


def test_a_cut_text_is_answered_and_told_to_be_cut(customer: Conversation) -> None:
    told = sources(customer.say("comment choisir ma taille ?", text_cut=True))
    assert told == ["conversation:text_cut", "size_guide:short"]


@pytest.mark.parametrize("text", ["", " ", "?!", "👍"])
def test_a_message_without_a_word_is_not_understood(customer: Conversation, text: str) -> None:
    assert sources(customer.press(text)) == ["conversation:not_understood_1"]


def test_the_same_conversation_is_answered_the_same_again(services: Services) -> None:
    said = ("Bonjour", "Je voudrais retourner ma commande", "BJ-104233, claire.dupont@example.fr")
    first, second = Conversation(services), Conversation(services)
    assert [first.say(text) for text in said] == [second.say(text) for text in said]


def test_the_policy_judges_by_the_instant_of_the_message(customer: Conversation) -> None:
    said = "Je voudrais retourner ma commande BJ-104233, claire.dupont@example.fr"
    assert customer.told(said, now=NOW) == ["return_order:outcomes.eligible"]
    assert customer.told(said, now="2025-10-04T00:00:00+02:00") == ["return_order:outcomes.too_late"]


def test_a_message_asked_again_is_answered_the_same_and_counts_once(customer: Conversation) -> None:
    first = customer.say("Bonjour", message=1)
    assert customer.say("Bonjour", message=1) == first
    assert customer.memory["turn"] == 1


def test_a_lost_answer_does_not_make_a_message_the_second_one_in_a_row(customer: Conversation) -> None:
    lost = {"text": "?!", "intent": {"name": None, "confidence": 0.0}, "decision": "reject"}
    told = [sources(customer.send(lost, message=number)) for number in (7, 7, 7, 8, 8)]
    assert told == [["conversation:not_understood_1"]] * 3 + [["conversation:not_understood_2"]] * 2
    assert customer.memory["turn"] == 2


def test_a_wrong_pair_asked_again_is_one_try(customer: Conversation) -> None:
    said = "Je voudrais retourner ma commande BJ-104233, claire.dupont@example.fr"
    pair = {**recorded()[said]}
    entities = [{**e, "value": "BJ-999999"} if e["entity"] == "order_number" else e for e in pair["entities"]]
    for number in (1, 1, 1, 2):
        customer.send({**pair, "entities": entities}, message=number)
    assert customer.memory["failed"] == 2


def test_the_memory_before_a_message_is_kept_once_and_not_one_inside_the_other(customer: Conversation) -> None:
    for number in range(5):
        customer.say("Bonjour", message=number)
    assert "answered" not in customer.memory["answered"]["before"]
