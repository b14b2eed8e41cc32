"""The list of entries, one entry with its versions, and the way from a draft to a published text."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Response
from fastapi.responses import RedirectResponse

from gateway.cleaning import clean
from gateway.console import knowledge
from gateway.console.access import Agent, ConsoleRoute, Lead, Ours, Person, Refused
from gateway.console.audit import Action
from gateway.console.faq import changes
from gateway.console.faq.changes import CannotPublish, Draft
from gateway.console.faq.compare import compared, limit
from gateway.console.pages import page
from gateway.context import Gateway
from gateway.store.database import in_thread
from kb.faq import Entry

router = APIRouter(prefix="/console/faq", route_class=ConsoleRoute)

Text = Annotated[str, Form(max_length=20_000)]
Path = Annotated[str, Form(max_length=200)]


@router.get("")
async def entries_page(person: Agent, gateway: Ours) -> Response:
    """Every entry, by category."""
    faq = knowledge.faq()
    categories: dict[str, list[Entry]] = {}
    for entry in faq.entries.values():
        categories.setdefault(entry.category, []).append(entry)
    return page("entries.html", person=person, at="faq", categories=categories, version=faq.version)


@router.get("/{entry_id}")
async def entry_page(
    entry_id: str, person: Agent, gateway: Ours, published: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """One entry: its texts, its source, its versions."""
    entry = _entry(entry_id)
    history = await in_thread(lambda: changes.history(gateway, entry=entry_id))
    return page(
        "entry.html",
        person=person,
        at="faq",
        entry=entry,
        texts=entry.texts(),
        version=knowledge.faq().version,
        history=history,
        published=published,
    )


@router.get("/{entry_id}/edit")
async def edit_page(
    entry_id: str, person: Lead, gateway: Ours, path: Annotated[str, Query(max_length=200)]
) -> Response:
    """The form for one text."""
    text = _entry(entry_id).texts().get(path)
    if text is None:
        raise Refused(404, "not_found")
    return await _form(gateway, person, Draft(entry=entry_id, path=path, before=text, after=text))


@router.post("/{entry_id}/edit")
async def check_text(
    entry_id: str,
    person: Lead,
    gateway: Ours,
    path: Path,
    before: Text,
    after: Text,
    publish: Annotated[bool, Form()] = False,
) -> Response:
    """Check a draft and show what it changes; publish it when asked and nothing is wrong."""
    draft = Draft(entry=entry_id, path=path, before=_lines(before), after=_lines(after))
    try:
        if publish:
            version = await in_thread(lambda: changes.publish(gateway, draft, author=person.name))
            return RedirectResponse(f"/console/faq/{entry_id}?published={version}", status_code=303)
        await in_thread(lambda: changes.checked(gateway, draft))
    except CannotPublish as refusal:
        return await _form(gateway, person, draft, refusal=refusal)
    return await _form(gateway, person, draft, is_checked=True)


@router.post("/{entry_id}/revert")
async def revert(entry_id: str, person: Lead, gateway: Ours, change_id: Annotated[int, Form()]) -> Response:
    """Put back the text a change replaced."""
    kept = await in_thread(lambda: changes.change(gateway, change_id))
    text = _entry(entry_id).texts().get(kept.path) if kept and kept.entry == entry_id else None
    if kept is None or text is None:
        raise Refused(404, "not_found")
    draft = Draft(entry=entry_id, path=kept.path, before=text, after=kept.before)
    try:
        version = await in_thread(
            lambda: changes.publish(gateway, draft, author=person.name, action=Action.TEXT_REVERTED)
        )
    except CannotPublish as refusal:
        return await _form(gateway, person, draft, refusal=refusal)
    return RedirectResponse(f"/console/faq/{entry_id}?published={version}", status_code=303)


async def _form(
    gateway: Gateway, person: Person, draft: Draft, *, refusal: CannotPublish | None = None, is_checked: bool = False
) -> Response:
    entry = _entry(draft.entry)
    if refusal and refusal.key == "not_found":
        raise Refused(404, "not_found")
    if refusal and refusal.key == "changed_meanwhile":
        draft = Draft(entry=draft.entry, path=draft.path, before=entry.texts()[draft.path], after=draft.after)
    now = gateway.now()
    said = await in_thread(lambda: changes.replies_with(gateway, entry=draft.entry, path=draft.path))
    return page(
        "edit.html",
        status=422 if refusal else 200,
        person=person,
        at="faq",
        entry=entry,
        draft=draft,
        refusal=refusal,
        is_checked=is_checked,
        channels=compared(entry=draft.entry, before=draft.before, after=draft.after, now=now, texts=gateway.texts),
        most=limit(draft.path),
        said_in=said,
    )


def _entry(entry_id: str) -> Entry:
    entry = knowledge.faq().entries.get(entry_id)
    if entry is None:
        raise Refused(404, "not_found")
    return entry


def _lines(text: str) -> str:
    """A text as the file keeps it: a browser sends other line ends."""
    return clean(text.replace("\r\n", "\n"))
