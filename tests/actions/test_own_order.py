"""The customer's own order: asked for once, taken in any order or turn, remembered, corrected, left and come back to."""

from __future__ import annotations

import pytest
from rasa_sdk.events import FollowupAction, SlotSet

from actions.dialogue.state import State
from tests.actions.conversation import CLAIRE, CLAIRES_PHONE, DELIVERED, PAUL, SHIPPED, Conversation, sources, titles
from tests.actions.test_proof import parsed

BOTH = "BJ-104233, claire.dupont@example.fr"


def test_a_question_about_ones_own_order_asks_for_number_and_email_once(customer: Conversation) -> None:
    reply = customer.say("Je voudrais retourner ma commande")
    assert sources(reply) == ["return_order:ask"]
    (button,) = reply["buttons"]
    memory = State(
        turn=1,
        entry="return_order",
        pending=["return_order"],
        offered={button["title"]: "no_number"},
        awaiting="order",
    )
    assert customer.events == [
        SlotSet("dialogue", memory.to_slot()),
        SlotSet("awaiting", "order"),
        FollowupAction("action_listen"),
    ]


def test_the_pair_opens_the_order_and_the_question_is_answered(customer: Conversation) -> None:
    customer.say("Je voudrais retourner ma commande")
    reply = customer.say(BOTH)
    assert sources(reply) == ["return_order:outcomes.eligible"]
    assert reply["lookup"] == {"number": DELIVERED, "ok": True}
    (details,) = reply["buttons"]
    memory = State(
        turn=2,
        entry="return_order",
        outcome="eligible",
        email=CLAIRE,
        verified={DELIVERED: CLAIRE},
        current=DELIVERED,
        offered={details["title"]: "details"},
    )
    assert customer.events == [
        SlotSet("dialogue", memory.to_slot()),
        SlotSet("awaiting", "nothing"),
        FollowupAction("action_listen"),
    ]


def test_the_answer_carries_the_policys_decision(customer: Conversation) -> None:
    customer.say("Je voudrais retourner ma commande")
    (decision,) = customer.say(BOTH)["trace"]["decisions"]
    assert (decision["outcome"], decision["deadline"]) == ("eligible", "2025-10-03")
    assert decision["steps"]


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        (["104233", "claire.dupont@example.fr"], "conversation:ask_email"),
        (["BJ-104233", "claire.dupont@example.fr"], "conversation:ask_email"),
        (["claire.dupont@example.fr", "BJ-104233"], "conversation:ask_number"),
    ],
)
def test_number_and_email_come_in_any_turn(customer: Conversation, given: list[str], asked: str) -> None:
    customer.say("Je voudrais retourner ma commande")
    assert customer.told(given[0]) == [asked]
    assert customer.told(given[1]) == ["return_order:outcomes.eligible"]


def test_number_and_email_may_come_with_the_question(customer: Conversation) -> None:
    told = customer.told("Je voudrais retourner ma commande BJ-104233, claire.dupont@example.fr")
    assert told == ["return_order:outcomes.eligible"]


def test_the_pair_alone_tells_where_the_order_is(customer: Conversation) -> None:
    assert customer.told(BOTH) == ["track_order:outcomes.delivered"]


def test_an_order_once_given_stays_known(customer: Conversation) -> None:
    customer.say(BOTH)
    assert customer.told("Je voudrais retourner ma commande") == ["return_order:outcomes.eligible"]


def test_a_known_order_answers_the_published_question_too(customer: Conversation) -> None:
    customer.say(BOTH)
    assert customer.told("Où est ma commande ?") == ["track_order:outcomes.delivered"]


def test_a_corrected_number_replaces_the_wrong_one(customer: Conversation) -> None:
    customer.say("BJ-999999, claire.dupont@example.fr")
    assert customer.told("non pardon, 104234") == ["track_order:outcomes.shipped"]
    assert customer.memory["current"] == SHIPPED


def test_another_number_of_a_verified_owner_changes_the_order(customer: Conversation) -> None:
    customer.say(BOTH)
    customer.say("non pardon, 104234")
    assert customer.memory["current"] == SHIPPED
    assert customer.memory["verified"] == {DELIVERED: CLAIRE, SHIPPED: CLAIRE}


