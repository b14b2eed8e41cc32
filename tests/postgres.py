"""A real PostgreSQL for a test run: started on a free loopback port, thrown away at the end.

PostgreSQL refuses to run as root, so root hands it to a system user. It dies with the test process, however that ends.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

SUPERUSER = "ecrin_tests"
_START_S = 30
_TRIES = 3


class PostgresMissing(RuntimeError):
    """No PostgreSQL server is installed on this machine."""


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server; every test asks it for a database of its own.

    `kill` and `start` take it away as a crash does, and bring it back on the same port with what it had committed.
    """

    port: int
    data: Path
    launch: Callable[[int], subprocess.Popen[bytes]]

    def url(self, database: str) -> str:
        """An SQLAlchemy URL."""
        return f"postgresql+psycopg://{SUPERUSER}@127.0.0.1:{self.port}/{database}"

    @contextmanager
    def database(self, *, template: str = "template0") -> Iterator[str]:
        """The name of a fresh database, a copy of `template`; dropped at the end."""
        name = f"t_{uuid.uuid4().hex}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield name
        finally:
            self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._conninfo(), autocommit=True) as connection:
            connection.execute(statement.encode())

    def kill(self) -> None:
        """SIGKILL; its children notice and end."""
        pid = int((self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
        os.kill(pid, signal.SIGKILL)

    def start(self) -> None:
        """Until it answers. What is left of the killed one may refuse the first tries."""
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            process = self.launch(self.port)
            while process.poll() is None and time.monotonic() < deadline:
                if self.answers():
                    return
                time.sleep(0.05)
        raise RuntimeError("PostgreSQL did not start again")

    def answers(self) -> bool:
        """Whether the server takes connections."""
        try:
            psycopg.connect(self._conninfo()).close()
        except psycopg.OperationalError:
            return False
        return True

    def _conninfo(self) -> str:
        return f"host=127.0.0.1 port={self.port} user={SUPERUSER} dbname=postgres connect_timeout=2"


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Starts a server and stops it at the end. Raises PostgresMissing where there is none to start."""
    initdb, postgres = _binary("initdb"), _binary("postgres")
    # Not pytest's own folder: that one is closed to other users.
    home = Path(tempfile.mkdtemp(prefix="ecrin-pg-"))
    user = _system_user()
    if user:
        os.chown(home, user.pw_uid, user.pw_gid)
    data = home / "data"
    try:
        _check(
            [*_as(user), initdb, "-D", str(data), "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
            cwd=home,
        )
        server = _start(postgres, data, home, user)
        try:
            yield server
        finally:
            _stop(data)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _start(postgres: str, data: Path, home: Path, user: pwd.struct_passwd | None) -> PostgresServer:
    """Another process may take the free port first, so a start is tried again on another one."""
    log = home / "server.log"

    def launch(port: int) -> subprocess.Popen[bytes]:
        with log.open("ab") as output:
            return subprocess.Popen(
                [*_as(user, dies_with_parent=True), postgres, "-D", str(data), "-p", str(port)]
                + ["-h", "127.0.0.1", "-k", str(home), "-F"],
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=home,
            )

    for _ in range(_TRIES):
        server = PostgresServer(port=_free_port(), data=data, launch=launch)
        process = launch(server.port)
        deadline = time.monotonic() + _START_S
        while process.poll() is None and time.monotonic() < deadline:
            if server.answers():
                return server
            time.sleep(0.05)
        process.kill()
        process.wait()
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")


def _stop(data: Path) -> None:
    """SIGINT is PostgreSQL's fast shutdown; it takes its file away when it is done."""
    file = data / "postmaster.pid"
    if file.exists():
        os.kill(int(file.read_text(encoding="utf-8").splitlines()[0]), signal.SIGINT)
    deadline = time.monotonic() + _START_S
    while file.exists() and time.monotonic() < deadline:
        time.sleep(0.05)


def _binary(name: str) -> str:
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which(name) or next((str(place / name) for place in places if (place / name).exists()), None)
    if found is None:
        raise PostgresMissing(f"{name} was not found: install the PostgreSQL server to run the tests on it as well")
    return found


def _system_user() -> pwd.struct_passwd | None:
    """The user to run the server as; None when we are not root and may run it ourselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _as(user: pwd.struct_passwd | None, *, dies_with_parent: bool = False) -> list[str]:
    if shutil.which("setpriv") is None:
        return ["runuser", "-u", user.pw_name, "--"] if user else []
    identity = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"] if user else []
    end = ["--pdeathsig=QUIT"] if dies_with_parent else []
    return ["setpriv", *identity, *end] if identity or end else []


def _check(command: list[str], *, cwd: Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
