"""WhatsApp's webhook."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter

from ecrin.settings import Settings
from gateway.channels.meta_routes import webhook_routes
from gateway.channels.whatsapp.convert import read
from gateway.store.tables import Channel


def is_configured(settings: Settings) -> bool:
    """Whether the shop has connected its number."""
    secrets = (settings.whatsapp_app_secret, settings.whatsapp_token, settings.whatsapp_verify_token)
    return bool(settings.whatsapp_phone_number_id) and all(secret.get_secret_value() for secret in secrets)


def whatsapp_routes(settings: Settings) -> APIRouter:
    """`/webhooks/whatsapp`."""
    return webhook_routes(
        Channel.WHATSAPP,
        read=partial(
            read,
            phone_number_id=settings.whatsapp_phone_number_id,
            trust_phone=settings.trust_whatsapp_phone,
        ),
        app_secret=settings.whatsapp_app_secret.get_secret_value(),
        verify_token=settings.whatsapp_verify_token.get_secret_value(),
    )
