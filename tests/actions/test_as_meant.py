"""What a message means in its conversation, beyond how it reads on its own."""

from __future__ import annotations

from typing import Any

import pytest

from actions.dialogue import readings
from actions.dialogue.follow_up import AtHand, FollowUp
from actions.dialogue.plain_detail import plain_detail
from actions.dialogue.services import Services
from actions.dialogue.understanding import Guess, Request
from kb.vocabulary import fold
from tests.actions.conversation import CLAIRE, DELIVERED, NINA, NINAS, Conversation, sources
from tests.actions.test_follow_up import found, understood
from tests.actions.test_yes_and_no import said


def with_entity(parse: dict[str, Any], entity: str, value: str) -> dict[str, Any]:
    start = parse["text"].index(value)
    return parse | {"entities": [{"entity": entity, "value": value, "start": start, "end": start + len(value)}]}


@pytest.mark.parametrize(
    ("intents", "confidence", "kept"),
    [
        (("missing_item", "wrong_item"), 0.95, ["missing_item"]),
        (("missing_item", "wrong_item"), 0.94, ["missing_item", "wrong_item"]),
        (("missing_item", "defective_item"), 0.99, ["missing_item", "defective_item"]),
    ],
)
def test_what_came_and_what_did_not_are_one_mishap(
    intents: tuple[str, str], confidence: float, kept: list[str]
) -> None:
    requests = tuple(
        Request(part, intent, 0.9) for part, intent in zip(("le jonc", "pas la chaîne"), intents, strict=True)
    )
    message = understood(
        "rien que le jonc, pas la chaîne", intent="missing_item", confidence=confidence, requests=requests
    )
    assert [request.intent for request in readings.one_mishap(message).requests] == kept


@pytest.mark.parametrize(
    ("text", "entry", "share", "intent"),
    [
        ("je veux juste une autre taille, pas annuler", "cancel_order", 0.3, "modify_order"),
        ("je veux juste une autre taille, pas annuler", "cancel_order", 0.29, "cancel_order"),
        ("je veux juste une autre taille, pas annuler", "return_order", 0.4, "cancel_order"),
        ("je veux annuler, pas changer de taille", "cancel_order", 0.4, "cancel_order"),
    ],
)
def test_a_change_told_apart_from_the_cancelling_at_hand_is_meant(
    services: Services, text: str, entry: str, share: float, intent: str
) -> None:
    message = understood(text, intent="cancel_order", ranking=(Guess("modify_order", share),))
    assert readings.change_instead(message, entry, fold(text), services.cues).intent == intent


@pytest.mark.parametrize(
    ("text", "confidence", "amounts", "intent"),
    [
        ("quand me rendrez-vous mes 35 euros", 0.89, ("35",), "refund_status"),
        ("quand me rendrez-vous mes 35 euros", 0.9, ("35",), "loyalty_points"),
        ("quand me rendrez-vous ma bague", 0.5, (), "loyalty_points"),
        ("j'ai dépensé 35 euros", 0.5, ("35",), "loyalty_points"),
    ],
)
def test_an_amount_to_be_given_back_is_a_refund(
    services: Services, text: str, confidence: float, amounts: tuple[str, ...], intent: str
) -> None:
    entities = tuple({"entity": "amount", "value": amount} for amount in amounts)
    message = understood(text, intent="loyalty_points", confidence=confidence, entities=entities)
    assert readings.money_back(message, fold(text), services.cues).intent == intent


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("mais c'est une allergie tout de même !", ["return_order:passages.contest"]),
        ("mais c'est une allergie, non ?", ["conversation:declined_topics.skin"]),
        ("c'est une allergie", ["conversation:declined_topics.skin"]),
    ],
)
def test_who_protests_against_a_refusal_asks_nothing_new(customer: Conversation, text: str, told: list[str]) -> None:
    customer.say("Je voudrais retourner mes boucles d'oreilles, BJ-104235, claire.dupont@example.fr")
    customer.say("oui, je les ai portées")
    assert customer.memory["outcome"] == "hygiene_refused"
    assert sources(customer.send(said(text, "out_of_scope", decision="reject", contest=0.8))) == told


