"""Three costs of Rasa's calls to the action server, taken out of each reply and paid once at start, or never."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import rasa
from aiohttp import ClientSession, ClientTimeout
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.utils.endpoints import EndpointConfig

_NO_DOMAIN = {"version": "3.1"}

_ANSWER_S = 10.0
"""The gateway gives up a little later; Rasa would wait five minutes."""


class ActionServer(EndpointConfig):
    """The action server over connections that stay open: Rasa opens a new one for every call."""

    def __init__(self, url: str) -> None:
        super().__init__(url=url)
        self._open: ClientSession | None = None

    @asynccontextmanager
    async def session(self) -> AsyncIterator[ClientSession]:
        """Give the one session; whoever used it leaves it open."""
        if self._open is None:
            self._open = ClientSession(timeout=ClientTimeout(total=_ANSWER_S))
        yield self._open


def make_cheap() -> None:
    """Change `RemoteAction` for this process."""
    _compile_result_check()
    _send_what_actions_read()


def _compile_result_check() -> None:
    """Check results with a schema compiled once.

    Rasa calls `jsonschema.validate` for every action, which checks the schema itself again each time: 23 to 31 ms,
    more than all the rest of a reply. The check stays the same.
    """
    schema = RemoteAction.action_response_format_spec()
    validator_class = validator_for(schema)
    validator_class.check_schema(schema)
    validator = validator_class(schema)

    def validate(self: RemoteAction, result: dict[str, Any]) -> bool:
        validator.validate(result)
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
