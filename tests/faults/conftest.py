"""One installation a session on embedded databases, run from a checkout and a disk of its own that tests may break."""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.texts import load_texts
from tests.faults.customers import Expected, calm_answers
from tests.faults.disk import small_disk
from tests.faults.site import Site, copied_checkout, running_site, settings_for

SEED = "ECRIN_FAULTS_SEED"
"""Names the seed of a run that failed, to break things at the same moments again."""


@pytest.fixture
def chance() -> random.Random:
    """When things break. The seed is printed, and so shown with a failure."""
    seed = int(os.environ.get(SEED, secrets.randbelow(10**6)))
    print(f"{SEED}={seed}")
    return random.Random(seed)


@pytest.fixture(scope="session")
def wide_rates() -> Iterator[None]:
    """All customers of a test share one address."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("ADDRESS", "OPENING", "SENDER"):
            patch.setenv(f"ECRIN_GATEWAY_{name}_RATE", "1000000/60")
        yield


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout the installation runs from."""
    return copied_checkout(tmp_path_factory.mktemp("faults") / "checkout")


@pytest.fixture(scope="session")
def shared_site(
    model: Path, checkout: Path, wide_rates: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """Started once; `site` is how a test gets it."""
    with (
        small_disk(tmp_path_factory.mktemp("disk")) as disk,
        running_site(settings_for(disk / "var"), model=model, root=checkout) as running,
    ):
        yield running


@pytest.fixture
def site(shared_site: Site) -> Site:
    """The installation, well again whatever an earlier test broke."""
    shared_site.until_ready()
    shared_site.forget_the_past()
    return shared_site


@pytest.fixture(scope="session")
def expected(shared_site: Site) -> Expected:
    """What customers must get."""
    honest = load_texts(now=datetime.now(UTC)).technical_problem
    return Expected(answers=calm_answers(shared_site), honest=honest)
