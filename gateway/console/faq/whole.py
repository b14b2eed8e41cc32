"""The whole file of texts handed in: what it changes, checked like a single text, and put in the file's place."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.console import knowledge
from gateway.console.audit import Action, note
from gateway.console.faq import editing
from gateway.console.faq.changes import ONE_AT_A_TIME, CannotPublish, Draft, keep_change
from gateway.context import Gateway
from kb.faq import Faq
from policies.clock import paris_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A file that may be published. A text it adds has an empty `before`, one it takes away an empty `after`."""

    content: str
    version: str
    drafts: tuple[Draft, ...]


def checked(gateway: Gateway, content: str, *, base: str) -> Whole:
    """What a file would change in version `base`; CannotPublish with every fault."""
    now = knowledge.faq()
    if now.version != base:
        raise CannotPublish("changed_meanwhile")
    content = content.removeprefix("\ufeff").replace("\r\n", "\n")
    if content == knowledge.FAQ_PATH.read_text(encoding="utf-8"):
        raise CannotPublish("nothing_changed")
    faults = editing.new_faults(knowledge.FAQ_PATH, content, day=paris_day(gateway.now()))
    if faults:
        raise CannotPublish("text_faults", tuple(str(fault) for fault in faults))
    new = editing.read(knowledge.FAQ_PATH, content)
    return Whole(content=content, version=new.version, drafts=_drafts(now, new))


def publish(gateway: Gateway, content: str, *, base: str, author: str) -> str:
    """Put it in the file's place and write down each text it changes; gives the new version."""
    with ONE_AT_A_TIME:
        whole = checked(gateway, content, base=base)
        editing.publish(knowledge.FAQ_PATH, whole.content)
    now = gateway.now()
    with gateway.database.writing() as session:
        for draft in whole.drafts:
            keep_change(session, draft, author=author, version=whole.version, at=now)
        note(session, actor=author, action=Action.FILE_IMPORTED, subject=whole.version, at=now)
    return whole.version


def _drafts(old: Faq, new: Faq) -> tuple[Draft, ...]:
    before = {(entry.id, path): text for entry in old.entries.values() for path, text in entry.texts().items()}
    after = {(entry.id, path): text for entry in new.entries.values() for path, text in entry.texts().items()}
    return tuple(
        Draft(entry=key[0], path=key[1], before=before.get(key, ""), after=after.get(key, ""))
        for key in {**before, **after}
        if before.get(key, "") != after.get(key, "")
    )
