"""What a message is besides its intent."""

from __future__ import annotations

import pytest

from actions.dialogue import readings
from actions.dialogue.services import Services
from actions.dialogue.understanding import Guess, Request
from kb.vocabulary import fold
from tests.actions.test_follow_up import understood


@pytest.mark.parametrize(
    ("text", "entry", "confidence", "at_first", "closing"),
    [
        ("trouvé, il était chez la voisine", None, 0.7, False, "resolved"),
        ("trouvé, il était chez la voisine", None, 0.89, True, None),
        ("trouvé, et le retour c'est combien ?", "return_order", 0.99, False, None),
    ],
)
def test_what_settled_itself_closes_a_request(
    text: str, entry: str | None, confidence: float, at_first: bool, closing: str | None
) -> None:
    message = understood(text, aspects={"resolved": confidence})
    assert readings.closing(message, entry=entry, at_first=at_first) == closing


@pytest.mark.parametrize(("entry", "closing"), [("cancel_order", "changed_mind"), ("size_guide", None), (None, None)])
def test_only_something_wanted_can_be_taken_back(entry: str | None, closing: str | None) -> None:
    message = understood("bon je la garde", aspects={"changed_mind": 0.9})
    assert readings.closing(message, entry=entry, at_first=False) == closing


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Où est mon colis ? Et pouvez-vous m'envoyer la facture ?", "invoice"),
        ("je veux annuler, par ailleurs il me faut une facture", "invoice"),
        ("J'ai perdu la facture. Où est mon colis ?", None),
        ("pouvez-vous m'envoyer la facture ?", None),
    ],
)
def test_a_near_miss_beside_a_request_is_one_that_a_sentence_of_its_own_asks_about(
    services: Services, text: str, topic: str | None
) -> None:
    assert readings.topic_beside(text, services.cues) == topic


@pytest.mark.parametrize(
    ("text", "intent", "confidence", "decision", "topic"),
    [
        ("vous faites les paquets cadeaux ?", "out_of_scope", 0.9, "reject", "gift_wrap"),
        ("l'argenté est plus cher c grave ?", "out_of_scope", 0.9, "reject", None),
        ("Et ma facture ?", "overcharged", 0.94, "answer", "invoice"),
        ("on m'a débité deux fois la facture", "overcharged", 0.9, "answer", None),
        ("nickel merci", "thank_you", 0.6, "clarify", None),
        ("c'est grave un jour de retard ?", "shipped_not_delivered", 0.6, "clarify", None),
        ("il y a du nickel dedans ?", "out_of_scope", 0.6, "clarify", "skin"),
        ("la facture indique 2 articles et je n'en ai reçu qu'un", "lost_return_slip", 0.95, "answer", None),
        ("et pour le nettoyer je fais comment ?", "out_of_scope", 0.95, "reject", "care"),
        ("et pour le nettoyer je fais comment ?", "out_of_scope", 0.94, "reject", None),
        ("et c'est garanti combien d'années ?", "out_of_scope", 1.0, "reject", "warranty"),
        ("mon bracelet a noirci", "defective_item", 0.6, "clarify", None),
        ("vos horaires ?", "out_of_scope", 1.0, "reject", None),
    ],
)
def test_a_topic_in_plain_words_is_declined_where_its_intent_is_not_named(
    services: Services, text: str, intent: str, confidence: float, decision: str, topic: str | None
) -> None:
    ranking = (Guess(intent, confidence),)
    message = understood(text, intent=intent, decision=decision, confidence=confidence, ranking=ranking)
    assert readings.off_topic(message, fold(text), services.cues) == topic


@pytest.mark.parametrize(
    ("text", "more"),
    [("oui", False), ("oui ?", False), ("normalement c'est 24 h non ?", True), ("oui merci bien", False)],
)
def test_a_yes_with_a_question_mark_says_more(services: Services, text: str, more: bool) -> None:
    assert readings.says_more(text, fold(text), services.cues) is more


