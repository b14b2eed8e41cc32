"""A detail that the entry at hand does not answer, and what belongs to another subject than the one at hand."""

from __future__ import annotations

import pytest

from actions.dialogue.follow_up import AtHand, FollowUp, follow_up
from actions.dialogue.plain_detail import plain_detail
from actions.dialogue.services import Services
from actions.dialogue.understanding import Understanding
from tests.actions.conversation import LEA, LEAS, NINA, NINAS, Conversation, sources
from tests.actions.test_follow_up import understood
from tests.actions.test_yes_and_no import said

MIXED = f"les créoles sont ouvertes, je peux renvoyer la {LEAS} ? {LEA}"


def found(services: Services, message: Understanding, entry: str, *before: str) -> FollowUp | None:
    entries = services.faq.entries
    at_hand = AtHand(entries[entry], before=before)
    return follow_up(message, at_hand=at_hand, entries=entries, cues=services.cues)


@pytest.mark.parametrize(("share", "told"), [(0.6, "delay"), (0.59, None)])
def test_a_clear_aspect_without_a_passage_is_answered_by_its_stand_in(
    services: Services, share: float, told: str | None
) -> None:
    message = understood("et je la reçois quand alors ?", aspects={"expected_date": share})
    follow = found(services, message, "missing_item")
    assert (follow and follow.aspect) == told


def test_an_aspect_with_a_passage_of_its_own_needs_no_stand_in(services: Services) -> None:
    message = understood("et il arrive quand ?", aspects={"expected_date": 0.9})
    assert found(services, message, "track_order") == FollowUp("expected_date", 0.9, "track_order")


@pytest.mark.parametrize(("before", "told"), [(("track_order", "order_not_shipped"), "track_order"), ((), None)])
def test_a_detail_of_what_was_told_before_goes_back_to_it(
    services: Services, before: tuple[str, ...], told: str | None
) -> None:
    message = understood("et vous faites un geste ?", aspects={"compensation": 0.9})
    follow = found(services, message, "cancel_order", *before)
    assert (follow and follow.entry) == told


def test_a_detail_of_the_subject_a_declined_message_names_is_told(services: Services) -> None:
    message = understood("ça coûte combien le renvoi", intent="return_order", confidence=0.56, aspects={"cost": 0.95})
    assert found(services, message, "price_changed") == FollowUp("cost", 0.95, "return_order")


def test_the_conversation_remembers_the_last_entries_and_not_the_one_at_hand(customer: Conversation) -> None:
    asked = ("website_problem", "size_guide", "authenticity", "promo_code", "size_guide", "login_problem", "size_guide")
    for intent in asked:
        customer.send(said(f"une question de {intent}", intent, none=0.99))
    assert customer.memory["entry"] == "size_guide"
    assert customer.memory["before"] == ["login_problem", "promo_code", "authenticity"]


@pytest.mark.parametrize(("share", "stays"), [(0.6, True), (0.59, False)])
def test_a_message_that_names_another_subject_beyond_doubt_takes_a_clear_detail_to_stay(
    services: Services, share: float, stays: bool
) -> None:
    message = understood(
        "donc ce sont de vraies marques ?",
        intent="authenticity",
        confidence=0.99,
        decision="answer",
        aspects={"origin": share},
    )
    assert (found(services, message, "product_information") is not None) is stays


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("je change l'adresse ?", "modify_order"),
        ("à l'avenir je change l'adresse ?", "update_personal_information"),
        ("au fait je change l'adresse ?", "update_personal_information"),
    ],
)
def test_a_detail_of_what_is_for_the_next_time_or_by_the_way_is_told_of_that(
    services: Services, text: str, told: str
) -> None:
    message = understood(
        text, intent="update_personal_information", confidence=0.99, decision="answer", aspects={"address": 0.8}
    )
    follow = found(services, message, "modify_order")
    assert (follow and follow.entry) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("si je commande ce soir je l'ai avant noël ?", True),
        ("je l'ai avant noël ?", False),
        ("si je commande ce soir c'est possible ?", False),
    ],
)
def test_who_asks_before_buying_whether_it_comes_in_time_is_told_the_delays(
    services: Services, text: str, told: bool
) -> None:
    message = understood(text, intent="cancel_order", decision="answer", aspects={})
    expected = FollowUp("delay", 1.0, "shipped_not_delivered") if told else None
    assert plain_detail(message, at_hand=None, cues=services.cues) == expected