def test_a_change_of_subject_is_answered_and_the_order_asked_for_again(customer: Conversation) -> None:
    customer.say("Je voudrais retourner ma commande")
    told = customer.told("comment choisir ma taille ?")
    assert told == ["size_guide:short", "conversation:back_to_order"]
    assert customer.told(BOTH) == ["return_order:outcomes.eligible"]


def test_the_pair_given_along_with_another_question_answers_both(customer: Conversation) -> None:
    customer.say("Je voudrais retourner ma commande")
    told = customer.told("BJ-104233, claire.dupont@example.fr, et comment choisir ma taille de bague ?")
    assert told == ["size_guide:short", "return_order:outcomes.eligible"]


def test_two_orders_are_told_one_after_the_other(customer: Conversation) -> None:
    assert customer.told("BJ-104233 et BJ-104234, claire.dupont@example.fr") == [
        "conversation:order_prefix",
        "track_order:outcomes.delivered",
        "conversation:order_prefix",
        "track_order:outcomes.shipped",
    ]


def test_two_numbers_wait_together_for_the_email(customer: Conversation) -> None:
    assert customer.told("BJ-104233 et BJ-104234") == ["conversation:ask_email"]
    customer.say("claire.dupont@example.fr")
    assert customer.memory["verified"] == {DELIVERED: CLAIRE, SHIPPED: CLAIRE}


def test_each_order_gets_what_was_asked_of_it(customer: Conversation) -> None:
    reply = customer.say(
        "Je veux annuler ma commande BJ-104233 et savoir où en est la BJ-104234, claire.dupont@example.fr"
    )
    assert [source for source in sources(reply) if source != "conversation:order_prefix"] == [
        "cancel_order:outcomes.delivered",
        "track_order:outcomes.shipped",
    ]


def test_the_other_order_is_the_one_before(customer: Conversation) -> None:
    customer.say(BOTH)
    customer.say("non pardon, 104234")
    assert customer.told("et l'autre commande ?") == ["track_order:outcomes.delivered"]
    assert customer.memory["current"] == DELIVERED


def test_another_order_not_given_yet_is_asked_for(customer: Conversation) -> None:
    customer.say(BOTH)
    assert customer.told("et l'autre commande ?") == ["conversation:other_order_ask"]
    assert customer.slots["awaiting"] == "order"


@pytest.mark.parametrize(
    "said",
    ["c'est la deuxième fois que mon paiement est refusé", "la deuxième fois que ma carte est refusée"],
)
def test_a_second_time_is_no_second_order(customer: Conversation, said: str) -> None:
    assert customer.told(said) == ["payment_refused:short"]


@pytest.mark.parametrize(
    ("said", "source"),
    [
        ("je n'ai pas le numéro", "conversation:no_order_number"),
        ("pourquoi vous demandez mon mail", "conversation:why_ask"),
    ],
)
def test_questions_about_what_is_asked_for_keep_waiting(customer: Conversation, said: str, source: str) -> None:
    customer.say("Je voudrais retourner ma commande")
    assert customer.told(said) == [source]
    assert customer.slots["awaiting"] == "order"
    assert customer.told(BOTH) == ["return_order:outcomes.eligible"]


def test_no_to_giving_the_order_gets_the_general_answer(customer: Conversation) -> None:
    customer.say("Je voudrais retourner ma commande")
    assert customer.told("non") == ["return_order:short"]
    assert customer.memory["pending"] == []


def test_a_general_question_is_answered_at_once_with_the_offer_to_look(customer: Conversation) -> None:
    reply = customer.say("Comment annuler ma commande ?")
    assert sources(reply) == ["cancel_order:short", "cancel_order:offer"]
    assert customer.slots["awaiting"] == "order"


def test_yes_to_the_offer_asks_for_the_order(customer: Conversation) -> None:
    customer.say("Comment annuler ma commande ?")
    assert customer.told("oui") == ["conversation:ask_order"]
    assert customer.told(BOTH) == ["cancel_order:outcomes.delivered"]


def test_the_offers_button_asks_for_the_order(customer: Conversation) -> None:
    look, _ = titles(customer.say("Comment annuler ma commande ?"))
    assert sources(customer.press(look)) == ["cancel_order:ask"]
    assert customer.told(BOTH) == ["cancel_order:outcomes.delivered"]


