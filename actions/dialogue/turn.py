"""One message with everything known when it is answered."""

from __future__ import annotations

from dataclasses import dataclass

from actions.dialogue.services import Scene
from actions.dialogue.understanding import Understanding


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the customer with everything known at this instant."""

    understood: Understanding
    scene: Scene
    text_cut: bool = False
    lookups_blocked: bool = False
