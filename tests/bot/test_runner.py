"""The runner gives what Rasa's own gives, runs only what is asked for, and keeps what each component took."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.engine.exceptions import GraphComponentException, GraphRunError
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import RasaException

from bot.runner import Runner, component_of
from ecrin.stages import recording


class Numbers(GraphComponent):
    """A component whose runs are counted."""

    ran: list[str] = []

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Numbers:
        return cls()

    def add(self, one: int, other: int) -> int:
        self.ran.append("add")
        return one + other

    def double(self, number: int) -> int:
        self.ran.append("double")
        return 2 * number

    def fail(self, number: int) -> int:
        raise RasaException("no such number")

    def forget(self, number: int) -> int:
        raise KeyError(number)


def _node(fn: str, **needs: str) -> SchemaNode:
    return SchemaNode(needs=needs, uses=Numbers, fn=fn, constructor_name="create", config={}, eager=True)


# Written down backwards: a node may stand before those it needs.
SCHEMA = GraphSchema(
    {
        "run_tests.Sum1": _node("add", one="run_tests.Double0", other="__number__"),
        "run_tests.Double0": _node("double", number="__number__"),
        "run_tests.Unasked2": _node("double", number="run_tests.Sum1"),
        "run_tests.Broken3": _node("fail", number="__number__"),
        "run_tests.Forgetful4": _node("forget", number="__number__"),
    }
)


@pytest.fixture
def runners(tmp_path: Path) -> tuple[DaskGraphRunner, Runner]:
    context = ExecutionContext(SCHEMA)
    Numbers.ran.clear()
    ours = Runner.create(SCHEMA, LocalModelStorage(tmp_path), context)
    assert isinstance(ours, Runner)
    return DaskGraphRunner.create(SCHEMA, LocalModelStorage(tmp_path), context), ours


def test_what_it_gives_is_what_rasas_own_gives(runners: tuple[DaskGraphRunner, Runner]) -> None:
    for number in (3, 4):
        given = [runner.run({"__number__": number}, ["run_tests.Sum1"]) for runner in runners]
        assert given == [{"run_tests.Sum1": 3 * number}] * 2
    assert Numbers.ran == ["double", "add"] * 4, "neither runs what nobody asked for"


@pytest.mark.parametrize(
    ("node", "error"),
    [("run_tests.Broken3", RasaException), ("run_tests.Forgetful4", GraphComponentException)],
)
def test_a_component_that_fails_fails_the_run_alike(
    node: str, error: type[Exception], runners: tuple[DaskGraphRunner, Runner]
) -> None:
    for runner in runners:
        with pytest.raises(error) as raised:
            runner.run({"__number__": 1}, [node])
        assert raised.type is error


def test_an_input_nobody_gives_is_named(runners: tuple[DaskGraphRunner, Runner]) -> None:
    with pytest.raises(GraphRunError, match="__number__"):
        runners[1].run({}, ["run_tests.Sum1"])


def test_each_component_is_measured_by_its_class(runners: tuple[DaskGraphRunner, Runner]) -> None:
    with recording("bot") as record:
        runners[1].run({"__number__": 1}, ["run_tests.Sum1"])
    assert [stage.name for stage in record.stages] == ["Double", "Sum", "parse"]
    parts, whole = record.stages[:2], record.stages[2]
    assert all(part.parent == whole.id and part.seconds <= whole.seconds for part in parts)
    assert component_of("run_bot.components.doubt.DoubtDecision8") == "DoubtDecision"
