"""Who gets in, and how far."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import jwt
import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from ecrin.settings import Settings
from gateway.console import passwords, session, users
from gateway.console.audit import Action
from gateway.console.tables import ApiToken, AuditEntry, Role, User
from gateway.console.tokens import create_token
from gateway.context import Gateway
from tests.console.conftest import PASSWORD, Browser


def actions(gateway: Gateway) -> list[str]:
    with gateway.database.reading() as reading:
        return list(reading.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_the_first_start_makes_one_lead_and_tells_the_password_once(
    client: TestClient, gateway: Gateway, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with gateway.database.reading() as reading:
        (first,) = reading.scalars(select(User)).all()
    assert (first.name, first.role, first.must_change) == (users.FIRST_NAME, Role.LEAD, True)
    assert first.password_hash.startswith("$argon2id$")
    assert users.first_lead(settings) is None


def test_the_first_password_opens_only_the_page_that_changes_it(settings: Settings) -> None:
    from gateway.app import create_app

    one_time = users.first_lead(settings)
    assert one_time is not None
    with TestClient(create_app(settings)) as client:
        browser = Browser(client)
        assert browser.login(users.FIRST_NAME, one_time).url.path == "/console/password"
        page = browser.get("/console")
        assert page.url.path == "/console/password"
        # A part that asked the server again would be sent here each time, and the page would never stand still.
        assert "hx-get" not in page.text
        assert browser.post("/console/password", old=one_time, new=PASSWORD, again=PASSWORD).url.path == "/console"


@pytest.mark.parametrize(
    ("new", "again", "told"),
    [
        ("trop court", "trop court", "au moins 12 caractères"),
        ("une autre phrase longue", "une autre phrase", "diffèrent"),
        (PASSWORD, PASSWORD, "différent de l’actuel"),
    ],
)
def test_a_password_that_will_not_do(agent: Browser, new: str, again: str, told: str) -> None:
    agent.get("/console/password")
    response = agent.post("/console/password", old=PASSWORD, new=new, again=again)
    assert response.status_code == 422
    assert told in response.text


@pytest.mark.parametrize("path", ["/console", "/console/people", "/console/audit", "/console/password"])
def test_pages_are_behind_the_login(client: TestClient, path: str) -> None:
    assert client.get(path).url.path == "/console/login"


def test_a_wrong_password_and_an_unknown_name_are_told_the_same(client: TestClient, agent: Browser) -> None:
    agent.get("/console")
    agent.post("/console/logout")
    wrong = agent.login("camille", "pas le bon")
    unknown = agent.login("personne", "pas le bon")
    assert wrong.status_code == unknown.status_code == 401
    assert "Identifiant ou mot de passe incorrect." in wrong.text
    assert wrong.text.count("incorrect") == unknown.text.count("incorrect")


def test_guessing_is_slowed(client: TestClient) -> None:
    browser = Browser(client)
    answers = [browser.login("camille", "au hasard").status_code for _ in range(11)]
    assert answers[-1] == 429


def test_after_the_login_one_lands_where_one_wanted(client: TestClient, lead: Browser) -> None:
    lead.post("/console/logout")
    asked = lead.get("/console/audit?actor=camille")
    assert "/console/audit?actor=camille" in asked.text
    found = lead.post("/console/login", name="dominique", password=PASSWORD, next="/console/audit?actor=camille")
    assert str(found.url).endswith("/console/audit?actor=camille")


@pytest.mark.parametrize("next", ["https://evil.example/", "//evil.example", "/console\\@evil.example", "/consoler"])
def test_nobody_is_sent_elsewhere(client: TestClient, agent: Browser, next: str) -> None:
    agent.get("/console")
    agent.post("/console/logout")
    agent.get("/console/login")
    assert agent.post("/console/login", name="camille", password=PASSWORD, next=next).url.path == "/console"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client: TestClient, agent: Browser) -> None:
    agent.post("/console/logout")
    agent.get("/console/login")
    form = {"form_token": agent.token, "name": "camille", "password": PASSWORD}
    cookies = client.post("/console/login", data=form, follow_redirects=False).headers.get_list("set-cookie")
    (ours,) = [cookie for cookie in cookies if cookie.startswith(f"{session.COOKIE}=")]
    assert all(part in ours for part in ("HttpOnly", "SameSite=lax", "Path=/console", "Max-Age=28800"))


def test_a_session_ends(client: TestClient, agent: Browser, gateway: Gateway) -> None:
    secret = gateway.settings.session_secret.get_secret_value()
    claims = {
        "sub": "2",
        "epoch": 1,
        "jti": "x",
        "aud": "ecrin:console",
        "exp": datetime.now(UTC) - timedelta(seconds=1),
    }
    client.cookies.set(session.COOKIE, jwt.encode(claims, secret, algorithm="HS256"), path="/console")
    assert agent.get("/console").url.path == "/console/login"


def test_a_widget_token_is_no_session(client: TestClient, gateway: Gateway) -> None:
    opened = client.post("/api/widget/conversations", json={}).json()
    client.cookies.set(session.COOKIE, opened["token"], path="/console")
    assert client.get("/console").url.path == "/console/login"


def test_logging_out_ends_the_session_even_for_a_copied_cookie(client: TestClient, agent: Browser) -> None:
    kept = client.cookies.get(session.COOKIE)
    assert kept
    agent.post("/console/logout")
    client.cookies.set(session.COOKIE, kept, path="/console")
    assert agent.get("/console").url.path == "/console/login"


@pytest.mark.parametrize("token", ["", "faux"])
def test_a_form_without_its_token_changes_nothing(lead: Browser, gateway: Gateway, token: str) -> None:
    response = lead.post("/console/people", form_token=token, name="intrus", role="lead")
    assert response.status_code == 403
    with gateway.database.reading() as reading:
        assert users.by_name(reading, "intrus") is None


def test_a_login_form_of_another_site_is_refused(client: TestClient, agent: Browser) -> None:
    fresh = TestClient(client.app)
    form = {"name": "camille", "password": PASSWORD, "form_token": "x"}
    assert fresh.post("/console/login", data=form).status_code == 403


@pytest.mark.parametrize("path", ["/console/people", "/console/audit"])
def test_the_leads_pages_are_closed_to_agents(agent: Browser, path: str) -> None:
    assert agent.get(path).status_code == 403
    assert path not in agent.get("/console").text


def test_a_lead_makes_an_account_locks_it_and_resets_its_password(lead: Browser, gateway: Gateway) -> None:
    made = lead.post("/console/people", name="Sacha", role="agent")
    assert "Mot de passe provisoire de <strong>sacha</strong>" in made.text
    assert lead.post("/console/people", name="sacha", role="agent").status_code == 422
    assert "provisoire de" in lead.post("/console/people/sacha/password").text
    lead.post("/console/people/sacha/access", allowed="false")
    with gateway.database.reading() as reading:
        sacha = users.by_name(reading, "sacha")
    assert sacha is not None
    assert (sacha.is_active, sacha.epoch) == (False, 2)
    assert lead.post("/console/people/dominique/access", allowed="false").status_code == 422
    assert Action.USER_DISABLED in actions(gateway)
    assert "compte désactivé" in lead.get("/console/audit").text


def test_a_key_is_kept_as_a_hash_and_opens_the_api(client: TestClient, gateway: Gateway, settings: Settings) -> None:
    token = create_token(settings, Role.AGENT)
    with gateway.database.reading() as reading:
        (kept,) = reading.scalars(select(ApiToken)).all()
    assert token not in kept.token_hash
    assert len(token) > 40
    answer = client.post("/api/preview", json={"text": "bonjour"}, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


def test_passwords_are_compared_even_for_nobody() -> None:
    assert not passwords.fits("x", None)
    assert passwords.fits(PASSWORD, passwords.hashed(PASSWORD))


def test_every_page_has_the_strict_policy(agent: Browser) -> None:
    for path in ("/console", "/console/login", "/console/people"):
        response = agent.get(path)
        assert "script-src 'self'" in response.headers["content-security-policy"]
        assert "unsafe-inline" not in response.headers["content-security-policy"]
        assert response.headers["cache-control"] == "no-store"
        assert " style=" not in response.text
        assert "<script>" not in response.text
