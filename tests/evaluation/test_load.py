"""What surrounds the measuring under load: the search for the most messages a second, and what is written of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ecrin.evaluation import load_driver
from ecrin.evaluation.labelled import Labelled
from ecrin.evaluation.load import Load, as_markdown, talk, write
from ecrin.evaluation.load_driver import Driven, Plan, cpu_s, drive, most
from ecrin.evaluation.load_servers import System
from ecrin.evaluation.soak import soak
from ecrin.nlu_worker import WorkerError
from tests.gateway.conftest import bot, migrated, running, settings, tuning, var  # noqa: F401
from tests.gateway.fake_bot import FakeBot
from tests.gateway.local_server import Given, local_server
from tests.gateway.running import Running

PLAN = Plan(first=["bonjour"], texts=["et ensuite"])
LOAD = Load(
    messages_per_s=40.0,
    p50_ms=30.0,
    p99_ms=90.0,
    cpu_ms={"gateway": 10.0, "bot": 10.0},
    per_core=50.0,
    turn_p50_ms={"1": 20.0, "25": 20.0, "75": 21.0, "150": 20.0},
    rss_start_mb=1000.0,
    rss_end_mb=1010.0,
    conversations=600,
    cold_start_s=9.0,
)


@pytest.fixture
def holds(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], list[int]]:
    """A system that answers in time up to so many messages a second; gives the rates it was asked for."""

    def make(limit: int) -> list[int]:
        asked: list[int] = []

        def drive(plan: Plan, pids: object) -> Driven:
            asked.append(plan.users)
            ms = 50.0 if plan.users <= limit else 900.0
            return Driven(times=((1, ms),) * plan.users * 10, seconds=10.0)

        monkeypatch.setattr(load_driver, "drive", drive)
        return asked

    return make


@pytest.mark.parametrize("limit", [4, 5, 23, 100])
def test_the_most_is_found_within_an_eighth(holds: Callable[[int], list[int]], limit: int) -> None:
    asked = holds(limit)
    best = most(PLAN, {})
    assert best is not None
    assert limit - max(1, limit // 8) <= best.rate <= limit
    assert len(asked) <= 10


def test_a_system_too_slow_for_the_first_step_has_no_most(holds: Callable[[int], list[int]]) -> None:
    holds(0)
    assert most(PLAN, {}) is None


def test_customers_that_queue_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quick answers to few of the messages that were wanted."""

    def drive(plan: Plan, pids: object) -> Driven:
        return Driven(times=((1, 10.0),) * min(plan.users, 6), seconds=1.0)

    monkeypatch.setattr(load_driver, "drive", drive)
    best = most(PLAN, {})
    assert best is not None
    assert best.rate <= 6


def test_customers_talk_through_a_real_gateway(running: Running, bot: FakeBot) -> None:  # noqa: F811
    plan = Plan(first=["bonjour"], texts=["et ensuite"], gateways=(running.url,), users=2, turns=3, conversations=4)
    driven = drive(plan, {"all": (os.getpid(),)})
    assert sorted(turn for turn, _ in driven.times) == sorted([1, 2, 3] * 4)
    assert sorted(bot.texts()) == sorted(["bonjour"] * 4 + ["et ensuite"] * 8)
    assert driven.cpu_ms["all"] > 0
    assert driven.ms(0.5, turns=range(1, 2)) > 0


@pytest.mark.integration
def test_a_steady_load_tells_the_memory_while_it_lasts(running: Running, bot: FakeBot) -> None:  # noqa: F811
    lines: list[str] = []
    system = System(gateways=(running.url,), pids={"gateway": (os.getpid(),)})
    plan = Plan(first=["bonjour"], texts=["et ensuite"], gateways=system.gateways)
    soaked = soak(system, plan, seconds=4, every_s=1, tell=lines.append)
    begun, *between, ended = soaked.looks
    assert between
    assert begun[0] < ended[0]
    assert all(memory["gateway"] > 1 for _, memory in soaked.looks)
    assert len(soaked.driven.times) >= 5
    assert len(lines) == len(soaked.looks) + 1


@pytest.mark.integration
def test_customers_talk_to_rasas_rest_channel() -> None:
    with local_server(lambda seen: Given(body=[{"text": "answer"}])) as server:
        drive(Plan(first=["bonjour"], texts=["suite"], rest=server.url, users=1, turns=2, conversations=1), {})
        said = [seen.json for seen in server.seen]
    assert [one["message"] for one in said] == ["bonjour", "suite"]
    assert len({one["sender"] for one in said}) == 1


@pytest.mark.integration
def test_a_message_that_fails_spoils_the_measurement() -> None:
    with (
        local_server(lambda seen: Given(status=500)) as server,
        pytest.raises(WorkerError, match="messages failed under load"),
    ):
        drive(Plan(first=["a"], texts=["b"], rest=server.url, users=1, turns=1, conversations=2), {})


def test_cpu_time_grows_with_work() -> None:
    child = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        before = cpu_s(child.pid)
        deadline = time.monotonic() + 30
        while cpu_s(child.pid) < before + 0.2:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        child.kill()
        child.wait()


def test_the_figures_stand_beside_those_of_the_bench(tmp_path: Path) -> None:
    out, docs = tmp_path / "bench.json", tmp_path / "benchmarks.md"
    out.write_text(json.dumps({"ecrin": {"accuracy": 1}, "notes": []}), encoding="utf-8")
    table = write({"ecrin": LOAD, "rasa_default": LOAD}, out=out, docs=docs, command="make bench")
    told = json.loads(out.read_text(encoding="utf-8"))
    assert told["ecrin"] == {"accuracy": 1}
    assert told["load"]["rasa_default"]["messages_per_s"] == 40.0
    assert table in docs.read_text(encoding="utf-8")


def test_every_system_is_a_column() -> None:
    lines = as_markdown({"ecrin": LOAD, "rasa_default": LOAD}, command="make bench").splitlines()
    cells: Sequence[str] = [line for line in lines if line.startswith("| reply p50 at message")]
    assert len(cells) == 4
    assert all(line.count("|") == 4 for line in cells)


def test_customers_name_an_order_first_and_ask_nothing_out_of_scope() -> None:
    plan = talk([Labelled("où est mon colis", "track_order"), Labelled("quel temps fait-il", "out_of_scope")])
    assert plan.texts == ["où est mon colis"]
    assert all("@" in text for text in plan.first)
