"""Publishing a change and putting an earlier text back; what each did is kept, the file is the source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.console import knowledge
from gateway.console.audit import Action, note
from gateway.console.faq import editing
from gateway.console.tables import TextChange
from gateway.context import Gateway
from gateway.store.tables import Author, Message
from policies.clock import paris_day

ONE_AT_A_TIME = Lock()
"""Held from the check to the file in place: two leads publish one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A text somebody wants: `before` is what they started from."""

    entry: str
    path: str
    before: str
    after: str


class CannotPublish(ValueError):
    """A draft is refused: `key` names the reason, `faults` what the check found."""

    def __init__(self, key: str, faults: tuple[str, ...] = ()) -> None:
        super().__init__(key)
        self.key = key
        self.faults = faults


def checked(gateway: Gateway, draft: Draft) -> str:
    """The file's new content; CannotPublish with every fault."""
    faq = knowledge.faq()
    current = faq.entries[draft.entry].texts().get(draft.path) if draft.entry in faq.entries else None
    if current is None:
        raise CannotPublish("not_found")
    if current != draft.before:
        raise CannotPublish("changed_meanwhile")
    if current == draft.after:
        raise CannotPublish("nothing_changed")
    content = editing.replaced(
        knowledge.FAQ_PATH.read_text(encoding="utf-8"), entry=draft.entry, path=draft.path, text=draft.after
    )
    faults = editing.new_faults(knowledge.FAQ_PATH, content, day=paris_day(gateway.now()))
    if faults:
        raise CannotPublish("text_faults", tuple(str(fault) for fault in faults))
    return content


def publish(gateway: Gateway, draft: Draft, *, author: str, action: Action = Action.TEXT_PUBLISHED) -> str:
    """Write the file and the history; gives the new version."""
    with ONE_AT_A_TIME:
        content = checked(gateway, draft)
        editing.publish(knowledge.FAQ_PATH, content)
        version = knowledge.faq().version
    now = gateway.now()
    with gateway.database.writing() as session:
        keep_change(session, draft, author=author, version=version, at=now)
        note(session, actor=author, action=action, subject=f"{draft.entry}.{draft.path}", at=now)
    return version


def keep_change(session: Session, draft: Draft, *, author: str, version: str, at: datetime) -> None:
    """Write down one published change."""
    session.add(
        TextChange(
            entry=draft.entry,
            path=draft.path,
            before=draft.before,
            after=draft.after,
            author=author,
            at=at,
            version=version,
        )
    )


def history(gateway: Gateway, *, entry: str) -> Sequence[TextChange]:
    """Every change of an entry, the newest first."""
    with gateway.database.reading() as session:
        return session.scalars(
            select(TextChange).where(TextChange.entry == entry).order_by(TextChange.id.desc()).limit(100)
        ).all()


def change(gateway: Gateway, change_id: int) -> TextChange | None:
    """One change."""
    with gateway.database.reading() as session:
        return session.get(TextChange, change_id)


def replies_with(gateway: Gateway, *, entry: str, path: str, most: int = 2000) -> list[str]:
    """Kept conversations, the newest first, in which this text was said: the ones whose reply would now differ."""
    source = f"{entry}:{path}"
    with gateway.database.reading() as session:
        rows = session.execute(
            select(Message.conversation_id, Message.trace)
            .where(Message.author == Author.ASSISTANT, Message.trace.is_not(None))
            .order_by(Message.id.desc())
            .limit(most)
        )
        return list(dict.fromkeys(one for one, trace in rows if source in ((trace or {}).get("sources") or ())))
