"""From the inbox through the bot to the replies: the gateway's main work."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from ecrin.stages import stage
from gateway.bot import BotFailed
from gateway.context import Gateway
from gateway.pump import Pump
from gateway.replies import Reply
from gateway.store import handovers, inbox
from gateway.store.conversations import View
from gateway.store.database import cause_of, in_thread, persist
from gateway.store.inbox import Work
from gateway.store.tables import HandoverState, Kind, Outcome
from gateway.store.waits import usual_wait
from gateway.telemetry import waited
from gateway.traces import declined

_log = structlog.get_logger(__name__)


class Answering:
    """Answers claimed messages, one conversation's in order."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def pump(self) -> Pump[Work]:
        """The loop that does it."""
        tuning = self._gateway.tuning
        return Pump(
            name="inbox",
            claim=self._claim,
            handle=self.answer,
            key=lambda work: work.inbox_id,
            signal=self._gateway.live.inbox,
            room=self._gateway.room,
            poll=tuning.idle_poll,
            failed=self._gateway.telemetry.metrics.failed,
        )

    async def _claim(self, limit: int) -> Sequence[Work]:
        gateway = self._gateway

        def claim() -> Sequence[Work]:
            by = gateway.claimant()
            with gateway.database.reading() as session:
                if not inbox.has_work(session, now=by.now, tuning=by.tuning):
                    return ()
            with gateway.database.writing() as session:
                return inbox.claim(session, by, limit=limit)

        return await gateway.database.run_write(claim)

    async def answer(self, work: Work) -> None:
        """Answer one message, or give it back for later; in the end it gets the honest text."""
        with self._gateway.telemetry.following(work.key, conversation=work.conversation_id) as record:
            if work.attempts == 0:
                waited(record, "wait", since=work.received_at, until=self._gateway.now())
            await self._answer(work)

    async def _answer(self, work: Work) -> None:
        try:
            replies, outcome = await self._replies(work)
        except BotFailed as failure:
            await self._failed(work, failure)
            return
        try:
            await self._complete(work, await self._with_wait(replies, work), outcome)
        except SQLAlchemyError as error:
            # What cannot be stored would fail for ever.
            _log.error("commit_failed", inbox=work.inbox_id, cause=cause_of(error))
            await self._failed(work, BotFailed("not_kept"))

    async def _replies(self, work: Work) -> tuple[Sequence[Reply], Outcome | None]:
        texts = self._gateway.texts
        if work.handover == HandoverState.AGENT:
            return (), None
        if work.kind == Kind.FLOOD:
            return ((Reply(text=texts.answer(Kind.FLOOD)),) if work.is_first_flood else ()), None
        if work.kind == Kind.TEXT:
            answered = await self._gateway.bot.answer(work, now=self._gateway.now())
            return answered, outcome_of(answered)
        if work.kind == Kind.IMAGE and work.text:
            answered = await self._gateway.bot.answer(work, now=self._gateway.now())
            return (Reply(text=texts.answer("image_with_text")), *answered), outcome_of(answered)
        return (Reply(text=texts.answer(work.kind)),), None

    async def _with_wait(self, replies: Sequence[Reply], work: Work) -> Sequence[Reply]:
        """The replies, with the usual wait said where the bot passes the customer on: only the gateway knows it."""
        if work.handover != HandoverState.NONE or not any(reply.handover for reply in replies):
            return replies
        gateway, now = self._gateway, self._gateway.now()

        def look() -> int | None:
            with gateway.database.reading() as session:
                return usual_wait(session, now=now)

        try:
            wait = await in_thread(look)
        except SQLAlchemyError:
            # The answer matters more than what could be added to it.
            return replies
        if wait is None:
            return replies
        told = gateway.texts.waiting("usual_wait", usual_wait=wait, now=now)
        return [
            reply.model_copy(update={"text": f"{reply.text}\n\n{told}"}) if reply.handover else reply
            for reply in replies
        ]

    async def _failed(self, work: Work, failure: BotFailed) -> None:
        gateway, tuning = self._gateway, self._gateway.tuning
        attempts = work.attempts + 1
        # A bot that is being started, with a new model perhaps, is waited for: it has not been asked yet.
        if (failure.was_reached and attempts >= tuning.bot_attempts) or self._has_waited(work):
            gateway.telemetry.metrics.bot_failed(str(failure), is_final=True)
            _log.error("bot_gave_no_answer", inbox=work.inbox_id, attempts=attempts, error=str(failure))
            await self._complete(work, (Reply(text=gateway.texts.technical_problem),), Outcome.FAILED)
            return
        pause = min(tuning.bot_backoff * 2 ** (attempts - 1), tuning.bot_backoff_most)
        gateway.telemetry.metrics.bot_failed(str(failure), is_final=False)
        _log.warning("bot_failed", inbox=work.inbox_id, attempts=attempts, error=str(failure))

        def postpone() -> None:
            with gateway.database.writing() as session:
                until = gateway.now() + timedelta(seconds=pause)
                inbox.postpone(session, work=work, owner=gateway.owner, until=until)

        await persist(
            gateway.database,
            postpone,
            what="postponed",
            failed=lambda: gateway.telemetry.metrics.failed("commit"),
            inbox=work.inbox_id,
        )
        asyncio.get_running_loop().call_later(pause, gateway.live.inbox.set)

    def _has_waited(self, work: Work) -> bool:
        """Whether a message has been waiting for too long, mostly behind others, to be tried once more in silence."""
        return self._gateway.now() - work.received_at > timedelta(seconds=self._gateway.tuning.bot_patience)

    async def _complete(self, work: Work, replies: Sequence[Reply], outcome: Outcome | None) -> None:
        gateway = self._gateway

        def complete() -> tuple[View | None, tuple[str, ...]]:
            with gateway.database.writing() as session:
                view = inbox.complete(
                    session,
                    work=work,
                    owner=gateway.owner,
                    replies=replies,
                    outcome=outcome,
                    now=gateway.now(),
                    render=gateway.render,
                    tuning=gateway.tuning,
                    keyed=gateway.keyed,
                )
                return view, handovers.asked_for(session)

        with stage("commit"):
            # The bot has answered: waiting for the database is better than asking it twice.
            view, asked = await persist(
                gateway.database,
                complete,
                what="answer",
                failed=lambda: gateway.telemetry.metrics.failed("commit"),
                inbox=work.inbox_id,
            )
        if view is not None:
            gateway.telemetry.answered(work, replies, outcome, asked=asked, now=gateway.now())
        else:
            _log.warning("answer_dropped", inbox=work.inbox_id)
        gateway.live.tell(work.conversation_id, view)
        if work.channel in gateway.renderers:
            gateway.live.outbox.set()


def outcome_of(replies: Sequence[Reply]) -> Outcome:
    """How the conversation stands after these replies."""
    if any(reply.handover for reply in replies):
        return Outcome.HANDED_OVER
    if any(declined(reply.trace) for reply in replies):
        return Outcome.NOT_UNDERSTOOD
    return Outcome.ANSWERED
