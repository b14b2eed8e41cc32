"""The numbers of a period, on the page and as CSV."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from gateway.console.numbers.charts import columns, rows
from tests.console.conftest import Browser
from tests.console.test_conversations import Customer
from tests.gateway.fake_bot import FakeBot, reply


def test_what_happened_is_counted(client: TestClient, agent: Browser, bot: FakeBot) -> None:
    bot.answers["retour ?"] = [reply("…", trace={"decision": "answer", "entry": "return_order"})]
    bot.answers["gravure ?"] = [reply("…", trace={"decision": "reject"})]
    content, lost = Customer(client), Customer(client)
    content.says("retour ?")
    lost.says("gravure ?")
    lost.asks_for_a_person()
    client.post("/api/widget/rating", json={"score": 1}, headers=content.headers)
    lines = [line.split(";") for line in agent.get("/console/numbers.csv").text.lstrip("\ufeff").split()]
    told = {(measure, key): value for measure, key, value in lines}
    assert told["total_conversations", ""] == "2"
    assert told["total_alone", ""] == "0.5"
    assert told["total_not_understood", ""] == "1"
    assert told["total_satisfaction", ""] == "1.0"
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


def test_bars_fill_the_chart() -> None:
    low, high = columns([("a", 1), ("b", 2)])
    assert (low.height, high.height, high.y) == (90.0, 180.0, 0.0)
    assert columns([]) == []
    assert columns([("a", 0)])[0].height == 0
    assert rows([("a", 4), ("b", 1)]) == [("a", 4, 100), ("b", 1, 25)]
