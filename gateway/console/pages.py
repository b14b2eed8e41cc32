"""Templates, texts and the headers of a page: one strict policy, no inline script or style."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from ruamel.yaml import YAML

if TYPE_CHECKING:
    from gateway.console.access import Person

HERE = Path(__file__).parent
ZONE = ZoneInfo("Europe/Paris")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
}


@cache
def texts() -> Mapping[str, Any]:
    """The console's sentences and labels, `texts_fr.yaml`."""
    content: Mapping[str, Any] = YAML(typ="safe", pure=True).load((HERE / "texts_fr.yaml").read_text(encoding="utf-8"))
    return content


def said(group: str, key: str | None) -> str:
    """A label of a group; the key itself when it has none, so that a new id of another room breaks no page."""
    if key is None:
        return ""
    label: str = texts()[group].get(key, key)
    return label


def when(instant: datetime | str | None) -> str:
    """An instant on Paris clocks."""
    if instant is None:
        return ""
    read = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    return read.astimezone(ZONE).strftime(texts()["formats"]["instant"])


def seconds(value: float | None) -> str:
    """A duration in seconds, no number when nothing was counted."""
    formats = texts()["formats"]
    return str(formats["none"] if value is None else formats["seconds"].format(value).replace(".", ","))


def day(value: date) -> str:
    """A day."""
    return value.strftime(texts()["formats"]["day"])


def waited(minutes: int) -> str:
    """A wait as people say it: « moins d’une minute », « 12 min », « 1 h 05 », « 2 j »."""
    kind = "now" if minutes < 1 else "minutes" if minutes < 60 else "hours" if minutes < 24 * 60 else "days"
    hours, rest = divmod(minutes, 60)
    return str(texts()["waited"][kind]).format(minutes=minutes, hours=hours, rest=rest, days=hours // 24)


def share(value: float | None) -> str:
    """A share as a percentage, no sign when nothing was counted."""
    if value is None:
        return str(texts()["formats"]["none"])
    return str(texts()["formats"]["share"]).format(round(value * 100))


_AGENT_PAGES = ("preview", "conversations", "queue", "teach", "faq", "numbers")
_GROUPS: Mapping[str, tuple[str, ...]] = {
    "faq": ("faq", "regressions"),
    "people": ("people", "keys", "privacy", "audit"),
}
"""Pages that stand side by side behind one entry of the menu, named after its first."""


def menu(person: Person, *, at: str) -> list[tuple[str, str, bool]]:
    """The pages somebody may open: the last part of each address, its label, whether one is there already."""
    names = (*_AGENT_PAGES, *(("people",) if person.is_lead else ()))
    return [
        ("" if name == "preview" else name, said("menu", name), (at or "preview") in _GROUPS.get(name, (name,)))
        for name in names
    ]


def beside(at: str) -> list[tuple[str, str]]:
    """The pages beside this one, itself included; none for a page that stands alone."""
    group = next((names for names in _GROUPS.values() if at in names), ())
    return [(name, said("page", name)) for name in group]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"when": when, "day": day, "share": share, "waited": waited, "seconds": seconds}
    environment.globals |= {"t": texts(), "said": said, "menu": menu, "beside": beside}
    return environment


def page(template: str, *, status: int = 200, **facts: Any) -> HTMLResponse:
    """A page; StrictUndefined makes a forgotten fact an error in its test, not a hole in the page."""
    body = _environment().get_template(template).render(**facts)
    return HTMLResponse(body, status_code=status, headers=HEADERS)
