"""`GET /metrics`, for Prometheus.

With `ECRIN_METRICS_TOKEN` set, whoever shows it as a bearer token. Without it, nobody in production; in development, callers
on this machine who come without a proxy: behind one, every customer's address is the proxy's.
"""

from __future__ import annotations

import hmac
from ipaddress import ip_address
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from gateway.context import Gateway, gateway_of
from gateway.health import readiness
from gateway.problems import Problem
from gateway.store.backlog import Backlog, backlog
from gateway.store.database import in_thread

_PROXIED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")

router = APIRouter(include_in_schema=False)


def may_read(request: Request, gateway: Annotated[Gateway, Depends(gateway_of)]) -> None:
    """Refuse everybody else, without saying that there is anything where it is closed."""
    token = gateway.settings.metrics_token.get_secret_value()
    if token:
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            raise Problem(401, "unauthorized", headers={"WWW-Authenticate": "Bearer"})
        return
    is_open = gateway.settings.environment == "development" and _is_local(request)
    if not is_open:
        raise Problem(404, "not_found")


@router.get("/metrics", dependencies=[Depends(may_read)])
async def metrics(gateway: Annotated[Gateway, Depends(gateway_of)]) -> Response:
    """Everything, after one look at what /readyz looks at."""
    await readiness(gateway)
    registry = gateway.telemetry.metrics.registry
    return Response(await in_thread(lambda: generate_latest(registry)), media_type=CONTENT_TYPE_LATEST)


def watch(gateway: Gateway) -> None:
    """Let every scrape read what is open and what waits."""

    def waiting() -> Backlog | None:
        try:
            with gateway.database.reading() as session:
                return backlog(session, now=gateway.now())
        except SQLAlchemyError:
            return None

    gateway.telemetry.metrics.watch(streams=lambda: gateway.live.count, backlog=waiting)


def _is_local(request: Request) -> bool:
    if request.client is None or any(name in request.headers for name in _PROXIED):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False
