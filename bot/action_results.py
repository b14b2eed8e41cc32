"""Checks what the action server answers with a schema compiled once.

Rasa calls `jsonschema.validate` for every action, which checks the schema itself again each time: 23 to 31 ms, more
than all the rest of a reply. The check stays the same, only its preparation moves to the start.
"""

from __future__ import annotations

from typing import Any

from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction


def use_compiled_schema() -> None:
    """Replace `RemoteAction._validate_action_result` for this process."""
    schema = RemoteAction.action_response_format_spec()
    validator_class = validator_for(schema)
    validator_class.check_schema(schema)
    validator = validator_class(schema)

    def validate(self: RemoteAction, result: dict[str, Any]) -> bool:
        validator.validate(result)
        return True

    RemoteAction._validate_action_result = validate
