"""Pure parts: splitting, cleaning, rates, redaction, what a customer's webhook may look like."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import io
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrin.logs import configure_logs, redact
from gateway.channels.messenger import convert as messenger
from gateway.channels.whatsapp import convert as whatsapp
from gateway.cleaning import clean
from gateway.keyed import Keyed
from gateway.pump import Pump, Room
from gateway.rates import Windows
from gateway.splitting import short, size, split
from gateway.tuning import Rate, Tuning, TuningError, tuning_from
from tests.gateway.fake_graph import recorded
from tests.gateway.installation import PHONE_NUMBER_ID


@given(st.text(max_size=400), st.integers(min_value=4, max_value=60))
def test_parts_fit_and_lose_nothing_but_space(text: str, most: int) -> None:
    parts = split(text, most)
    assert all(0 < size(part) <= most for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ()),
        ("Un. Deux.", ("Un. Deux.",)),
        ("Voici une phrase. En voici deux.", ("Voici une phrase.", "En voici deux.")),
        ("Premier paragraphe\n\nSecond paragraphe", ("Premier paragraphe", "Second paragraphe")),
        ("Est-ce possible ? Oui, bien sûr.", ("Est-ce possible ?", "Oui, bien sûr.")),
        ("a" * 25, ("a" * 20, "a" * 5)),
        ("😀" * 12, ("😀" * 10, "😀" * 2)),
    ],
)
def test_parts_end_where_a_sentence_does(text: str, parts: tuple[str, ...]) -> None:
    assert split(text, 20) == parts


@given(st.text(max_size=80), st.integers(min_value=2, max_value=30))
def test_a_shortened_text_fits(text: str, most: int) -> None:
    assert size(short(text, most)) <= most


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_cleaned_text_can_be_stored_and_stays_clean(text: str) -> None:
    cleaned = clean(text)
    assert "\0" not in cleaned
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned
    assert clean(cleaned) == cleaned


_RECORDED = [
    json.loads(recorded(f"{channel}_{name}.json"))
    for channel in ("messenger", "whatsapp")
    for name in ("batch", "kinds")
]
_JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8), st.lists, max_leaves=4)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, child in inner for found in _paths(child, (*path, key)))]


@settings(max_examples=150)
@given(st.data())
def test_a_strange_webhook_is_read_or_refused_never_an_error(data: st.DataObject) -> None:
    webhook = copy.deepcopy(data.draw(st.sampled_from(_RECORDED)))
    path = data.draw(st.sampled_from([path for path in _paths(webhook) if path]))
    place = webhook
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = data.draw(_JSON)
    body = json.dumps(webhook).encode()
    with contextlib.suppress(ValueError):
        events, _ = messenger.read(body)
        assert all(event.external_id and event.address for event in events)
    with contextlib.suppress(ValueError):
        events, _ = whatsapp.read(body, phone_number_id=PHONE_NUMBER_ID, trust_phone=True)
        assert all(event.external_id and event.address for event in events)


def test_a_rate_slides() -> None:
    now = 0.0
    rates = Windows(clock=lambda: now)
    rate = Rate(events=2, seconds=10)
    assert [rates.take("a", rate), rates.take("a", rate)] == [0, 0]
    assert rates.take("a", rate) == 10
    assert rates.take("b", rate) == 0
    now = 10.0
    assert rates.take("a", rate) == 0


@pytest.mark.parametrize(
    "private",
    [
        "claire.dupont@example.fr",
        "BJ-104233",
        "bj-104233",
        "+33612345678",
        "06 12 34 56 78",
        "FR76 3000 6000 0112 3456 7890 189",
        "4970 1000 0000 0154",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "access_token=EAAGm0PX4ZCps",
        "Bearer abcdef012345",
    ],
)
def test_what_is_private_is_redacted(private: str) -> None:
    assert private.removeprefix("access_token=").removeprefix("Bearer ") not in redact(f"vu {private}, puis la suite")


def test_every_logger_is_redacted_and_exceptions_lose_their_message() -> None:
    stream = io.StringIO()
    root = logging.getLogger()
    before = (root.handlers, root.level)
    configure_logs("gateway", stream=stream)
    try:
        structlog.get_logger("ours").warning("failed", error="claire@example.fr", nested={"n": ["BJ-104233"]})
        logging.getLogger("theirs").warning("GET /?q=%s", "BJ-104233", extra={"mail": "claire@example.fr"})
        try:
            raise ValueError("claire@example.fr veut BJ-104233")
        except ValueError:
            logging.getLogger("theirs").exception("failed")
    finally:
        root.handlers, root.level = before
        structlog.reset_defaults()
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert len(lines) == 3
    assert lines[2]["exception"] == "ValueError"
    assert "claire" not in stream.getvalue()
    assert "104233" not in stream.getvalue()


def test_an_order_number_is_the_same_however_it_is_written() -> None:
    keyed = Keyed("secret")
    assert keyed.numbers_in("ma commande n° 104 233, merci") == (keyed.number("BJ-104233"),)
    assert keyed.numbers_in("BJ-104233") == keyed.numbers_in("bj 104.233")
    assert keyed.numbers_in("j'ai 2 bagues") == ()
    assert Keyed("other").number("104233") != keyed.number("104233")


def test_an_operator_tunes_by_the_environment() -> None:
    given = {"ECRIN_GATEWAY_WORKERS": "3", "ECRIN_GATEWAY_LEASE": "9.5", "ECRIN_GATEWAY_SENDER_RATE": "5/10"}
    assert tuning_from(given) == Tuning(workers=3, lease=9.5, sender_rate=Rate(events=5, seconds=10))
    assert tuning_from({"ECRIN_GATEWAY_DATABASE_URL": "sqlite://"}) == Tuning()


@pytest.mark.parametrize(
    ("name", "text"), [("WORKERS", "many"), ("WORKERS", "2.5"), ("SENDER_RATE", "5"), ("LEASE", "")]
)
def test_a_wrong_variable_is_named(name: str, text: str) -> None:
    with pytest.raises(TuningError, match=f"ECRIN_GATEWAY_{name}"):
        tuning_from({f"ECRIN_GATEWAY_{name}": text})


def test_a_place_is_kept_for_what_is_being_claimed() -> None:
    started: list[str] = []
    room: Room[str] = Room(1)
    assert not room.reserve(), "nobody works here yet"
    room.opened(started.append, lambda: None)
    assert room.reserve()
    assert not room.reserve()
    room.give(None)
    assert room.reserve()
    room.give("piece")
    assert started == ["piece"]
    room.closed()
    assert not room.reserve()


@pytest.mark.asyncio
async def test_what_waits_behind_a_piece_is_looked_for_when_that_one_ends() -> None:
    """Three messages of one conversation, and one of another that its maker has claimed at the door."""
    waiting, done, looks = [1, 2, 3], [], 0
    signal, room = asyncio.Event(), Room[int](4)
    ends = {piece: asyncio.Event() for piece in (1, 2, 3, 9)}

    async def claim(limit: int) -> list[int]:
        nonlocal looks
        looks += 1
        is_behind = len(done) < 3 - len(waiting)
        return [] if is_behind or not waiting else [waiting.pop(0)]

    async def handle(piece: int) -> None:
        await ends[piece].wait()
        if piece != 9:
            done.append(piece)

    pump = Pump[int](
        name="test", claim=claim, handle=handle, key=lambda piece: piece, signal=signal, room=room, poll=60.0
    )
    running = asyncio.create_task(pump.run())
    await asyncio.sleep(0)
    signal.set()
    for piece in (1, 2, 3):
        ends[piece].set()
        await until(lambda piece=piece: piece in done)
    await asyncio.sleep(0.01)
    seen = looks
    assert room.reserve()
    room.give(9)
    ends[9].set()
    await until(lambda: room.free == 4)
    await asyncio.sleep(0.01)
    assert looks == seen, "nobody has told of anything that could wait behind it"
    running.cancel()


@pytest.mark.asyncio
async def test_what_was_told_of_while_every_place_was_kept_is_begun_when_one_is_free() -> None:
    """A burst: the places are all kept for messages being accepted when one more is told of."""
    waiting, done = [7], []
    signal, room = asyncio.Event(), Room[int](2)

    async def claim(limit: int) -> list[int]:
        return [waiting.pop() for _ in range(min(limit, len(waiting)))]

    async def handle(piece: int) -> None:
        done.append(piece)

    pump = Pump[int](
        name="test", claim=claim, handle=handle, key=lambda piece: piece, signal=signal, room=room, poll=60.0
    )
    room.opened(lambda piece: None, lambda: None)
    assert room.reserve()
    assert room.reserve()
    running = asyncio.create_task(pump.run())
    signal.set()
    await asyncio.sleep(0.01)
    assert waiting == [7]
    room.give(None)
    await until(lambda: done == [7])
    room.give(8)
    await until(lambda: done == [7, 8])
    running.cancel()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.001)


@pytest.mark.asyncio
async def test_what_waits_behind_a_piece_found_without_a_word_is_looked_for_too() -> None:
    """A lease that ran out, or another gateway's message: found by the regular look alone."""
    waiting, done = [1, 2], []
    signal, room = asyncio.Event(), Room[int](2)

    async def claim(limit: int) -> list[int]:
        return [waiting.pop(0)] if waiting and len(done) == 2 - len(waiting) else []

    async def handle(piece: int) -> None:
        await asyncio.sleep(0)
        done.append(piece)

    pump = Pump[int](
        name="test", claim=claim, handle=handle, key=lambda piece: piece, signal=signal, room=room, poll=60.0
    )
    running = asyncio.create_task(pump.run())
    await until(lambda: done == [1, 2])
    running.cancel()