@pytest.mark.parametrize(
    ("amount", "told"),
    [("17.56", ["overcharged:passages.instalments"]), ("17.55", ["overcharged:short"])],
)
def test_an_overcharge_of_what_four_instalments_cost_is_explained(
    customer: Conversation, amount: str, told: list[str]
) -> None:
    customer.send(said("on m'a trop débité", "overcharged", none=0.9))
    asked = with_entity(said(f"il y a {amount} euros d'écart", "overcharged", none=0.9), "amount", amount)
    assert sources(customer.send(asked)) == told


@pytest.mark.parametrize(
    ("text", "entry", "told"),
    [
        ("vous me rendez tout ça quand ?", "overcharged", FollowUp("when_credited", 1.0, "overcharged")),
        ("vous me rendez tout ça comment ?", "overcharged", None),
        ("vous me rendez tout ça quand ?", "return_order", None),
        ("mais la montre est toute neuve, intacte", "return_order", FollowUp("condition", 1.0, "return_order")),
        ("mais la montre est toute neuve, intacte", "track_order", None),
        ("et cette référence, elle est où ?", "wrong_item", FollowUp("where_find", 1.0, "wrong_item")),
        ("la référence était fausse", "wrong_item", None),
        ("et cette référence, elle est où ?", "defective_item", None),
        (
            "s'ils le laissent dans la boîte aux lettres ?",
            "cancel_order",
            FollowUp("refuse_parcel", 1.0, "cancel_order"),
        ),
        ("s'ils le laissent dans la boîte aux lettres ?", "track_order", None),
        ("je l'ai trouvé dans la boîte aux lettres", "cancel_order", None),
        ("si je refuse le colis, l'argent revient ?", "modify_order", FollowUp("when_credited", 1.0, "cancel_order")),
        ("si je refuse le colis, vous m'envoyez celle en argent ?", "modify_order", None),
    ],
)
def test_words_that_leave_no_doubt(services: Services, text: str, entry: str, told: FollowUp | None) -> None:
    message = understood(text, intent="defective_item", decision="answer", aspects={"none": 0.9})
    assert plain_detail(message, at_hand=AtHand(services.faq.entries[entry]), cues=services.cues) == told


@pytest.mark.parametrize(
    ("entry", "share", "told"), [("missing_item", 0.4, "missing_item"), ("track_order", 0.4, None)]
)
def test_what_becomes_of_the_money_is_part_of_the_case(
    services: Services, entry: str, share: float, told: str | None
) -> None:
    message = understood(
        "je serai remboursée de cette bague-là ou non, dites-moi",
        intent="refund_status",
        confidence=0.99,
        decision="answer",
        aspects={"refund_claim": share},
    )
    follow = found(services, message, entry)
    assert (follow and follow.entry) == told


@pytest.mark.parametrize(("confidence", "told"), [(0.99, "promo_code"), (0.98, None)])
def test_a_detail_of_an_entry_named_beyond_doubt_is_told_of_it(
    services: Services, confidence: float, told: str | None
) -> None:
    message = understood(
        "le code promo utilisé remarchera ?",
        intent="promo_code",
        confidence=confidence,
        decision="answer",
        aspects={"reuse": 0.7},
    )
    follow = found(services, message, "refund_status")
    assert (follow and follow.entry) == told


@pytest.mark.parametrize(
    ("confidence", "told"),
    [(0.95, "referral_program:passages.exception"), (0.94, "conversation:several_requests")],
)
def test_two_readings_of_one_question_about_the_entry_are_one_request(
    customer: Conversation, confidence: float, told: str
) -> None:
    customer.send(said("ma filleule est inscrite, je gagne quoi", "referral_program", none=0.9))
    text = "et si elle a oublié de mettre mon adresse au moment de s'inscrire sur le site ?"
    asked = said(text, "referral_program", exception=0.9)
    asked["intent"]["confidence"] = confidence
    asked["requests"] = [
        {"text": "et si elle a oublié de mettre mon adresse", "intent": "missing_item", "confidence": 0.9},
        {"text": "au moment de s'inscrire", "intent": "referral_program", "confidence": 0.99},
    ]
    assert sources(customer.send(asked))[0] == told


