"""The bot's stores on PostgreSQL and Redis: their tests need Rasa and run in the bot's environment, started from here."""

from __future__ import annotations

import os
import subprocess

from ecrin.nlu_worker import BOT_PYTHON, QUIET
from ecrin.settings import ROOT
from tests.postgres import PostgresServer
from tests.redis import RedisServer


def test_the_bots_stores_on_real_servers(postgres: PostgresServer, redis: RedisServer) -> None:
    with postgres.database() as name:
        named = {"ECRIN_TEST_POSTGRES": postgres.url(name), "ECRIN_TEST_REDIS": redis.url}
        run = subprocess.run(
            [
                *(str(BOT_PYTHON), "-m", "pytest", "tests/bot/test_stores.py", "-q", "-rs"),
                *("-c", "/dev/null", "--rootdir", ".", "-p", "no:cacheprovider"),
            ],
            cwd=ROOT,
            env={**os.environ, **QUIET, **named},
            capture_output=True,
            text=True,
            check=False,
        )
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    assert "skipped" not in run.stdout, run.stdout
