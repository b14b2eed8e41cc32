"""What several tests of many processes over one PostgreSQL share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.migrations import upgrade
from gateway.store.database import open_database
from tests.postgres import PostgresServer


@pytest.fixture(scope="session")
def migrated(postgres: PostgresServer) -> Iterator[str]:
    """The name of a blank database at the gateway's present schema: every test gets a copy."""
    with postgres.database() as name:
        database = open_database(postgres.url(name))
        upgrade(database.engine)
        database.close()
        yield name
