from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from shop.database import for_writing
from shop.migrations import VERSION_TABLE, configuration, current_revision, upgrade
from shop.models import ShopTable
from shop.repository import SqlShopRepository

OLDEST = "0001"
HEAD = "0002"
ROOT = Path(__file__).parents[2]


def test_a_blank_database_gets_every_table(blank_engine: Engine) -> None:
    upgrade(blank_engine)
    assert set(inspect(blank_engine).get_table_names()) == {*ShopTable.metadata.tables, VERSION_TABLE}


def test_the_migrations_make_what_the_models_say(engine: Engine) -> None:
    options = {"version_table": VERSION_TABLE, "compare_type": True, "compare_server_default": True}
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, ShopTable.metadata) == []


def test_an_older_database_keeps_its_orders(blank_engine: Engine) -> None:
    upgrade(blank_engine, revision=OLDEST)
    with blank_engine.begin() as connection:
        connection.execute(
            text("INSERT INTO customers (id, email, locale, country) VALUES (1, 'a@example.fr', 'fr-FR', 'FR')")
        )
        connection.execute(
            text(
                "INSERT INTO orders (id, number, customer_id, placed_at, status, status_since, payment_method, total,"
                " shipping_fee, country) VALUES (1, 'BJ-104233', 1, '2025-09-16 08:02:00.000000', 'shipped',"
                " '2025-09-16 08:02:00.000000', 'card', 4990, 390, 'FR')"
            )
        )
    upgrade(blank_engine)
    repository = SqlShopRepository(engine=blank_engine)
    assert repository.find_order(number="104233", email="a@example.fr") is not None
    assert repository.promo_code(code="BIENVENUE10", customer_email=None) is None


def test_upgrading_again_does_nothing(engine: Engine) -> None:
    upgrade(engine)
    assert current_revision(engine) == HEAD


def test_a_blank_database_has_no_revision(blank_engine: Engine) -> None:
    assert current_revision(blank_engine) is None


@pytest.mark.integration
def test_two_processes_may_upgrade_at_once(blank_engine: Engine) -> None:
    script = (
        "import sys; from shop.database import *; from shop.migrations import *; upgrade(make_engine(url=sys.argv[1]))"
    )
    url = blank_engine.url.render_as_string(hide_password=False)
    started = [subprocess.Popen([sys.executable, "-c", script, url], cwd=ROOT) for _ in range(2)]
    assert [process.wait(timeout=60) for process in started] == [0, 0]
    assert current_revision(blank_engine) == HEAD


def test_a_failed_upgrade_leaves_nothing(blank_engine: Engine) -> None:
    with blank_engine.begin() as connection:
        connection.execute(text("CREATE TABLE loyalty_entries (id INTEGER)"))
    with pytest.raises(Exception, match="loyalty_entries"):
        upgrade(blank_engine)
    assert inspect(blank_engine).get_table_names() == ["loyalty_entries"]


def test_downgrading_takes_everything_away(engine: Engine) -> None:
    with for_writing(engine).begin() as connection:
        command.downgrade(configuration(connection), "base")
    assert inspect(engine).get_table_names() == [VERSION_TABLE]
