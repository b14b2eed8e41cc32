"""What runs on this machine, as the kernel tells it."""

from __future__ import annotations

from pathlib import Path


def is_running(pid: int) -> bool:
    """Whether a process still runs; one that has ended and that nobody has reaped yet does not."""
    fields = _fields(pid)
    return bool(fields) and fields[0] != "Z"


def children_of(pid: int) -> list[int]:
    """The processes a process has started."""
    pids = [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]
    return [child for child in pids if (fields := _fields(child)) and int(fields[1]) == pid]


def listening_addresses(port: int) -> set[str]:
    """The addresses a TCP port is listened on, as the kernel writes them; "v6" for any IPv6 one."""
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text(encoding="utf-8").splitlines()[1:]:
            local, state = line.split()[1], line.split()[3]
            address, _, hexadecimal = local.partition(":")
            if state == "0A" and int(hexadecimal, 16) == port:
                found.add(address if table == "tcp" else "v6")
    return found


def _fields(pid: int) -> list[str]:
    """State, parent and what follows in the kernel's table of processes; nothing for one that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