def test_a_number_that_is_a_guess_goes_back_to_what_was_asked_of_another_order(customer: Conversation) -> None:
    customer.send(said("mes points, ils sont où ?", "loyalty_points", none=0.9))
    customer.send(said("mon code promo ne marche pas", "promo_code", none=0.95))
    assert customer.memory["entry"] == "promo_code"
    asked = said(f"ok et ceux de {DELIVERED}, {CLAIRE}", "product_not_found", decision="clarify", none=0.4)
    asked["intent"]["confidence"] = 0.5
    asked["entities"] = [
        {"entity": "order_number", "value": DELIVERED, "start": 11, "end": 20},
        {"entity": "email", "value": CLAIRE, "start": 22, "end": 22 + len(CLAIRE)},
    ]
    customer.send(asked)
    assert customer.memory["entry"] == "loyalty_points"


def test_of_an_order_that_awaits_no_transfer_is_told_where_it_stands(customer: Conversation) -> None:
    customer.send(said("je peux payer par virement ?", "payment_methods", none=0.9))
    reply = customer.say("BJ-104233, claire.dupont@example.fr")
    assert [source.partition(":")[0] for source in sources(reply)] == ["track_order"]


def test_what_the_assistant_cannot_do_itself_is_said_for_the_order(customer: Conversation) -> None:
    customer.say(
        "Je veux annuler ma commande BJ-104234, claire.dupont@example.fr. Je serai remboursée sur quel compte ?"
    )
    asked = said("donc là c'est annulé ?", "cancel_order", done_here=0.9)
    assert sources(customer.send(asked)) == ["cancel_order:passages.done_here"]
    assert customer.memory["outcome"] == "already_shipped"


def test_a_near_miss_written_in_haste_is_declined_by_its_name(customer: Conversation) -> None:
    asked = said("ils le garde cb de tps", "out_of_scope", decision="reject", none=0.9)
    asked |= {
        "normalized": "ils le garde combien de temps",
        "intent_ranking": [{"name": "out_of_scope", "confidence": 1.0}],
    }
    assert sources(customer.send(asked)) == ["conversation:declined_topics.pickup_time"]


@pytest.mark.parametrize(
    ("text", "intent", "entry", "at_first", "closing"),
    [
        ("bon, je regarde ça ce soir", "affirm", "login_problem", False, "will_do"),
        ("bon, je regarde ça ce soir", "affirm", None, True, None),
        ("je regarde ça ce soir, merci à vous", "thank_you", "login_problem", False, None),
        ("je regarde ça ce soir ?", "affirm", "login_problem", False, None),
    ],
)
def test_who_will_see_to_it_asks_nothing(
    text: str, intent: str, entry: str | None, at_first: bool, closing: str | None
) -> None:
    message = understood(text, intent=intent, aspects={"will_do": 0.9})
    assert readings.closing(message, entry=entry, at_first=at_first) == closing


def test_one_reminder_of_the_order_is_enough_where_there_is_something_else_to_say(customer: Conversation) -> None:
    customer.say("Je voudrais annuler ma commande")
    assert customer.told("comment choisir ma taille ?")[-1] == "conversation:back_to_order"
    assert customer.told("vous acceptez paypal ?") == ["payment_methods:short"]
    asked = said("je ne sais plus où je l'ai mis", "out_of_scope", decision="reject", none=0.9)
    assert sources(customer.send(asked)) == ["conversation:back_to_order"]
    assert sources(customer.say("BJ-104233"))[-1] == "conversation:ask_email"
    assert customer.told("comment choisir ma taille ?")[-1] == "conversation:back_to_order_email"


def test_who_looks_for_the_number_is_still_waited_for(customer: Conversation) -> None:
    customer.send(said("où en est mon colis", "track_order", none=0.9))
    assert sources(customer.send(said("attendez, je cherche le mail", "out_of_scope", will_do=0.9))) == [
        "conversation:will_do"
    ]
    assert sources(customer.say("BJ-104233, claire.dupont@example.fr"))[0].startswith("track_order:")


