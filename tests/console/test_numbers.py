"""The numbers of a period, on the page and as CSV."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from starlette.testclient import TestClient

from gateway.console.numbers.charts import chart, rows
from gateway.console.numbers.counts import Period, Tally
from gateway.console.pages import ZONE
from tests.console.conftest import Browser
from tests.console.customer import Customer
from tests.gateway.fake_bot import FakeBot, reply


def test_what_happened_is_counted(client: TestClient, agent: Browser, bot: FakeBot) -> None:
    bot.answers["retour ?"] = [reply("…", trace={"entry": "return_order", "sources": ["return_order:short"]})]
    bot.answers["gravure ?"] = [reply("…", trace={"entry": "return_order", "sources": ["conversation:declined"]})]
    bot.answers["BJ-104233"] = [reply("…", trace={"decision": "reject", "sources": ["conversation:ask_email"]})]
    content, lost = Customer(client), Customer(client)
    content.says("retour ?")
    content.says("BJ-104233")
    lost.says("gravure ?")
    lost.asks_for_a_person()
    client.post("/api/widget/rating", json={"score": 1}, headers=content.headers)
    lines = [line.split(";") for line in agent.get("/console/numbers.csv").text.lstrip("\ufeff").split()]
    told = {(measure, key): value for measure, key, value in lines}
    assert told["total_conversations", ""] == "2"
    assert told["total_alone", ""] == "0.5"
    assert told["total_not_understood", ""] == "1"
    assert told["total_satisfaction", ""] == "1.0"
    assert told["widget_alone", ""] == "0.5"
    assert told["whatsapp_alone", ""] == ""
    assert told["handover_reason", "asked_in_widget"] == "1"
    assert told["entry", "return_order"] == "1"
    shown = agent.get("/console/numbers").text
    assert "50 %" in shown
    assert "Comment retourner ma commande" in shown
    assert "total_conversations;;0" in agent.get("/console/numbers.csv?channel=whatsapp").text


@pytest.mark.parametrize(
    "query", ["since=hier", "since=2026-02-01&until=2026-01-01", "channel=fax", "since=2000-01-01"]
)
def test_a_period_that_is_none(agent: Browser, query: str) -> None:
    assert agent.get(f"/console/numbers?{query}").status_code == 422


def test_nothing_happened(agent: Browser) -> None:
    assert agent.get("/console/numbers?since=2020-01-01&until=2020-01-01").status_code == 200


def test_a_long_period_is_shown_by_weeks_that_begin_on_mondays() -> None:
    short, long = (Period(first=date(2026, 11, 4), last=last) for last in (date(2026, 11, 30), date(2027, 2, 28)))
    assert [len(days) for days in short.spans()] == [1] * 27
    weeks = long.spans()
    assert [len(days) for days in weeks] == [5, *[7] * 16]
    assert all(days[0].weekday() == 0 for days in weeks[1:])


def test_the_chart_of_a_long_period_is_drawn(client: TestClient, agent: Browser) -> None:
    Customer(client).says("bonjour")
    today = datetime.now(ZONE).date()
    shown = agent.get(f"/console/numbers?since={today - timedelta(days=200)}").text
    assert "par semaine" in shown
    assert '<rect x="' in shown


def test_nothing_is_shared_by_nobody() -> None:
    nobody = Tally()
    assert (nobody.alone, nobody.satisfaction, nobody.answer_median, nobody.answer_slow) == (None, None, None, None)


def test_bars_fill_the_chart() -> None:
    low, high = chart("x", [("a", [("plain", 1)]), ("b", [("plain", 2)])]).bars
    assert (low.height, high.height, high.y) == (80.0, 160.0, 0.0)
    below, above = chart("x", [("a", [("widget", 3), ("whatsapp", 1)])]).bars
    assert (below.y, below.height, above.y, above.height) == (40.0, 120.0, 0.0, 40.0)
    assert chart("x", []).is_empty
    assert chart("x", [("a", [("plain", 0)])], most=1.0).is_empty
    assert rows([("a", 4), ("b", 1)]) == [("a", 4, 100), ("b", 1, 25)]
