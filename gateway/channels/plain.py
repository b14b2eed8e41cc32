"""A reply as plain text, for channels without cards and links."""

from __future__ import annotations

import re

from gateway.replies import Reply
from gateway.splitting import joined
from gateway.texts import Texts

_STRONG = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)


def plain_text(reply: Reply, texts: Texts) -> str:
    """Text, order card and links as paragraphs; `**strong**` becomes `*strong*`, as Meta's channels write it."""
    links = [
        texts.render("link", label=link.label, url=link.url) if link.label else link.url
        for link in reply.links
        if link.url not in reply.text
    ]
    return joined([_STRONG.sub(r"*\1*", reply.text.strip()), card_text(reply, texts), "\n".join(links)])


def card_text(reply: Reply, texts: Texts) -> str:
    """The lines of an order card that have a value."""
    card = reply.card or {}
    return "\n".join(
        line.format(value=card[key])
        for key, line in texts.card.items()
        if card.get(key) and str(card[key]) not in reply.text
    )
