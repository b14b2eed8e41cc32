"""The conversation around the answers: hand-over, declined topics, doubt, insults, politeness."""

from __future__ import annotations

import pytest

from actions.dialogue.services import Services
from tests.actions.conversation import CLAIRE, DELIVERED, Conversation, sources
from tests.actions.test_proof import parsed


@pytest.mark.parametrize(
    ("now", "source"),
    [
        ("2025-09-22T10:00:00+02:00", "conversation:handoff_open"),
        ("2025-09-21T10:00:00+02:00", "conversation:handoff_closed"),
        ("2025-09-22T23:00:00+02:00", "conversation:handoff_closed"),
        ("2025-07-14T10:00:00+02:00", "conversation:handoff_closed"),
    ],
)
def test_asking_for_a_person_tells_the_hours_and_records_it(customer: Conversation, now: str, source: str) -> None:
    reply = customer.say("Je veux parler à un conseiller", now=now)
    assert sources(reply) == [source, "conversation:handoff_recorded"]
    assert reply["handover"] == {"reason": "asked"}


def test_a_person_asked_for_with_an_order_number_is_still_a_person_asked_for(customer: Conversation) -> None:
    reply = customer.say("Je veux parler à un conseiller au sujet de la commande BJ-104233")
    assert reply["handover"] == {"reason": "asked"}


def test_a_topic_the_faq_does_not_answer_is_declined_by_its_name(customer: Conversation) -> None:
    assert customer.told("Faites-vous la gravure ?") == ["conversation:declined_topics.engraving"]


def test_a_topic_far_from_the_shop_is_declined(customer: Conversation) -> None:
    assert customer.told("quel temps fait-il à Lyon ?") == ["conversation:declined"]


def test_a_topic_the_faq_does_not_answer_is_declined_with_an_order_too(customer: Conversation) -> None:
    told = customer.told("Je voudrais la facture de ma commande BJ-104233, claire.dupont@example.fr")
    assert told == ["conversation:declined_topics.invoice"]


def test_yes_to_the_person_offered_hands_over(customer: Conversation) -> None:
    customer.say("Faites-vous la gravure ?")
    assert customer.slots["awaiting"] == "person"
    assert customer.say("oui")["handover"] == {"reason": "accepted"}


def test_the_persons_button_hands_over(customer: Conversation) -> None:
    (button,) = customer.say("Faites-vous la gravure ?")["buttons"]
    assert customer.press(button["title"])["handover"] == {"reason": "asked"}


def test_what_is_not_understood_offers_the_closest_questions_then_a_person(customer: Conversation) -> None:
    first = customer.say("pourquoi vous demandez mon mail")
    assert sources(first) == ["conversation:clarify"]
    assert first["buttons"]
    assert all(meaning.startswith("entry:") for meaning in customer.memory["offered"].values())
    second = customer.say("pourquoi vous demandez mon mail")
    assert sources(second) == ["conversation:not_understood_2"]
    assert second["handover"] == {"reason": "not_understood"}


def test_an_answer_in_between_begins_the_count_again(customer: Conversation) -> None:
    customer.say("pourquoi vous demandez mon mail")
    customer.say("Bonjour")
    assert customer.told("pourquoi vous demandez mon mail") == ["conversation:clarify"]


def test_an_insult_gets_calm_help_and_a_person(customer: Conversation) -> None:
    reply = customer.say("espèce de connard")
    assert sources(reply) == ["conversation:insult"]
    assert customer.slots["awaiting"] == "person"


@pytest.mark.parametrize(
    ("said", "source"),
    [
        ("tu es un robot ?", "conversation:bot_challenge"),
        ("merci beaucoup", "conversation:thanks"),
        ("au revoir", "conversation:goodbye"),
    ],
)
def test_politeness_is_returned(customer: Conversation, said: str, source: str) -> None:
    assert customer.told(said) == [source]


def test_every_greeting_says_that_it_is_an_automated_assistant(services: Services) -> None:
    greetings = services.conversation.variants("greet")
    assert greetings
    assert all("assistant automatique" in greeting for greeting in greetings)


def test_a_second_greeting_does_not_introduce_itself_again(customer: Conversation) -> None:
    customer.say("Bonjour")
    assert customer.told("Bonjour") == ["conversation:greet_again"]


def test_thanks_for_bad_news_are_taken_as_such(customer: Conversation) -> None:
    customer.say("Je veux annuler ma commande de ce matin", order={"number": "BJ-104234", "email": CLAIRE})
    assert customer.told("merci beaucoup") == ["conversation:thanks_after_bad_news"]


