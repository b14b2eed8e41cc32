"""Parses messages without a server: `python -m bot.worker --model FILE`, one JSON object a line in and out.

In: `{"text": …}`. Out: Rasa's parse with our keys (`decision`, `requests`, `aspects`, `normalized`). The first line out is
`{"ready": true}`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
from pathlib import Path

import structlog


async def _serve(model: Path) -> None:
    from rasa.core.agent import Agent
    from rasa.core.channels.channel import UserMessage

    from bot import rasa_costs
    from bot.channel import as_customer_text
    from ecrin.memory import keep_loaded

    rasa_costs.spare()
    agent = Agent()
    agent.load_model(str(model))
    keep_loaded()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        text = json.loads(line)["text"]
        parsed = await agent.processor.parse_message(UserMessage(as_customer_text(text)))
        print(json.dumps(parsed, ensure_ascii=False), flush=True)


def main() -> None:
    """Parse the command line and answer lines until the input ends."""
    parser = argparse.ArgumentParser(prog="bot.worker")
    parser.add_argument("--model", type=Path, required=True)
    options = parser.parse_args()
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    asyncio.run(_serve(options.model))


if __name__ == "__main__":
    main()
