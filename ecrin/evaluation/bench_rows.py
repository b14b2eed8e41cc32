"""The rows of `make bench` and how they are written: terminal, JSON, and the table in docs/benchmarks.md."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

FIGURES: tuple[tuple[str, str, int], ...] = (
    ("examples", "training examples", 0),
    ("accuracy", "in-scope accuracy", 3),
    ("oos_recall", "out-of-scope recall", 3),
    ("false_reject", "wrongly rejected", 3),
    ("train_cpu_s", "training, CPU s", 0),
    ("cold_start_s", "cold start, s", 1),
    ("parse_p50_ms", "parse p50, ms", 1),
    ("parse_p95_ms", "parse p95, ms", 1),
    ("reply_p50_ms", "reply p50, ms", 1),
    ("reply_p95_ms", "reply p95, ms", 1),
    ("messages_per_s", "replies a second", 0),
    ("rss_mb", "memory, MB", 0),
    ("model_mb", "model, MB", 1),
)
"""Key, name and decimals of every figure, in the order of the table."""

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One contestant. Figures of a running server are `None` where none was started."""

    examples: int
    accuracy: float
    oos_recall: float
    false_reject: float
    train_cpu_s: float
    parse_p50_ms: float
    parse_p95_ms: float
    model_mb: float
    cold_start_s: float | None = None
    reply_p50_ms: float | None = None
    reply_p95_ms: float | None = None
    messages_per_s: float | None = None
    rss_mb: float | None = None


def percentile(values: Sequence[float], share: float) -> float:
    """Return the nearest-rank percentile; `share` 0.95 for p95."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def as_json(rows: dict[str, Row], notes: Sequence[str]) -> str:
    """Return build/bench.json."""
    told = {name: {key: value for key, value in asdict(row).items() if value is not None} for name, row in rows.items()}
    return json.dumps({**told, "notes": list(notes)}, indent=2) + "\n"


def as_markdown(rows: dict[str, Row], notes: Sequence[str]) -> str:
    """Return the table, figures down and contestants across."""
    lines = [f"| | {' | '.join(f'`{name}`' for name in rows)} |", f"| --- |{' ---: |' * len(rows)}"]
    for key, title, decimals in FIGURES:
        values = (getattr(row, key) for row in rows.values())
        cells = ("–" if value is None else f"{value:,.{decimals}f}" for value in values)
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", *(f"- {note}" for note in notes)])


def write_between(path: Path, begin: str, end: str, text: str) -> None:
    """Replace what stands between two markers; the markers are appended to a file that lacks them."""
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    if begin not in old or end not in old:
        old = f"{old.rstrip()}\n\n{begin}\n{end}\n".lstrip()
    before, _, rest = old.partition(begin)
    _, _, after = rest.partition(end)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{before}{begin}\n{text.strip()}\n{end}{after}", encoding="utf-8")
