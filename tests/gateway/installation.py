"""Settings for tests: nothing is read from the machine's own environment file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ecrin.settings import Settings

SHOP_SECRET = "shop-secret-for-tests-0123456789abcdef"
APP_SECRET = "app-secret-for-tests"
VERIFY_TOKEN = "verify-token-for-tests"
PHONE_NUMBER_ID = "106540352242922"

META: dict[str, Any] = {
    "messenger_app_secret": APP_SECRET,
    "messenger_page_token": "page-token",
    "messenger_verify_token": VERIFY_TOKEN,
    "whatsapp_app_secret": APP_SECRET,
    "whatsapp_token": "whatsapp-token",
    "whatsapp_verify_token": VERIFY_TOKEN,
    "whatsapp_phone_number_id": PHONE_NUMBER_ID,
}


def installation(*, var: Path, bot_url: str, **more: Any) -> Settings:
    """A development installation of its own, with no channel but the widget unless `more` says so."""
    given: dict[str, Any] = {
        "_env_file": None,
        "var": var,
        "bot_url": bot_url,
        "shop_jwt_secret": SHOP_SECRET,
        "allowed_origins": ["https://shop.example"],
    }
    return Settings(**given | more)
