"""The page of numbers, and the same as CSV."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response

from gateway.console.access import Agent, ConsoleRoute, Ours, Refused
from gateway.console.knowledge import explainer
from gateway.console.numbers.charts import HEIGHT, WIDTH, Chart, chart, rows
from gateway.console.numbers.counts import Numbers, Period, Tally, count
from gateway.console.pages import ZONE, page, said, seconds, share, texts
from gateway.context import Gateway
from gateway.store.database import in_thread
from gateway.store.tables import Channel

router = APIRouter(prefix="/console", route_class=ConsoleRoute)

_DAYS = 30
_MOST_DAYS = 400
_MEASURES = (
    "conversations", "alone", "not_understood", "handovers", "answer_median", "answer_slow", "satisfaction",
)  # fmt: skip

Text = Annotated[str, Query(max_length=20)]


@router.get("/numbers")
async def numbers_page(
    person: Agent, gateway: Ours, since: Text = "", until: Text = "", channel: Text = ""
) -> Response:
    """Charts of a period."""
    today = gateway.now().astimezone(ZONE).date()
    period = _period(since, until, channel, today=today)
    numbers = await _count(gateway, period)
    called = explainer().intent
    return page(
        "numbers.html",
        person=person,
        at="numbers",
        period=period,
        numbers=numbers,
        charts=_charts(period, numbers),
        by_channel=[(said("channel", name), tally) for name, tally in numbers.channels.items()],
        by_span=[(day.strftime(texts()["formats"]["day"]), tally) for day, tally, _ in numbers.spans],
        recent=[(days, today - timedelta(days=days - 1)) for days in (7, 30, 90)],
        today=today,
        width=WIDTH,
        height=HEIGHT,
        reasons=rows([(said("reason", reason), value) for reason, value in numbers.reasons]),
        entries=rows([(called(entry), value) for entry, value in numbers.entries]),
    )


@router.get("/numbers.csv")
async def numbers_csv(person: Agent, gateway: Ours, since: Text = "", until: Text = "", channel: Text = "") -> Response:
    """The same for a spreadsheet: one measure a line."""
    period = _period(since, until, channel, today=gateway.now().astimezone(ZONE).date())
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
    lines.writerows((f"total_{name}", "", value) for name, value in _measures(numbers.whole))
    for channel, tally in numbers.channels.items():
        lines.writerows((f"{channel}_{name}", "", value) for name, value in _measures(tally))
    for day, tally, _ in numbers.spans:
        lines.writerows((name, day.isoformat(), value) for name, value in _measures(tally) if name != "conversations")
    lines.writerows(("handover_reason", reason, value) for reason, value in numbers.reasons)
    lines.writerows(("entry", entry, value) for entry, value in numbers.entries)
    return out.getvalue()


def _measures(tally: Tally) -> list[tuple[str, object]]:
    values = [(name, getattr(tally, name)) for name in _MEASURES]
    return [
        *((name, "" if value is None else round(value, 3)) for name, value in values),
        ("ratings", len(tally.ratings)),
    ]


def _charts(period: Period, numbers: Numbers) -> list[Chart]:
    """What changes from day to day, or from week to week."""
    written = texts()["chart"]
    begin = "week" if period.is_by_week else "day"

    def label(day: date, value: str) -> str:
        return str(written[begin]).format(day=day.strftime("%d/%m"), value=value)

    by_channel = [
        (
            label(day, ", ".join(f"{said('channel', name)} {value}" for name, value in channels.items())),
            [*channels.items()],
        )
        for day, _, channels in numbers.spans
    ]
    shares = [
        (name, [(label(day, share(value)), [("plain", value or 0.0)]) for day, value in values])
        for name, values in (
            ("alone", [(day, tally.alone) for day, tally, _ in numbers.spans]),
            ("satisfaction", [(day, tally.satisfaction) for day, tally, _ in numbers.spans]),
        )
    ]
    counts = [
        (
            name,
            [
                (label(day, str(getattr(tally, name))), [("plain", getattr(tally, name))])
                for day, tally, _ in numbers.spans
            ],
        )
        for name in ("handovers", "not_understood")
    ]
    answers = [
        (label(day, seconds(tally.answer_median)), [("plain", tally.answer_median or 0.0)])
        for day, tally, _ in numbers.spans
    ]
    return [
        chart("conversations", by_channel),
        *(chart(name, columns, most=1.0) for name, columns in shares),
        *(chart(name, columns) for name, columns in counts),
        chart("answer_median", answers),
    ]


async def _count(gateway: Gateway, period: Period) -> Numbers:
    def load() -> Numbers:
        with gateway.database.reading() as session:
            return count(session, period)

    return await in_thread(load)


def _period(since: str, until: str, channel: str, *, today: date) -> Period:
    try:
        last = date.fromisoformat(until) if until else today
        first = date.fromisoformat(since) if since else last - timedelta(days=_DAYS - 1)
    except (ValueError, OverflowError) as error:
        raise Refused(422, "invalid") from error
    if not timedelta() <= last - first < timedelta(days=_MOST_DAYS) or (channel and channel not in set(Channel)):
        raise Refused(422, "invalid")
    return Period(first=first, last=last, channel=channel)
