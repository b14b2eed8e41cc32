"""kill -9 and SIGSTOP of each part at a random moment, while customers talk."""

from __future__ import annotations

import random
import re
import signal
import time

import pytest

from ecrin.supervisor import Part
from tests.faults.customers import Expected, talking
from tests.faults.site import Site

DOWN: dict[Part, dict[str, str]] = {
    "actions": {"actions": "down", "bot": "ok"},
    "bot": {"actions": "down", "bot": "down"},
    "gateway": {},
}
"""What `/readyz` says of the parts beside the killed one; nothing when it is the gateway itself."""


@pytest.mark.parametrize("part", ["gateway", "actions", "bot"])
def test_kill_9_under_load(site: Site, expected: Expected, chance: random.Random, part: Part) -> None:
    first = site.pid(part)
    with talking(site, expected, chance=chance):
        time.sleep(chance.uniform(0.2, 2.0))
        site.signal(part, signal.SIGKILL)
        said = site.until_unready()
        assert DOWN[part].items() <= said.items()
        site.until_ready()
    assert site.pid(part) != first
    assert any(f"{part} ended with code -9: starting it again" in line for line in site.told)


def test_a_bot_that_hangs_is_started_again(
    site: Site, expected: Expected, chance: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A test waits for fewer questions without an answer than an operator does.
    monkeypatch.setattr(site.stack, "most_misses", 3)
    first = site.pid("bot")
    with talking(site, expected, chance=chance):
        time.sleep(chance.uniform(0.2, 2.0))
        site.signal("bot", signal.SIGSTOP)
        assert site.until_unready()["bot"] == "down"
        site.until_ready()
    assert site.pid("bot") != first
    assert any("bot has not answered 3 times in a row: killing it" in line for line in site.told)
    # Whichever comes first: the gateway gives the answer up, or the supervisor ends the bot in the middle of it.
    assert re.search(r'ecrin_bot_failures_total\{error="(timeout|broken_off)"', site.metrics())
