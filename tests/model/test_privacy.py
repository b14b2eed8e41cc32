"""The real bot, actions and gateway: no identifier in any file, nothing outside this machine, nothing left of an erased
customer."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrin.cli import seed_demo_shop
from ecrin.supervisor import PARTS, Stack
from gateway.customer.erasing import erase
from gateway.customer.exporting import export
from gateway.customer.finding import find
from gateway.customer.stores import Stores, Subject
from gateway.store.database import open_database
from tests.gateway.running import WidgetUser, eventually
from tests.privacy.identifiers import SECRETS, SENTENCES, Secret
from tests.privacy.scanning import survivors
from tests.whole import whole_installation

OCTAVE = "octave.perignon@example.com"
WORD = "zibeline-quetzal"
NOT_OURS = ("shop.db",)
"""The shop's own record, which holds its customers."""
HOOK = r"""
import os, sys
if folder := os.environ.get("ECRIN_WATCHED"):
    ADDRESSED = {"socket.connect": -1, "socket.sendto": -1, "socket.sendmsg": -1, "socket.getaddrinfo": 0}
    def watch(event, arguments):
        if event in ADDRESSED:
            with open(os.path.join(folder, f"{os.getpid()}.calls"), "a") as out:
                out.write(f"{event} {arguments[ADDRESSED[event]]!r}\n")
    sys.addaudithook(watch)
"""
"""Read by every Python of the stack when it starts: it writes down each address somebody wants to reach."""


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the calls are written down."""
    folder = tmp_path_factory.mktemp("calls")
    (folder / "sitecustomize.py").write_text(HOOK, encoding="utf-8")
    return folder


def environment(watched: Path) -> dict[str, str]:
    """What makes a Python write its calls down."""
    path = os.pathsep.join(filter(None, (str(watched), os.environ.get("PYTHONPATH", ""))))
    return {"ECRIN_WATCHED": str(watched), "PYTHONPATH": path}


class Sockets(threading.Thread):
    """Looks again and again at the kernel's tables for sockets of some processes that lead elsewhere: what is written
    in C passes no audit hook."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(daemon=True)
        self._pids = [stack.pid(part) for part in PARTS]
        self._done = threading.Event()
        self.looks = 0
        self.elsewhere: set[str] = set()

    def run(self) -> None:
        while not self._done.wait(0.02):
            self.looks += 1
            ours = {target for pid in self._pids for target in _sockets(pid)}
            self.elsewhere |= {remote for inode, remote in _remotes() if inode in ours and not _is_loopback(remote)}

    def stop(self) -> None:
        self._done.set()
        self.join()


def _sockets(pid: int) -> set[str]:
    found = set()
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(handle)
        except OSError:
            continue
        if target.startswith("socket:["):
            found.add(target[8:-1])
    return found


def _remotes() -> Iterator[tuple[str, str]]:
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/net/{table}").read_text(encoding="utf-8").splitlines()[1:]:
            fields = line.split()
            yield fields[9], fields[2].partition(":")[0]


def _is_loopback(remote: str) -> bool:
    is_unset = set(remote) == {"0"}
    is_four = len(remote) == 8 and remote.endswith("7F")
    is_six = remote == "00000000000000000000000001000000" or remote.startswith("0000000000000000FFFF0000")
    return is_unset or is_four or is_six


