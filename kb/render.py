"""Fills the placeholders of a text.

`{returns.window_days}` is replaced by the fact of that name, written as French writes its kind. Variants:
`{now:time}` and `{placed_at:day}` take the hour or the day of an instant, `{minutes_left:duration}` reads minutes as
hours and minutes, `{days_left|jour|jours}` puts the right noun after a number, `{from~until}` tells two days as a span,
or as one day when they are the same. `[[ … ]]` is left out when a
placeholder inside has no value; `[[moved? … ]]` stands only when the fact is true (`[[!moved? … ]]`: when it is not).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from kb.vocabulary import Vocabulary
from policies.decision import Fact, Weekday, Weekdays

FORMATS_PATH = Path(__file__).with_name("formats_fr.yaml")

_NAMED_ONE_BY_ONE = 2
"""Days in a row that are still named one by one."""
NBSP = "\N{NO-BREAK SPACE}"
PLACEHOLDER = re.compile(r"\{([a-z0-9_.]+)(?::(time|day|duration)|\|([^{}|]+)\|([^{}|]+)|~([a-z0-9_.]+))?\}")
OPTIONAL = re.compile(r"\[\[(?:(!?)([a-z0-9_.]+)\?)?(.*?)\]\]", re.DOTALL)
SECTIONS: Mapping[str, str] = {
    "status": "order_status",
    "carrier": "carrier",
    "carrier_status": "carrier_status",
    "payment_method": "payment_method",
    "stock": "stock_status",
}
"""Last part of a placeholder's name -> section of the vocabulary that has the label of its id."""


class RenderError(ValueError):
    """A text cannot be filled; the message names the placeholder."""


def render(template: str, facts: Mapping[str, Fact], vocabulary: Vocabulary) -> str:
    """`template` with every placeholder filled; RenderError for a fact that is missing or has no value."""
    text = OPTIONAL.sub(lambda part: _optional(part, facts), template)
    filled = PLACEHOLDER.sub(lambda part: _filled(part, facts, vocabulary), text)
    if stray := re.search(r"[{}]|\[\[|\]\]", PLACEHOLDER.sub("", text)):
        raise RenderError(f"no placeholder is written like {text[max(0, stray.start() - 10) : stray.start() + 20]!r}")
    return re.sub(r"\n{3,}", "\n\n", re.sub(r" +(?=\n|$)| {2,}(?=\S)", _one_space, filled)).strip()


def placeholders(template: str) -> frozenset[str]:
    """The names of all facts a template speaks of, conditions included."""
    names = {name for part in PLACEHOLDER.finditer(template) for name in (part[1], part[5]) if name}
    return frozenset(names | {part[2] for part in OPTIONAL.finditer(template) if part[2]})


def written(fact: Fact, *, name: str = "", variant: str | None = None) -> str:
    """One fact as French writes it; RenderError for None, a truth value, or a variant that does not fit its kind."""
    formats = _formats()
    if isinstance(fact, datetime):
        hour = _hour(fact.hour, fact.minute, formats)
        whole = str(formats["datetime"]).replace("{date}", _date(fact, formats)).replace("{time}", hour)
        text = {None: whole, "time": hour, "day": _date(fact, formats)}.get(variant)
    elif isinstance(fact, date):
        text = _date(fact, formats) if variant in (None, "day") else None
    elif isinstance(fact, time):
        text = _hour(fact.hour, fact.minute, formats) if variant in (None, "time") else None
    elif isinstance(fact, int) and not isinstance(fact, bool):
        text = {None: _grouped(str(fact)), "duration": _duration(fact, formats)}.get(variant)
    elif isinstance(fact, Decimal):
        text = _amount(fact, formats) if variant is None else None
    elif isinstance(fact, Weekdays):
        text = _weekdays(fact, formats) if variant is None else None
    else:
        text = fact if isinstance(fact, str) and variant is None else None
    if text is None:
        raise RenderError(f"{{{name}}}: {fact!r} cannot be written here")
    return text


