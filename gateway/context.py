"""Everything a request or a worker needs, made once by `create_app` and handed down."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request

from ecrin.settings import Settings
from gateway.bot import BotClient
from gateway.channels.base import Sender
from gateway.clock import WatchedClock
from gateway.keyed import Keyed
from gateway.live import Live
from gateway.pump import Room
from gateway.rates import Rates
from gateway.replies import Reply
from gateway.sealing import Sealer
from gateway.shared import Shared
from gateway.store.database import Database
from gateway.store.inbox import Claimant, Work
from gateway.store.tables import Channel
from gateway.telemetry import Telemetry
from gateway.texts import Texts
from gateway.tuning import Tuning
from privacy.redaction import Redactor


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """The parts of one running gateway. `senders` and `renderers` have only the channels that are configured."""

    settings: Settings
    tuning: Tuning
    database: Database
    texts: Texts
    keyed: Keyed
    sealer: Sealer
    redactor: Redactor
    live: Live
    room: Room[Work]
    """Places for messages that are being answered."""
    telemetry: Telemetry
    shared: Shared | None
    """None without `ECRIN_REDIS_URL`."""
    rates: Rates
    bot: BotClient
    clock: WatchedClock
    owner: str
    senders: Mapping[Channel, Sender]
    renderers: Mapping[Channel, Callable[[Reply, Texts], Sequence[dict[str, Any]]]]

    def render(self, channel: Channel, reply: Reply) -> Sequence[dict[str, Any]]:
        """The requests that bring a reply to a channel; none where the page reads its messages itself."""
        renderer = self.renderers.get(channel)
        return renderer(reply, self.texts) if renderer else ()

    def now(self) -> datetime:
        """The present instant."""
        return self.clock()

    def claimant(self) -> Claimant:
        """This process, as it claims messages now."""
        return Claimant(owner=self.owner, now=self.now(), tuning=self.tuning, keyed=self.keyed)


async def gateway_of(request: Request) -> Gateway:
    """The gateway a request came to; a FastAPI dependency, and no plain function, which would be run in a thread."""
    gateway: Gateway = request.app.state.gateway
    return gateway
