"""Messenger's webhook."""

from __future__ import annotations

from fastapi import APIRouter

from ecrin.settings import Settings
from gateway.channels.messenger.convert import read
from gateway.channels.meta_routes import webhook_routes
from gateway.store.tables import Channel


def is_configured(settings: Settings) -> bool:
    """Whether the shop has connected its page."""
    return all(
        secret.get_secret_value()
        for secret in (settings.messenger_app_secret, settings.messenger_page_token, settings.messenger_verify_token)
    )


def messenger_routes(settings: Settings) -> APIRouter:
    """`/webhooks/messenger`."""
    return webhook_routes(
        Channel.MESSENGER,
        read=read,
        app_secret=settings.messenger_app_secret.get_secret_value(),
        verify_token=settings.messenger_verify_token.get_secret_value(),
    )
