"""The edge between Rasa and the dialogue: read the tracker, call `respond`, hand back reply, trace and memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.dialogue.engine import respond
from actions.dialogue.lookup import adopt_order, verified_orders
from actions.dialogue.reply import Reply, decision_trace
from actions.dialogue.services import Identity, Scene, Services
from actions.dialogue.state import State
from actions.dialogue.turn import Turn
from actions.dialogue.understanding import Understanding
from actions.rehearsal import rehearsed
from shop.order_text import as_row


class MissingClock(ValueError):
    """The gateway sent no `now`. Time enters at the edge; actions have no clock of their own."""


def run_turn(dispatcher: CollectingDispatcher, tracker: Tracker, services: Services) -> list[dict[str, Any]]:
    """Answer the latest message of a tracker; returns the events that keep the memory and wait."""
    message: Mapping[str, Any] = tracker.latest_message
    metadata: Mapping[str, Any] = message.get("metadata") or {}
    if "now" not in metadata:
        raise MissingClock("put the instant, ISO 8601 with its offset, into the message's metadata as 'now'")
    understood = Understanding.from_parse(message)
    services = rehearsed(services, metadata.get("rehearsal"))
    scene = Scene.at(services, now=datetime.fromisoformat(metadata["now"]), identity=Identity.from_metadata(metadata))
    memory = _memory_before(tracker.get_slot("dialogue"), message=metadata.get("message"))
    state = State.from_slot(memory)
    if given := metadata.get("order"):
        adopt_order(state, scene, number=given["number"], email=given["email"])
    turn = Turn(
        understood,
        scene,
        text_cut=bool(metadata.get("text_cut")),
        lookups_blocked=bool(metadata.get("lookups_blocked")),
    )
    reply = respond(turn, state)
    dispatcher.utter_message(json_message=payload(reply, understood, state, scene))
    return [
        SlotSet("dialogue", state.to_slot() | _answered(memory, message=metadata.get("message"))),
        SlotSet("awaiting", state.awaiting),
        # One message, one reply: without this, a policy that sees the slots changed may run an action again.
        FollowupAction("action_listen"),
    ]


def _memory_before(memory: Any, *, message: object) -> Any:
    """The memory as the gateway's `message` found it.

    A message whose answer got lost on its way back is asked again: it must not count twice, nor be its own past.
    """
    answered = memory.get("answered") if isinstance(memory, Mapping) else None
    return answered["before"] if answered and message is not None and answered["message"] == message else memory


def _answered(before: Any, *, message: object) -> dict[str, Any]:
    """What tells a message asked again, kept with the memory; nothing where the caller does not name its messages."""
    if message is None:
        return {}
    kept = {key: value for key, value in before.items() if key != "answered"} if isinstance(before, Mapping) else None
    return {"answered": {"message": message, "before": kept}}


def payload(reply: Reply, understood: Understanding, state: State, scene: Scene) -> dict[str, Any]:
    """The reply as the gateway takes it. Customers never see `trace` and `lookup`."""
    services = scene.services
    return {
        "text": reply.text,
        "buttons": [{"title": button.title, "payload": button.means} for button in reply.buttons],
        "links": reply.links,
        "card": reply.card,
        "handover": {"reason": reply.handover} if reply.handover else None,
        "lookup": reply.lookup,
        "trace": {
            "text": understood.text,
            "normalized": understood.normalized,
            "intent": understood.intent,
            "confidence": understood.confidence,
            "decision": understood.decision,
            "ranking": [{"name": guess.name, "confidence": guess.confidence} for guess in understood.ranking[:5]],
            "requests": [request.intent for request in understood.requests],
            "aspects": [{"name": guess.name, "confidence": guess.confidence} for guess in understood.aspects[:3]],
            "entities": [{"entity": e["entity"], "value": e["value"]} for e in understood.entities],
            "entry": state.entry,
            "outcome": state.outcome,
            "aspect": reply.aspect,
            "faq_version": services.faq.version,
            "sources": reply.sources,
            "decisions": [decision_trace(decision) for decision in reply.decisions],
            "orders": [as_row(order, services.vocabulary) for order in verified_orders(state, scene)],
        },
    }
