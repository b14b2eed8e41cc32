"""A model that is broken, of another version or incomplete does not start a bot that answers from nothing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ecrin.supervisor import Stack, StartError
from tests.faults import broken_models
from tests.faults.site import settings_for

Break = Callable[[Path, Path], None]
REASONS: dict[Break, str] = {
    broken_models.truncated: "ended before the end",
    broken_models.of_another_version: broken_models.OLDER,
    broken_models.without_a_component: broken_models.COMPONENT,
}


def test_it_is_refused_with_the_reason_and_what_to_do(model: Path, tmp_path: Path) -> None:
    def refusal(make: Break) -> str:
        broken = tmp_path / f"{make.__name__}.tar.gz"
        make(model, broken)
        settings = settings_for(tmp_path / make.__name__)
        with pytest.raises(StartError) as refused, Stack(settings, broken, parts=("bot",)):
            pass
        return str(refused.value)

    with ThreadPoolExecutor(max_workers=len(REASONS)) as starts:
        told = dict(zip(REASONS, starts.map(refusal, REASONS), strict=True))
    for make, reason in REASONS.items():
        last = told[make].splitlines()[-1]
        assert f"{make.__name__}.tar.gz" in last
        assert reason in last
        assert "make train" in last
        assert "ECRIN_MODEL" in last