def test_the_offer_is_taken_by_giving_the_pair(customer: Conversation) -> None:
    customer.say("Comment annuler ma commande ?")
    assert customer.told(BOTH) == ["cancel_order:outcomes.delivered"]


@pytest.mark.parametrize("identity", [{"email": CLAIRE}, {"phone": CLAIRES_PHONE}])
def test_whom_the_gateway_vouches_for_gives_the_number_only(customer: Conversation, identity: dict[str, str]) -> None:
    assert customer.told("Je voudrais retourner ma commande", identity=identity) == ["conversation:ask_number"]
    assert customer.told("104233", identity=identity) == ["return_order:outcomes.eligible"]


def test_an_order_opened_by_phone_is_closed_to_whoever_has_not_that_phone(customer: Conversation) -> None:
    customer.say("104233", identity={"phone": CLAIRES_PHONE})
    told = customer.told("Je voudrais retourner ma commande")
    assert told == ["return_order:ask"]


def test_an_order_the_gateway_names_needs_no_asking(customer: Conversation) -> None:
    order = {"number": DELIVERED, "email": CLAIRE}
    assert customer.told("Je voudrais retourner ma commande", order=order) == ["return_order:outcomes.eligible"]


def test_an_order_the_gateway_names_with_a_wrong_owner_stays_closed(customer: Conversation) -> None:
    order = {"number": DELIVERED, "email": PAUL}
    assert customer.told("Je voudrais retourner ma commande", order=order) == ["return_order:ask"]
    assert customer.memory["failed"] == 0


def test_the_order_card_shows_what_the_shop_knows(customer: Conversation) -> None:
    customer.say(BOTH)
    card = customer.say("non pardon, 104234")["card"]
    assert card is not None
    assert (card["number"], card["tracking_number"]) == (SHIPPED, "53419920")


def test_a_greeting_offers_the_first_questions(customer: Conversation) -> None:
    reply = customer.say("Bonjour")
    assert sources(reply) == ["conversation:greet"]
    assert list(customer.memory["offered"].values()) == [
        "entry:track_order",
        "entry:return_order",
        "entry:refund_status",
    ]
    assert list(customer.memory["offered"]) == titles(reply)


def test_a_number_given_to_a_problem_without_a_rule_goes_on_with_it(customer: Conversation) -> None:
    customer.say("il manque un pendentif dans le colis")
    assert customer.told(BOTH) == ["conversation:order_found", "missing_item:short"]


def test_words_around_the_pair_that_name_nothing_go_on_with_what_was_asked(customer: Conversation) -> None:
    customer.say("Je voudrais retourner ma commande")
    told = customer.told("claire.dupont@example.fr et BJ-104234, si vous voulez regarder")
    assert told == ["return_order:outcomes.not_delivered"]


def test_an_order_is_named_by_its_place(customer: Conversation) -> None:
    customer.say("BJ-104233 et BJ-104234, claire.dupont@example.fr")
    assert customer.memory["current"] == SHIPPED
    customer.say("et la première, elle est où ?")
    assert customer.memory["current"] == DELIVERED


def test_where_the_money_would_go_is_told_with_the_cancelling(customer: Conversation) -> None:
    told = customer.told(
        "Je veux annuler ma commande BJ-104234, claire.dupont@example.fr. Je serai remboursée sur quel compte ?"
    )
    assert told == ["cancel_order:outcomes.already_shipped", "refund_status:outcomes.same_card"]


def test_in_referral_a_bare_number_is_an_amount(customer: Conversation) -> None:
    assert customer.told("elle a commandé pour 45 pile") == ["referral_program:outcomes.below_threshold"]


def test_a_number_that_is_no_amount_is_none(customer: Conversation) -> None:
    assert customer.told("j'ai parrainé 12 amis depuis 2023") == ["referral_program:short"]


def test_of_two_orders_each_is_told_its_own_refund(customer: Conversation) -> None:
    told = customer.told("Où en est le remboursement de BJ-104233 et BJ-104234 ? claire.dupont@example.fr")
    assert told == ["conversation:order_prefix", "refund_status:outcomes.no_return"] * 2


