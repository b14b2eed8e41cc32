"""Every setting in one typed object, read from the environment (`ECRIN_…`) and from `.env` in the checkout."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent

_DEVELOPMENT_SECRET = "development-only-secret-0123456789abcdef"  # noqa: S105


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host == "localhost" or host.startswith("127.") or host == "::1"


class Settings(BaseSettings):
    """The settings of one installation. Secrets left at their default are refused outside development."""

    model_config = SettingsConfigDict(env_prefix="ECRIN_", env_file=ROOT / ".env", extra="ignore")

    environment: Literal["development", "production"] = "development"
    host: str = "127.0.0.1"
    port: int = 8080
    var: Path = ROOT / "var"
    """Folder of everything that is written: databases, models, logs."""
    public_url: str = "http://127.0.0.1:8080"

    model: Path | None = None
    """A trained model to use whatever the current data, to roll one out or back; empty: the one made from the data."""

    shop_database_url: str = ""
    gateway_database_url: str = ""
    tracker_database_url: str = ""
    redis_url: str = ""
    """Empty: locks, rates and live updates stay inside the one process."""

    bots: int = Field(default=1, ge=1)
    """Bot processes that `ecrin serve` starts on this machine."""
    bot_host: str = "127.0.0.1"
    bot_port: int = 0
    """Where the bots listen, one port after another; 0: free ones."""
    bot_url: str = ""
    """Empty: the supervisor knows."""
    bot_urls: Annotated[list[str], NoDecode] = Field(default_factory=list)
    """Bots on other machines; comma-separated in the environment. Replaces `bot_url`."""
    bot_token: SecretStr = SecretStr(_DEVELOPMENT_SECRET)
    session_secret: SecretStr = SecretStr(_DEVELOPMENT_SECRET)
    """Signs the widget's conversation tokens and the console's sessions."""
    privacy_secret: SecretStr = SecretStr("")
    """Hashes customers' e-mails and phones and seals their addresses. Empty: the session secret, which can then not be
    changed without losing which stored conversation is whose."""
    shop_jwt_secret: SecretStr = SecretStr(_DEVELOPMENT_SECRET)
    """Shared with the shop's pages, which sign who is logged in (HS256)."""

    allowed_origins: Annotated[list[str], NoDecode] = Field(default_factory=list)
    """Origins of the shop's pages that may embed the widget; comma-separated in the environment."""
    order_prefix: str = "BJ"
    trust_whatsapp_phone: bool = True
    """Whether the number WhatsApp vouches for counts as proof of who placed an order with the same phone."""

    messenger_app_secret: SecretStr = SecretStr("")
    messenger_page_token: SecretStr = SecretStr("")
    messenger_verify_token: SecretStr = SecretStr("")
    whatsapp_app_secret: SecretStr = SecretStr("")
    whatsapp_token: SecretStr = SecretStr("")
    whatsapp_verify_token: SecretStr = SecretStr("")
    whatsapp_phone_number_id: str = ""
    graph_url: str = "https://graph.facebook.com/v23.0"

    metrics_token: SecretStr = SecretStr("")
    """Shown by Prometheus to read /metrics; empty: closed in production, open on this machine in development."""

    retention_days: int = 90
    """Days after its last line when a conversation is deleted from every store; log files are kept as long."""
    audit_retention_days: int = 365
    """Days the console's audit log is kept: who looked at whose data has to be told longer than the data lives."""

    @model_validator(mode="before")
    @classmethod
    def _split_lists(cls, values: dict[str, object]) -> dict[str, object]:
        for name in ("allowed_origins", "bot_urls"):
            given = values.get(name)
            if isinstance(given, str):
                values[name] = [part.strip() for part in given.split(",") if part.strip()]
        return values

    @model_validator(mode="after")
    def _refuse_default_secrets(self) -> Self:
        if self.environment == "development":
            return self
        weak = [
            name
            for name in ("bot_token", "session_secret", "shop_jwt_secret")
            if (value := getattr(self, name).get_secret_value()) == _DEVELOPMENT_SECRET or len(value) < 32
        ]
        if 0 < len(self.metrics_token.get_secret_value()) < 32:
            weak.append("metrics_token")
        if 0 < len(self.privacy_secret.get_secret_value()) < 32:
            weak.append("privacy_secret")
        if weak:
            names = ", ".join(f"ECRIN_{name.upper()}" for name in weak)
            command = "python3 -c 'import secrets; print(secrets.token_hex(32))'"
            raise ValueError(f"set {names} to random values of at least 32 characters ({command})")
        return self

    @model_validator(mode="after")
    def _refuse_bots_without_order(self) -> Self:
        if max(self.bots, len(self.bot_urls)) > 1 and not self.redis_url:
            raise ValueError(
                "several bots keep the order of a conversation by locks in Redis: set ECRIN_REDIS_URL "
                "(redis://host:6379/0), or run one bot"
            )
        # The property would be computed here once for all, and kept by every copy of these settings.
        is_embedded = not self.tracker_database_url or self.tracker_database_url.startswith("sqlite")
        if is_embedded and any(not _is_here(url) for url in self.bot_urls):
            raise ValueError(
                "bots on other machines share one tracker store: set ECRIN_TRACKER_DATABASE_URL to a PostgreSQL "
                "(postgresql+psycopg://user:password@host/database) for the gateways and the bots"
            )
        return self

    @property
    def bot_addresses(self) -> tuple[str, ...]:
        """Where the gateway finds the bots."""
        return tuple(self.bot_urls) or (self.bot_url,)

    @cached_property
    def privacy_key(self) -> str:
        """The secret behind every hash of a customer's identity."""
        return self.privacy_secret.get_secret_value() or self.session_secret.get_secret_value()

    @cached_property
    def shop_database(self) -> str:
        """URL of the shop's database."""
        return self.shop_database_url or f"sqlite:///{self.var / 'shop.db'}"

    @cached_property
    def gateway_database(self) -> str:
        """URL of the gateway's own tables: inbox, outbox, conversations."""
        return self.gateway_database_url or f"sqlite:///{self.var / 'gateway.db'}"

    @cached_property
    def tracker_database(self) -> str:
        """URL of Rasa's tracker store."""
        return self.tracker_database_url or f"sqlite:///{self.var / 'tracker.db'}"
