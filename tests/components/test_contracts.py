"""The graph components live in the bot's environment; so do the tests of their contracts, run there from here."""

from __future__ import annotations

import os
import subprocess

import pytest

from ecrin.nlu_worker import BOT_PYTHON, QUIET
from ecrin.settings import ROOT

pytestmark = pytest.mark.model


def test_every_graph_component_keeps_its_contract() -> None:
    run = subprocess.run(
        [
            str(BOT_PYTHON),
            "-m",
            "pytest",
            "tests/bot",
            "-q",
            "-c",
            "/dev/null",
            "--rootdir",
            ".",
            "-p",
            "no:cacheprovider",
        ],
        cwd=ROOT,
        env={**os.environ, **QUIET},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
