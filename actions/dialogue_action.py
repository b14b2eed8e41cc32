"""The custom actions. Rasa's rules choose one by what was understood; the dialogue engine answers for all of them."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.dialogue.services import Services
from actions.turns import run_turn

NAMES = ("action_answer", "action_converse", "action_hand_over", "action_decline")
"""The actions of `bot/domain.yml`."""


class DialogueAction(Action):  # type: ignore[misc]
    """One named action over the injected services."""

    def __init__(self, name: str, services: Services) -> None:
        self._name = name
        self._services = services

    def name(self) -> str:
        """The name in the domain."""
        return self._name

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Answer the latest message."""
        return run_turn(dispatcher, tracker, self._services)
