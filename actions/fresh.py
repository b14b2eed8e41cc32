"""A text published while the action server runs is said from the next message on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.dialogue.services import Services
from actions.dialogue_action import DialogueAction
from kb.faq import DEFAULT_PATH, Faq, FaqError, load_faq
from kb.problems import Problem

_log = structlog.get_logger(__name__)


Check = Callable[[Faq], Sequence[Problem]]
"""What is wrong with texts that can be read, and would leave customers without an answer."""


class FreshServices:
    """Hands out the services with the FAQ as its file is now; a file that cannot be used leaves the last good one.

    FaqError when there is no good one yet.
    """

    def __init__(self, services: Services, *, path: Path = DEFAULT_PATH, check: Check = lambda faq: ()) -> None:
        self._services = services
        self._path = path
        self._check = check
        self._refuse_faults(services.faq)
        self._changed: int | None = path.stat().st_mtime_ns
        self.is_current = True
        """Whether the file could be used when it last changed."""

    def __call__(self) -> Services:
        """The services for one message."""
        changed = self._changed_at()
        if changed != self._changed:
            self._changed = changed
            try:
                faq = load_faq(self._path)
                self._refuse_faults(faq)
            except (FaqError, OSError) as error:
                self.is_current = False
                _log.error("the FAQ's texts stay at version %s: %s", self._services.faq.version, error)
            else:
                self.is_current = True
                self._services = replace(self._services, faq=faq)
                _log.warning("the FAQ's texts are now at version %s", self._services.faq.version)
        return self._services

    def _refuse_faults(self, faq: Faq) -> None:
        if problems := self._check(faq):
            raise FaqError(tuple(problems))

    def _changed_at(self) -> int | None:
        # An editor may take the file away for a moment while it saves.
        try:
            return self._path.stat().st_mtime_ns
        except OSError:
            return None


class FreshAction(DialogueAction):
    """A named action that answers with the texts of this moment."""

    def __init__(self, name: str, services: FreshServices) -> None:
        super().__init__(name, services())
        self._fresh = services

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Answer the latest message."""
        self._services = self._fresh()
        return super().run(dispatcher, tracker, domain)
