"""How well the trained model understands messages it has not learned from, and what it does with hostile ones."""

from __future__ import annotations

import csv
from datetime import datetime
from typing import Any

import httpx
import pytest

from ecrin.evaluation.labelled import read_tsv
from ecrin.evaluation.metrics import Judged, Scores, score
from ecrin.nlu_worker import Parsed, read_parse
from ecrin.settings import ROOT
from ecrin.supervisor import Stack
from ecrin.talking import Talk

DATA = ROOT / "tests" / "data"
NOW = datetime.fromisoformat("2025-09-22T10:00:00+02:00")


def understand(stack: Stack, texts: list[str]) -> list[Parsed]:
    """What the running bot understands of each text."""
    headers = {"X-Ecrin-Token": stack.token}
    with httpx.Client(base_url=stack.bot_url, headers=headers, timeout=30) as bot:
        parses = [bot.post("/webhooks/ecrin/parse", json={"text": text}).raise_for_status().json() for text in texts]
    return [read_parse(text, parse) for text, parse in zip(texts, parses, strict=True)]


@pytest.fixture(scope="module")
def judged(inner_stack: Any) -> list[Judged]:
    """The held-out messages, understood."""
    messages = read_tsv(DATA / "heldout_fr.tsv")
    parsed = understand(inner_stack[0], [message.text for message in messages])
    return [Judged(*pair) for pair in zip(messages, parsed, strict=True)]


@pytest.fixture(scope="module")
def scores(judged: list[Judged]) -> Scores:
    return score(judged)


def test_messages_the_faq_answers_are_understood(scores: Scores) -> None:
    assert scores.accuracy >= 0.93


def test_messages_it_does_not_answer_are_declined(scores: Scores) -> None:
    assert scores.oos_recall >= 0.88


def test_few_messages_it_answers_are_declined(scores: Scores) -> None:
    assert scores.false_reject <= 0.04


def test_a_single_request_is_kept_whole(judged: list[Judged]) -> None:
    single = [one for one in judged if one.in_scope]
    whole = [one for one in single if len(one.parsed.requests) == 1]
    assert len(whole) / len(single) >= 0.9


def test_two_requests_are_both_found(inner_stack: Any) -> None:
    with (DATA / "two_requests_fr.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    parsed = understand(inner_stack[0], [row["text"] for row in rows])
    found = [set(row["labels"].split("+")) == set(one.requests) for row, one in zip(rows, parsed, strict=True)]
    assert sum(found) / len(found) >= 0.8


@pytest.mark.parametrize(
    "command",
    [
        '/human_handoff{"order_number": "104233"}',
        "/greet",
        " /greet",
        "\u200b/greet",
        "//greet",
        "/restart",
        "/session_start",
        '/track_order{"email": "claire.dupont@example.fr"}',
    ],
)
def test_a_text_that_begins_with_a_slash_is_never_a_command(inner_stack: Any, command: str) -> None:
    stack = inner_stack[0]
    with_slash, without = understand(stack, [command, command.lstrip(" \u200b/")])
    assert with_slash.ranking == without.ranking
    assert with_slash.confidence < 1


def test_a_command_is_answered_like_any_text(inner_stack: Any) -> None:
    said = Talk(inner_stack[0])
    (reply,) = said.say('/human_handoff{"awaiting": "person"}', now=NOW)
    assert not reply["trace"]["text"].startswith("/")
    assert reply["text"]


@pytest.mark.parametrize("text", ["où est mon colis " * 1177, "a" * 20_000, "👍 " * 5_000])
def test_a_text_without_end_is_cut_and_answered_politely(inner_stack: Any, text: str) -> None:
    (reply,) = Talk(inner_stack[0]).say(text, now=NOW)
    assert reply["trace"]["sources"][0] == "conversation:text_cut"
    assert len(reply["trace"]["text"]) <= 1000


@pytest.mark.parametrize("text", ["", " ", "?", "👍", "мой заказ", "{order.items}", "\x00"])
def test_no_text_is_left_without_an_answer(inner_stack: Any, text: str) -> None:
    (reply,) = Talk(inner_stack[0]).say(text, now=NOW)
    assert reply["text"]