@pytest.fixture(scope="module")
def house(model: Path, watched: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A whole installation of its own, whose every call is written down."""
    own = whole_installation(tmp_path_factory.mktemp("var"))
    seed_demo_shop(own)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(watched).items():
            patch.setenv(name, value)
        with Stack(own, model) as running:
            sockets = Sockets(running)
            sockets.start()
            yield running
            sockets.stop()
        assert sockets.looks > 10
        assert sockets.elsewhere == set()


@pytest.fixture(scope="module")
def client(house: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=house.gateway_url, timeout=20) as opened:
        yield opened


def visitor(client: httpx.Client) -> WidgetUser:
    opened = client.post("/api/widget/conversations", json={"shop_session": None})
    return WidgetUser(client=client, **opened.json())


def say(user: WidgetUser, text: str) -> str:
    """Say it and wait for the answer."""
    before = sum(line["from"] == "assistant" for line in user.history())
    assert user.say(text).status_code == 202, text
    return user.answers(count=before + 1, seconds=60)[-1]


def test_the_order_check_goes_on_working_while_nothing_clear_is_kept(house: Stack, client: httpx.Client) -> None:
    user = visitor(client)
    say(user, f"Bonjour, où est ma commande ? Mon e-mail est {OCTAVE}")
    assert "La Poste" in say(user, "BJ-900127")
    assert "14\u00a0jours" in say(user, "et si il me plait pas je peux le renvoyer ?")
    assert survivors(house.settings.var, [Secret("email", OCTAVE)], without=NOT_OURS) == []


@settings(max_examples=15, deadline=None)
@given(turns=st.lists(st.tuples(SECRETS, SENTENCES), min_size=1, max_size=3))
def test_no_generated_identifier_survives_a_whole_conversation(
    house: Stack, client: httpx.Client, turns: list[tuple[Secret, str]]
) -> None:
    user = visitor(client)
    for secret, sentence in turns:
        say(user, sentence.format(secret.typed))
    assert survivors(house.settings.var, [secret for secret, _ in turns], without=NOT_OURS) == []


def test_a_customer_is_told_everything_and_then_nothing_is_left(house: Stack, client: httpx.Client) -> None:
    user = visitor(client)
    say(user, f"BJ-900127 {OCTAVE}, où est mon colis ?")
    say(user, f"Merci beaucoup, {WORD}")
    database = open_database(house.settings.gateway_database)
    stores = Stores.over(house.settings, database)
    subject = Subject(email=OCTAVE)
    found = find(stores, subject)
    assert user.conversation in found.proven
    told = export(stores, subject, found, at=datetime.now(UTC), reference="P-1")
    one = next(one for one in told["conversations"] if one["id"] == user.conversation)
    assert one["messages"][0]["text"] == "BJ-900127 [adresse e-mail], où est mon colis ?"
    assert any(message["text"] == f"Merci beaucoup, {WORD}" for message in one["messages"])
    assert any(event["event"] == "user" for event in one["assistant_memory"])
    assert "BJ-900127" in json.dumps(told["shop"]["orders"])

    key = stores.redactor.email(OCTAVE)
    assert key is not None
    assert survivors(house.settings.var, [Secret("email", key)], without=NOT_OURS)
    erase(stores, found, at=datetime.now(UTC))
    database.close()
    left = [Secret("word", WORD), Secret("email", key)]
    eventually(lambda: survivors(house.settings.var, left, without=NOT_OURS) == [], seconds=20)
    assert user.client.get("/api/widget/messages", headers=user.headers).status_code == 401


def test_nothing_leaves_the_machine(house: Stack, client: httpx.Client, watched: Path) -> None:
    say(visitor(client), "Bonjour, comment retourner un article ?")
    calls = [line for path in watched.glob("*.calls") for line in path.read_text(encoding="utf-8").splitlines()]
    assert [call for call in calls if "127.0.0.1" not in call and "localhost" not in call] == []


def test_a_call_to_elsewhere_would_have_been_seen(watched: Path, tmp_path: Path) -> None:
    """Else the two tests above could not fail."""
    code = "import socket; s = socket.socket(); s.setblocking(False); s.connect_ex(('192.0.2.1', 80))"
    (tmp_path / "sitecustomize.py").write_text(HOOK, encoding="utf-8")
    run = {**os.environ, **environment(tmp_path)}
    subprocess.run([sys.executable, "-c", code], env=run, check=True)
    assert any("192.0.2.1" in path.read_text(encoding="utf-8") for path in tmp_path.glob("*.calls"))
    with socket.socket(type=socket.SOCK_DGRAM) as one:
        one.connect(("192.0.2.1", 80))
        inodes = _sockets(os.getpid())
        assert any(inode in inodes and not _is_loopback(remote) for inode, remote in _remotes())
