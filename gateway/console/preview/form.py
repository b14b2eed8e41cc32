"""The form of a preview, as a browser sends it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from gateway.console.pages import ZONE
from gateway.console.preview.receive import Preview

_BETWEEN_MESSAGES = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the form holds."""

    messages: str
    day: str
    hour: str
    order_number: str = ""
    email: str = ""

    def asked(self) -> Preview:
        """The form as the preview takes it; ValueError when it cannot be read."""
        now = datetime.fromisoformat(f"{self.day}T{self.hour}").replace(tzinfo=ZONE)
        parts = _BETWEEN_MESSAGES.split(self.messages.replace("\r\n", "\n"))
        texts = [part.strip() for part in parts if part.strip()]
        number, email = self.order_number.strip() or None, self.email.strip() or None
        return Preview.model_validate({"turns": texts, "now": now, "order_number": number, "email": email})
