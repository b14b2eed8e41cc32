"""What is said on the entry at hand: details, the one passage a follow-up asks for, buttons, the hygiene question."""

from __future__ import annotations

from typing import Any

import pytest

from tests.actions.conversation import EARRINGS, Conversation, sources, titles
from tests.actions.test_proof import parsed

RETURN = "Je voudrais retourner ma commande BJ-104233, claire.dupont@example.fr"
RETURN_EARRINGS = "Je voudrais retourner mes boucles d'oreilles, BJ-104235, claire.dupont@example.fr"


def test_a_follow_up_gets_the_passage_of_the_entry_and_not_the_entry_again(customer: Conversation) -> None:
    customer.say(RETURN)
    reply = customer.say("et c'est gratuit le retour ?")
    assert sources(reply) == ["return_order:passages.cost"]
    assert (reply["trace"]["aspect"], reply["trace"]["outcome"]) == ("cost", "eligible")


def test_a_follow_up_keeps_the_decision_it_speaks_of(customer: Conversation) -> None:
    customer.say(RETURN)
    (decision,) = customer.say("et c'est gratuit le retour ?")["trace"]["decisions"]
    assert (decision["rule"], decision["outcome"]) == ("return_window", "eligible")


def test_a_follow_up_without_an_order_gets_the_entrys_own_passage(customer: Conversation) -> None:
    customer.say("Quelle est la date limite pour un retour ?")
    reply = customer.say("et c'est gratuit le retour ?")
    assert sources(reply) == ["return_order:passages.cost"]
    assert reply["trace"]["decisions"] == []


def test_where_the_money_goes_is_told_from_the_orders_means_of_payment(customer: Conversation) -> None:
    customer.say(RETURN)
    rules = [decision["rule"] for decision in customer.say("et je serai remboursé où ?")["trace"]["decisions"]]
    assert "refund_means" in rules


@pytest.mark.parametrize(
    ("said", "entry"),
    [
        ("Où en est mon remboursement ?", "refund_status"),
        ("vous acceptez paypal ?", "payment_methods"),
        ("comment choisir ma taille ?", "size_guide"),
    ],
)
def test_a_clear_question_of_its_own_is_no_follow_up(customer: Conversation, said: str, entry: str) -> None:
    customer.say(RETURN)
    assert customer.say(said)["trace"]["entry"] == entry


def test_more_details_is_the_full_text_of_the_entry_just_answered(customer: Conversation) -> None:
    customer.say(RETURN)
    assert customer.told("plus de détails") == ["return_order:full"]


def test_the_details_button_does_as_the_words(customer: Conversation) -> None:
    (details,) = titles(customer.say(RETURN))
    assert sources(customer.press(details)) == ["return_order:full"]


def test_more_details_of_nothing_asks_of_what(customer: Conversation) -> None:
    assert customer.told("plus de détails") == ["conversation:no_more_details"]


@pytest.mark.parametrize("spelled", [str.upper, str.lower, lambda title: f" {title} !"])
def test_a_buttons_title_may_be_typed(customer: Conversation, spelled: object) -> None:
    assert callable(spelled)
    track, *_ = titles(customer.say("Bonjour"))
    assert customer.press(spelled(track))["trace"]["entry"] == "track_order"


def test_a_title_means_nothing_once_its_buttons_are_gone(customer: Conversation) -> None:
    _, ask_return, _ = titles(customer.say("Bonjour"))
    customer.say("merci beaucoup")
    assert customer.press(ask_return)["trace"]["entry"] is None


def test_several_requests_are_answered_in_their_order(customer: Conversation) -> None:
    assert customer.told("Comment choisir ma taille et quels moyens de paiement acceptez-vous ?") == [
        "conversation:several_requests",
        "size_guide:short",
        "payment_methods:short",
    ]


