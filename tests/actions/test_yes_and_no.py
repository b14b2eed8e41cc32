"""A yes, a no or an aside that says more than that, in the middle of a conversation."""

from __future__ import annotations

from typing import Any

import pytest

from tests.actions.conversation import CLAIRE, DELIVERED, SHIPPED, Conversation, sources
from tests.actions.test_proof import parsed


def said(text: str, intent: str, *, decision: str = "answer", **aspects: float) -> dict[str, Any]:
    """A message with an intent and aspects of the test's choice."""
    guesses = [{"name": name, "confidence": share} for name, share in aspects.items()]
    return parsed(text, intent=intent, decision=decision) | {"aspects": guesses}


@pytest.fixture
def with_code(customer: Conversation) -> Conversation:
    """A customer who was told what to check of a promotional code."""
    customer.send(said("mon code ne passe pas", "promo_code"))
    return customer


def test_who_has_done_as_told_gets_the_next_step(with_code: Conversation) -> None:
    reply = with_code.send(said("si si je suis connectée", "affirm", already_done=0.6, alternative=0.2))
    assert sources(reply) == ["promo_code:passages.already_done"]


@pytest.mark.parametrize(("intent", "told"), [("affirm", "affirm_ack"), ("deny", "deny_ack")])
def test_a_mere_yes_or_no_stays_one(with_code: Conversation, intent: str, told: str) -> None:
    reply = with_code.send(said("mais si", intent, already_done=0.3, none=0.6))
    assert sources(reply) == [f"conversation:{told}"]


def test_a_no_that_asks_what_to_do_gets_the_answer_again(with_code: Conversation) -> None:
    reply = with_code.send(said("non non c'était juste pour savoir. du coup je fais quoi", "deny", none=0.9))
    assert sources(reply) == ["promo_code:short"]


def test_a_no_with_a_near_miss_is_declined_in_its_own_words(with_code: Conversation) -> None:
    reply = with_code.send(said("non laissez. vous avez une boutique à Lyon ?", "deny", none=0.9))
    assert sources(reply) == ["conversation:declined_topics.boutique"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("vous avez une boutique à Lyon ?", ["conversation:declined_topics.boutique", "conversation:back_to_order"]),
        ("je ne sais plus où il est", ["conversation:back_to_order"]),
    ],
)
def test_an_aside_while_an_order_is_awaited_is_declined_too(customer: Conversation, text: str, told: list[str]) -> None:
    customer.send(said("où en est mon colis", "track_order", none=0.9))
    assert customer.memory["pending"] == ["track_order"]
    assert sources(customer.send(said(text, "out_of_scope", decision="reject", none=0.9))) == told


def test_where_the_reference_of_a_wrong_article_stands_is_no_search_of_the_site(customer: Conversation) -> None:
    customer.send(said("ce n'est pas le bon collier", "wrong_item"))
    reply = customer.send(said("et elle se trouve où, la référence ?", "product_not_found", where_find=0.5))
    assert sources(reply) == ["wrong_item:passages.where_find"]


def test_a_no_with_another_amount_corrects_the_first(customer: Conversation) -> None:
    customer.send(said("ma copine a commandé pour 60 €", "referral_program"))
    reply = customer.send(said("ah non pardon 64", "deny", none=0.5))
    assert sources(reply) == ["referral_program:outcomes.above_threshold"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("j'envoie ça comment et jusqu'à quelle heure ?", ["procedure", "deadline"]),
        ("et jusqu'à quelle heure je l'envoie ?", ["procedure"]),
    ],
)
def test_two_details_asked_in_one_breath_are_both_told(customer: Conversation, text: str, told: list[str]) -> None:
    customer.send(said("je voudrais changer un article", "modify_order", none=0.9))
    customer.send(said("non", "deny"))
    reply = customer.send(said(text, "out_of_scope", decision="reject", procedure=0.5, deadline=0.3))
    assert sources(reply) == [f"modify_order:passages.{aspect}" for aspect in told]


@pytest.mark.parametrize(
    ("confidence", "told"), [(0.97, "cancel_order:outcomes.delivered"), (0.9, "track_order:passages.expected_date")]
)
def test_a_wish_said_plainly_is_judged_although_the_order_contradicts_it(
    customer: Conversation, confidence: float, told: str
) -> None:
    customer.send(said(f"où en est {DELIVERED} {CLAIRE}", "track_order", none=0.9))
    wish = said("je voudrais l'annuler", "cancel_order", expected_date=0.3)
    reply = customer.send(wish | {"intent": {"name": "cancel_order", "confidence": confidence}})
    assert told in sources(reply)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("bah non g rien eu du tout", "delivered_not_received:outcomes.marked_delivered"),
        ("non, j'ai pas reçu de mail", "conversation:deny_ack"),
    ],
)
def test_who_got_nothing_of_what_is_delivered_is_told_what_to_check(
    customer: Conversation, text: str, told: str
) -> None:
    customer.send(said(f"où en est {DELIVERED} {CLAIRE}", "track_order", none=0.9))
    assert sources(customer.send(said(text, "deny", none=0.9))) == [told]


def test_money_back_for_a_parcel_under_way_is_no_return(customer: Conversation) -> None:
    customer.send(said(f"où en est {SHIPPED} {CLAIRE}", "track_order", none=0.9))
    reply = customer.send(said("vous me remboursez s'il n'arrive pas ?", "refund_status", refund_claim=0.3, none=0.4))
    assert sources(reply) == ["track_order:passages.refund_claim"]


def test_a_near_miss_goes_before_a_detail_hardly_asked(with_code: Conversation) -> None:
    reply = with_code.send(said("non laissez. vous avez une boutique à Lyon ?", "deny", exception=0.2))
    assert sources(reply) == ["conversation:declined_topics.boutique"]