def test_a_hand_over_does_not_forget_the_order(customer: Conversation) -> None:
    customer.say("BJ-104233, claire.dupont@example.fr")
    customer.say("Je veux parler à un conseiller")
    assert customer.memory["current"] == DELIVERED


def test_what_settled_itself_is_good_news_and_nothing_is_asked_any_more(customer: Conversation) -> None:
    customer.say("Je voudrais annuler ma commande")
    told = customer.told("c'est bon je l'ai retrouvé, il était chez la voisine du dessus")
    assert told == ["conversation:resolved"]
    assert customer.memory["pending"] == []


def test_a_request_taken_back_is_not_carried_out(customer: Conversation) -> None:
    customer.say("Je voudrais annuler ma commande")
    assert customer.memory["pending"] == ["cancel_order"]
    assert customer.told("finalement je la garde, n'annulez rien") == ["conversation:changed_mind"]


def test_a_topic_named_in_plain_words_is_declined_in_the_middle_of_another(customer: Conversation) -> None:
    customer.say("Je voudrais retourner ma commande")
    told = customer.told("et vous faites les paquets cadeaux ?")
    assert told == ["conversation:declined_topics.gift_wrap"]


def test_a_second_request_the_faq_does_not_answer_is_declined_beside_the_first(customer: Conversation) -> None:
    told = customer.told(
        "Où en est ma commande BJ-104234, claire.dupont@example.fr ? Par ailleurs, pouvez-vous m'envoyer la facture ?"
    )
    assert told == ["track_order:outcomes.shipped", "conversation:declined_topics.invoice"]


@pytest.mark.parametrize("text", ["quoi ?", "euh je comprends pas", "c'est à dire ?"])
def test_an_answer_that_was_not_understood_is_told_whole_and_then_a_person_is_offered(
    customer: Conversation, text: str
) -> None:
    customer.send(parsed("comment retourner un article ?", intent="return_order", decision="answer"))
    reply = customer.send(parsed(text, intent="human_handoff", decision="answer"))
    assert sources(reply) == ["conversation:explained", "return_order:full"]
    assert reply["handover"] is None
    again = customer.send(parsed(text))
    assert (sources(again), again["handover"]["reason"]) == (["conversation:not_understood_2"], "not_understood")


@pytest.mark.parametrize(("share", "told"), [(0.7, "conversation:nothing_to_repeat"), (0.69, "conversation:declined")])
def test_nothing_can_be_told_again_before_anything_was_told(customer: Conversation, share: float, told: str) -> None:
    message = parsed("dites-moi ça une deuxième fois", intent="out_of_scope") | {
        "aspects": [{"name": "repeat", "confidence": share}],
        "intent_ranking": [{"name": "out_of_scope", "confidence": 0.99}],
    }
    assert sources(customer.send(message)) == [told]


def test_who_does_not_understand_what_is_awaited_is_told_it_again(customer: Conversation) -> None:
    customer.send(parsed("où en est mon colis ?", intent="track_order", decision="answer"))
    assert sources(customer.send(parsed("je comprends pas"))) == ["conversation:back_to_order"]


@pytest.mark.parametrize(
    ("text", "passage"), [("mais vous êtes sûrs ?", "contest"), ("vraiment ?", "contest"), ("et donc ?", "next_step")]
)
def test_a_word_that_only_wants_something_of_the_answer_gets_it(
    customer: Conversation, text: str, passage: str
) -> None:
    customer.send(parsed("comment retourner un article ?", intent="return_order", decision="answer"))
    reply = customer.send(parsed(text, intent="payment_security", decision="answer"))
    assert sources(reply) == [f"return_order:passages.{passage}"]


def test_a_longer_question_is_no_doubt_about_the_answer(customer: Conversation) -> None:
    customer.send(parsed("comment retourner un article ?", intent="return_order", decision="answer"))
    reply = customer.send(parsed("vous êtes sur Lyon aussi ?", intent="out_of_scope"))
    assert sources(reply) != ["return_order:passages.contest"]


@pytest.mark.parametrize("text", ["avec quoi ?", "sur quoi", "pas vraiment"])
def test_a_word_before_it_that_changes_its_sense_makes_another_message(customer: Conversation, text: str) -> None:
    customer.send(parsed("comment retourner un article ?", intent="return_order", decision="answer"))
    reply = customer.send(parsed(text, intent="out_of_scope"))
    assert not {"conversation:explained", "return_order:passages.contest"} & set(sources(reply))