@pytest.mark.parametrize(
    ("intent", "text", "told"),
    [
        ("missing_item", "je n'y suis pour rien, c'était comme ça en ouvrant", "contest"),
        ("missing_item", "et il manque la chaîne aussi", None),
        ("loyalty_points", "je n'y suis pour rien, c'était comme ça en ouvrant", None),
    ],
)
def test_more_of_a_mishap_is_no_other_one_unless_it_says_so(
    services: Services, intent: str, text: str, told: str | None
) -> None:
    message = understood(text, intent=intent, confidence=0.97, decision="answer", aspects={"none": 0.9})
    follow = found(services, message, "defective_item")
    assert (follow and follow.aspect) == told


def test_being_logged_in_is_a_condition_of_the_code_and_no_problem(customer: Conversation) -> None:
    customer.send(said("mon code ne passe pas", "promo_code"))
    reply = customer.send(said("si je suis connectée, il n'a jamais servi", "login_problem", contest=0.2, none=0.3))
    assert sources(reply) == ["promo_code:passages.already_done"]


@pytest.mark.parametrize(("entry", "beside"), [("modify_order", True), ("cancel_order", False)])
def test_the_money_of_a_refused_parcel_comes_as_after_a_cancelling(
    services: Services, entry: str, beside: bool
) -> None:
    message = understood(
        "et il faudra attendre longtemps mon remboursement ?",
        intent="refund_status",
        confidence=0.99,
        decision="answer",
        aspects={"when_credited": 0.5},
    )
    follow = found(services, message, entry)
    assert (follow.aspect, follow.entry, follow.beside) == ("when_credited", "cancel_order", beside)


def test_a_doubt_before_a_reason_is_one(services: Services) -> None:
    message = understood("Vous êtes sûrs ? J'avais compté jusqu'à samedi.", aspects={"none": 0.9})
    told = plain_detail(message, at_hand=AtHand(services.faq.entries["return_order"]), cues=services.cues)
    assert told == FollowUp("contest", 1.0, "return_order")


def test_whether_it_is_bad_is_told_by_what_was_just_said(customer: Conversation) -> None:
    customer.send(said("je peux payer par virement ?", "payment_methods", none=0.9))
    customer.send(said("et si j'oublie le numéro dans l'intitulé", "out_of_scope", transfer_reference=0.9))
    asked = said("c'est grave ?", "out_of_scope", decision="reject", condition=0.3)
    assert sources(customer.send(asked)) == ["payment_methods:passages.transfer_reference"]


def test_nothing_can_be_bad_before_anything_was_said(customer: Conversation) -> None:
    customer.send(said("c'est bon, je l'ai retrouvé", "affirm", resolved=0.95))
    asked = said("c'est grave ?", "out_of_scope", decision="reject", none=0.9)
    assert sources(customer.send(asked)) == ["conversation:declined"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("je peux payer avec ma carte Amex ?", "payment_methods:short"),
        ("mon virement est bien arrivé ?", "payment_methods:outcomes.waiting"),
    ],
)
def test_how_to_pay_is_asked_of_the_shop_whatever_order_awaits_its_transfer(
    customer: Conversation, text: str, told: str
) -> None:
    customer.send(said(f"où en est {NINAS}, {NINA}", "track_order", none=0.9))
    assert sources(customer.send(said(text, "payment_methods", none=0.9)))[0] == told


def test_shipping_fees_are_no_status_of_a_parcel(customer: Conversation) -> None:
    customer.send(said("je suis remboursé quand ?", "refund_status", none=0.9))
    asked = with_entity(
        said("et les frais de livraison du départ ?", "shipped_not_delivered", shipping_fees=0.9),
        "carrier_status",
        "livraison",
    )
    asked["entities"][0]["value"] = "out_for_delivery"
    assert sources(customer.send(asked))[0] == "refund_status:passages.shipping_fees"
