"""The call of the actions, measured: its time and theirs go back to the gateway with the replies (`ecrin.stages`)."""

from __future__ import annotations

from typing import Any

from bot.remote_actions import ActionServer
from ecrin.stages import current, stage, traceparent


class ActionEndpoint(ActionServer):
    """The action server: calls carry the trace context, and its stages come back with the result."""

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        """Call it."""
        with stage("actions"):
            kwargs["headers"] = {**kwargs.get("headers", {}), **traceparent()}
            result = await super().request(*args, **kwargs)
        if isinstance(result, dict):
            told = result.pop("stages", None)
            if (record := current()) is not None:
                record.adopt(told)
        return result
