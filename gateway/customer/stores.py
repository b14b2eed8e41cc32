"""Where a customer's data may lie, and who is looked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from ecrin.redacting import redactor_of
from ecrin.settings import Settings
from gateway.context import Gateway
from gateway.keyed import Keyed
from gateway.sealing import Sealer
from gateway.store.database import Database
from privacy.redaction import Redactor


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whose data: one of the three is given. `SubjectError` for an e-mail or phone that is none."""

    email: str = ""
    phone: str = ""
    conversation: str = ""


class SubjectError(ValueError):
    """Nobody can be looked for by this; the message is the part that is wrong: `email`, `phone` or `nothing`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """The gateway's tables, the bot's store, the shop's database, and the secrets that find and open."""

    database: Database
    tracker_url: str
    shop_url: str
    keyed: Keyed
    sealer: Sealer
    redactor: Redactor

    @classmethod
    def of(cls, gateway: Gateway) -> Self:
        """Those of a running gateway."""
        return cls.over(gateway.settings, gateway.database)

    @classmethod
    def over(cls, settings: Settings, database: Database) -> Self:
        """Those of an installation, for the command line."""
        return cls(
            database=database,
            tracker_url=settings.tracker_database,
            shop_url=settings.shop_database,
            keyed=Keyed(settings.privacy_key),
            sealer=Sealer(settings.privacy_key),
            redactor=redactor_of(settings),
        )
