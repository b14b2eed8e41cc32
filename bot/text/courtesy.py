"""Takes the thanks off the head of a message that goes on to ask something: they are no part of what is asked."""

from __future__ import annotations

import re

from bot.text.clauses import ONE_OF, demands

_MIN_WORDS = 3
_THANKS = re.compile(
    rf"(?:{ONE_OF['before_thanking']}\W+)*{ONE_OF['thanking']}(?:\W+{ONE_OF['after_thanking']})*\b\W*"
    rf"(?!(?:{ONE_OF['thanking_ahead']}|{ONE_OF['after_thanking']})\b)(?P<rest>\w.*)",
    re.IGNORECASE,
)


def without_thanks(text: str) -> str:
    """Return what follows the thanks if it asks something, else `text` as it is: what asks by thanking ahead does, too."""
    found = _THANKS.fullmatch(text)
    if found is None:
        return text
    rest = found["rest"]
    return rest if len(rest.split()) >= _MIN_WORDS and demands(rest) else text
