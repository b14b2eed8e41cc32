"""Starts the bot: Rasa's agent behind `bot.channel`, on loopback, with nothing of Rasa's own HTTP API open.

`python -m bot.server --model FILE --port N --actions URL --tracker-store URL` with the shared token in `ECRIN_BOT_TOKEN`.
"""

from __future__ import annotations

import argparse
import logging
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from rasa.core.agent import Agent
from rasa.core.lock_store import InMemoryLockStore, LockStore
from rasa.core.run import configure_app
from rasa.core.tracker_store import TrackerStore
from rasa.utils.endpoints import EndpointConfig

from bot import remote_actions
from bot.channel import EcrinInput

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from sanic import Sanic

_MAX_BODY_BYTES = 64 * 1024


async def load_agent(*, model: Path, actions_url: str, tracker_store: str, lock_store: str) -> Agent:
    """Load the trained model; raises instead of answering without one, as Rasa's own loader would."""
    tracker = EndpointConfig(type="SQL", **_sql_options(tracker_store))
    agent = Agent(
        tracker_store=TrackerStore.create(tracker),
        lock_store=LockStore.create(EndpointConfig(type="redis", url=lock_store))
        if lock_store
        else InMemoryLockStore(),
        action_endpoint=EndpointConfig(url=actions_url),
    )
    agent.load_model(str(model))
    return agent


def _sql_options(url: str) -> dict[str, str]:
    """Turn a database URL into the options of Rasa's SQLTrackerStore."""
    dialect, _, rest = url.partition("://")
    if dialect == "sqlite":
        return {"dialect": "sqlite", "db": rest.removeprefix("/")}
    return {"dialect": url, "db": rest.rpartition("/")[2]}


async def _attach_agent(options: argparse.Namespace, app: Sanic, loop: AbstractEventLoop) -> None:
    app.ctx.agent = await load_agent(
        model=options.model,
        actions_url=options.actions,
        tracker_store=options.tracker_store,
        lock_store=options.lock_store,
    )


def main() -> None:
    """Parse the command line and serve until stopped."""
    parser = argparse.ArgumentParser(prog="bot.server")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--actions", required=True)
    parser.add_argument("--tracker-store", required=True)
    parser.add_argument("--lock-store", default="")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    # Rasa logs customers' words at debug level through structlog; only warnings may pass.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    remote_actions.make_cheap()
    app = configure_app([EcrinInput(os.environ["ECRIN_BOT_TOKEN"])], enable_api=False)
    app.config.REQUEST_MAX_SIZE = _MAX_BODY_BYTES
    app.register_listener(partial(_attach_agent, options), "before_server_start")
    app.run(host="127.0.0.1", port=options.port, access_log=False, motd=False)


if __name__ == "__main__":
    main()
