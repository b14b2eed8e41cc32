"""A text published while the action server runs is said from the next message on."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.dialogue.services import Services
from actions.dialogue_action import DialogueAction
from kb.faq import DEFAULT_PATH, FaqError, load_faq

_log = logging.getLogger(__name__)


class FreshServices:
    """Hands out the services with the FAQ as its file is now; a file that cannot be read leaves the last good one."""

    def __init__(self, services: Services, *, path: Path = DEFAULT_PATH) -> None:
        self._services = services
        self._path = path
        self._changed = path.stat().st_mtime_ns

    def __call__(self) -> Services:
        """The services for one message."""
        changed = self._path.stat().st_mtime_ns
        if changed != self._changed:
            self._changed = changed
            try:
                self._services = replace(self._services, faq=load_faq(self._path))
            except FaqError as error:
                _log.error("the FAQ's texts stay at version %s: %s", self._services.faq.version, error)
        return self._services


class FreshAction(DialogueAction):
    """A named action that answers with the texts of this moment."""

    def __init__(self, name: str, services: FreshServices) -> None:
        super().__init__(name, services())
        self._fresh = services

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Answer the latest message."""
        self._services = self._fresh()
        return super().run(dispatcher, tracker, domain)
