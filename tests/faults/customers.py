"""Customers who talk while something breaks, and what each of them must have got in the end."""

from __future__ import annotations

import random
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from sqlalchemy import select

from gateway.store.tables import InboxMessage, InboxState, Message
from tests.faults.site import Site
from tests.gateway.running import WidgetUser, eventually

SCRIPT = (
    "Comment fonctionne le système de parrainage ?",
    "plus de détails",
    "azertyuiop qsdfg",
    "Que faire si mon paiement a été refusé ?",
)
"""The second depends on the memory of the first, and the third is answered otherwise when it comes a second time."""

CUSTOMERS = 24
_PATIENCE_S = 400.0


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a calm conversation answers to the script, and the text that admits a failure."""

    answers: tuple[str, ...]
    honest: str


def calm_answers(site: Site) -> tuple[str, ...]:
    """The script's answers while nothing is broken."""
    user = site.widget()
    for text in SCRIPT:
        assert user.say(text).status_code == 202
    return tuple(user.answers(count=len(SCRIPT), seconds=60))


@contextmanager
def talking(
    site: Site, expected: Expected, *, chance: random.Random, count: int = CUSTOMERS
) -> Iterator[list[WidgetUser]]:
    """Customers talk while the block breaks something; afterwards every one of them must be served, once."""
    users = [site.widget() for _ in range(count)]
    pauses = [[chance.uniform(0.0, 0.8) for _ in SCRIPT] for _ in users]
    with ThreadPoolExecutor(max_workers=count) as speakers:
        spoken = [speakers.submit(_speak, user, pause) for user, pause in zip(users, pauses, strict=True)]
        yield users
        for speaker in spoken:
            speaker.result(timeout=_PATIENCE_S)
    check_served(site, users, expected)


def _speak(user: WidgetUser, pauses: Sequence[float]) -> None:
    for text, pause in zip(SCRIPT, pauses, strict=True):
        time.sleep(pause)
        say_until_accepted(user, text)


def say_until_accepted(user: WidgetUser, text: str) -> None:
    """As the page does: the same id again until the gateway has confirmed it, whatever goes wrong meanwhile."""
    message_id = str(uuid.uuid4())

    def accepted() -> bool:
        try:
            answer = user.say(text, id=message_id)
        except httpx.TransportError:
            return False
        if answer.status_code != 202:
            assert answer.status_code == 503, answer.text
            assert answer.headers["retry-after"], "a customer is told when to try again"
            time.sleep(0.2)
        return answer.status_code == 202

    eventually(accepted, seconds=_PATIENCE_S)


def check_served(site: Site, users: Sequence[WidgetUser], expected: Expected) -> None:
    """Nothing lost, nothing twice, in order; seen from the customer's page, the tables and the bot's memory."""
    eventually(lambda: not _queued(site), seconds=_PATIENCE_S)
    memories = site.memories()
    for user in users:
        lines = user.history()
        assert [line["text"] for line in lines if line["from"] == "customer"] == list(SCRIPT)
        told = [line["text"] for line in lines if line["from"] == "assistant"]
        assert len(told) == len(SCRIPT), told
        has_failed = False
        for text, calm in zip(told, expected.answers, strict=True):
            # What follows an answer that never came may depend on it.
            assert text == calm or text == expected.honest or has_failed, told
            has_failed = has_failed or text == expected.honest
        if not has_failed:
            assert memories[user.conversation] == len(SCRIPT), "the bot remembers a message twice, or not at all"
    _check_tables(site, {user.conversation for user in users}, expected)


def _queued(site: Site) -> list[int]:
    with site.database.reading() as session:
        return list(session.scalars(select(InboxMessage.id).where(InboxMessage.state == InboxState.QUEUED)))


def _check_tables(site: Site, conversations: set[str], expected: Expected) -> None:
    with site.database.reading() as session:
        inbox = session.scalars(select(InboxMessage).where(InboxMessage.conversation_id.in_(conversations))).all()
        lines = session.scalars(select(Message).where(Message.conversation_id.in_(conversations))).all()
    answers = Counter(line.inbox_id for line in lines if line.inbox_id is not None)
    assert answers == Counter(row.id for row in inbox)
    honest = {line.inbox_id for line in lines if line.text == expected.honest}
    assert honest == {row.id for row in inbox if row.state == InboxState.FAILED}
