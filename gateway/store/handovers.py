"""From the bot to a person and back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.store.conversations import append, locked
from gateway.store.tables import Author, Conversation, Handover, HandoverState, Message, Outcome
from gateway.store.waits import BY_AGENT

_ASKED = "handovers_asked"


def request(session: Session, *, conversation: Conversation, reason: str, now: datetime) -> bool:
    """Ask for a person; False when one is asked for or there already. `locked` holds the conversation."""
    if conversation.handover != HandoverState.NONE:
        return False
    conversation.handover = HandoverState.WAITING
    conversation.outcome = Outcome.HANDED_OVER
    session.add(
        Handover(
            conversation_id=conversation.id,
            reason=reason[:64],
            until_sequence=conversation.last_sequence,
            requested_at=now,
        )
    )
    session.info.setdefault(_ASKED, []).append(reason)
    return True


def asked_for(session: Session) -> tuple[str, ...]:
    """The reasons a person was asked for in this session; they count once its transaction has been committed."""
    return tuple(session.info.get(_ASKED, ()))


def open_handover(session: Session, *, conversation_id: str) -> Handover | None:
    """The hand-over of a conversation that is not closed yet."""
    return session.scalars(
        select(Handover)
        .where(Handover.conversation_id == conversation_id, Handover.closed_at.is_(None))
        .order_by(Handover.id.desc())
        .limit(1)
    ).one_or_none()


def take_over(session: Session, *, conversation_id: str, agent: str, now: datetime) -> bool:
    """A person answers from now on and the bot is silent; False when the conversation is gone or another's."""
    conversation = locked(session, conversation_id)
    if conversation is None or conversation.handover == HandoverState.AGENT:
        return False
    request(session, conversation=conversation, reason=BY_AGENT, now=now)
    conversation.handover = HandoverState.AGENT
    session.flush()
    if handover := open_handover(session, conversation_id=conversation_id):
        handover.taken_at, handover.agent = now, agent
    return True


def give_back(session: Session, *, conversation_id: str, now: datetime) -> bool:
    """The bot answers again; False when no person had or was asked for the conversation."""
    conversation = locked(session, conversation_id)
    if conversation is None or conversation.handover == HandoverState.NONE:
        return False
    conversation.handover = HandoverState.NONE
    if handover := open_handover(session, conversation_id=conversation_id):
        handover.closed_at = now
    return True


def agent_line(
    session: Session, *, conversation_id: str, agent: str, text: str, now: datetime
) -> tuple[Conversation, Message] | None:
    """Write as a person; None when the conversation is gone or not in a person's hands."""
    conversation = locked(session, conversation_id)
    if conversation is None or conversation.handover != HandoverState.AGENT:
        return None
    message = Message(author=Author.AGENT, agent=agent, text=text, buttons=[], links=[])
    return conversation, append(session, conversation=conversation, message=message, now=now)


def transcript(session: Session, *, conversation_id: str) -> tuple[Message, ...]:
    """Every line of a conversation, in order, attachments and traces included: for agents only."""
    return tuple(
        session.scalars(
            select(Message).where(Message.conversation_id == conversation_id).order_by(Message.sequence)
        ).all()
    )


def waiting(session: Session) -> tuple[Handover, ...]:
    """Hand-overs nobody has taken, the longest wait first."""
    return tuple(
        session.scalars(
            select(Handover)
            .where(Handover.taken_at.is_(None), Handover.closed_at.is_(None))
            .order_by(Handover.requested_at)
        ).all()
    )
