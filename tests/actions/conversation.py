"""One customer at the actions' edge: a tracker in, events and a reply out, the memory carried on as Rasa would."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.dialogue.services import Services
from actions.dialogue_action import DialogueAction

NOW = "2025-09-22T10:00:00+02:00"
"""A Monday, within the opening hours and within the return window of the delivered orders."""

CLAIRE = "claire.dupont@example.fr"
DELIVERED = "BJ-104233"
SHIPPED = "BJ-104234"
EARRINGS = "BJ-104235"
CLAIRES_PHONE = "+33612345678"
PAUL = "paul.martin@example.fr"
PAULS = "BJ-200001"
LEA = "lea.roux@example.fr"
LEAS = "BJ-300001"
NINA = "nina.petit@example.fr"
NINAS = "BJ-400001"
"""An order that awaits its transfer."""
"""Delivered: earrings that left the shop sealed, and a bracelet."""
EXPIRED_CODE = "NOEL25"
"""Valid until the day before `NOW`."""


@cache
def recorded() -> Mapping[str, Mapping[str, Any]]:
    """What the real bot understood of the messages of these tests, by their text."""
    parses = json.loads(Path(__file__).with_name("recorded_parses.json").read_text(encoding="utf-8"))
    return {parse["text"]: parse for parse in parses}


def tracker(message: Mapping[str, Any], slots: Mapping[str, Any] | None = None) -> Tracker:
    """A tracker as Rasa sends it to the action server."""
    return Tracker.from_dict(
        {
            "sender_id": "customer",
            "slots": dict(slots or {}),
            "latest_message": dict(message),
            "events": [],
            "paused": False,
            "followup_action": None,
            "active_loop": {},
            "latest_action_name": "action_listen",
        }
    )


class Conversation:
    """`say` gives the reply; `events` and `slots` are those after the last message."""

    def __init__(self, services: Services) -> None:
        self._action = DialogueAction("action_answer", services)
        self.slots: dict[str, Any] = {}
        self.events: list[dict[str, Any]] = []

    @property
    def memory(self) -> dict[str, Any]:
        """The slot of the dialogue's memory."""
        memory: dict[str, Any] = self.slots["dialogue"]
        return memory

    def say(self, text: str, **metadata: Any) -> dict[str, Any]:
        """Send a recorded message."""
        return self.send(recorded()[text], **metadata)

    def send(self, parse: Mapping[str, Any], **metadata: Any) -> dict[str, Any]:
        """Send a message as it was parsed; its metadata is the gateway's."""
        dispatcher = CollectingDispatcher()
        message = {**parse, "metadata": {"now": NOW, "channel": "widget", **metadata}}
        self.events = self._action.run(dispatcher, tracker(message, self.slots), {})
        # Rasa keeps slots as JSON: what does not survive that is not remembered.
        stored = json.loads(json.dumps(self.events))
        self.slots |= {event["name"]: event["value"] for event in stored if event["event"] == "slot"}
        (sent,) = dispatcher.messages
        reply: dict[str, Any] = sent["custom"]
        return reply

    def press(self, title: str) -> dict[str, Any]:
        """Send the title of a button, of which the bot understood nothing."""
        return self.send({"text": title, "intent": {"name": None, "confidence": 0.0}, "decision": "reject"})

    def told(self, text: str, **metadata: Any) -> list[str]:
        """Send a recorded message and return where the paragraphs of the reply come from."""
        return sources(self.say(text, **metadata))


def sources(reply: Mapping[str, Any]) -> list[str]:
    """Where each paragraph of a reply comes from."""
    found: list[str] = reply["trace"]["sources"]
    return found


def titles(reply: Mapping[str, Any]) -> list[str]:
    """The titles of a reply's buttons."""
    return [button["title"] for button in reply["buttons"]]