def test_an_unknown_seal_is_asked_about_before_any_answer(customer: Conversation) -> None:
    reply = customer.say(RETURN_EARRINGS)
    assert sources(reply) == ["return_order:outcomes.hygiene_unknown"]
    assert customer.slots["awaiting"] == "hygiene"
    assert list(customer.memory["offered"].values()) == ["sealed", "opened"]


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("non", "eligible"),
        ("non, je ne les ai pas ouvertes", "eligible"),
        ("je ne les ai pas encore ouvertes", "eligible"),
        ("je ne les ai pas mises", "eligible"),
        ("oui", "hygiene_refused"),
        ("oui, je les ai portées", "hygiene_refused"),
    ],
)
def test_the_answer_about_the_seal_decides(customer: Conversation, said: str, outcome: str) -> None:
    customer.say(RETURN_EARRINGS)
    assert customer.told(said) == [f"return_order:outcomes.{outcome}"]


@pytest.mark.parametrize(("button", "opened"), [(0, False), (1, True)])
def test_the_seals_buttons_decide_too_and_are_remembered(customer: Conversation, button: int, opened: bool) -> None:
    customer.press(titles(customer.say(RETURN_EARRINGS))[button])
    assert customer.memory["opened"] == {EARRINGS: opened}


@pytest.mark.parametrize("between", ["plus de détails", "comment choisir ma taille ?"])
def test_the_question_about_the_seal_survives_a_change_of_subject(customer: Conversation, between: str) -> None:
    customer.say(RETURN_EARRINGS)
    customer.say(between)
    assert customer.told("non, je ne les ai pas ouvertes") == ["return_order:outcomes.eligible"]


def test_a_status_named_is_explained_without_an_order(customer: Conversation) -> None:
    told = customer.told("que veut dire prête à être expédiée ?")
    assert told == ["order_status_meaning:outcomes.ready_to_ship"]


def test_the_amount_the_faq_leaves_open_is_said_so_and_handed_over(customer: Conversation) -> None:
    reply = customer.say("mon filleul a commandé pour 60 €, combien je gagne ?")
    assert sources(reply) == ["referral_program:outcomes.unsettled"]
    assert reply["handover"] == {"reason": "referral_unsettled"}


@pytest.mark.parametrize(
    ("now", "source"),
    [
        ("2025-09-21T23:59:59+02:00", "promo_code:short"),
        ("2025-09-22T00:00:00+02:00", "promo_code:outcomes.expired"),
        ("2025-09-21T22:00:00+00:00", "promo_code:outcomes.expired"),
    ],
)
def test_a_promotional_code_ends_with_its_last_day_in_paris(customer: Conversation, now: str, source: str) -> None:
    assert customer.told("mon code promo NOEL25 ne marche pas", now=now) == [source]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("c'est trop tard, non ?", "return_order:passages.deadline"),
        ("non, c'est trop tard", "conversation:deny_ack"),
        ("non", "conversation:deny_ack"),
    ],
)
def test_a_no_that_only_asks_for_agreement_is_a_question(customer: Conversation, said: str, told: str) -> None:
    customer.say(RETURN)
    reply = customer.send(parsed(said, intent="deny", decision="answer") | asks("deadline", 0.9))
    assert sources(reply) == [told]


@pytest.mark.parametrize(("confidence", "is_one"), [(0.95, True), (0.94, False)])
def test_a_choice_put_to_us_is_one_question(customer: Conversation, confidence: float, is_one: bool) -> None:
    customer.say(RETURN)
    text = "un avoir ou un code promo ?"
    said = parsed(text, intent="refund_status", decision="answer") | asks("voucher", confidence)
    said["requests"] = [
        {"text": text, "intent": intent, "confidence": 0.9} for intent in ("refund_status", "promo_code")
    ]
    assert (sources(customer.send(said)) == ["return_order:passages.voucher"]) is is_one


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("différence entre en préparation et expédiée ?", ["in_preparation", "shipped"]),
        ("en préparation puis expédiée, ça veut dire quoi ?", ["in_preparation"]),
        ("expédiée ou livrée, c'est pareil ?", ["shipped", "delivered"]),
        ("livrée ou expédiée, même chose ?", ["delivered", "shipped"]),
        ("expédiée et colis prêt, quelle différence ?", ["shipped", "carrier_parcel_ready"]),
    ],
)
def test_statuses_are_all_explained_where_they_are_compared(customer: Conversation, said: str, told: list[str]) -> None:
    reply = customer.send(parsed(said, intent="order_status_meaning", decision="answer"))
    assert sources(reply) == [f"order_status_meaning:outcomes.{outcome}" for outcome in told]


