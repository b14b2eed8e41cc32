"""The redaction of one installation: its secret and its order numbers."""

from __future__ import annotations

from ecrin.settings import Settings
from privacy.pseudonyms import Pseudonyms
from privacy.redaction import Redactor


def redactor_of(settings: Settings) -> Redactor:
    """What every message goes through before it is kept or handed to the bot."""
    return Redactor(pseudonyms=Pseudonyms(settings.privacy_key), order_prefix=settings.order_prefix)
