"""From the outbox to Meta: retried while there is hope, given up where everybody can see it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog
from sqlalchemy.orm import Session

from ecrin.stages import stage
from gateway.channels.base import SendFailed, Verdict
from gateway.context import Gateway
from gateway.pump import Pump, Room
from gateway.store import outbox
from gateway.store.database import persist
from gateway.store.outbox import Delivery
from gateway.telemetry import waited

_log = structlog.get_logger(__name__)


class Delivering:
    """Delivers claimed requests, one conversation's in order."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def pump(self) -> Pump[Delivery]:
        """The loop that does it."""
        tuning = self._gateway.tuning
        return Pump(
            name="outbox",
            claim=self._claim,
            handle=self.deliver,
            key=lambda delivery: delivery.outbox_id,
            signal=self._gateway.live.outbox,
            room=Room(tuning.workers),
            poll=tuning.idle_poll,
            failed=self._gateway.telemetry.metrics.failed,
        )

    async def _claim(self, limit: int) -> Sequence[Delivery]:
        gateway, tuning = self._gateway, self._gateway.tuning

        def claim() -> Sequence[Delivery]:
            now = gateway.now()
            lease = tuning.send_lease
            with gateway.database.reading() as session:
                if not outbox.has_work(session, now=now, lease=lease):
                    return ()
            with gateway.database.writing() as session:
                return outbox.claim(session, owner=gateway.owner, now=now, limit=limit, lease=lease)

        return await gateway.database.run_write(claim)

    async def deliver(self, delivery: Delivery) -> None:
        """Send one request and note what came of it."""
        key = delivery.key or self._gateway.keyed.hash("outbox", delivery.ref)
        with self._gateway.telemetry.following(key, conversation=delivery.conversation_id) as record:
            if delivery.attempts == 1:
                waited(record, "outbox_wait", since=delivery.created_at, until=self._gateway.now())
            await self._deliver(delivery)

    async def _deliver(self, delivery: Delivery) -> None:
        sender = self._gateway.senders.get(delivery.channel)
        if sender is None:
            await self._give_up(delivery, "channel_not_configured")
            return
        if self._is_window_closed(delivery):
            await self._give_up(delivery, "window_closed")
            return
        address = self._gateway.sealer.open(delivery.sealed_address)
        if address is None:
            await self._give_up(delivery, "address_unknown")
            return
        try:
            with stage("delivery"):
                external_id = await sender.send(address=address, payload=delivery.payload, ref=delivery.ref)
        except SendFailed as failure:
            await self._failed(delivery, failure)
            return
        now = self._gateway.now()
        await self._note(
            lambda session: outbox.delivered(session, outbox_id=delivery.outbox_id, external_id=external_id, now=now)
        )
        self._told(delivery, "delivered")
        self._gateway.live.outbox.set()

    def _is_window_closed(self, delivery: Delivery) -> bool:
        if delivery.last_customer_at is None:
            return True
        if not self._gateway.clock.is_trusted:
            # Meta knows better than a clock that was just put forward.
            return False
        return self._gateway.now() - delivery.last_customer_at >= timedelta(hours=self._gateway.tuning.window_hours)

    async def _failed(self, delivery: Delivery, failure: SendFailed) -> None:
        tuning = self._gateway.tuning
        if failure.verdict == Verdict.GIVE_UP or delivery.attempts >= tuning.send_attempts:
            await self._give_up(delivery, failure.code)
            return
        _log.warning(
            "delivery_failed",
            outbox=delivery.outbox_id,
            channel=delivery.channel,
            attempts=delivery.attempts,
            error=failure.code,
        )
        self._told(delivery, failure.verdict, failure.code)
        if failure.verdict == Verdict.UNKNOWN:
            pause = tuning.receipt_wait
            until = self._gateway.now() + timedelta(seconds=pause)
            await self._note(
                lambda session: outbox.unknown(session, outbox_id=delivery.outbox_id, error=failure.code, until=until)
            )
        else:
            pause = min(failure.retry_after or self._backoff(delivery.attempts), outbox.LONGEST_PAUSE_S)
            until = self._gateway.now() + timedelta(seconds=pause)
            await self._note(
                lambda session: outbox.retry(session, outbox_id=delivery.outbox_id, error=failure.code, until=until)
            )
        asyncio.get_running_loop().call_later(pause, self._gateway.live.outbox.set)

    def _backoff(self, attempts: int) -> float:
        tuning = self._gateway.tuning
        most = min(tuning.send_backoff * 2 ** (attempts - 1), tuning.send_backoff_most)
        # Spread, so that what failed together does not come back together.
        return float(most * random.uniform(0.8, 1.2))

    async def _give_up(self, delivery: Delivery, code: str) -> None:
        self._told(delivery, Verdict.GIVE_UP, code)
        _log.error("delivery_given_up", outbox=delivery.outbox_id, channel=delivery.channel, error=code)
        now = self._gateway.now()
        await self._note(lambda session: outbox.given_up(session, outbox_id=delivery.outbox_id, error=code, now=now))
        self._gateway.live.outbox.set()

    def _told(self, delivery: Delivery, outcome: str, code: str | None = None) -> None:
        self._gateway.telemetry.metrics.delivered(delivery.channel, outcome, code)

    async def _note(self, change: Callable[[Session], None]) -> None:
        def write() -> None:
            with self._gateway.database.writing() as session:
                change(session)

        # What Meta has taken would be sent again if it were not noted.
        await persist(
            self._gateway.database,
            write,
            what="delivery",
            failed=lambda: self._gateway.telemetry.metrics.failed("delivery"),
        )
