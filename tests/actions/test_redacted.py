"""The order check on what the gateway hands over: pseudonyms instead of e-mails, and the memory holds nothing else."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import Engine

from actions.dialogue.services import Services
from privacy.pseudonyms import Pseudonyms
from privacy.redaction import Redactor
from shop.repository import SqlShopRepository
from tests.actions.conversation import CLAIRE, CLAIRES_PHONE, PAUL, Conversation, sources
from tests.actions.test_proof import parsed

REDACT = Redactor(pseudonyms=Pseudonyms("s" * 32), order_prefix="BJ")


@pytest.fixture(scope="module")
def comparing(shop: SqlShopRepository) -> Services:
    """A shop that compares pseudonyms."""
    engine: Engine = shop._engine
    repository = SqlShopRepository(engine=engine, numbers=shop.numbers, pseudonyms=REDACT.pseudonyms)
    return Services.load(shop=repository, numbers=shop.numbers)


@pytest.fixture
def redacted(comparing: Services) -> Conversation:
    """A customer of that shop."""
    return Conversation(comparing)


def said(customer: Conversation, text: str, *, intent: str = "track_order") -> list[str]:
    """Say it as the gateway hands it on; where the paragraphs of the reply come from."""
    told = sources(customer.send(parsed(REDACT(text).read, intent=intent, decision="answer")))
    memory = json.dumps(customer.memory)
    assert not [clear for clear in (CLAIRE, PAUL, "0612345678") if clear in memory]
    return told


def is_open(customer: Conversation) -> bool:
    return bool(customer.memory["verified"])


@pytest.mark.parametrize(
    "turns",
    [
        [f"BJ-104233, {CLAIRE}"],
        [f"mon e-mail est {CLAIRE}. Merci", "BJ-104233"],
        ["104233", CLAIRE.upper()],
        ["104233", "claire.dupont @ example . fr"],
        ["104233", "claire.dupont arobase example.fr"],
        [f"104233 {PAUL}", f"pardon, {CLAIRE}"],
        [f"999999 {CLAIRE}", "104233"],
        [f"104233 0612345678 {CLAIRE}"],
    ],
)
def test_a_pair_opens_its_order_in_any_order_and_spelling(redacted: Conversation, turns: list[str]) -> None:
    for turn in turns:
        said(redacted, turn)
    assert is_open(redacted)
    assert list(redacted.memory["verified"].values()) == [REDACT.email(CLAIRE)]


@pytest.mark.parametrize("turn", [f"104233 {PAUL}", "104233 0612345678", f"999999 {CLAIRE}", "104233 claire@gmail"])
def test_anything_else_opens_nothing(redacted: Conversation, turn: str) -> None:
    said(redacted, turn)
    assert not is_open(redacted)


def test_an_order_stays_known_and_the_other_one_opens_without_the_email_again(redacted: Conversation) -> None:
    said(redacted, f"104233 {CLAIRE}")
    assert said(redacted, "et je peux la renvoyer ?", intent="return_order")[0].startswith("return_order:outcomes.")
    said(redacted, "et BJ-104234 ?")
    assert list(redacted.memory["verified"]) == ["BJ-104233", "BJ-104234"]


def test_vouched_for_pseudonyms_open_orders_too(redacted: Conversation) -> None:
    for identity in ({"email": REDACT.email(CLAIRE)}, {"phone": REDACT.phone(CLAIRES_PHONE)}):
        redacted.slots = {}
        redacted.send(parsed("BJ-104233", intent="track_order", decision="answer"), identity=identity)
        assert is_open(redacted)
