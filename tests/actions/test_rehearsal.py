"""A rehearsal: texts nobody has published and orders of its own, with the real engine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from actions.dialogue.services import Services
from actions.rehearsal import rehearsed
from privacy.pseudonyms import Pseudonyms
from shop.errors import OrdersFileError
from tests.actions.conversation import Conversation

ORDER = {
    "number": "BJ-555001",
    "email": "client1@example.fr",
    "placed_at": "2025-09-20T10:02:00+02:00",
    "status": "Traitement en cours",
    "status_since": "2025-09-20T11:00:00+02:00",
    "items": [{"name": "Bague de répétition", "category": "bague"}],
    "payment_method": "carte bancaire",
    "total": "49.90",
}


def test_without_one_nothing_changes(services: Services) -> None:
    assert rehearsed(services, None) is services
    assert rehearsed(services, {}) is services


def test_a_drafted_text_is_said_and_the_services_keep_theirs(services: Services) -> None:
    draft = {"entry": "size_guide", "path": "short", "text": " Essai. "}
    assert rehearsed(services, {"texts": [draft]}).faq.entries["size_guide"].short == "Essai."
    assert services.faq.entries["size_guide"].short != "Essai."


@pytest.mark.parametrize("draft", [("size_guide", "outcomes.none"), ("none", "short")])
def test_a_text_that_is_not_there_is_an_error(services: Services, draft: tuple[str, str]) -> None:
    with pytest.raises(KeyError):
        rehearsed(services, {"texts": [{"entry": draft[0], "path": draft[1], "text": "x"}]})


def test_the_shop_holds_the_rehearsals_orders_only(services: Services) -> None:
    shop = rehearsed(services, {"orders": [ORDER]}).shop
    order = shop.find_order(number="bj 555001", email="client1@example.fr")
    assert order is not None
    assert services.shop.find_order(number="BJ-555001", email="client1@example.fr") is None
    assert rehearsed(services, {"orders": []}).shop.find_order(number="BJ-555001", email="client1@example.fr") is None


def test_the_rehearsals_orders_open_for_the_pseudonym_the_gateway_writes(services: Services) -> None:
    keys = Pseudonyms("s" * 32)
    shop = rehearsed(replace(services, pseudonyms=keys), {"orders": [ORDER]}).shop
    assert shop.find_order(number="BJ-555001", email=keys.email("client1@example.fr")) is not None
    assert shop.find_order(number="BJ-555001", email=keys.email("client2@example.fr")) is None


def test_orders_that_cannot_be_read_are_an_error(services: Services) -> None:
    with pytest.raises(OrdersFileError):
        rehearsed(services, {"orders": [ORDER | {"status": "Perdue"}]})


def test_a_conversation_goes_on_with_its_orders_and_traces_them(customer: Conversation) -> None:
    rehearsal: dict[str, Any] = {"orders": [ORDER], "texts": []}
    opened = {"number": "BJ-555001", "email": "client1@example.fr"}
    first = customer.say("Je veux annuler ma commande de ce matin", rehearsal=rehearsal, order=opened)
    (row,) = first["trace"]["orders"]
    assert row["number"] == "BJ-555001"
    assert row["status"] == "En cours de traitement"
    assert "email" not in row
    assert customer.say("Je veux annuler ma commande de ce matin")["trace"]["orders"] == []
