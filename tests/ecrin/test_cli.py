"""The commands of the contract, run as a person runs them."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from actions.server import order_numbers
from ecrin import cli
from ecrin.settings import ROOT
from ecrin.supervisor import free_port
from shop.database import make_engine, sqlite_url
from shop.repository import SqlShopRepository
from tests.gateway.running import eventually
from tests.processes import children_of, is_running

ORDERS = """\
- number: BJ-104233
  email: claire.dupont@example.fr
  placed_at: "2025-09-16T10:02:00+02:00"
  status: Livrée
  status_since: "2025-09-19T14:20:00+02:00"
  delivered_at: "2025-09-19T14:20:00+02:00"
  items:
    - {name: "Jonc argent", category: bracelet}
  payment_method: carte bancaire
  total: 49.90
"""
SCENARIO = """\
- id: {id}
  now: "2025-09-16T11:20:00+02:00"
  turns:
    - {{user: "Bonjour", must: ['{must}']}}
"""


@pytest.fixture
def runner() -> CliRunner:
    return CliRunner()


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SqlShopRepository:
    """The shop the commands work on: a database of the test's own, not made yet."""
    url = sqlite_url(tmp_path / "shop.db")
    monkeypatch.setenv("ECRIN_SHOP_DATABASE_URL", url)
    return SqlShopRepository(engine=make_engine(url=url), numbers=order_numbers("BJ"))


def written(folder: Path, text: str, name: str = "file.yaml") -> str:
    """The path of a file with that text."""
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


@pytest.mark.parametrize(
    "command",
    [
        ["serve"],
        ["chat"],
        ["train"],
        ["classify"],
        ["evaluate"],
        ["scenario"],
        ["orders", "import"],
        ["token", "create"],
        ["kb", "check"],
    ],
)
def test_every_command_of_the_contract_exists(runner: CliRunner, command: list[str]) -> None:
    told = runner.invoke(cli.app, [*command, "--help"])
    assert told.exit_code == 0, told.output


def test_orders_are_imported(runner: CliRunner, shop: SqlShopRepository, tmp_path: Path) -> None:
    told = runner.invoke(cli.app, ["orders", "import", written(tmp_path, ORDERS)])
    assert told.exit_code == 0, told.output
    order = shop.find_order(number="BJ-104233", email="claire.dupont@example.fr")
    assert order is not None
    assert order.items[0].name == "Jonc argent"


def test_importing_the_same_again_changes_nothing(runner: CliRunner, shop: SqlShopRepository, tmp_path: Path) -> None:
    file = written(tmp_path, ORDERS)
    first, second = (runner.invoke(cli.app, ["orders", "import", file]) for _ in range(2))
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert len(shop.orders_of(email="claire.dupont@example.fr")) == 1


def test_a_bad_row_is_told_by_its_line_and_nothing_is_written(
    runner: CliRunner, shop: SqlShopRepository, tmp_path: Path
) -> None:
    bad = ORDERS.replace("BJ-104233", "BJ-104234").replace("total: 49.90", "total: beaucoup")
    told = runner.invoke(cli.app, ["orders", "import", written(tmp_path, ORDERS + bad)])
    assert told.exit_code == 1
    assert "20" in told.output
    assert shop.orders_of(email="claire.dupont@example.fr") == ()


def test_a_missing_orders_file_is_refused(runner: CliRunner, shop: SqlShopRepository, tmp_path: Path) -> None:
    assert runner.invoke(cli.app, ["orders", "import", str(tmp_path / "none.yaml")]).exit_code == 2


def test_a_faulty_scenario_file_ends_in_one_line(runner: CliRunner, tmp_path: Path) -> None:
    told = runner.invoke(cli.app, ["scenario", written(tmp_path, "id: one")])
    assert told.exit_code == 2
    assert "a list of scenarios is expected" in told.output
    assert "Traceback" not in told.output


