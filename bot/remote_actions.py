"""Two costs of Rasa's calls to the action server, taken out of each reply and paid once at start, or never."""

from __future__ import annotations

from typing import Any

import rasa
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity

_NO_DOMAIN = {"version": "3.1"}


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