@pytest.mark.parametrize(
    ("text", "beside", "told"),
    [
        ("et si rien n'arrive, vous l'annulez ?", True, True),
        ("et si rien n'arrive, vous l'annulez ?", False, False),
        ("et vous l'annulez à partir de quand ?", True, True),
        ("vous l'annulez s'il vous plaît", True, False),
    ],
)
def test_an_order_that_awaits_its_transfer_lapses_by_itself(
    services: Services, text: str, beside: bool, told: bool
) -> None:
    entries = services.faq.entries
    transfer = entries["payment_methods"].outcome_passages["waiting"] if beside else None
    message = understood(text, intent="cancel_order", confidence=0.99, decision="answer", aspects={})
    at_hand = AtHand(entries["order_not_shipped"], beside=transfer)
    expected = FollowUp("late", 1.0, "order_not_shipped") if told else None
    assert plain_detail(message, at_hand=at_hand, cues=services.cues) == expected


def test_who_asks_of_the_awaited_transfer_itself_when_the_order_lapses_is_told_too(services: Services) -> None:
    at_hand = AtHand(services.faq.entries["payment_methods"], outcome="waiting")
    message = understood("et vous l'annulez au bout de combien", intent="cancel_order", decision="answer", aspects={})
    assert plain_detail(message, at_hand=at_hand, cues=services.cues) == FollowUp("late", 1.0, "payment_methods")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("et depuis la Belgique il y a des frais ?", True),
        ("un retour de Belgique, ça coûte ?", False),
        ("et en Belgique ?", False),
    ],
)
def test_the_fees_of_a_transfer_from_abroad_are_no_return(services: Services, text: str, told: bool) -> None:
    at_hand = AtHand(services.faq.entries["payment_methods"], outcome="waiting")
    message = understood(text, intent="return_from_abroad", confidence=0.99, decision="answer", aspects={})
    expected = FollowUp("cost", 1.0, "payment_methods") if told else None
    assert plain_detail(message, at_hand=at_hand, cues=services.cues) == expected


@pytest.mark.parametrize(
    ("entry", "intent", "aspect", "told"),
    [
        ("cancel_order", "payment_methods", "refund_means", "cancel_order"),
        ("return_order", "order_not_shipped", "deadline", "return_order"),
        ("size_guide", "wrong_item", "exchange", "size_guide"),
    ],
)
def test_what_reads_like_another_subject_stays_where_the_customer_is(
    services: Services, entry: str, intent: str, aspect: str, told: str
) -> None:
    message = understood(
        "et sur l'autre alors ?", intent=intent, confidence=0.97, decision="answer", aspects={aspect: 0.8}
    )
    follow = found(services, message, entry)
    assert follow is not None
    assert (follow.aspect, follow.entry) == (aspect, told)


def test_a_failing_card_counted_in_tries_asks_for_no_instalments(services: Services) -> None:
    message = understood(
        "ça fait 3x que ma carte ne passe pas", intent="payment_refused", decision="answer", aspects={}
    )
    assert plain_detail(message, at_hand=None, cues=services.cues) is None


def test_how_long_the_money_takes_once_sent_is_no_delivery(services: Services) -> None:
    message = understood("ça met combien de temps une fois parti ?", aspects={})
    for entry, told in (("refund_status", None), ("size_guide", FollowUp("delay", 1.0, "shipped_not_delivered"))):
        assert plain_detail(message, at_hand=AtHand(services.faq.entries[entry]), cues=services.cues) == told


def test_a_number_repeated_to_make_sure_is_confirmed_with_what_was_told(customer: Conversation) -> None:
    customer.send(said("comment retourner un article ?", "return_order", none=0.99))
    customer.send(said("et le délai ?", "return_order", deadline=0.9))
    reply = customer.send(said("donc 14 jours c'est ça ?", "out_of_scope", decision="reject", none=0.9))
    assert sources(reply) == ["conversation:confirmed", "return_order:passages.deadline"]


def test_the_number_of_an_entrys_own_answer_is_confirmed_too(customer: Conversation) -> None:
    customer.send(said("comment retourner un article ?", "return_order", none=0.99))
    reply = customer.send(said("j'ai bien compris, 14 jours ?", "out_of_scope", decision="reject", none=0.9))
    assert sources(reply) == ["conversation:confirmed", "return_order:short"]


