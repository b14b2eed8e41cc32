"""Builds the gateway: `create_app(settings)` gives the application, and starts its workers with it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import structlog
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from ecrin.redacting import redactor_of
from ecrin.settings import ROOT, Settings
from gateway import exposition, health, problems
from gateway.answering import Answering
from gateway.bot import BotClient, session_for_bots
from gateway.channels.configured import configured_channels
from gateway.channels.widget import routes as widget
from gateway.clock import Clock, WatchedClock, utc_now
from gateway.console.mount import console_routes, first_start
from gateway.context import Gateway
from gateway.delivering import Delivering
from gateway.edge.access_log import AccessLog
from gateway.edge.body import BodyLimit
from gateway.edge.headers import SecurityHeaders
from gateway.housekeeping import Housekeeping
from gateway.keyed import Keyed
from gateway.live import Live
from gateway.metrics import Metrics
from gateway.migrations import upgrade
from gateway.news import News
from gateway.pump import Room
from gateway.rates import Rates
from gateway.sealing import Sealer
from gateway.shared import open_shared
from gateway.spans import spans_from
from gateway.static import static_routes
from gateway.store import inbox
from gateway.store.database import in_thread, open_database
from gateway.store.leases import new_owner, release_dead
from gateway.telemetry import Telemetry
from gateway.texts import load_texts
from gateway.tuning import Tuning

_ZONE = "Europe/Paris"
_DRAIN_S = 10.0

_log = structlog.get_logger(__name__)


def create_app(settings: Settings, *, tuning: Tuning | None = None, clock: Clock = utc_now) -> FastAPI:
    """The application. Nothing is opened before it starts."""
    tuning = tuning or Tuning()
    texts = load_texts(now=clock())
    channels = configured_channels(settings)
    live = Live(most_per_conversation=tuning.streams_per_conversation)
    keyed = Keyed(settings.privacy_key)
    metrics = Metrics()

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        shared = open_shared(settings.redis_url)
        async with (
            session_for_bots(tuning.bot_timeout) as to_bot,
            httpx.AsyncClient(timeout=tuning.send_timeout) as to_meta,
        ):
            gateway = Gateway(
                settings=settings,
                tuning=tuning,
                database=open_database(settings.gateway_database),
                texts=texts,
                keyed=keyed,
                sealer=Sealer(settings.privacy_key),
                redactor=redactor_of(settings),
                live=live,
                room=Room(tuning.workers),
                telemetry=Telemetry(metrics=metrics, spans=spans_from(os.environ)),
                shared=shared,
                rates=Rates(shared=shared, keyed=keyed),
                bot=BotClient(
                    session=to_bot,
                    urls=settings.bot_addresses,
                    token=settings.bot_token.get_secret_value(),
                    zone=ZoneInfo(_ZONE),
                    answered_by=metrics.answered_by,
                ),
                clock=WatchedClock(clock, jump=tuning.clock_jump, trust=tuning.clock_trust),
                owner=new_owner(),
                senders={channel.name: channel.sender(settings, to_meta) for channel in channels},
                renderers={channel.name: channel.render for channel in channels},
            )
            app.state.gateway = gateway
            exposition.watch(gateway)
            async with _working(gateway):
                yield

    app = FastAPI(
        title="Écrin gateway",
        version="1",
        lifespan=running,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json" if settings.environment == "development" else None,
    )
    app.state.live = live
    problems.install(app, texts)
    app.include_router(health.router)
    app.include_router(exposition.router)
    app.include_router(widget.router)
    for channel in channels:
        app.include_router(channel.router(settings))
    app.include_router(console_routes())
    app.include_router(static_routes(_widget_folder(ROOT)))
    app.add_middleware(
        BodyLimit,
        most=_body_limit(tuning),
        timeout=tuning.body_timeout,
        refuse=lambda status, key: problems.problem_response(texts, status, key),
    )
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.allowed_origins,
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "Last-Event-ID"],
        expose_headers=["Retry-After"],
        max_age=600,
    )
    app.add_middleware(SecurityHeaders, is_https=settings.public_url.startswith("https://"))
    app.add_middleware(AccessLog, responded=metrics.responded)
    return app


@asynccontextmanager
async def _working(gateway: Gateway) -> AsyncIterator[None]:
    """The database at the present schema, dead processes' work free again, and the workers running."""
    await in_thread(lambda: _prepare(gateway))
    pumps = (Answering(gateway).pump(), Delivering(gateway).pump())
    tasks = [asyncio.create_task(pump.run()) for pump in pumps]
    tasks.append(asyncio.create_task(Housekeeping(gateway).run()))
    if gateway.shared is not None:
        news = News(shared=gateway.shared, live=gateway.live, name=gateway.owner)
        tasks.append(asyncio.create_task(news.run()))
    try:
        yield
    finally:
        gateway.live.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(pump.drain(_DRAIN_S) for pump in pumps))
        await in_thread(lambda: _stop(gateway))
        if gateway.shared is not None:
            await gateway.shared.close()
        await in_thread(gateway.telemetry.close)


def _prepare(gateway: Gateway) -> None:
    upgrade(gateway.database.engine)
    with gateway.database.writing() as session:
        freed = release_dead(session, owner=gateway.owner)
    first_start(gateway)
    if freed:
        _log.warning("work_of_dead_processes_taken_over", processes=freed)


def _stop(gateway: Gateway) -> None:
    with gateway.database.writing() as session:
        inbox.release(session, owner=gateway.owner)
    gateway.database.close()


def _body_limit(tuning: Tuning) -> Callable[[str], int]:
    def most(path: str) -> int:
        return tuning.console_body_bytes if path.startswith("/console/") else tuning.body_bytes

    return most


def _widget_folder(root: Path) -> Path:
    built = root / "widget" / "dist"
    return built if built.is_dir() else root / "widget"