def _optional(part: re.Match[str], facts: Mapping[str, Fact]) -> str:
    negated, condition, inside = part[1], part[2], part[3]
    if condition:
        if condition not in facts:
            raise RenderError(f"[[{condition}?: no such fact")
        return inside if bool(facts[condition]) is not bool(negated) else ""
    return inside if all(facts.get(name) not in (None, "") for name in placeholders(inside)) else ""


def _filled(part: re.Match[str], facts: Mapping[str, Fact], vocabulary: Vocabulary) -> str:
    name, variant, singular, plural = part[1], part[2], part[3], part[4]
    if name not in facts:
        raise RenderError(f"{{{name}}}: no such fact")
    fact = facts[name]
    if part[5]:
        return _span(fact, facts.get(part[5]), name=part[0])
    if plural:
        if not isinstance(fact, int) or isinstance(fact, bool):
            raise RenderError(f"{{{name}|…}}: needs a whole number, not {fact!r}")
        # French keeps the singular below two, zero included.
        return f"{written(fact)}{NBSP}{singular if fact < 2 else plural}"
    section = SECTIONS.get(name.rpartition(".")[2])
    if section and isinstance(fact, str) and variant is None and fact in vocabulary.ids(section):
        return vocabulary.label(section, fact)
    return written(fact, name=name, variant=variant)


def _span(first: Fact, last: Fact, *, name: str) -> str:
    if not isinstance(first, date) or not isinstance(last, date):
        raise RenderError(f"{name}: needs two days, not {first!r} and {last!r}")
    pattern = str(_formats()["on_day" if first == last else "between"])
    return pattern.replace("{first}", _date(first, _formats())).replace("{last}", _date(last, _formats()))


def _date(day: date, formats: Mapping[str, Any]) -> str:
    parts = {
        "{weekday}": formats["weekdays"][day.weekday()],
        "{day}": formats["first_of_month"] if day.day == 1 else str(day.day),
        "{month}": formats["months"][day.month - 1],
        "{year}": str(day.year),
    }
    text = str(formats["date"])
    for placeholder, value in parts.items():
        text = text.replace(placeholder, value)
    return text


def _hour(hour: int, minutes: int, formats: Mapping[str, Any]) -> str:
    pattern = str(formats["hour_minutes"] if minutes else formats["hour"])
    return pattern.replace("{hour}", str(hour)).replace("{minutes}", f"{minutes:02d}")


def _duration(minutes: int, formats: Mapping[str, Any]) -> str:
    if minutes >= 60:
        return _hour(*divmod(minutes, 60), formats)
    return f"{minutes}{NBSP}{formats['minute'] if minutes < 2 else formats['minutes']}"


def _amount(amount: Decimal, formats: Mapping[str, Any]) -> str:
    whole, _, cents = f"{amount:.2f}".partition(".")
    number = _grouped(whole) + ("" if cents == "00" else formats["decimal_mark"] + cents)
    return str(formats["amount"]).replace("{amount}", number)


def _weekdays(weekdays: Weekdays, formats: Mapping[str, Any]) -> str:
    if len(weekdays.days) == len(Weekday):
        return str(formats["every_day"])
    runs: list[list[Weekday]] = []
    for day in weekdays.days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    names, parts = formats["weekdays"], list[str]()
    for run in runs:
        if len(run) > _NAMED_ONE_BY_ONE:
            parts.append(str(formats["day_range"]).replace("{first}", names[run[0]]).replace("{last}", names[run[-1]]))
        else:
            parts += [str(formats["one_day"]).replace("{day}", names[day]) for day in run]
    *most, last = parts
    return f"{', '.join(most)} {formats['and']} {last}" if most else last


def _grouped(digits: str) -> str:
    return re.sub(r"(?<=\d)(?=(?:\d{3})+$)", NBSP, digits)


def _one_space(run: re.Match[str]) -> str:
    return " " if run.end() < len(run.string) and run.string[run.end()] != "\n" else ""


@cache
def _formats() -> Mapping[str, Any]:
    content: Mapping[str, Any] = YAML(typ="safe", pure=True).load(FORMATS_PATH.read_text(encoding="utf-8"))
    return content
