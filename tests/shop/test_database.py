from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from shop.database import default_url, make_engine, sqlite_url


def test_sqlite_is_prepared_for_several_processes(tmp_path: Path) -> None:
    engine = make_engine(url=sqlite_url(tmp_path / "new" / "shop.db"))
    with engine.connect() as connection:
        pragmas = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "foreign_keys", "busy_timeout")
        }
    engine.dispose()
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 5000}


def test_the_embedded_database_lies_under_var() -> None:
    assert default_url(root=Path("/srv/ecrin")) == "sqlite:////srv/ecrin/var/shop.db"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_goes_through_psycopg(scheme: str) -> None:
    engine = make_engine(url=f"{scheme}://ecrin@127.0.0.1:1/shop")
    assert engine.url.drivername == "postgresql+psycopg"


def test_other_databases_are_refused() -> None:
    with pytest.raises(ValueError, match="mysql is not supported"):
        make_engine(url="mysql://localhost/shop")


@pytest.mark.integration
def test_importing_the_shop_connects_to_nothing(tmp_path: Path) -> None:
    script = "import sys; sys.path.insert(0, sys.argv[1]); import shop.repository, shop.orders_file, shop.demo"
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", script, str(root)], cwd=tmp_path, check=True)
    assert list(tmp_path.iterdir()) == []
