"""Starts the bot: Rasa's agent behind `bot.channel`, on loopback, with nothing of Rasa's own HTTP API open.

`python -m bot.server --model FILE --port N --actions URL`. The shared token is in `ECRIN_BOT_TOKEN`. The databases hold
passwords, so their URLs come from `ECRIN_TRACKER_DATABASE_URL` and `ECRIN_REDIS_URL` too, which `ps` does not show.
"""

from __future__ import annotations

import argparse
import logging
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rasa.core.agent import Agent
from rasa.core.channels.channel import register
from sanic import Sanic

from bot import rasa_costs, remote_actions, stores
from bot.channel import EcrinInput
from ecrin.logs import configure_logs
from ecrin.memory import keep_loaded

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

_MAX_BODY_BYTES = 64 * 1024
_KEEP_OPEN_S = 120
"""How long a connection of the gateway stays open between two messages."""


class ModelUnusable(RuntimeError):
    """The archive is broken, of another version or incomplete; the message says which and what to do."""


async def load_agent(*, model: Path, actions_url: str, tracker_store: str, lock_store: str) -> Agent:
    """Load the trained model; raises instead of answering without one, as Rasa's own loader would."""
    agent = Agent(lock_store=stores.locks(lock_store), action_endpoint=remote_actions.ActionServer(actions_url))
    # Handed to the constructor, Rasa would wrap it in a store that goes on in memory when the database fails.
    agent.tracker_store = stores.Conversations(tracker_store)
    try:
        agent.load_model(str(model))
    except Exception as error:
        reason = str(error) or type(error).__name__
        raise ModelUnusable(
            f"the model {model} cannot be loaded ({reason}): train one with 'make train', or name an earlier one with "
            "ECRIN_MODEL"
        ) from error
    return agent


async def _leave_actions(app: Sanic, loop: AbstractEventLoop) -> None:
    await app.ctx.agent.action_endpoint.close()


async def _attach_agent(options: argparse.Namespace, app: Sanic, loop: AbstractEventLoop) -> None:
    app.ctx.agent = await load_agent(
        model=options.model,
        actions_url=options.actions,
        tracker_store=options.tracker_store,
        lock_store=options.lock_store,
    )
    keep_loaded()


def main() -> None:
    """Parse the command line and serve until stopped."""
    parser = argparse.ArgumentParser(prog="bot.server")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--host", default="127.0.0.1", help="of a private network only: a token is all that guards it")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--actions", required=True)
    parser.add_argument("--tracker-store", default=os.environ.get("ECRIN_TRACKER_DATABASE_URL", ""))
    parser.add_argument("--lock-store", default=os.environ.get("ECRIN_REDIS_URL", ""))
    options = parser.parse_args()
    if not options.tracker_store:
        parser.error("set ECRIN_TRACKER_DATABASE_URL, or give --tracker-store")
    # Rasa logs customers' words at debug level; of libraries only warnings may pass, redacted.
    configure_logs("bot", libraries=logging.WARNING, ours=("bot",))
    remote_actions.make_cheap()
    rasa_costs.spare()
    # Rasa's own application answers browsers of other sites too, which costs each message; no browser comes here.
    app = Sanic("ecrin_bot", configure_logging=False)
    register([EcrinInput(os.environ["ECRIN_BOT_TOKEN"])], app, route="/webhooks/")
    app.config.REQUEST_MAX_SIZE = _MAX_BODY_BYTES
    app.config.KEEP_ALIVE_TIMEOUT = _KEEP_OPEN_S
    app.register_listener(partial(_attach_agent, options), "before_server_start")
    app.register_listener(_leave_actions, "after_server_stop")
    app.run(host=options.host, port=options.port, access_log=False, motd=False)


if __name__ == "__main__":
    main()
