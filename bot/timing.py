"""Where a message's time goes inside the bot: the graph's runs, each of its components, and the call of the actions.

The stages go back to the gateway with the replies (`ecrin.stages`); here nothing is kept, exported or waited for.
"""

from __future__ import annotations

import time
from typing import Any

import rasa.core.processor
from rasa.engine.graph import ExecutionContext, GraphNodeHook, GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.storage import ModelStorage

from bot.remote_actions import ActionServer
from ecrin.stages import current, note, stage, traceparent

_POLICIES = "select_prediction"
"""The graph's target when an action is chosen; its other one is the message understood."""


def component_of(node: str) -> str:
    """The class a node of the graph runs: `run_bot.components.doubt.DoubtDecision8` is a `DoubtDecision`."""
    return node.rpartition(".")[2].removeprefix("run_").rstrip("0123456789")


class _TimedComponents(GraphNodeHook):
    """Measures every component. One that raises ends the whole run, whose own stage tells so."""

    def on_before_node(
        self,
        node_name: str,
        execution_context: ExecutionContext,
        config: dict[str, Any],
        received_inputs: dict[str, Any],
    ) -> dict[str, Any]:
        """Look at the clocks: one tells when, the other how long."""
        return {"start": time.time_ns(), "clock": time.perf_counter_ns()}

    def on_after_node(
        self,
        node_name: str,
        execution_context: ExecutionContext,
        config: dict[str, Any],
        output: Any,
        input_hook_data: dict[str, Any],
    ) -> None:
        """Keep what it took."""
        start = input_hook_data["start"]
        note(component_of(node_name), start=start, end=start + time.perf_counter_ns() - input_hook_data["clock"])


class TimedRunner(DaskGraphRunner):
    """Rasa's runner with a stage around each run, `parse` or `predict`, and one around each component."""

    @classmethod
    def create(
        cls,
        graph_schema: GraphSchema,
        model_storage: ModelStorage,
        execution_context: ExecutionContext,
        hooks: list[GraphNodeHook] | None = None,
    ) -> TimedRunner:
        """Create it with the hook Rasa's own loader has no argument for."""
        return cls(graph_schema, model_storage, execution_context, [*(hooks or ()), _TimedComponents()])

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """Run the graph."""
        with stage("predict" if targets == [_POLICIES] else "parse"):
            return super().run(inputs=inputs, targets=targets)


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


def measure() -> None:
    """Let models loaded from now on in this process be measured."""
    rasa.core.processor.DaskGraphRunner = TimedRunner
