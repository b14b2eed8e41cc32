"""One article of an order that may go back: named alone, or opened although the shop sealed it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.actions.conversation import LEA, LEAS, Conversation, sources
from tests.actions.test_proof import parsed

PREFIX = "conversation:article_prefix"
ELIGIBLE, MIXED = "return_order:outcomes.eligible", "return_order:outcomes.mixed"


def bracelet(said: str, *, intent: str = "missing_item", asked: str = "none") -> dict[str, Any]:
    """A message that names the bracelet, which the bot takes for anything."""
    aspects = [{"name": asked, "confidence": 0.9}]
    return parsed(said, intent=intent, decision="answer") | {"aspects": aspects}


@pytest.fixture
def returning(customer: Conversation) -> Conversation:
    """Léa, who asked to send her order back."""
    reply = customer.send(parsed(f"je veux rendre ma commande {LEAS} {LEA}", intent="return_order", decision="answer"))
    assert sources(reply) == [ELIGIBLE]
    return customer


@pytest.mark.parametrize("said", ["et le bracelet alors ?", "ok et mon bracelet, je peux ?"])
def test_an_article_named_alone_is_judged_alone(returning: Conversation, said: str) -> None:
    reply = returning.send(bracelet(said))
    assert sources(reply) == [PREFIX, ELIGIBLE]
    assert "Jonc perlé" in reply["text"]


@pytest.mark.parametrize(
    "said",
    [
        bracelet("et s'il manque le bracelet ?"),
        bracelet("le bracelet et tout le reste"),
        bracelet("et pour le bracelet c'est payant ?", intent="return_order", asked="cost"),
    ],
)
def test_what_says_more_of_an_article_is_not_taken_for_it(returning: Conversation, said: dict[str, Any]) -> None:
    reply = returning.send(said)
    assert PREFIX not in sources(reply)


def about_condition(said: str) -> dict[str, Any]:
    """A message that asks about the state of the article too."""
    aspects = [{"name": "hygiene", "confidence": 0.2}, {"name": "contest", "confidence": 0.5}]
    return parsed(said, intent="return_order", decision="answer") | {"aspects": aspects}


def test_opened_is_believed_over_the_shop_and_remembered(returning: Conversation) -> None:
    assert sources(returning.send(about_condition("oui mais les boucles je les ai ouvertes"))) == [MIXED]
    assert returning.memory["opened"] == {LEAS: True}


def test_opened_is_believed_over_what_the_customer_said_before(returning: Conversation) -> None:
    returning.send(about_condition("je veux les rendre, elles sont encore scellées"))
    returning.slots["dialogue"]["opened"] = {LEAS: False}
    assert sources(returning.send(about_condition("bon d'accord, je les ai essayées"))) == [MIXED]


def test_an_article_that_was_never_sealed_may_be_opened(returning: Conversation) -> None:
    reply = returning.send(about_condition("d'accord. et le bracelet je l'ai déjà ouvert, c'est mort ?"))
    assert sources(reply) == [PREFIX, ELIGIBLE]
    assert True not in returning.memory["opened"].values()


@pytest.mark.parametrize(
    "said",
    [
        "j'ai juste ouvert le colis",
        "je ne les ai pas ouvertes",
        "j'ai mis le bon de retour dedans",
        "et si je les ai essayées ?",
        "le livreur l'a laissé à ma porte",
    ],
)
def test_what_is_no_broken_seal_changes_nothing(returning: Conversation, said: str) -> None:
    returning.send(about_condition(said))
    assert True not in returning.memory["opened"].values()


def test_worn_elsewhere_in_a_request_leaves_the_shops_word(customer: Conversation) -> None:
    said = f"je veux rendre {LEAS} {LEA}, j'ai mis la mauvaise taille"
    assert sources(customer.send(parsed(said, intent="return_order", decision="answer"))) == [ELIGIBLE]


@pytest.mark.parametrize(("word", "told"), [("jonc", [PREFIX, ELIGIBLE]), ("sautoir", [])])
def test_an_article_is_named_by_a_word_of_its_name(returning: Conversation, word: str, told: list[str]) -> None:
    said = f"et le {word} alors ?"
    kind = {"entity": "product_category", "value": "of another kind", "start": 6, "end": 6 + len(word)}
    reply = returning.send(bracelet(said) | {"entities": [kind]})
    assert [source for source in sources(reply) if source in {PREFIX, ELIGIBLE}] == told
