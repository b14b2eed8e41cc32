"""Carries what `Live` tells to the other gateways, and what they tell to it: Redis's publish and subscribe.

A note names a conversation and nothing of what was said. One that is lost costs time only: every stream still looks
for itself now and then.
"""

from __future__ import annotations

import asyncio
import json
import time
from functools import partial
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from gateway.live import Live, Note
from gateway.shared import LOST, Shared

_CHANNEL = "ecrin:live"
_PAUSE_S = 1.0
_LISTEN_S = 1.0
_PING_S = 2.0
_SILENCE_S = 3 * _PING_S
_MOST_WAITING = 10_000
"""Notes kept while Redis is away; beyond that the oldest are left to the streams' own looking."""


class News:
    """Runs beside the workers of a gateway; `name` tells its own notes from the others'."""

    def __init__(self, *, shared: Shared, live: Live, name: str) -> None:
        self._shared = shared
        self._live = live
        self._name = name
        # One note a conversation and kind: what changed twice has changed.
        self._waiting: dict[tuple[str, str], Note] = {}
        self._arrived = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled."""
        self._live.pass_on = self._keep
        try:
            await asyncio.gather(self._speak(), self._listen())
        finally:
            self._live.pass_on = None

    def _keep(self, note: Note) -> None:
        key = (note.conversation_id, "changed" if note.agent_is_typing is None else "typing")
        self._waiting[key] = note
        if len(self._waiting) > _MOST_WAITING:
            self._waiting.pop(next(iter(self._waiting)))
        self._arrived.set()

    async def _speak(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            notes = list(self._waiting.values())
            self._waiting.clear()
            if notes and await self._shared.ask(partial(self._publish, notes)) is None:
                for note in notes:
                    self._keep(note)
                await asyncio.sleep(_PAUSE_S)

    async def _publish(self, notes: list[Note], client: Redis) -> bool:
        async with client.pipeline(transaction=False) as pipeline:
            for note in notes:
                told: dict[str, Any] = {"by": self._name, "conversation": note.conversation_id}
                if note.agent_is_typing is not None:
                    told["typing"] = note.agent_is_typing
                pipeline.publish(_CHANNEL, json.dumps(told))
            await pipeline.execute()
        return True

    async def _listen(self) -> None:
        while True:
            try:
                async with self._shared.client.pubsub() as subscription:
                    await subscription.subscribe(_CHANNEL)
                    await self._hear_all(subscription)
            except LOST as error:
                self._live.hears_others = False
                self._shared.lost(error)
                await asyncio.sleep(_PAUSE_S)

    async def _hear_all(self, subscription: PubSub) -> None:
        """Until Redis is lost. One that hangs sends nothing, as one with nothing to tell does: hence the pings."""
        heard_at = asked_at = time.monotonic()
        while True:
            heard = await subscription.get_message(timeout=_LISTEN_S)
            now = time.monotonic()
            if heard is not None:
                heard_at = now
                if heard["type"] == "subscribe":
                    self._joined()
                elif heard["type"] == "message":
                    self._hear(heard["data"])
            elif now - heard_at > _SILENCE_S:
                raise TimeoutError
            if now - asked_at > _PING_S:
                asked_at = now
                await subscription.ping()

    def _joined(self) -> None:
        self._shared.found()
        self._live.hears_others = True
        # What the others told meanwhile was not heard.
        self._live.tell_all()

    def _hear(self, data: str) -> None:
        told = json.loads(data)
        if told.get("by") == self._name:
            return
        self._live.hear(Note(conversation_id=told["conversation"], agent_is_typing=told.get("typing")))
