"""The call of the action server: measured, over a connection that stays open, with what is read and nothing else."""

from __future__ import annotations

from typing import Any

import rasa
from aiohttp import ClientSession, ClientTimeout, DummyCookieJar
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from yarl import URL

from ecrin.stages import current, stage, traceparent

_NO_DOMAIN = {"version": "3.1"}

_ANSWER_S = 10.0
"""The gateway gives up a little later; Rasa would wait five minutes."""


class ActionServer(EndpointConfig):
    """The action server over connections that stay open: Rasa opens a new one, and reads the address anew, for each call.

    A call carries the trace context; its time, and the stages that come back with the result, go to the gateway with the
    replies (`ecrin.stages`).
    """

    def __init__(self, url: str) -> None:
        super().__init__(url=url)
        self._address = URL(url)
        self._open: ClientSession | None = None

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        """Post `json` with `headers` and give the JSON that comes back; ClientResponseError for a status from 400 on."""
        if self._open is None:
            self._open = ClientSession(timeout=ClientTimeout(total=_ANSWER_S), cookie_jar=DummyCookieJar())
        with stage("actions"):
            headers = {**(kwargs.get("headers") or {}), **traceparent()}
            async with self._open.post(self._address, json=kwargs["json"], headers=headers) as response:
                if response.status >= 400:
                    raise ClientResponseError(response.status, response.reason, await response.read())
                result = await response.json()
        if isinstance(result, dict):
            told = result.pop("stages", None)
            if (record := current()) is not None:
                record.adopt(told)
        return result

    async def close(self) -> None:
        """Leave the action server."""
        if self._open is not None:
            await self._open.close()
            self._open = None


def make_cheap() -> None:
    """Change `RemoteAction` for this process."""
    _check_what_is_read()
    _send_what_actions_read()


def _check_what_is_read() -> None:
    """Check a result for what Rasa reads of it.

    Rasa has jsonschema go over every event and reply, schema included: 23 to 31 ms a reply, and with the schema compiled
    once still more than its policies take. Results are the SDK's, from our own actions.
    """

    def validate(self: RemoteAction, result: dict[str, Any]) -> bool:
        events, replies = result["events"], result["responses"]
        if not all(isinstance(event, dict) and event.get("event") for event in events) or not all(
            isinstance(reply, dict) for reply in replies
        ):
            raise RasaException(f"{self._name} returned something that is no event or reply")
        return True

    RemoteAction._validate_action_result = validate


def _send_what_actions_read() -> None:
    """Send slots and latest message, not every event since the conversation began.

    Our actions keep their memory in a slot, and read nothing of the domain, which the SDK insists on getting. With
    the events left out, the call does not grow with the conversation.
    """

    def call_format(self: RemoteAction, tracker: DialogueStateTracker, domain: Domain) -> dict[str, Any]:
        return {
            "next_action": self._name,
            "sender_id": tracker.sender_id,
            "tracker": tracker.current_state(EventVerbosity.NONE),
            "version": rasa.__version__,
            "domain": _NO_DOMAIN,
        }

    RemoteAction._action_call_format = call_format
