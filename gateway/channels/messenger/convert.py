"""Between Messenger's shapes and ours; pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from gateway.channels.messenger.receive import Messaging, Webhook
from gateway.channels.messenger.send import (
    PAYLOAD_MOST,
    QUICK_REPLIES_MOST,
    TEXT_MOST,
    TITLE_MOST,
    QuickReply,
    Text,
)
from gateway.channels.meta_intake import Event, Receipt
from gateway.channels.plain import plain_text
from gateway.replies import Reply
from gateway.splitting import first, joined, short, size, split
from gateway.store.tables import Kind
from gateway.texts import Texts

_KINDS = {"image": Kind.IMAGE, "audio": Kind.AUDIO, "location": Kind.LOCATION}


def read(body: bytes) -> tuple[Sequence[Event], Sequence[Receipt]]:
    """The customers' messages of a webhook in their order, and the echoes of ours; ValueError for another object."""
    webhook = Webhook.model_validate_json(body)
    if webhook.object != "page":
        raise ValueError("not a page's webhook")
    events, receipts = [], []
    for raw in (raw for entry in webhook.entry for raw in entry.messaging):
        try:
            messaging = Messaging.model_validate(raw)
        except ValidationError:
            continue
        if messaging.message and messaging.message.is_echo:
            if messaging.message.metadata:
                receipts.append(Receipt(ref=messaging.message.metadata, external_id=messaging.message.mid))
        elif event := _event(messaging):
            events.append(event)
    return events, receipts


def _event(messaging: Messaging) -> Event | None:
    address, at = messaging.sender.id, messaging.timestamp
    if messaging.message:
        message = messaging.message
        text = message.quick_reply.payload if message.quick_reply else message.text or ""
        attachment = next(iter(message.attachments), None)
        if attachment is None:
            return Event(external_id=message.mid, address=address, kind=Kind.TEXT, text=text, at=at)
        is_sticker = attachment.payload is not None and attachment.payload.sticker_id is not None
        kind = Kind.REACTION if is_sticker else _KINDS.get(attachment.type, Kind.UNSUPPORTED)
        if kind == Kind.UNSUPPORTED and text:
            # A link comes as text with its preview attached.
            kind = Kind.TEXT
        urls = [part.payload.url for part in message.attachments if part.payload and part.payload.url]
        kept = {"urls": urls} if kind == Kind.IMAGE else None
        return Event(external_id=message.mid, address=address, kind=kind, text=text, attachment=kept, at=at)
    if messaging.postback and messaging.postback.title:
        external_id = messaging.postback.mid or f"postback:{address}:{at}"
        return Event(external_id=external_id, address=address, kind=Kind.TEXT, text=messaging.postback.title, at=at)
    if messaging.reaction and messaging.reaction.action == "react":
        external_id = f"reaction:{address}:{messaging.reaction.mid}"
        return Event(external_id=external_id, address=address, kind=Kind.REACTION, text=messaging.reaction.emoji, at=at)
    return None


def render(reply: Reply, texts: Texts) -> Sequence[dict[str, Any]]:
    """A reply as messages within Messenger's limits; the buttons stand under the last one."""
    text = plain_text(reply, texts)
    titles = tuple(dict.fromkeys(button.title for button in reply.buttons))[:QUICK_REPLIES_MOST]
    if any(size(title) > TITLE_MOST for title in titles):
        choices = "\n".join(texts.render("choice", title=title) for title in titles)
        text = joined([text, f"{texts.render('choices')}\n{choices}"])
    messages = [Text(text=part) for part in split(text, TEXT_MOST)]
    if messages and titles:
        messages[-1].quick_replies = [
            QuickReply(title=short(title, TITLE_MOST), payload=first(title, PAYLOAD_MOST)) for title in titles
        ]
    return [message.model_dump(exclude_none=True) for message in messages]
