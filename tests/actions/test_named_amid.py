"""What a message in the middle of a conversation names: refusing the parcel, a mishap, a way to pay, another order."""

from __future__ import annotations

import pytest

from actions.dialogue.follow_up import AtHand, FollowUp
from actions.dialogue.plain_detail import plain_detail
from actions.dialogue.services import Services
from tests.actions.conversation import Conversation, sources
from tests.actions.test_follow_up import found, understood
from tests.actions.test_yes_and_no import said


@pytest.mark.parametrize(
    ("text", "entry", "told"),
    [
        ("et refuser le colis, c'est gratuit ?", "cancel_order", ("refuse_parcel", "cancel_order", False)),
        ("et refuser le colis, c'est gratuit ?", "modify_order", ("refuse_parcel", "modify_order", False)),
        ("et si je le refuse c gratuit ?", "shipped_not_delivered", ("refuse_parcel", "cancel_order", True)),
        ("et refuser le colis, c'est gratuit ?", "return_order", ("refuse_parcel", "cancel_order", True)),
        ("et annuler, c'est gratuit ?", "cancel_order", ("cost", "cancel_order", False)),
        ("le paiement est refusé, ça va me coûter cher ?", "payment_refused", ("cost", "payment_refused", False)),
    ],
)
def test_what_refusing_costs_is_told_of_refusing(
    services: Services, text: str, entry: str, told: tuple[str, str, bool]
) -> None:
    follow = found(services, understood(text), entry)
    assert follow is not None
    assert (follow.aspect, follow.entry, follow.beside) == told


@pytest.mark.parametrize(
    ("text", "entry", "share", "leaves"),
    [
        ("et en fait le fermoir ne tient pas", "return_order", 0.59, True),
        ("et en fait le fermoir ne tient pas", "return_order", 0.6, False),
        ("et en fait c'est embêtant", "return_order", 0.59, False),
    ],
)
def test_a_mishap_that_is_named_is_news_unless_a_detail_is_clearly_asked(
    services: Services, text: str, entry: str, share: float, leaves: bool
) -> None:
    message = understood(
        text, intent="defective_item", confidence=0.8, decision="answer", aspects={"refuse_parcel": share}
    )
    assert (found(services, message, entry) is None) is leaves


@pytest.mark.parametrize(
    ("entry", "share", "told"),
    [("payment_methods", 0.85, "eligibility"), ("payment_methods", 0.59, None), ("refund_status", 0.9, "refund_means")],
)
def test_a_way_to_be_paid_back_is_a_way_to_pay_where_paying_is_at_hand(
    services: Services, entry: str, share: float, told: str | None
) -> None:
    message = understood(
        "et par chèque", intent="payment_methods", confidence=0.98, decision="answer", aspects={"refund_means": share}
    )
    follow = found(services, message, entry)
    assert (follow and follow.aspect) == told


def test_how_one_is_refunded_is_no_way_to_pay_even_there(services: Services) -> None:
    message = understood(
        "et je serai remboursé comment ?",
        intent="refund_status",
        confidence=0.98,
        decision="answer",
        aspects={"refund_means": 0.95},
    )
    follow = found(services, message, "payment_methods")
    assert follow is not None
    assert (follow.aspect, follow.entry) == ("refund_means", "refund_status")


def test_when_the_money_comes_is_told_although_the_message_says_how_it_was_paid(services: Services) -> None:
    message = understood("j'ai payé par virement, ça arrive quand ?", aspects={"when_credited": 0.9})
    follow = found(services, message, "refund_status")
    assert follow is not None
    assert follow.aspect == "when_credited"


@pytest.mark.parametrize(("entry", "told"), [("refund_status", "refund_means"), ("size_guide", "exchange")])
def test_a_cheque_asked_for_while_a_refund_is_at_hand_is_how_it_is_paid(
    services: Services, entry: str, told: str
) -> None:
    message = understood("vous pouvez m'envoyer un chèque plutôt ?", aspects={"exchange": 0.9, "refund_means": 0.01})
    follow = found(services, message, entry)
    assert (follow and follow.aspect) == told


@pytest.mark.parametrize("intent", ["missing_item", "delivered_not_received"])
def test_nothing_received_while_logging_in_is_the_mail(services: Services, intent: str) -> None:
    message = understood(
        "j'ai cliqué, rien reçu", intent=intent, confidence=0.96, decision="answer", aspects={"email_missing": 0.3}
    )
    follow = found(services, message, "login_problem")
    assert follow is not None
    assert follow.aspect == "email_missing"


@pytest.mark.parametrize(
    ("entry", "neighbours", "told"),
    [
        ("track_order", 0.5, "third_party"),
        ("track_order", 0.19, "neighbours"),
        ("delivered_not_received", 0.5, "neighbours"),
    ],
)
def test_a_neighbour_who_is_to_take_the_parcel_is_somebody_else(
    services: Services, entry: str, neighbours: float, told: str
) -> None:
    message = understood(
        "une voisine peut le prendre ?", confidence=0.99, aspects={"neighbours": neighbours, "third_party": 0.4}
    )
    follow = found(services, message, entry)
    assert (follow and follow.aspect) == told


@pytest.mark.parametrize(
    ("intent", "decision", "entry", "told"),
    [
        ("cancel_order", "clarify", "modify_order", True),
        ("modify_order", "answer", "modify_order", True),
        ("update_personal_information", "answer", "modify_order", True),
        ("loyalty_points", "answer", "modify_order", False),
        ("cancel_order", "clarify", "return_order", False),
    ],
)
def test_that_it_shall_not_happen_again_is_for_the_account(
    services: Services, intent: str, decision: str, entry: str, told: bool
) -> None:
    message = understood("et pour éviter que ça se reproduise ?", intent=intent, decision=decision)
    at_hand = AtHand(services.faq.entries[entry])
    follow = plain_detail(message, at_hand=at_hand, cues=services.cues)
    assert follow == (FollowUp("address", 1.0, "update_personal_information") if told else None)


def test_a_guess_that_comes_with_another_order_asks_the_same_of_it(customer: Conversation) -> None:
    customer.say("BJ-104233 et BJ-104234, claire.dupont@example.fr")
    customer.say("et la première, elle est où ?")
    reply = customer.send(said("et la deuxième elle est partie ou pas ?", "product_information", none=0.4))
    assert customer.memory["current"] == "BJ-104234"
    assert [source.partition(":")[0] for source in sources(reply)] == ["track_order"]


def test_what_is_said_of_another_order_in_its_own_words_is_answered(customer: Conversation) -> None:
    customer.say("BJ-104233 et BJ-104234, claire.dupont@example.fr")
    customer.say("et la première, elle est où ?")
    reply = customer.send(said("et la deuxième, je peux avoir sa composition ?", "product_information", none=0.4))
    assert [source.partition(":")[0] for source in sources(reply)] == ["product_information"]
