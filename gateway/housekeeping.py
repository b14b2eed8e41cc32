"""What runs beside the customers: erasures in the bot's memory, retention, failed look-ups that count no more."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import structlog

from gateway.console import audit
from gateway.context import Gateway
from gateway.store import conversations, lookups
from gateway.store.database import cause_of, in_thread
from gateway.tracker import forget, forget_before
from shop.database import shed_old_pages

_SETTLED = timedelta(minutes=2)
"""After this a message that was with the bot when its conversation was erased has been stored, or never will be."""

_SWEEP = timedelta(days=1)
"""How often the whole of the bot's store is gone through for what belongs to no conversation of ours."""

_log = structlog.get_logger(__name__)


class Housekeeping:
    """One round after another; a round that fails is tried again in the next one."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._swept: datetime | None = None

    async def run(self) -> None:
        """Until cancelled."""
        signal = self._gateway.live.erasures
        while True:
            signal.clear()
            try:
                await in_thread(self.round)
            except Exception as error:
                _log.error("housekeeping_failed", error=cause_of(error))
                self._gateway.telemetry.metrics.failed("housekeeping")
            try:
                await asyncio.wait_for(signal.wait(), timeout=self._gateway.tuning.housekeeping)
            except TimeoutError:
                continue

    def round(self) -> None:
        """Everything that is due now; what goes by age waits while the clock is not trusted."""
        now = self._gateway.now()
        is_trusted = self._gateway.clock.is_trusted
        self._erase(now, is_trusted=is_trusted)
        if not is_trusted:
            return
        retention = timedelta(days=self._gateway.settings.retention_days)
        with self._gateway.database.writing() as session:
            conversations.forget_addresses(session, before=now - timedelta(hours=self._gateway.tuning.window_hours))
            purged = conversations.purge(session, before=now - retention, now=now)
            lookups.forget_old(session, before=now - timedelta(hours=self._gateway.tuning.lookups_hours))
            audit.forget_old(session, before=now - timedelta(days=self._gateway.settings.audit_retention_days))
        if purged:
            _log.info("conversations_purged", count=purged)
        if self._swept is None or now - self._swept >= _SWEEP:
            forget_before(self._gateway.settings.tracker_database, before=now - retention)
            shed_old_pages(self._gateway.database.engine)
            self._swept = now

    def _erase(self, now: datetime, *, is_trusted: bool) -> None:
        with self._gateway.database.reading() as session:
            pending = conversations.erasures(session)
        for erasure in pending:
            is_final = is_trusted and now - erasure.asked_at >= _SETTLED
            if erasure.done_at is not None and not is_final:
                continue
            forget(self._gateway.settings.tracker_database, conversation_id=erasure.conversation_id)
            with self._gateway.database.writing() as session:
                conversations.erasure_done(session, conversation_id=erasure.conversation_id, now=now, is_final=is_final)
