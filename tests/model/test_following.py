"""One message through the real gateway, bot and actions: one trace, one id in three logs, its stages in the metrics."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from ecrin.cli import seed_demo_shop
from ecrin.settings import Settings
from ecrin.supervisor import Stack, free_port
from tests.gateway.metrics import Scraped, scrape
from tests.gateway.running import WidgetUser, eventually
from tests.otlp import Collector, Span, collector

ORDER, EMAIL = "BJ-900127", "octave.perignon@example.com"
ASKED = f"où est ma commande {ORDER} ? mon e-mail est {EMAIL}, je m’appelle Perignon"


@dataclass(frozen=True)
class Followed:
    """What was told of one message."""

    answer: str
    spans: list[Span]
    logs: dict[str, list[dict[str, Any]]]
    raw: dict[str, str]
    metrics: Scraped


@pytest.fixture(scope="module")
def followed(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Followed]:
    """A whole installation of its own, which sends its traces to a collector, asked one question."""
    port = free_port()
    settings = Settings(_env_file=None).model_copy(
        update={
            "host": "127.0.0.1",
            "port": port,
            "public_url": f"http://127.0.0.1:{port}",
            "var": tmp_path_factory.mktemp("followed"),
        }
    )
    seed_demo_shop(settings)
    with collector() as found, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", found.endpoint)
        patch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
        with Stack(settings, model) as stack, httpx.Client(base_url=stack.gateway_url, timeout=30) as client:
            opened = client.post("/api/widget/conversations", json={"shop_session": None})
            user = WidgetUser(client=client, **opened.json())
            user.say(ASKED)
            (answer,) = user.answers(count=1, seconds=60)
            spans = _of_the_message(found)
            metrics = scrape(client)
        raw = {path.stem: path.read_text(encoding="utf-8") for path in (settings.var / "logs").glob("*.log")}
        yield Followed(answer, spans, {part: _lines(text) for part, text in raw.items()}, raw, metrics)


def _of_the_message(found: Collector) -> list[Span]:
    (whole,) = eventually(lambda: found.named("ecrin-gateway", "message"), seconds=30)
    return found.trace_of(whole)


def _lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def test_the_message_is_answered_from_the_order(followed: Followed) -> None:
    assert "La Poste" in followed.answer


def test_one_trace_runs_through_three_services(followed: Followed) -> None:
    assert len({span.trace for span in followed.spans}) == 1
    assert {span.service for span in followed.spans} == {"ecrin-gateway", "ecrin-bot", "ecrin-actions"}


@pytest.mark.parametrize(
    ("service", "names"),
    [
        ("ecrin-gateway", {"message", "receive", "wait", "bot", "commit"}),
        (
            "ecrin-bot",
            {"answer", "parse", "predict", "actions", "SentenceEncoder", "IntentClassifier", "DoubtDecision"},
        ),
        ("ecrin-actions", {"action", "shop", "policy", "render"}),
    ],
)
def test_what_each_service_does_has_a_span(followed: Followed, service: str, names: set[str]) -> None:
    assert names <= {span.name for span in followed.spans if span.service == service}


def test_every_span_hangs_on_another_of_the_same_message(followed: Followed) -> None:
    by_id = {span.id: span for span in followed.spans}
    assert len(by_id) == len(followed.spans)
    (root,) = [span for span in followed.spans if not span.parent]
    assert root.name == "message"
    around = {span.name: by_id[span.parent].name for span in followed.spans if span.parent}
    assert (around["bot"], around["answer"], around["actions"]) == ("message", "bot", "answer")
    assert (around["action"], around["shop"], around["DoubtDecision"]) == ("actions", "action", "parse")


def test_spans_lie_inside_those_around_them(followed: Followed) -> None:
    by_id = {span.id: span for span in followed.spans}
    slack = 5_000_000
    for span in followed.spans:
        assert span.start <= span.end
        if (outer := by_id.get(span.parent)) is not None and outer.name != "message":
            assert outer.start - slack <= span.start, span
            assert span.end <= outer.end + slack, span


def test_nothing_of_the_customer_is_in_the_trace(followed: Followed) -> None:
    told = repr(followed.spans).lower()
    for word in ("octave", "perignon", "900127", "commande"):
        assert word not in told


@pytest.mark.parametrize("part", ["gateway", "bot", "actions"])
def test_each_log_names_the_message_by_its_trace_and_conversation(followed: Followed, part: str) -> None:
    (root,) = [span for span in followed.spans if not span.parent]
    own = [line for line in followed.logs[part] if line.get("trace") == root.trace]
    assert own, followed.raw[part]
    assert {line["service"] for line in own} == {part}
    assert {line.get("conversation") for line in own} == {root.attributes["ecrin.conversation"]}


@pytest.mark.parametrize("part", ["gateway", "bot", "actions"])
def test_no_log_holds_anything_of_the_customer(followed: Followed, part: str) -> None:
    for word in ("octave", "perignon", "900127", "où est"):
        assert word not in followed.raw[part].lower()


@pytest.mark.parametrize("part", ["bot", "actions"])
def test_all_that_is_logged_after_the_start_is_json(followed: Followed, part: str) -> None:
    lines = [line for line in followed.raw[part].splitlines() if line.strip()]
    first = next(place for place, line in enumerate(lines) if line.startswith("{"))
    assert [line for line in lines[first:] if not line.startswith("{")] == []


@pytest.mark.parametrize("stage", ["receive", "wait", "bot", "parse", "actions", "action", "shop", "policy", "commit"])
def test_stages_of_every_process_are_in_the_one_scrape(followed: Followed, stage: str) -> None:
    assert followed.metrics.value("ecrin_stage_seconds_count", stage=stage) == 1


def test_the_model_and_the_texts_are_known(followed: Followed, model: Path) -> None:
    assert followed.metrics.value("ecrin_model_answers_total", model=model.name) == 1
    for part in ("database", "bot", "actions", "shop", "texts", "outbox"):
        assert followed.metrics.value("ecrin_ready", part=part) == 1
