"""Between WhatsApp's shapes and ours; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from gateway.channels.meta_intake import Event, Receipt
from gateway.channels.plain import plain_text
from gateway.channels.whatsapp import send
from gateway.channels.whatsapp.receive import Message, Status, Value, Webhook
from gateway.replies import Reply
from gateway.splitting import first, joined, short, size, split
from gateway.store.tables import Kind
from gateway.texts import Texts

_KINDS = {
    "audio": Kind.AUDIO,
    "voice": Kind.AUDIO,
    "location": Kind.LOCATION,
    "reaction": Kind.REACTION,
    "sticker": Kind.REACTION,
}
_PHONE = re.compile(r"[0-9]{5,20}")
_ARRIVED = frozenset({"sent", "delivered", "read"})


def read(body: bytes, *, phone_number_id: str, trust_phone: bool) -> tuple[Sequence[Event], Sequence[Receipt]]:
    """The customers' messages to the shop's number, and what became of ours; ValueError for another object.

    With `trust_phone` the number WhatsApp vouches for is handed on as the sender's own.
    """
    webhook = Webhook.model_validate_json(body)
    if webhook.object != "whatsapp_business_account":
        raise ValueError("not a WhatsApp webhook")
    events: list[Event] = []
    receipts: list[Receipt] = []
    for change in (change for entry in webhook.entry for change in entry.changes if change.field == "messages"):
        try:
            value = Value.model_validate(change.value)
        except ValidationError:
            continue
        if value.metadata.phone_number_id == phone_number_id:
            events += [event for raw in value.messages if (event := _event(raw, trust_phone=trust_phone))]
            receipts += [receipt for raw in value.statuses if (receipt := _receipt(raw))]
    return events, receipts


def _event(raw: dict[str, Any], *, trust_phone: bool) -> Event | None:
    try:
        message = Message.model_validate(raw)
    except ValidationError:
        return None
    digits = message.phone if _PHONE.fullmatch(message.phone or "") else None
    address = digits or message.from_user_id
    if not address:
        return None
    kind, text, attachment = _content(message)
    if message.type == "reaction" and not text:
        # A reaction that was taken away asks for nothing.
        return None
    return Event(
        external_id=message.id,
        address=address,
        kind=kind,
        text=text,
        phone=f"+{digits}" if digits and trust_phone else None,
        attachment=attachment,
        at=int(message.timestamp) if message.timestamp.isascii() and message.timestamp.isdigit() else 0,
    )


def _content(message: Message) -> tuple[Kind, str, dict[str, Any] | None]:
    if message.text is not None:
        return Kind.TEXT, message.text.body, None
    if message.interactive is not None:
        choice = message.interactive.button_reply or message.interactive.list_reply
        return (Kind.TEXT, choice.id or choice.title, None) if choice else (Kind.UNSUPPORTED, "", None)
    if message.button is not None:
        return Kind.TEXT, message.button.text, None
    if message.image is not None:
        kept = {"media_id": message.image.id, "mime_type": message.image.mime_type}
        return Kind.IMAGE, message.image.caption, kept
    if message.reaction is not None:
        return Kind.REACTION, message.reaction.emoji, None
    return _KINDS.get(message.type, Kind.UNSUPPORTED), "", None


def _receipt(raw: dict[str, Any]) -> Receipt | None:
    try:
        status = Status.model_validate(raw)
    except ValidationError:
        return None
    if not status.biz_opaque_callback_data:
        return None
    if status.status in _ARRIVED:
        return Receipt(ref=status.biz_opaque_callback_data, external_id=status.id or None)
    if status.status == "failed":
        code = status.errors[0].code if status.errors else 0
        return Receipt(ref=status.biz_opaque_callback_data, error=f"whatsapp_{code}")
    return None


def render(reply: Reply, texts: Texts) -> Sequence[dict[str, Any]]:
    """A reply as messages within WhatsApp's limits; what can be pressed stands under the last one."""
    text = plain_text(reply, texts)
    titles = tuple(dict.fromkeys(button.title for button in reply.buttons if button.title.strip()))
    if len(titles) > send.ROWS_MOST:
        more = "\n".join(texts.render("choice", title=title) for title in titles[send.ROWS_MOST :])
        text, titles = joined([text, more]), titles[: send.ROWS_MOST]
    parts = list(split(text, send.TEXT_MOST))
    if not parts:
        return []
    if not titles:
        return [_text(part) for part in parts]
    *before, last = (*parts[:-1], *split(parts[-1], send.BODY_MOST))
    return [*(_text(part) for part in before), _interactive(last, titles, texts)]


def _text(part: str) -> dict[str, Any]:
    return send.TextMessage(text=send.Body(body=part)).model_dump()


def _interactive(text: str, titles: Sequence[str], texts: Texts) -> dict[str, Any]:
    fits_buttons = len(titles) <= send.BUTTONS_MOST and all(size(title) <= send.BUTTON_MOST for title in titles)
    action: send.Buttons | send.Rows
    if fits_buttons:
        action = send.Buttons(buttons=[send.Button(reply=send.Choice(id=title, title=title)) for title in titles])
    else:
        section = send.Section(title=texts.render("list_section"), rows=[_row(title) for title in titles])
        action = send.Rows(button=texts.render("list_button"), sections=[section])
    interactive = send.Interactive(
        type="button" if fits_buttons else "list", body=send.InteractiveText(text=text), action=action
    )
    return send.InteractiveMessage(interactive=interactive).model_dump(exclude_none=True)


def _row(title: str) -> send.Row:
    is_cut = size(title) > send.ROW_TITLE_MOST
    return send.Row(
        id=first(title, send.ID_MOST),
        title=short(title, send.ROW_TITLE_MOST),
        description=short(title, send.ROW_DESCRIPTION_MOST) if is_cut else None,
    )
