"""Follow-up or request of its own: the weights on either side of each threshold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from actions.dialogue.follow_up import (
    AtHand,
    FollowUp,
    follow_up,
    goes_on_despite,
    names_no_subject,
    settled_by_aspect,
)
from actions.dialogue.services import Services
from actions.dialogue.understanding import Guess, Understanding

LONG = " ".join(["voici"] * 20)


def understood(text: str, **changes: Any) -> Understanding:
    """A message with the aspect `cost` clear and no intent of its own."""
    aspects: dict[str, float] = changes.pop("aspects", {"cost": 0.9})
    parts: dict[str, Any] = {
        "normalized": text,
        "intent": "out_of_scope",
        "confidence": 0.5,
        "decision": "reject",
        "ranking": (),
        "requests": (),
        "entities": (),
    }
    return Understanding(text=text, aspects=tuple(Guess(*pair) for pair in aspects.items()), **{**parts, **changes})


def found(services: Services, message: Understanding, entry: str = "return_order", outcome: str | None = None) -> Any:
    entries = services.faq.entries
    return follow_up(message, at_hand=AtHand(entries[entry], outcome), entries=entries, cues=services.cues)


def test_the_clearest_aspect_of_the_entry_is_meant(services: Services) -> None:
    message = understood("c'est gratuit ?", aspects={"deadline": 0.3, "cost": 0.6})
    assert found(services, message) == FollowUp("cost", 0.6, "return_order")


def test_an_aspect_the_entry_has_no_answer_to_is_passed_over(services: Services) -> None:
    message = understood("c'est gratuit ?", aspects={"no_such_aspect": 0.7, "cost": 0.2})
    assert found(services, message) == FollowUp("cost", 0.2, "return_order")


def test_without_an_aspect_of_the_entry_there_is_no_follow_up(services: Services) -> None:
    assert found(services, understood("c'est gratuit ?", aspects={"no_such_aspect": 0.9})) is None


@pytest.mark.parametrize(
    ("text", "confidence", "is_follow_up"),
    [
        ("c'est gratuit ?", 0.10, True),
        ("c'est gratuit ?", 0.09, False),
        (LONG, 0.20, True),
        (LONG, 0.19, False),
        (f"et {LONG}", 0.10, True),
    ],
)
def test_a_message_near_the_entry_needs_little(
    services: Services, text: str, confidence: float, is_follow_up: bool
) -> None:
    assert (found(services, understood(text, aspects={"deadline": confidence})) is not None) is is_follow_up


@pytest.mark.parametrize(
    ("text", "aspect", "confidence", "is_follow_up"),
    [
        ("donc c'est sûr ?", "cost", 0.79, False),
        ("donc c'est sûr ?", "cost", 0.80, True),
        ("donc c'est payant ?", "cost", 0.10, True),
        ("et si elle me va pas ?", "third_party", 0.49, False),
        ("ma mère peut le déposer ?", "third_party", 0.50, True),
    ],
)
def test_an_aspect_much_resembles_takes_more(
    services: Services, text: str, aspect: str, confidence: float, is_follow_up: bool
) -> None:
    assert (found(services, understood(text, aspects={aspect: confidence})) is not None) is is_follow_up


@pytest.mark.parametrize("text", ["le transport, c'est vous ou moi ?", "et ça sort de ma poche ?"])
def test_who_pays_is_the_cost_whatever_the_model_reads(services: Services, text: str) -> None:
    message = understood(text, intent="track_order", confidence=0.9, decision="answer", aspects={"carrier_choice": 0.6})
    assert found(services, message) == FollowUp("cost", 0.0, "return_order")


@pytest.mark.parametrize(
    ("at_hand", "told_by"), [("defective_item", "defective_item"), ("modify_order", "return_order")]
)
def test_who_pays_for_sending_back_is_told_by_the_entry_with_a_way_of_its_own(
    services: Services, at_hand: str, told_by: str
) -> None:
    message = understood(
        "Et pour le renvoi, c'est à moi de payer ?", intent="return_order", confidence=0.99, decision="answer"
    )
    assert found(services, message, at_hand).entry == told_by


def test_an_article_that_may_be_gone_is_asked_of_what_is_sent_instead(services: Services) -> None:
    message = understood(
        "et si le doré vous l'avez plus ?", intent="out_of_stock", confidence=0.96, decision="answer",
        aspects={"return_received": 0.3},
    )  # fmt: skip
    assert found(services, message, entry="wrong_item") == FollowUp("replacement_stock", 0.96, "wrong_item")


def test_a_return_named_beside_another_entry_is_asked_of_the_return(services: Services) -> None:
    message = understood(
        "le renvoi est payant ?", intent="return_order", confidence=0.99, decision="answer", aspects={"cost": 0.9}
    )
    assert found(services, message, entry="track_order") == FollowUp("cost", 0.9, "return_order")
    assert found(services, message, entry="wrong_item") == FollowUp("cost", 0.9, "wrong_item")


def test_what_was_advised_is_not_left_for_an_entry_named_in_passing(services: Services) -> None:
    message = understood(
        "et si ma copine prend le colis sans savoir ?", intent="track_order", confidence=0.97, decision="answer",
        aspects={"refuse_parcel": 0.5},
    )  # fmt: skip
    told = found(services, message, entry="modify_order", outcome="too_late")
    assert told == FollowUp("refuse_parcel", 0.5, "modify_order")


def test_a_message_the_order_contradicts_goes_on_with_the_likeliest_aspect(services: Services) -> None:
    at_hand = AtHand(services.faq.entries["return_order"])
    faint = understood("faut que le colis soit parti ce soir ?", aspects={"none": 0.5, "what_counts": 0.05})
    assert goes_on_despite(faint, at_hand=at_hand) == FollowUp("what_counts", 0.05, "return_order")
    assert goes_on_despite(understood("le colis ?", aspects={"what_counts": 0.04}), at_hand=at_hand) is None
    alone = understood("mon colis est perdu", aspects={"none": 0.8, "what_counts": 0.1})
    assert goes_on_despite(alone, at_hand=at_hand) is None


@pytest.mark.parametrize("intent", ["authenticity", "website_problem"])
def test_a_sure_request_for_another_entry_is_no_follow_up(services: Services, intent: str) -> None:
    message = understood(LONG, intent=intent, confidence=0.99, decision="answer", aspects={"none": 0.5, "cost": 0.39})
    assert found(services, message) is None


@pytest.mark.parametrize(("confidence", "answering"), [(0.84, "product_not_found"), (0.85, "overcharged")])
def test_an_entry_the_message_names_clearly_answers_for_itself(
    services: Services, confidence: float, answering: str
) -> None:
    passages = [services.faq.entries[name].passages for name in ("product_not_found", "overcharged")]
    aspect = min(passages[0].keys() & passages[1].keys())
    message = understood(
        "et si je suis débité ?", intent="overcharged", confidence=confidence, decision="answer", aspects={aspect: 0.9}
    )
    assert found(services, message, entry="product_not_found") == FollowUp(aspect, 0.9, answering)


def test_a_message_that_reads_like_a_request_of_its_own_is_one(services: Services) -> None:
    message = understood(
        "le parrainage est gratuit ?",
        intent="referral_program",
        confidence=0.9,
        decision="answer",
        aspects={"none": 0.6, "cost": 0.4},
    )
    assert found(services, message) is None


def test_put_as_a_continuation_it_is_a_follow_up_all_the_same(services: Services) -> None:
    message = understood("et c'est gratuit ?", aspects={"none": 0.6, "cost": 0.4})
    assert found(services, message) == FollowUp("cost", 0.4, "return_order")


def test_the_outcome_told_brings_answers_of_its_own(services: Services) -> None:
    entry = replace(services.faq.entries["return_order"], outcome_passages={"too_late": {"seldom": "Trop tard."}})
    message = understood("pourquoi ?", aspects={"seldom": 0.9})
    told = {"entries": services.faq.entries, "cues": services.cues}
    assert follow_up(message, at_hand=AtHand(entry), **told) is None
    assert follow_up(message, at_hand=AtHand(entry, "too_late"), **told) == FollowUp("seldom", 0.9, "return_order")
    assert follow_up(message, at_hand=AtHand(entry, None, {"seldom": "Virement attendu."}), **told) is not None


@pytest.mark.parametrize(
    ("text", "changes", "vague"),
    [
        ("et je demande ça où ?", {}, True),
        ("et mon colis, il est où ?", {}, False),
        (f"et je demande ça où ? {LONG}", {}, False),
        ("et je demande ça où ?", {"aspects": {"none": 0.8}}, False),
        ("et je demande ça où ?", {"aspects": {"none": 0.79}}, True),
        ("et « remboursée » ?", {"entities": ({"entity": "order_status", "value": "refunded"},)}, False),
        ("et je demande ça où ?", {"intent": "cancel_order"}, False),
        ("bonjour", {"intent": "greet"}, False),
    ],
)
def test_a_short_message_that_names_no_subject_goes_on_with_the_one_at_hand(
    services: Services, text: str, changes: dict[str, Any], vague: bool
) -> None:
    parts = {"intent": "track_order", "confidence": 0.99, "decision": "answer", **changes}
    assert names_no_subject(understood(text, **parts), entry="cancel_order", cues=services.cues) is vague


def test_the_first_message_of_a_conversation_has_no_subject_to_go_on_with(services: Services) -> None:
    assert not names_no_subject(
        understood("et je demande ça où ?", intent="track_order"), entry=None, cues=services.cues
    )


def test_a_subject_that_is_not_named_gives_way_to_the_aspect(services: Services) -> None:
    sure = {"intent": "track_order", "confidence": 0.99, "decision": "answer", "aspects": {"none": 0.6, "contact": 0.3}}
    assert found(services, understood("et je demande ça où ?", **sure), "cancel_order") == FollowUp(
        "contact", 0.3, "cancel_order"
    )
    assert found(services, understood("où en est mon colis ?", **sure), "cancel_order") is None


@pytest.mark.parametrize(
    ("decision", "second", "confidence", "settled"),
    [
        ("clarify", "refund_status", 0.6, True),
        ("clarify", "refund_status", 0.59, False),
        ("clarify", "overcharged", 0.6, False),
        ("answer", "refund_status", 0.6, False),
    ],
)
def test_what_is_asked_settles_which_of_two_entries_is_meant(
    services: Services, decision: str, second: str, confidence: float, settled: bool
) -> None:
    ranking = (Guess("payment_methods", 0.55), Guess(second, 0.4))
    message = understood(
        "payé avec paypal, ça revient où ?", decision=decision, ranking=ranking, aspects={"refund_means": confidence}
    )
    told = settled_by_aspect(message, entries=services.faq.entries, cues=services.cues)
    assert (told is not None) is settled


@pytest.mark.parametrize(
    ("decision", "confidence", "answering"),
    [
        ("answer", 0.8, "refund_status"),
        ("answer", 0.79, None),
        ("clarify", 0.6, "refund_status"),
        ("clarify", 0.59, None),
    ],
)
def test_an_aspect_the_entry_says_nothing_of_is_answered_at_its_home(
    services: Services, decision: str, confidence: float, answering: str | None
) -> None:
    message = understood("et je serai payé comment ?", decision=decision, aspects={"bank_details": confidence})
    told = found(services, message, "size_guide")
    assert (told.entry if told else None) == answering


@pytest.mark.parametrize("aspect", ["alternative", "contest", "exception", "why"])
def test_nobody_contests_what_was_not_answered_yet(services: Services, aspect: str) -> None:
    message = understood(
        "et si elle me va pas ?", intent="return_order", confidence=0.9, decision="answer", aspects={aspect: 0.8}
    )
    assert found(services, message, entry="modify_order") is None


def test_what_a_return_does_is_asked_of_the_entry_at_hand(services: Services) -> None:
    message = understood(
        "et si elle renvoie ?",
        intent="return_order",
        confidence=0.99,
        decision="answer",
        aspects={"return_effect": 0.8},
    )
    assert found(services, message, entry="referral_program") == FollowUp("return_effect", 0.8, "referral_program")


@pytest.mark.parametrize(("text", "confidence", "is_follow_up"), [("l'annule", 0.59, False), ("l'annule", 0.6, True)])
def test_wanting_another_deed_is_no_question_about_the_first(
    services: Services, text: str, confidence: float, is_follow_up: bool
) -> None:
    message = understood(
        f"et si je {text} plutôt", intent="cancel_order", confidence=0.99, decision="answer",
        aspects={"alternative": confidence},
    )  # fmt: skip
    assert (found(services, message, entry="modify_order") is not None) is is_follow_up


@pytest.mark.parametrize(("aspect", "beside"), [("bank_details", False), ("no_printer", True)])
def test_a_detail_asked_in_passing_leaves_the_entry_at_hand(services: Services, aspect: str, beside: bool) -> None:
    told = found(services, understood("et sinon ?", aspects={aspect: 0.9}), "size_guide")
    assert told.beside is beside


@pytest.mark.parametrize(("confidence", "stays"), [(0.6, True), (0.59, False)])
def test_what_keeps_from_going_on_comes_before_a_detail(services: Services, confidence: float, stays: bool) -> None:
    message = understood(
        "je n'arrive pas à me connecter à mon compte",
        intent="login_problem",
        confidence=0.99,
        decision="answer",
        aspects={"where_find": confidence},
    )
    assert (found(services, message, "lost_return_slip") is not None) is stays


@pytest.mark.parametrize(("entry", "stays"), [("return_order", True), ("size_guide", False)])
def test_in_the_middle_of_a_return_the_parcel_is_the_one_sent_back(services: Services, entry: str, stays: bool) -> None:
    message = understood(
        "le colis doit être arrivé chez vous avant cette date",
        intent="track_order",
        confidence=0.97,
        decision="answer",
        aspects={"contest": 0.5, "none": 0.4},
    )
    assert (found(services, message, entry) is not None) is stays


@pytest.mark.parametrize(
    ("text", "named"), [("je peux payer les frais avec ?", False), ("je peux payer les frais ?", True)]
)
def test_a_word_that_refers_back_names_no_subject(services: Services, text: str, named: bool) -> None:
    message = understood(text, intent="payment_methods", confidence=1.0, decision="answer")
    assert names_no_subject(message, entry="loyalty_points", cues=services.cues) is not named


@pytest.mark.parametrize(("confidence", "stays"), [(0.4, True), (0.39, False)])
def test_a_deed_asked_for_is_no_faint_detail_of_the_parcel(services: Services, confidence: float, stays: bool) -> None:
    message = understood(
        "et s'il ne me plaît pas je peux le renvoyer ?",
        intent="return_order",
        confidence=0.98,
        decision="answer",
        aspects={"refuse_parcel": confidence},
    )
    assert (found(services, message, "track_order") is not None) is stays


@pytest.mark.parametrize(
    ("text", "share", "stays"),
    [("où ?", 0.99, False), ("où ?", 0.98, True), ("et où ?", 0.99, True), ("en combien de temps ?", 0.99, True)],
)
def test_what_is_beyond_doubt_no_question_of_ours_is_no_faint_detail(
    services: Services, text: str, share: float, stays: bool
) -> None:
    message = understood(text, ranking=(Guess("out_of_scope", share),), aspects={"where_find": 0.34})
    assert (found(services, message) is not None) is stays


@pytest.mark.parametrize(("confidence", "is_contested"), [(0.96, True), (0.85, False)])
def test_who_contests_what_was_decided_opens_no_related_subject(
    services: Services, confidence: float, is_contested: bool
) -> None:
    said = "mais vous n'avez rien préparé encore !"
    message = understood(
        said, intent="order_not_shipped", confidence=0.92, decision="answer", aspects={"contest": confidence}
    )
    meant = found(services, message, "cancel_order", "too_late")
    assert meant == (FollowUp("contest", confidence, "cancel_order") if is_contested else None)


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("ok et mes points, je peux les mettre à la place ?", "loyalty_points"),
        ("ok et mes points avec le code ?", "promo_code"),
    ],
)
def test_another_offer_named_alone_answers_by_its_own_rules(services: Services, text: str, entry: str) -> None:
    message = understood(text, intent="loyalty_points", confidence=1.0, decision="answer", aspects={"combine": 0.7})
    assert found(services, message, "promo_code") == FollowUp("combine", 0.7, entry)


@pytest.mark.parametrize(
    ("text", "goes_on"),
    [("demande faite mais j'ai perdu le papier", False), ("demande faite et le papier est dedans", True)],
)
def test_who_did_as_told_and_lost_the_slip_asks_for_another(services: Services, text: str, goes_on: bool) -> None:
    message = understood(
        text, intent="lost_return_slip", confidence=1.0, decision="answer", aspects={"already_done": 0.99}
    )
    assert (found(services, message) is not None) is goes_on


@pytest.mark.parametrize(("opening", "goes_on"), [("au fait, ", False), ("", True)])
def test_who_says_that_the_subject_changes_leaves_it(services: Services, opening: str, goes_on: bool) -> None:
    said = f"{opening}le bracelet est épuisé, il revient quand ?"
    message = understood(
        said, intent="out_of_stock", confidence=0.9, decision="answer", aspects={"replacement_stock": 0.6}
    )
    assert (found(services, message, "defective_item") is not None) is goes_on


@pytest.mark.parametrize(("text", "is_vague"), [("vous allez me le rendre quand", True), ("je veux le rendre", False)])
def test_what_the_shop_is_to_give_back_is_no_return(services: Services, text: str, is_vague: bool) -> None:
    message = understood(text, intent="return_order", confidence=0.96, decision="answer", aspects={"delay": 0.3})
    assert names_no_subject(message, entry="overcharged", cues=services.cues) is is_vague


@pytest.mark.parametrize(
    ("aspects", "told"), [({"identity_document": 0.9}, "identity_document"), ({"none": 0.9}, None)]
)
def test_another_intent_in_a_claim_has_to_read_like_its_detail(
    services: Services, aspects: dict[str, float], told: str | None
) -> None:
    message = understood(
        "et avec une carte ?", intent="payment_methods", confidence=0.97, decision="answer", aspects=aspects
    )
    answer = found(services, message, "delivered_not_received")
    assert (answer.aspect if answer else None) == told
