"""One request or several, from how a message and its clauses are understood."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from ecrin.nlu_worker import BOT_PYTHON, ROOT

CLASSES = [
    "track_order",
    "size_guide",
    "order_not_shipped",
    "defective_item",
    "thank_you",
    "promo_code",
    "cancel_order",
]
WHERE = "où est ma bague ?"
SIZE = "comment choisir ma taille ?"

Piece = tuple[str, str, float]


def vector(**shares: float) -> list[float]:
    """Probabilities over `CLASSES`; the rest is spread evenly."""
    left = (1 - sum(shares.values())) / (len(CLASSES) - len(shares))
    return [shares.get(name, left) for name in CLASSES]


def case(whole: dict[str, float], *pieces: Piece) -> dict[str, Any]:
    """A message made of pieces, each with its intent and how sure that is."""
    return {
        "text": " ".join(text for text, _, _ in pieces),
        "classes": CLASSES,
        "whole": vector(**whole),
        "pieces": [[text, vector(**{intent: sure})] for text, intent, sure in pieces],
    }


CASES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no clause": ({**case({"track_order": 0.9}), "text": WHERE}, ["track_order"]),
    "two clear questions": (
        case({"track_order": 0.6, "size_guide": 0.3}, (WHERE, "track_order", 0.9), (SIZE, "size_guide", 0.9)),
        ["track_order", "size_guide"],
    ),
    "the order is the message's": (
        case({"track_order": 0.6, "size_guide": 0.3}, (SIZE, "size_guide", 0.9), (WHERE, "track_order", 0.9)),
        ["size_guide", "track_order"],
    ),
    "the same twice": (
        case({"track_order": 0.9}, (WHERE, "track_order", 0.9), ("où est mon colis ?", "track_order", 0.8)),
        ["track_order"],
    ),
    "two states of one parcel": (
        case(
            {"track_order": 0.7, "order_not_shipped": 0.2},
            (WHERE, "track_order", 0.95),
            ("vous ne l'avez pas expédiée ?", "order_not_shipped", 0.95),
        ),
        ["track_order"],
    ),
    "two parcels, as the customer says": (
        case(
            {"order_not_shipped": 0.999},
            (WHERE, "track_order", 0.95),
            ("quant à l'autre, pourquoi n'est-elle pas partie ?", "order_not_shipped", 0.95),
        ),
        ["track_order", "order_not_shipped"],
    ),
    "two parcels, one of them a guess": (
        case(
            {"order_not_shipped": 0.999},
            (WHERE, "track_order", 0.84),
            ("quant à l'autre, pourquoi n'est-elle pas partie ?", "order_not_shipped", 0.95),
        ),
        ["order_not_shipped"],
    ),
    "thanks around a question": (
        case({"track_order": 0.9}, (WHERE, "track_order", 0.9), ("merci pour votre aide", "thank_you", 0.99)),
        ["track_order"],
    ),
    "a doubtful clause": (
        case({"track_order": 0.6, "size_guide": 0.3}, (WHERE, "track_order", 0.9), (SIZE, "size_guide", 0.59)),
        ["track_order"],
    ),
    "a clause just sure enough": (
        case({"track_order": 0.6, "size_guide": 0.3}, (WHERE, "track_order", 0.9), (SIZE, "size_guide", 0.6)),
        ["track_order", "size_guide"],
    ),
    "a clause that only tells": (
        case({"track_order": 0.9}, (WHERE, "track_order", 0.9), ("la taille est dite en ligne", "size_guide", 0.95)),
        ["track_order"],
    ),
    "a clause that only asks what to do": (
        case(
            {"track_order": 0.6, "return_order": 0.3},
            (WHERE, "track_order", 0.9),
            ("je fais quoi ?", "return_order", 0.9),
        ),
        ["track_order"],
    ),
    "a mishap told as a fact": (
        case(
            {"track_order": 0.5, "defective_item": 0.4},
            (WHERE, "track_order", 0.9),
            ("le fermoir de la bague est tordu", "defective_item", 0.95),
        ),
        ["track_order", "defective_item"],
    ),
    "clauses that all differ from the whole": (
        case({"promo_code": 0.9}, (WHERE, "track_order", 0.84), (SIZE, "size_guide", 0.9)),
        ["promo_code"],
    ),
    "clauses so sure that the whole is a mixture": (
        case({"promo_code": 0.9}, (WHERE, "track_order", 0.85), (SIZE, "size_guide", 0.9)),
        ["track_order", "size_guide"],
    ),
    "more than three requests": (
        case(
            {"track_order": 0.4, "size_guide": 0.2, "promo_code": 0.2, "cancel_order": 0.15},
            (WHERE, "track_order", 0.9),
            (SIZE, "size_guide", 0.9),
            ("pourquoi mon code est refusé ?", "promo_code", 0.9),
            ("comment annuler ?", "cancel_order", 0.9),
        ),
        ["track_order"],
    ),
}


@pytest.fixture(scope="module")
def told() -> dict[str, list[list[str]]]:
    """Every case's requests as [text, intent], found in the bot's environment, where numpy is."""
    asked = json.dumps([given for given, _ in CASES.values()])
    done = subprocess.run(
        [str(BOT_PYTHON), "-m", "tests.text.in_bot"], input=asked, capture_output=True, text=True, cwd=ROOT, check=True
    )
    return dict(zip(CASES, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("name", CASES)
def test_requests(name: str, told: dict[str, list[list[str]]]) -> None:
    assert [intent for _, intent in told[name]] == CASES[name][1]


def test_a_single_request_keeps_the_whole_message(told: dict[str, list[list[str]]]) -> None:
    assert told["thanks around a question"] == [[f"{WHERE} merci pour votre aide", "track_order"]]


def test_each_request_holds_its_own_words(told: dict[str, list[list[str]]]) -> None:
    assert told["two clear questions"] == [[WHERE, "track_order"], [SIZE, "size_guide"]]
