"""`python -m gateway`: serves until stopped, with the settings of the environment."""

from __future__ import annotations

import os
from types import FrameType

import uvicorn

from ecrin.logs import configure_logs
from ecrin.memory import keep_loaded
from ecrin.settings import Settings
from gateway.app import create_app
from gateway.live import Live
from gateway.tuning import tuning_from
from privacy.logged import without_identifiers


class Server(uvicorn.Server):
    """Ends the open streams as soon as it is asked to stop: it would otherwise wait for the customers to leave."""

    def __init__(self, config: uvicorn.Config, *, live: Live) -> None:
        super().__init__(config)
        self._live = live

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Called for SIGINT and SIGTERM."""
        self._live.stop()
        super().handle_exit(sig, frame)


def main() -> None:
    """Serve one gateway process."""
    settings = Settings()
    configure_logs("gateway", recognise=without_identifiers)
    app = create_app(settings, tuning=tuning_from(os.environ))
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=15,
    )
    keep_loaded()
    Server(config, live=app.state.live).run()


if __name__ == "__main__":
    main()
