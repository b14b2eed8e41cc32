"""`python -m gateway`: serves until stopped, with the settings of the environment."""

from __future__ import annotations

import uvicorn

from ecrin.settings import Settings
from gateway.app import create_app
from gateway.logs import configure_logs


def main() -> None:
    """Serve one gateway process."""
    settings = Settings()
    configure_logs()
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=15,
    )


if __name__ == "__main__":
    main()