def test_another_detail_asked_with_the_number_is_what_is_told(customer: Conversation) -> None:
    customer.send(said("comment retourner un article ?", "return_order", none=0.99))
    reply = customer.send(said("donc 14 jours, et c'est gratuit ?", "out_of_scope", decision="reject", cost=0.9))
    assert sources(reply) == ["return_order:passages.cost"]


@pytest.mark.parametrize("text", ["donc 15 jours c'est ça ?", "donc quatorze jours c'est ça ?", "14 jours"])
def test_another_number_or_none_is_not_confirmed(customer: Conversation, text: str) -> None:
    customer.send(said("comment retourner un article ?", "return_order", none=0.99))
    reply = customer.send(said(text, "out_of_scope", decision="reject", none=0.9))
    assert "conversation:confirmed" not in sources(reply)


@pytest.mark.parametrize(("told_where", "hours"), [(True, True), (False, False)])
def test_whether_somebody_is_there_is_asked_of_who_was_just_named(
    customer: Conversation, told_where: bool, hours: bool
) -> None:
    customer.send(said("comment retourner un article ?", "return_order", none=0.99))
    if told_where:
        customer.send(said("et je vous écris où ?", "return_order", contact=0.9))
    reply = customer.send(said("ils sont là le samedi ?", "out_of_scope", decision="reject", none=0.9))
    assert any("handoff" in source for source in sources(reply)) is hours


@pytest.mark.parametrize("aspect", ["voucher", "exchange", "refund_claim", "condition", "packaging", "alternative"])
def test_of_an_order_that_goes_back_in_part_each_detail_tells_the_parts_apart(
    customer: Conversation, aspect: str
) -> None:
    customer.send(said(MIXED, "return_order", none=0.99))
    text = customer.send(said("et pour ça ?", "return_order", **{aspect: 0.95}))["text"]
    assert "Créoles zircon" in text
    assert "Jonc perlé" in text


def test_a_goodbye_that_is_a_guess_asks_about_the_answer_when_that_is_beyond_doubt(customer: Conversation) -> None:
    customer.send(said("comment retourner un article ?", "return_order", none=0.99))
    guess = said("et si je le fais la semaine prochaine", "goodbye", deadline=0.9) | {
        "intent": {"name": "goodbye", "confidence": 0.9}
    }
    assert sources(customer.send(guess)) == ["return_order:passages.deadline"]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        (f"j'ai fait un virement, vous l'avez reçu ? {NINAS} {NINA}", "payment_methods:outcomes.waiting"),
        (f"où en est mon remboursement ? {NINAS} {NINA}", "refund_status:outcomes.no_return"),
    ],
)
def test_whether_a_transfer_came_is_no_question_about_a_refund(customer: Conversation, text: str, first: str) -> None:
    assert sources(customer.send(said(text, "refund_status", none=0.99)))[0] == first


@pytest.mark.parametrize(
    ("intents", "told"),
    [
        (("price_changed", "modify_order"), ["modify_order:passages.price_difference"]),
        (("price_changed", "promo_code"), ["conversation:several_requests", "price_changed:short", "promo_code:short"]),
    ],
)
def test_two_requests_that_are_both_of_the_entry_at_hand_are_one_question(
    customer: Conversation, intents: tuple[str, str], told: list[str]
) -> None:
    customer.send(said("comment modifier ma commande ?", "modify_order", none=0.99))
    parts = ("et si le prix de l'autre est plus cher", "comment je règle avec un code, en modifiant")
    message = said(". ".join(parts), "price_changed", price_difference=0.9) | {
        "requests": [
            {"text": part, "intent": intent, "confidence": 0.8} for part, intent in zip(parts, intents, strict=True)
        ]
    }
    assert sources(customer.send(message)) == told


def test_what_is_told_again_while_an_order_is_awaited_reminds_of_it_no_second_time(customer: Conversation) -> None:
    customer.send(said("où en est mon colis ?", "track_order", none=0.99))
    customer.send(said("comment retourner un article ?", "return_from_abroad", none=0.99))
    reply = customer.send(said("donc 14 jours c'est ça ?", "out_of_scope", decision="reject", none=0.9))
    assert sources(reply) == ["conversation:confirmed", "return_from_abroad:short"]


def test_a_later_order_is_about_the_account_only_where_the_message_is(services: Services) -> None:
    message = understood(
        "et sur ma prochaine commande ?",
        intent="promo_code",
        confidence=0.9,
        decision="answer",
        aspects={"reuse": 0.9},
    )
    assert found(services, message, "loyalty_points") is not None