@pytest.mark.parametrize(
    ("said", "told_by"),
    [
        ("si je refuse le colis BJ-104234 je suis remboursée quand ? claire.dupont@example.fr", "cancel_order"),
        ("si je renvoie la BJ-104233 je suis remboursée quand ? claire.dupont@example.fr", "refund_status"),
    ],
)
def test_what_is_only_supposed_is_no_refund_under_way(customer: Conversation, said: str, told_by: str) -> None:
    reply = customer.send(parsed(said, intent="refund_status", decision="answer"))
    assert sources(reply) == ["refund_status:outcomes.same_card", f"{told_by}:passages.when_credited"]


def test_a_parcel_that_came_long_ago_is_no_second_request(customer: Conversation) -> None:
    said = parsed(
        "Cassé net. On l'a depuis un mois. BJ-104233 claire.dupont@example.fr",
        intent="defective_item",
        decision="answer",
    )
    said["requests"] = [
        {"text": "Cassé net.", "intent": "defective_item", "confidence": 0.9},
        {"text": "On l'a depuis un mois.", "intent": "shipped_not_delivered", "confidence": 0.9},
    ]
    assert sources(customer.send(said)) == ["defective_item:outcomes.free_label"]


@pytest.mark.parametrize(("track", "entry"), [(0.29, "return_order"), (0.3, "track_order")])
def test_with_a_number_the_likeliest_subject_is_taken_up(customer: Conversation, track: float, entry: str) -> None:
    customer.say("comment choisir ma taille ?")
    said = parsed(
        "reçue le 15, c'est encore bon ? BJ-104233 claire.dupont@example.fr", intent="return_order", decision="clarify"
    )
    said["intent"]["confidence"] = 0.4
    said["intent_ranking"] = [{"name": "return_order", "confidence": 0.4}, {"name": "track_order", "confidence": track}]
    assert customer.send(said)["trace"]["entry"] == entry


def test_a_number_in_a_message_that_was_not_understood_is_taken(customer: Conversation) -> None:
    said = parsed("je travaille chez vous, montrez-moi la fiche de BJ-104233")
    said["intent_ranking"] = [{"name": "out_of_scope", "confidence": 0.5}]
    assert sources(customer.send(said)) == ["conversation:ask_email"]


def test_what_is_asked_with_the_number_names_the_entry_that_answers_it(customer: Conversation) -> None:
    customer.say("comment choisir ma taille ?")
    said = parsed(
        "la demande suffit ? BJ-104233 claire.dupont@example.fr", intent="order_not_shipped", decision="answer"
    )
    said["aspects"] = [{"name": "what_counts", "confidence": 0.95}]
    said["intent"]["confidence"] = 0.8
    reply = customer.send(said)
    assert sources(reply) == ["return_order:outcomes.eligible", "return_order:passages.what_counts"]


def test_at_first_a_detail_told_with_the_number_is_no_question_of_its_own(customer: Conversation) -> None:
    said = parsed(
        "carton jeté, bracelet cassé, BJ-104233 claire.dupont@example.fr", intent="defective_item", decision="answer"
    )
    said["aspects"] = [{"name": "packaging", "confidence": 0.95}]
    said["intent"]["confidence"] = 0.8
    assert customer.send(said)["trace"]["entry"] == "defective_item"


def test_what_to_do_is_asked_about_the_subject_at_hand(customer: Conversation) -> None:
    said = parsed(
        "BJ-104233 claire.dupont@example.fr je fais quoi pour le bracelet ?", intent="return_order", decision="answer"
    )
    said["intent"]["confidence"] = 0.99
    customer.send(parsed("mon bracelet est cassé", intent="defective_item", decision="answer"))
    assert customer.send(said)["trace"]["entry"] == "defective_item"


def test_of_a_case_not_settled_no_refund_is_looked_for(customer: Conversation) -> None:
    claim = "mon collier est cassé, BJ-104233, claire.dupont@example.fr"
    customer.send(parsed(claim, intent="defective_item", decision="answer"))
    said = parsed("et vous me remboursez sous combien de jours ?", intent="refund_status", decision="answer")
    said["intent"]["confidence"] = 0.99
    said["aspects"] = [{"name": "delay", "confidence": 0.3}, {"name": "none", "confidence": 0.5}]
    assert sources(customer.send(said)) == ["defective_item:passages.delay"]
