"""Settings: one typed object, and no default secret outside development."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ecrin.settings import Settings

SECRETS = ("bot_token", "session_secret", "shop_jwt_secret")
STRONG = dict.fromkeys(SECRETS, "s" * 32)


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("ENVIRONMENT", "VAR", "ALLOWED_ORIGINS", "BOT_URLS", "REDIS_URL", "TRACKER_DATABASE_URL")
    for name in (*names, *(secret.upper() for secret in SECRETS)):
        monkeypatch.delenv(f"ECRIN_{name}", raising=False)


def settings(**given: Any) -> Settings:
    """Settings without the checkout's `.env`."""
    return Settings(_env_file=None, **given)


def test_development_needs_no_secret() -> None:
    assert settings().environment == "development"


@pytest.mark.parametrize("name", SECRETS)
def test_production_refuses_each_default_secret_by_its_variable(name: str) -> None:
    given = {key: value for key, value in STRONG.items() if key != name}
    with pytest.raises(ValidationError, match=f"ECRIN_{name.upper()} "):
        settings(environment="production", **given)


@pytest.mark.parametrize(("length", "accepted"), [(31, False), (32, True)])
def test_production_refuses_a_short_secret(length: int, accepted: bool) -> None:
    given = {**STRONG, "session_secret": "s" * length}
    if accepted:
        assert settings(environment="production", **given).environment == "production"
        return
    with pytest.raises(ValidationError, match="ECRIN_SESSION_SECRET"):
        settings(environment="production", **given)


def test_a_refused_secret_is_not_shown() -> None:
    with pytest.raises(ValidationError) as refused:
        settings(environment="production", **{**STRONG, "session_secret": "sesame-open"})
    assert "sesame-open" not in str(refused.value)


def test_a_secret_is_not_printed() -> None:
    assert "sssss" not in repr(settings(**STRONG))


def test_origins_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECRIN_ALLOWED_ORIGINS", "https://a.example, https://b.example,")
    assert settings().allowed_origins == ["https://a.example", "https://b.example"]


@pytest.mark.parametrize("part", ["shop", "gateway", "tracker"])
def test_databases_lie_in_the_var_folder_unless_told_otherwise(part: str, tmp_path: Path) -> None:
    assert getattr(settings(var=tmp_path), f"{part}_database") == f"sqlite:///{tmp_path}/{part}.db"
    told = settings(var=tmp_path, **{f"{part}_database_url": "postgresql://db/x"})
    assert getattr(told, f"{part}_database") == "postgresql://db/x"


REDIS = "redis://127.0.0.1:6379/0"
POSTGRES = "postgresql+psycopg://u:p@db.example/tracker"


@pytest.mark.parametrize("several", [{"bots": 2}, {"bot_urls": "http://127.0.0.1:5005,http://127.0.0.1:5006"}])
def test_several_bots_are_refused_without_redis(several: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="ECRIN_REDIS_URL"):
        settings(**several, redis_url="")
    assert settings(**several, redis_url=REDIS).redis_url == REDIS


@pytest.mark.parametrize(
    ("tracker", "accepted"), [("", False), ("sqlite:////data/tracker.db", False), (POSTGRES, True)]
)
def test_a_bot_on_another_machine_needs_a_shared_tracker_store(tracker: str, accepted: bool) -> None:
    given = {"bot_urls": "http://10.0.0.5:5005", "tracker_database_url": tracker}
    if accepted:
        assert settings(**given).bot_addresses == ("http://10.0.0.5:5005",)
        return
    with pytest.raises(ValidationError, match="ECRIN_TRACKER_DATABASE_URL"):
        settings(**given)


def test_bots_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECRIN_BOT_URLS", "http://127.0.0.1:5005, http://127.0.0.1:5006,")
    assert settings(redis_url=REDIS).bot_addresses == ("http://127.0.0.1:5005", "http://127.0.0.1:5006")


def test_one_bot_is_where_the_supervisor_says() -> None:
    assert settings(bot_url="http://127.0.0.1:5005").bot_addresses == ("http://127.0.0.1:5005",)


def test_a_copy_with_other_databases_has_them(tmp_path: Path) -> None:
    copy = settings().model_copy(update={"var": tmp_path, "tracker_database_url": POSTGRES})
    assert (copy.tracker_database, copy.shop_database) == (POSTGRES, f"sqlite:///{tmp_path / 'shop.db'}")
