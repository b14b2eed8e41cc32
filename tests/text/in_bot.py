"""Runs `requests_of` in the bot's environment, where numpy is: `.venv-bot/bin/python -m tests.text.in_bot`.

In, as JSON on standard input: a list of `{"text", "classes", "whole", "pieces"}`. Out: for each, a list of
`[text, intent]`.
"""

from __future__ import annotations

import json
import sys


def main() -> None:
    """Answer the cases of standard input."""
    import numpy as np

    from bot.text.requests import requests_of

    told = []
    for case in json.load(sys.stdin):
        pieces = [(text, np.array(vector)) for text, vector in case["pieces"]]
        found = requests_of(case["text"], np.array(case["whole"]), pieces, case["classes"])
        told.append([[request.text, request.intent] for request in found])
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
