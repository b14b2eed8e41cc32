"""Starts the action server on loopback: `python -m actions.server --port N`, settings from the environment."""

from __future__ import annotations

import argparse
import logging
import sys
from datetime import UTC, datetime

from rasa_sdk.endpoint import create_app
from sanic import Sanic
from sanic.response import HTTPResponse, json

from actions.dialogue.services import Services
from actions.dialogue_action import NAMES
from actions.followed import FollowedExecutor, followed
from actions.fresh import FreshAction, FreshServices
from ecrin.logs import configure_logs
from ecrin.memory import keep_loaded
from ecrin.settings import Settings
from kb.check import silencing
from kb.faq import Faq, FaqError
from kb.problems import Problem
from policies.clock import paris_day
from policies.working_days import read_holidays
from privacy.logged import without_identifiers
from privacy.pseudonyms import Pseudonyms
from shop.database import make_engine
from shop.identifiers import OrderNumbers
from shop.repository import SqlShopRepository


def order_numbers(prefix: str) -> OrderNumbers:
    """The spelling of order numbers for a shop's prefix."""
    return OrderNumbers.with_prefix(prefix)


def build_app(settings: Settings) -> Sanic:
    """Wire shop, texts and rules to the actions. Every fault in a text file is an error here, not in a conversation."""
    numbers = order_numbers(settings.order_prefix)
    pseudonyms = Pseudonyms(settings.privacy_key)
    shop = SqlShopRepository(engine=make_engine(url=settings.shop_database), numbers=numbers, pseudonyms=pseudonyms)
    loaded = Services.load(shop=followed(shop), numbers=numbers, pseudonyms=pseudonyms)

    def check(faq: Faq) -> list[Problem]:
        return silencing(faq, loaded.history, day=paris_day(datetime.now(UTC)), vocabulary=loaded.vocabulary)

    services = FreshServices(loaded, check=check)
    executor = FollowedExecutor()
    for name in NAMES:
        executor.register_action(FreshAction(name, services))
    app = create_app(executor, cors_origins=None)

    @app.get("/ready")  # type: ignore[untyped-decorator]
    async def ready(_: object) -> HTTPResponse:
        reachable = shop.ping()
        now = services()
        # Raises, and so is not ready, when no value is in force any more.
        now.history.at(datetime.now(UTC))
        said = {"shop": reachable, "texts": services.is_current, "faq": now.faq.version}
        return json(said, status=200 if reachable else 503)

    return app


def main() -> None:
    """Parse the command line and serve until stopped."""
    parser = argparse.ArgumentParser(prog="actions.server")
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    configure_logs("actions", recognise=without_identifiers, libraries=logging.WARNING, ours=("actions",))
    try:
        app = build_app(Settings())
    except FaqError as error:
        sys.exit(
            f"{error}\nthe texts cannot be used: mend these lines ('ecrin kb check' shows them too) and start again"
        )
    read_holidays()
    keep_loaded()
    app.run(host="127.0.0.1", port=options.port, single_process=True, access_log=False, motd=False)


if __name__ == "__main__":
    main()
