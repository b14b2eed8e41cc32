"""Which channels a shop has connected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import APIRouter

from ecrin.settings import Settings
from gateway.channels.base import Sender
from gateway.channels.messenger import convert as messenger
from gateway.channels.messenger import routes as messenger_web
from gateway.channels.messenger.send import messenger_sender
from gateway.channels.whatsapp import convert as whatsapp
from gateway.channels.whatsapp import routes as whatsapp_web
from gateway.channels.whatsapp.send import whatsapp_sender
from gateway.replies import Reply
from gateway.store.tables import Channel
from gateway.texts import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredChannel:
    """A channel whose customers are reached by requests of ours."""

    name: Channel
    is_configured: Callable[[Settings], bool]
    router: Callable[[Settings], APIRouter]
    sender: Callable[[Settings, httpx.AsyncClient], Sender]
    render: Callable[[Reply, Texts], Sequence[dict[str, Any]]]


def delivered_channels() -> tuple[DeliveredChannel, ...]:
    """Every channel of that kind; a new one is one more package and one more entry here."""
    return (
        DeliveredChannel(
            name=Channel.MESSENGER,
            is_configured=messenger_web.is_configured,
            router=messenger_web.messenger_routes,
            sender=messenger_sender,
            render=messenger.render,
        ),
        DeliveredChannel(
            name=Channel.WHATSAPP,
            is_configured=whatsapp_web.is_configured,
            router=whatsapp_web.whatsapp_routes,
            sender=whatsapp_sender,
            render=whatsapp.render,
        ),
    )


def configured_channels(settings: Settings) -> tuple[DeliveredChannel, ...]:
    """The channels this shop has connected; the others' webhooks do not exist."""
    return tuple(channel for channel in delivered_channels() if channel.is_configured(settings))
