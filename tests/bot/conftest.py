"""These tests need Rasa: they run in the bot's environment (`.venv-bot/bin/python -m pytest tests/bot`)."""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("rasa") else ["test_*.py"]
