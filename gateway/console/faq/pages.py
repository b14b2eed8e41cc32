"""The list of entries, one entry with its versions, and the way from a draft to a published text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response, UploadFile
from fastapi.responses import RedirectResponse

from gateway.cleaning import clean
from gateway.console import knowledge
from gateway.console.access import Agent, ConsoleRoute, Lead, Ours, Person, Refused, is_part
from gateway.console.audit import Action
from gateway.console.faq import changes, whole
from gateway.console.faq.changes import CannotPublish, Draft
from gateway.console.faq.compare import compared, differences, limit
from gateway.console.faq.labels import label
from gateway.console.faq.whole import Whole
from gateway.console.knowledge import explainer
from gateway.console.pages import page
from gateway.console.regressions import stored
from gateway.console.regressions.replay import replay
from gateway.console.tables import Regression
from gateway.context import Gateway
from gateway.store.database import in_thread
from kb.faq import Entry

router = APIRouter(prefix="/console/faq", route_class=ConsoleRoute)

Text = Annotated[str, Form(max_length=20_000)]
Path = Annotated[str, Form(max_length=200)]
FILE_MOST = 1_000_000
Drafts = Annotated[str, Form(max_length=FILE_MOST)]


@router.get("")
async def entries_page(person: Agent, gateway: Ours, published: Annotated[str, Query(max_length=20)] = "") -> Response:
    """Every entry, by category."""
    faq = knowledge.faq()
    categories: dict[str, list[Entry]] = {}
    for entry in faq.entries.values():
        categories.setdefault(entry.category, []).append(entry)
    return page(
        "entries.html", person=person, at="faq", categories=categories, version=faq.version, published=published
    )


@router.get("/faq_fr.yaml")
async def export_file(person: Agent, gateway: Ours) -> Response:
    """The file itself."""
    body = await in_thread(knowledge.FAQ_PATH.read_bytes)
    headers = {"Content-Disposition": "attachment; filename=faq_fr.yaml", "Cache-Control": "no-store"}
    return Response(body, media_type="application/yaml; charset=utf-8", headers=headers)


@router.get("/import")
async def import_page(person: Lead, gateway: Ours) -> Response:
    """The form that takes a file."""
    return _whole(person)


@router.post("/import")
async def import_file(
    person: Lead,
    gateway: Ours,
    base: Path,
    file: UploadFile | None = None,
    content: Annotated[str, Form(max_length=FILE_MOST)] = "",
    publish: Annotated[bool, Form()] = False,
) -> Response:
    """Check a whole file and show what it changes; publish it when asked and nothing is wrong."""
    try:
        text = content or ((await file.read()).decode("utf-8") if file else "")
        if publish:
            version = await in_thread(lambda: whole.publish(gateway, text, base=base, author=person.name))
            return RedirectResponse(f"/console/faq?published={version}", status_code=303)
        found = await in_thread(lambda: whole.checked(gateway, text, base=base))
    except CannotPublish as refusal:
        return _whole(person, refusal=refusal)
    except UnicodeDecodeError:
        return _whole(person, refusal=CannotPublish("bad_file"))
    return _whole(person, found=found)


@router.post("/replay")
async def replay_drafts(request: Request, person: Lead, gateway: Ours, drafts: Drafts) -> Response:
    """The regression conversations with the drafted texts: which turns change, and why."""
    try:
        texts = [(one["entry"], one["path"], one["text"]) for one in json.loads(drafts)]
    except (ValueError, TypeError, KeyError) as error:
        raise Refused(422, "invalid") from error
    known = knowledge.faq().entries
    if any(entry not in known or path not in known[entry].texts() for entry, path, _ in texts):
        raise Refused(404, "not_found")

    def load() -> Sequence[Regression]:
        with gateway.database.reading() as session:
            return stored.every(session)

    given = [{"entry": entry, "path": path, "text": _lines(text)} for entry, path, text in texts]
    replayed = await replay(gateway, await in_thread(load), given)
    template = "replay.html" if is_part(request) else "replay_page.html"
    return page(template, person=person, at="faq", replay=replayed, explain=explainer().explain)


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
        texts={path: (label(entry_id, path), text) for path, text in entry.texts().items()},
        differences=differences,
        called=lambda path: label(entry_id, path),
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
        label=label(draft.entry, draft.path),
        drafts=_as_json([draft]),
        refusal=refusal,
        is_checked=is_checked,
        channels=compared(entry=draft.entry, before=draft.before, after=draft.after, now=now, texts=gateway.texts),
        most=limit(draft.path),
        said_in=said,
    )


def _whole(person: Person, *, found: Whole | None = None, refusal: CannotPublish | None = None) -> Response:
    return page(
        "import.html",
        status=422 if refusal else 200,
        person=person,
        at="faq",
        base=knowledge.faq().version,
        found=found,
        refusal=refusal,
        drafts=_as_json(found.drafts) if found else "",
        changed=[(one, label(one.entry, one.path), differences(one.before, one.after)) for one in found.drafts]
        if found
        else [],
    )


def _as_json(drafts: Sequence[Draft]) -> str:
    """Drafts of texts that are there, as the replay takes them: a text that is only added was never said."""
    told = [{"entry": one.entry, "path": one.path, "text": one.after} for one in drafts if one.before and one.after]
    return json.dumps(told, ensure_ascii=False)


def _entry(entry_id: str) -> Entry:
    entry = knowledge.faq().entries.get(entry_id)
    if entry is None:
        raise Refused(404, "not_found")
    return entry


def _lines(text: str) -> str:
    """A text as the file keeps it: a browser sends other line ends."""
    return clean(text.replace("\r\n", "\n"))