@pytest.mark.parametrize(
    ("text", "cue", "is_there"),
    [
        ("et la première, elle est où ?", "first_order", True),
        ("c'est la première fois que je commande", "first_order", False),
        ("je vais payer par virement", "who_pays", False),
        ("c'est encore moi qui vais payer ?", "who_pays", True),
    ],
)
def test_words_that_only_look_like_a_cue_are_none(services: Services, text: str, cue: str, is_there: bool) -> None:
    assert services.cues.has(cue, fold(text)) is is_there


@pytest.mark.parametrize(
    ("text", "thanks", "intent"),
    [
        ("merci, bises de mamie", 0.3, "thank_you"),
        ("merci, bises de mamie", 0.29, None),
        ("merci, vous vendez des vélos ?", 0.4, None),
        ("merci mais je voulais parler du temps qu'il fait", 0.4, None),
    ],
)
def test_thanks_with_a_name_in_them_are_thanks(text: str, thanks: float, intent: str | None) -> None:
    message = understood(text, ranking=(Guess("out_of_scope", 0.6), Guess("thank_you", thanks)))
    assert readings.politeness(message) == intent


@pytest.mark.parametrize(
    ("text", "decision", "thanks"),
    [
        ("tant pis, je vais réessayer demain avec l'autre, merci bien", "reject", True),
        ("tant pis, je vais réessayer demain avec l'autre, merci bien", "clarify", False),
        ("vous pouvez vérifier ? merci", "reject", False),
        ("je voudrais un rappel merci", "reject", False),
        ("une gravure au dos merci", "reject", False),
        ("merci de me dire pour la montre bleue", "reject", False),
    ],
)
def test_a_declined_message_that_ends_with_thanks_is_thanks_unless_it_asks(
    services: Services, text: str, decision: str, thanks: bool
) -> None:
    assert readings.ends_with_thanks(understood(text, decision=decision), fold(text), services.cues) is thanks


@pytest.mark.parametrize(("share", "kept"), [(0.004, 2), (0.003, 1)])
def test_a_request_that_the_whole_message_shows_too_needs_no_words(services: Services, share: float, kept: int) -> None:
    text = "n'annulez pas, je le prends en argenté"
    message = understood(
        text,
        intent="cancel_order",
        ranking=(Guess("cancel_order", 0.9), Guess("modify_order", share)),
        requests=(
            Request("n'annulez pas", "cancel_order", 0.9),
            Request("je le prends en argenté", "modify_order", 0.9),
        ),
    )
    assert len(readings.plain_requests(message, services.cues).requests) == kept


@pytest.mark.parametrize(("aspect", "other"), [("refund_claim", True), ("status_meaning", False), ("none", False)])
def test_who_asks_a_detail_does_not_ask_what_a_status_means(aspect: str, other: bool) -> None:
    assert readings.asks_other_detail(understood("remboursé quand ?", aspects={aspect: 0.8})) is other


@pytest.mark.parametrize(
    ("text", "share", "stays"),
    [
        ("et sur une bague soldée", 0.95, True),
        ("sur une bague soldée", 0.95, False),
        ("et vous avez une boutique ?", 0.95, False),
        ("et sur une bague soldée que ma sœur a vue hier", 0.95, False),
        ("et sur une bague soldée que ma sœur a vue hier", 0.8, True),
    ],
)
def test_a_few_words_that_go_on_stay_with_the_entry(services: Services, text: str, share: float, stays: bool) -> None:
    message = understood(text, ranking=(Guess("out_of_scope", share),))
    assert readings.still_about(message, "promo_code", fold(text), services.cues) is stays


def test_an_order_of_which_nothing_is_known_is_named_as_the_other(services: Services) -> None:
    text = "et l'autre, celle de ma femme, elle est partie ?"
    named = understood(text, aspects={"other_order": 0.3})
    assert readings.names_other_order(named, fold(text), services.cues)
    assert not readings.names_other_order(understood(text, aspects={"exchange": 0.9}), fold(text), services.cues)


def test_who_is_declined_is_not_handed_over_for_a_likeness() -> None:
    message = understood("le patron est là", ranking=(Guess("out_of_scope", 0.6), Guess("human_handoff", 0.4)))
    assert readings.politeness(message) is None