def test_serving_on_a_taken_port_ends_in_one_line(runner: CliRunner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told = runner.invoke(cli.app, ["serve", "--port", str(taken.getsockname()[1])])
    assert told.exit_code == 1
    assert re.fullmatch(r"ecrin: port \d+ on \S+ is in use.*\n", told.output)


def test_classify_prints_one_json_object_a_line_in_order(runner: CliRunner, model: Path) -> None:
    said = ["Où est ma commande ?", "Comment choisir ma taille et quels moyens de paiement acceptez-vous ?", "qsdf"]
    told = runner.invoke(cli.app, ["classify", "--model", str(model)], input="\n".join(said) + "\n")
    assert told.exit_code == 0, told.output
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    assert [line["text"] for line in lines] == said
    for line in lines:
        assert set(line) == {"text", "intent", "confidence", "decision", "requests", "ranking"}
        assert line["decision"] in {"answer", "clarify", "reject"}
        assert len(line["ranking"]) >= 3
        assert all(set(entry) == {"name", "confidence"} for entry in line["ranking"])
        assert len(line["requests"]) >= 1
    assert lines[0]["intent"] == "track_order"
    assert lines[1]["requests"] == ["size_guide", "payment_methods"]
    assert lines[2]["decision"] == "reject"


@pytest.fixture
def played_here(inner_stack: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """`ecrin scenario` on the stack that runs already."""

    @contextmanager
    def running() -> Iterator[Any]:
        yield inner_stack

    monkeypatch.setattr(cli, "scenario_stack", running)


@pytest.mark.usefixtures("played_here")
def test_a_scenario_that_passes(runner: CliRunner, tmp_path: Path) -> None:
    told = runner.invoke(cli.app, ["scenario", written(tmp_path, SCENARIO.format(id="hello", must="bonjour"))])
    assert told.exit_code == 0, told.output
    assert "ok   hello 1" in told.output


@pytest.mark.usefixtures("played_here")
def test_a_scenario_that_fails_is_written_as_json_and_tells_by_the_exit_code(runner: CliRunner, tmp_path: Path) -> None:
    files = [
        written(tmp_path, SCENARIO.format(id="good", must="bonjour"), "a.yaml"),
        written(tmp_path, SCENARIO.format(id="bad", must="never said"), "b.yaml"),
    ]
    out = tmp_path / "out.json"
    told = runner.invoke(cli.app, ["scenario", *files, "--json", str(out)])
    assert told.exit_code == 1
    result = json.loads(out.read_text(encoding="utf-8"))
    assert (result["scenarios"], result["turns"], result["passed_turns"]) == (2, 2, 1)
    (failure,) = result["failures"]
    assert failure["reply"]
    assert {key: failure[key] for key in ("id", "turn", "missing", "forbidden")} == {
        "id": "bad",
        "turn": 1,
        "missing": ["never said"],
        "forbidden": [],
    }


@pytest.fixture
def chatting(inner_stack: Any, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`ecrin chat` on the stack that runs already, with a shop database of its own."""
    monkeypatch.setenv("ECRIN_VAR", str(tmp_path))
    monkeypatch.setattr(cli, "ensure_model", lambda *_, **__: model)
    monkeypatch.setattr(cli, "Stack", lambda *_, **__: nullcontext(inner_stack[0]))


@pytest.mark.usefixtures("chatting")
def test_chat_answers_line_by_line_and_ends_with_the_input(runner: CliRunner) -> None:
    told = runner.invoke(cli.app, ["chat"], input="Bonjour\nComment choisir ma taille ?\n")
    assert told.exit_code == 0, told.output
    assert "assistant automatique" in told.output
    assert "[Plus de détails]" in told.output
    assert '"intent"' not in told.output


@pytest.mark.usefixtures("chatting")
def test_chat_shows_the_trace(runner: CliRunner) -> None:
    told = runner.invoke(cli.app, ["chat", "--trace"], input="Comment choisir ma taille ?\n")
    assert told.exit_code == 0, told.output
    trace = json.loads(told.stdout[told.stdout.index("{\n") : told.stdout.rindex("}") + 1])
    assert (trace["intent"], trace["entry"]) == ("size_guide", "size_guide")


@pytest.mark.usefixtures("chatting")
def test_chat_takes_its_instant_from_the_option(runner: CliRunner) -> None:
    closed = runner.invoke(cli.app, ["chat", "--trace", "--now", "2025-09-21T10:00:00+02:00"], input="Un conseiller\n")
    assert "conversation:handoff_closed" in closed.output


def test_serve_prints_its_address_and_ctrl_c_stops_every_process(model: Path, tmp_path: Path) -> None:
    (tmp_path / "models").symlink_to(model.parent)
    port = free_port()
    log = tmp_path / "serve.log"
    children: list[int] = []
    with log.open("wb") as out:
        serving = subprocess.Popen(
            [sys.executable, "-m", "ecrin.cli", "serve", "--port", str(port)],
            cwd=ROOT,
            env={**os.environ, "ECRIN_VAR": str(tmp_path)},
            stdout=out,
            stderr=out,
        )
    try:
        eventually(lambda: "/console" in log.read_text(encoding="utf-8") or serving.poll() is not None, seconds=180)
        assert f"http://127.0.0.1:{port}/" in log.read_text(encoding="utf-8")
        assert "ecrin" in httpx.get(f"http://127.0.0.1:{port}/").text.lower()
        children = children_of(serving.pid)
        assert len(children) >= 3
    finally:
        serving.send_signal(signal.SIGINT)
        serving.wait(timeout=60)
    eventually(lambda: not [pid for pid in children if is_running(pid)])
    assert "Traceback" not in log.read_text(encoding="utf-8")
