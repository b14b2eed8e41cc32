"""The page of numbers, and the same as CSV."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response

from gateway.console.access import Agent, ConsoleRoute, Ours, Refused
from gateway.console.knowledge import explainer
from gateway.console.numbers.charts import FOOT, HEIGHT, WIDTH, columns, rows
from gateway.console.numbers.counts import Numbers, Period, count
from gateway.console.pages import ZONE, page, said
from gateway.context import Gateway
from gateway.store.database import in_thread
from gateway.store.tables import Channel

router = APIRouter(prefix="/console", route_class=ConsoleRoute)

_DAYS = 30
_MOST_DAYS = 400

Text = Annotated[str, Query(max_length=20)]


@router.get("/numbers")
async def numbers_page(
    person: Agent, gateway: Ours, since: Text = "", until: Text = "", channel: Text = ""
) -> Response:
    """Charts of a period."""
    period = _period(since, until, channel, now=gateway.now())
    numbers = await _count(gateway, period)
    called = explainer().intent
    return page(
        "numbers.html",
        person=person,
        at="numbers",
        period=period,
        numbers=numbers,
        bars=columns([(day.strftime("%d/%m"), value) for day, value in numbers.per_day.items()]),
        width=WIDTH,
        height=HEIGHT,
        foot=FOOT,
        reasons=rows([(said("reason", reason), value) for reason, value in numbers.reasons]),
        entries=rows([(called(entry), value) for entry, value in numbers.entries]),
    )


@router.get("/numbers.csv")
async def numbers_csv(person: Agent, gateway: Ours, since: Text = "", until: Text = "", channel: Text = "") -> Response:
    """The same for a spreadsheet: one measure a line."""
    period = _period(since, until, channel, now=gateway.now())
    body = "\ufeff" + as_csv(period, await _count(gateway, period))
    name = f"ecrin-{period.first}-{period.last}.csv"
    headers = {"Content-Disposition": f"attachment; filename={name}", "Cache-Control": "no-store"}
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


def as_csv(period: Period, numbers: Numbers) -> str:
    """Measure, key, value; a measure without a value has an empty one."""
    out = io.StringIO()
    lines = csv.writer(out, delimiter=";", lineterminator="\r\n")
    lines.writerow(("measure", "key", "value"))
    lines.writerow(("channel", "", period.channel or "all"))
    lines.writerows(("conversations", day.isoformat(), value) for day, value in numbers.per_day.items())
    for name in ("conversations", "alone", "not_understood", "handovers", "answer_median", "answer_slow", "ratings"):
        value = getattr(numbers, name)
        lines.writerow((f"total_{name}", "", "" if value is None else round(value, 3)))
    lines.writerow(("total_satisfaction", "", "" if numbers.satisfaction is None else round(numbers.satisfaction, 3)))
    lines.writerows(("handover_reason", reason, value) for reason, value in numbers.reasons)
    lines.writerows(("entry", entry, value) for entry, value in numbers.entries)
    return out.getvalue()


async def _count(gateway: Gateway, period: Period) -> Numbers:
    def load() -> Numbers:
        with gateway.database.reading() as session:
            return count(session, period)

    return await in_thread(load)


def _period(since: str, until: str, channel: str, *, now: datetime) -> Period:
    today = now.astimezone(ZONE).date()
    try:
        last = date.fromisoformat(until) if until else today
        first = date.fromisoformat(since) if since else last - timedelta(days=_DAYS - 1)
    except (ValueError, OverflowError) as error:
        raise Refused(422, "invalid") from error
    if not timedelta() <= last - first < timedelta(days=_MOST_DAYS) or (channel and channel not in set(Channel)):
        raise Refused(422, "invalid")
    return Period(first=first, last=last, channel=channel)