def test_a_comparison_is_one_question_however_it_is_cut(customer: Conversation) -> None:
    said = parsed("expédiée ou livrée ? c'est pareil ?", intent="order_status_meaning", decision="answer")
    both = ("order_status_meaning", "product_information")
    said["requests"] = [{"text": said["text"], "intent": intent, "confidence": 0.9} for intent in both]
    told = sources(customer.send(said))
    assert told == ["order_status_meaning:outcomes.shipped", "order_status_meaning:outcomes.delivered"]


def test_two_first_requests_are_two_however_sure_an_aspect_is(customer: Conversation) -> None:
    said = parsed("remboursée quand ? et mes points ?", intent="refund_status", decision="answer") | asks("delay", 0.99)
    both = ("refund_status", "loyalty_points")
    said["requests"] = [{"text": said["text"], "intent": intent, "confidence": 0.9} for intent in both]
    assert sources(customer.send(said))[0] == "conversation:several_requests"


def test_a_comparison_only_half_understood_is_answered_by_the_list(customer: Conversation) -> None:
    reply = customer.send(
        parsed("la diff entre expedier et en préparation", intent="order_status_meaning", decision="answer")
    )
    assert sources(reply)[0] == "order_status_meaning:short"


def test_a_clause_that_names_nothing_is_no_request_of_its_own(customer: Conversation) -> None:
    customer.say(RETURN)
    said = parsed("et qui paie ? vous me prenez pour qui", intent="return_order", decision="answer") | asks("cost", 0.9)
    said["requests"] = [
        {"text": "et qui paie ?", "intent": "return_order", "confidence": 0.9},
        {"text": "vous me prenez pour qui", "intent": "payment_methods", "confidence": 0.8},
    ]
    assert sources(customer.send(said)) == ["return_order:passages.cost"]


def test_after_a_detail_of_another_entry_the_conversation_goes_on_where_it_was(customer: Conversation) -> None:
    customer.say(RETURN)
    aside = customer.send(parsed("ils ont un numéro ?") | asks("carrier_phone", 0.9))
    assert sources(aside) == ["cannot_track_parcel:passages.carrier_phone"]
    assert sources(customer.press("Plus de détails")) == ["cannot_track_parcel:full"]
    assert sources(customer.send(parsed("et c'est payant ?") | asks("cost", 0.9))) == ["return_order:passages.cost"]


def test_a_detail_the_entry_says_nothing_of_is_admitted(customer: Conversation) -> None:
    customer.say("comment choisir ma taille ?")
    said = parsed("je dois y être à quelle heure ?", intent="track_order", decision="answer") | asks("pickup", 0.7)
    said["intent"]["confidence"] = 0.6
    assert sources(customer.send(said)) == ["conversation:follow_up_unknown"]


@pytest.mark.parametrize(
    ("said", "aspect", "told"),
    [
        ("mon argent arrive quand et où ?", "when_credited", ["when_credited", "refund_means"]),
        ("je le dépose quand et où ?", "carrier_choice", ["carrier_choice"]),
    ],
)
def test_where_is_asked_of_the_money_only_where_money_is_meant(
    customer: Conversation, said: str, aspect: str, told: list[str]
) -> None:
    customer.say("Quelle est la date limite pour un retour ?")
    asked = {"aspects": [{"name": aspect, "confidence": 0.9}, {"name": "refund_means", "confidence": 0.02}]}
    assert sources(customer.send(parsed(said) | asked)) == [f"return_order:passages.{name}" for name in told]


def test_a_yes_that_asks_is_answered_by_the_entry_again(customer: Conversation) -> None:
    customer.say(RETURN)
    reply = customer.send(parsed("mais le collier oui ?", intent="affirm", decision="answer"))
    assert reply["trace"]["outcome"] == "eligible"


def asks(aspect: str, confidence: float) -> dict[str, Any]:
    """The part of a parse that says what is asked of the entry at hand."""
    return {"aspects": [{"name": aspect, "confidence": confidence}]}
