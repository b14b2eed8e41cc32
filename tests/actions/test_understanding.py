"""Rasa's parse as plain facts, complete or not."""

from __future__ import annotations

import pytest

from actions.dialogue.understanding import Guess, Request, Understanding
from tests.actions.conversation import recorded


def test_a_real_parse_is_read() -> None:
    text = "Comment choisir ma taille et quels moyens de paiement acceptez-vous ?"
    understood = Understanding.from_parse(recorded()[text])
    assert (understood.intent, understood.decision) == ("payment_methods", "answer")
    assert [request.intent for request in understood.requests] == ["size_guide", "payment_methods"]
    assert understood.ranking[0] == Guess("payment_methods", understood.confidence)


@pytest.mark.parametrize("parse", [{}, {"intent": None}, {"intent": {"name": None, "confidence": 0.0}}])
def test_an_empty_parse_is_declined(parse: dict[str, object]) -> None:
    understood = Understanding.from_parse(parse)
    assert (understood.intent, understood.decision, understood.confidence) == ("out_of_scope", "reject", 0.0)
    assert (understood.requests, understood.ranking, understood.entities) == ((), (), ())


def test_the_values_of_an_entity_keep_the_order_of_the_message() -> None:
    understood = Understanding.from_parse(recorded()["BJ-104233 et BJ-104234"])
    assert understood.values("order_number") == ("104233", "104234")
    assert understood.values("email") == ()


def test_what_is_not_ranked_has_no_probability() -> None:
    understood = Understanding.from_parse(recorded()["et c'est gratuit le retour ?"])
    assert understood.aspect("cost") > 0.5
    assert (understood.aspect("engraving"), understood.probability("engraving")) == (0.0, 0.0)


def test_a_request_keeps_its_words() -> None:
    request = {"text": "où est mon colis", "intent": "track_order", "confidence": 1}
    assert Understanding.from_parse({"requests": [request]}).requests == (
        Request("où est mon colis", "track_order", 1.0),
    )
