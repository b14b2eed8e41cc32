"""Questions nobody understood, the like ones together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rapidfuzz import fuzz
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from gateway.store.tables import Author, Message
from gateway.traces import doubted
from kb.vocabulary import fold

LIKE = 78
"""How alike two questions have to be, in per cent of their words."""
MOST = 600
"""Questions looked at: the comparison is of each with each group."""


@dataclass(slots=True)
class Group:
    """Questions that say nearly the same; the first one stands for all."""

    text: str
    folded: str
    conversation_id: str
    others: list[str] = field(default_factory=list)
    count: int = 1


def not_understood(session: Session, *, since: datetime) -> list[Group]:
    """The groups of questions the bot did not answer since then, the most frequent first."""
    question = aliased(Message)
    rows = session.execute(
        select(question.text, question.conversation_id, Message.trace)
        .join(question, (question.conversation_id == Message.conversation_id) & (question.author == Author.CUSTOMER))
        .where(
            Message.author == Author.ASSISTANT,
            Message.at >= since,
            question.sequence < Message.sequence,
            ~select(1)
            .where(
                (between := aliased(Message)).conversation_id == Message.conversation_id,
                between.sequence < Message.sequence,
                between.sequence > question.sequence,
                between.author == Author.CUSTOMER,
            )
            .exists(),
        )
        .order_by(Message.id.desc())
        .limit(MOST * 10)
    )
    missed = [(text, conversation) for text, conversation, trace in rows if doubted(trace) and text.strip()]
    return grouped(missed[:MOST])


def grouped(questions: Sequence[tuple[str, str]]) -> list[Group]:
    """`(text, conversation)` pairs as groups."""
    groups: list[Group] = []
    for text, conversation_id in questions:
        folded = fold(text)
        near = max(groups, key=lambda group: _likeness(folded, group.folded), default=None)
        if near is None or _likeness(folded, near.folded) < LIKE:
            groups.append(Group(text=text, folded=folded, conversation_id=conversation_id))
            continue
        near.count += 1
        if folded != near.folded and text not in near.others:
            near.others.append(text)
    return sorted(groups, key=lambda group: -group.count)


def _likeness(one: str, other: str) -> float:
    """In per cent. Words that one question has on top count little, unless they are most of it: « or ? » is not all that
    customers ask about gold."""
    few, many = sorted((len(one.split()), len(other.split())))
    return fuzz.token_set_ratio(one, other) if few >= 3 and many <= 2 * few else fuzz.token_sort_ratio(one, other)
