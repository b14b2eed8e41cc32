"""A gateway with its console and a bot that answers as told; somebody logged in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from ecrin.settings import Settings
from gateway.app import create_app
from gateway.console import users
from gateway.console.tables import Role
from gateway.context import Gateway
from gateway.store.database import Database, open_database
from gateway.store.tables import Table
from gateway.tuning import Tuning
from tests.console.customer import Customer
from tests.gateway.conftest import bot, migrated, quick_passwords, var  # noqa: F401
from tests.gateway.fake_bot import FakeBot
from tests.gateway.installation import installation

PASSWORD = "une phrase facile à retenir"
_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


@dataclass
class Browser:
    """Somebody at the console: forms are sent with the token of the page last seen."""

    client: TestClient
    token: str = ""
    last: httpx.Response | None = field(default=None, repr=False)

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Open a page."""
        return self._seen(self.client.get(path, **more))

    def post(self, path: str, /, **form: Any) -> httpx.Response:
        """Send a form."""
        return self._seen(self.client.post(path, data={"form_token": self.token, **form}))

    def login(self, name: str, password: str) -> httpx.Response:
        """Open the login page and fill it in."""
        self.get("/console/login")
        return self.post("/console/login", name=name, password=password)

    def _seen(self, response: httpx.Response) -> httpx.Response:
        found = _TOKEN.search(response.text)
        self.token = found[1] if found else self.token
        self.last = response
        return response


@pytest.fixture
def settings(var: Path, bot: FakeBot) -> Settings:  # noqa: F811
    """An installation of its own."""
    return installation(var=var, bot_url=bot.url)


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    """A gateway that runs."""
    with TestClient(create_app(settings, tuning=Tuning(idle_poll=0.2)), base_url="http://testserver") as running:
        yield running


@pytest.fixture
def gateway(client: TestClient) -> Gateway:
    """Its parts."""
    found: Gateway = client.app.state.gateway  # type: ignore[attr-defined]
    return found


def person(client: TestClient, gateway: Gateway, *, name: str, role: Role) -> Browser:
    """Somebody new who has chosen a password and is logged in."""
    with gateway.database.writing() as session:
        one_time = users.create(session, name=name, role=role, actor="test", now=gateway.now())
    browser = Browser(client)
    browser.login(name, one_time)
    browser.post("/console/password", old=one_time, new=PASSWORD, again=PASSWORD)
    return browser


@pytest.fixture
def agent(client: TestClient, gateway: Gateway) -> Browser:
    """An agent at the console."""
    return person(client, gateway, name="camille", role=Role.AGENT)


@pytest.fixture
def lead(client: TestClient, gateway: Gateway) -> Browser:
    """A lead at the console."""
    return person(client, gateway, name="dominique", role=Role.LEAD)


@pytest.fixture
def customer(client: TestClient) -> Customer:
    """Somebody in the widget."""
    return Customer(client)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """The gateway's tables, blank."""
    opened = open_database(f"sqlite:///{tmp_path / 'gateway.db'}")
    Table.metadata.create_all(opened.engine)
    yield opened
    opened.close()
