"""Settings of a whole installation in a folder of its own, whatever the machine's environment says."""

from __future__ import annotations

from pathlib import Path

from ecrin.settings import Settings
from ecrin.supervisor import free_port


def whole_installation(var: Path) -> Settings:
    """Embedded databases under `var`, the gateway on a free loopback port."""
    port = free_port()
    return Settings().model_copy(
        update={
            "environment": "development",
            "host": "127.0.0.1",
            "port": port,
            "public_url": f"http://127.0.0.1:{port}",
            "var": var,
            "shop_database_url": "",
            "gateway_database_url": "",
            "tracker_database_url": "",
            "redis_url": "",
        }
    )
