"""Runs the trained graph for one message: its components one after the other, each of them measured.

Rasa's runner builds a new graph for each run and hands it to dask, whose book-keeping serves tasks that run side by side;
most of ours take less time than it does. What it takes goes back to the gateway with the replies (`ecrin.stages`); here
nothing is kept, exported or waited for.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import ExecutionContext, GraphNode, GraphNodeHook, GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.storage import ModelStorage

from ecrin.stages import note, stage

_POLICIES = "select_prediction"
"""The graph's target when an action is chosen; its other one is the message understood."""


def component_of(node: str) -> str:
    """The class a node of the graph runs: `run_bot.components.doubt.DoubtDecision8` is a `DoubtDecision`."""
    return node.rpartition(".")[2].removeprefix("run_").rstrip("0123456789")


@dataclass(frozen=True)
class _Step:
    """A node to run: its name, the stage it is measured as, and whose outputs it takes."""

    name: str
    measured_as: str
    needs: tuple[str, ...]
    node: GraphNode


class Runner(DaskGraphRunner):
    """Rasa's runner with the order of the nodes worked out once, and a stage around each run, `parse` or `predict`."""

    def __init__(
        self,
        graph_schema: GraphSchema,
        model_storage: ModelStorage,
        execution_context: ExecutionContext,
        hooks: list[GraphNodeHook] | None = None,
    ) -> None:
        super().__init__(graph_schema, model_storage, execution_context, hooks)
        self._orders: dict[tuple[str, ...], list[_Step]] = {}

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """Run what the targets need; GraphRunError when that fails, or an input is missing."""
        wanted = tuple(targets or self._graph_schema.target_names)
        with stage("predict" if wanted == (_POLICIES,) else "parse"):
            found = {name: (name, value) for name, value in (inputs or {}).items()}
            try:
                for step in self._steps(wanted):
                    start, clock = time.time_ns(), time.perf_counter_ns()
                    found[step.name] = step.node(*(found[name] for name in step.needs))
                    note(step.measured_as, start=start, end=start + time.perf_counter_ns() - clock)
            except KeyError as missing:
                raise GraphRunError(f"nothing gives the input {missing}") from missing
            except RuntimeError as error:
                raise GraphRunError("Error running runner.") from error
            return {name: found[name][1] for name in wanted}

    def _steps(self, targets: tuple[str, ...]) -> list[_Step]:
        if targets not in self._orders:
            self._orders[targets] = self._order(targets)
        return self._orders[targets]

    def _order(self, targets: tuple[str, ...]) -> list[_Step]:
        """Each node after those it needs; what no node gives has to come as an input."""
        nodes = self._graph_schema.nodes
        order: dict[str, _Step] = {}

        def add(name: str) -> None:
            if name in order or name not in nodes:
                return
            needs = tuple(nodes[name].needs.values())
            for needed in needs:
                add(needed)
            order[name] = _Step(name, component_of(name), needs, self._instantiated_nodes[name])

        for target in targets:
            add(target)
        return list(order.values())
