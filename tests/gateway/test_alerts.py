"""Alarms and the operators' table speak of series that exist, with the labels they have."""

from __future__ import annotations

import re
from typing import Any

import pytest
from prometheus_client import generate_latest
from ruamel.yaml import YAML

from ecrin.settings import ROOT
from ecrin.stages import Stage
from gateway.metrics import Metrics
from gateway.replies import Reply
from gateway.store.backlog import Backlog
from gateway.store.tables import Channel
from tests.gateway.metrics import Scraped

RULES: list[dict[str, Any]] = [
    rule
    for group in YAML(typ="safe", pure=True).load((ROOT / "deploy/prometheus/alerts.yml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
DOCUMENT = (ROOT / "docs" / "observability.md").read_text(encoding="utf-8")

_SELECTOR = re.compile(r"\b((?:ecrin|process)_\w+|up)\b(?:\{([^}]*)\})?")
_PROMETHEUS_ADDS = {"job", "instance"}
_NOT_OURS = {"up"}


@pytest.fixture(scope="module")
def exposed() -> Scraped:
    """Every series of a gateway in which everything has happened once."""
    metrics = Metrics()
    trace = {"intent": "track_order", "decision": "answer"}
    metrics.ready.labels("bot").set(1)
    metrics.received(Channel.WIDGET, "text", is_repeat=False)
    metrics.received(Channel.WIDGET, "text", is_repeat=True)
    metrics.answered(Channel.WIDGET, "answered", [Reply(text="", trace=trace)])
    metrics.answered_by("ecrin-1.tar.gz", "7")
    metrics.reply.labels(Channel.WIDGET).observe(0.1)
    metrics.staged([Stage("bot", "parse", "a" * 16, "b" * 16, 0, 1)])
    metrics.handed_over(["asked"])
    metrics.bot_failed("status_500", is_final=True)
    metrics.delivered(Channel.WHATSAPP, "retry", "graph_500_1")
    metrics.failed("commit")
    metrics.responded("/healthz", 200)
    nothing = Backlog(**dict.fromkeys(Backlog.__slots__, 0))
    metrics.watch(streams=lambda: 0, backlog=lambda: nothing)
    return Scraped(generate_latest(metrics.registry).decode())


def labels_of(name: str, exposed: Scraped) -> set[str]:
    """The labels a series has."""
    return {label for (found, labels), _ in exposed.samples.items() if found == name for label, _ in labels}


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_an_alarm_speaks_of_series_that_exist(rule: dict[str, Any], exposed: Scraped) -> None:
    selectors = _SELECTOR.findall(rule["expr"])
    assert selectors
    for name, matchers in selectors:
        assert name in exposed.names() | _NOT_OURS, f"{rule['alert']}: no series is called {name}"
        wanted = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers))
        assert wanted <= labels_of(name, exposed) | _PROMETHEUS_ADDS, f"{rule['alert']}: {name} has no such label"


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_an_alarm_groups_and_speaks_by_labels_that_are_there(rule: dict[str, Any], exposed: Scraped) -> None:
    kept = {label for group in re.findall(r"by \(([\w, ]+)\)", rule["expr"]) for label in group.split(", ")}
    there = {label for name, _ in _SELECTOR.findall(rule["expr"]) for label in labels_of(name, exposed)}
    assert kept <= there
    assert set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"]))) <= kept


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_an_alarm_says_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert set(rule["annotations"]) == {"summary", "description"}
    assert rule["alert"] in DOCUMENT


def test_the_document_names_every_series_and_no_other(exposed: Scraped) -> None:
    ours = {name for name in exposed.names() if name.startswith("ecrin_") and not name.endswith("_sum")}
    ours = {name.removesuffix("_bucket").removesuffix("_count") if "_seconds_" in name else name for name in ours}
    told = set(re.findall(r"`(ecrin_\w+)`", DOCUMENT))
    assert told == ours
