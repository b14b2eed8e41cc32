"""Two gateways and two bots over one PostgreSQL and one Redis, as on two machines each."""

from __future__ import annotations

import random
import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ecrin.settings import Settings
from gateway.tuning import Rate, Tuning
from tests.gateway.fake_bot import FakeBot, fake_bot
from tests.gateway.installation import installation
from tests.gateway.local_server import Seen, local_server
from tests.gateway.running import Running, WidgetUser, eventually, running_gateway
from tests.postgres import PostgresServer
from tests.redis import RedisServer

QUIET = Tuning(
    bot_timeout=5,
    bot_attempts=8,
    bot_backoff=0.05,
    bot_backoff_most=0.5,
    # A stream that is told nothing looks for itself only after the test has given up: what it shows came through Redis.
    shared_poll=600,
    heartbeat=600,
    idle_poll=0.2,
    sender_rate=Rate(events=1000, seconds=60),
    address_rate=Rate(events=10000, seconds=60),
    opening_rate=Rate(events=1000, seconds=60),
)


@dataclass(frozen=True, kw_only=True)
class Machines:
    """Everything there is two of."""

    settings: Settings
    gateways: tuple[Running, Running]
    bots: tuple[FakeBot, FakeBot]

    def asked(self) -> list[tuple[int, str, str]]:
        """Bot, conversation and text of every message the bots got."""
        return [(n, said["conversation"], said["text"]) for n, bot in enumerate(self.bots) for said in bot.messages]


@pytest.fixture
def machines(postgres: PostgresServer, migrated: str, redis: RedisServer, tmp_path: Path) -> Iterator[Machines]:
    with ExitStack() as stack:
        name = stack.enter_context(postgres.database(template=migrated))
        bots = (stack.enter_context(fake_bot()), stack.enter_context(fake_bot()))
        settings = installation(
            var=tmp_path,
            bot_url="",
            bot_urls=",".join(bot.url for bot in bots),
            gateway_database_url=postgres.url(name),
            redis_url=redis.url,
        )
        gateways = tuple(stack.enter_context(running_gateway(settings, tuning=QUIET)) for _ in range(2))
        eventually(lambda: all(one.gateway.live.hears_others for one in gateways))
        yield Machines(settings=settings, gateways=(gateways[0], gateways[1]), bots=bots)


def elsewhere(user: WidgetUser, gateway: Running) -> WidgetUser:
    """The same visitor, by way of another gateway."""
    return WidgetUser(client=gateway.client, conversation=user.conversation, token=user.token)


def test_quick_messages_are_answered_once_each_and_in_order(machines: Machines) -> None:
    chance = random.Random(7)
    texts = [f"m{number}" for number in range(6)]
    users = [machines.gateways[number % 2].widget() for number in range(30)]

    def speak(user: WidgetUser) -> None:
        for text in texts:
            assert elsewhere(user, chance.choice(machines.gateways)).say(text).status_code == 202

    with ThreadPoolExecutor(max_workers=10) as speakers:
        list(speakers.map(speak, users))
    for user in users:
        assert user.answers(count=len(texts), seconds=60) == [f"réponse à {text}" for text in texts]
    asked = machines.asked()
    assert len(asked) == len(users) * len(texts)
    assert max(Counter((conversation, text) for _, conversation, text in asked).values()) == 1
    for user in users:
        assert [text for _, conversation, text in asked if conversation == user.conversation] == texts


def test_each_bot_has_its_share_and_a_conversation_stays_with_one(machines: Machines) -> None:
    users = [machines.gateways[number % 2].widget() for number in range(40)]
    for user in users:
        for text in ("un", "deux"):
            user.say(text)
    for user in users:
        user.answers(count=2, seconds=30)
    asked = machines.asked()
    shares = Counter(bot for bot, _, _ in asked)
    assert min(shares[0], shares[1]) >= len(asked) // 5
    at = {conversation: {bot for bot, other, _ in asked if other == conversation} for _, conversation, _ in asked}
    assert {len(bots) for bots in at.values()} == {1}


def test_a_reply_wakes_the_stream_of_the_other_gateway(machines: Machines) -> None:
    one, other = machines.gateways
    user = one.widget()
    stream = elsewhere(user, other).events()
    assert next(stream) == ("status", {"handover": "none"})
    user.say("bonjour")
    assert any(data.get("text") == "réponse à bonjour" for _, data in stream)


def test_a_person_typing_is_seen_on_the_other_gateway(machines: Machines) -> None:
    one, other = machines.gateways
    user = one.widget()
    stream = elsewhere(user, other).events()
    assert next(stream) == ("status", {"handover": "none"})
    one.gateway.live.agent_typing(user.conversation, is_on=True)
    assert next(stream) == ("typing", {"on": True, "from": "agent"})
    one.gateway.live.agent_typing(user.conversation, is_on=False)
    assert next(stream) == ("typing", {"on": False, "from": "agent"})


def test_limits_are_shared(machines: Machines) -> None:
    strict = replace(QUIET, sender_rate=Rate(events=4, seconds=60))
    with (
        running_gateway(machines.settings, tuning=strict) as one,
        running_gateway(machines.settings, tuning=strict) as other,
    ):
        user = one.widget()
        codes = [elsewhere(user, gateway).say(f"m{n}").status_code for n, gateway in enumerate([one, other] * 3)]
    assert codes == [202] * 4 + [429] * 2


def test_a_bot_that_is_gone_is_passed_over(machines: Machines) -> None:
    settings = machines.settings.model_copy(update={"bot_urls": ["http://127.0.0.1:9", machines.bots[1].url]})
    with running_gateway(settings, tuning=QUIET) as gateway:
        users = [gateway.widget() for _ in range(12)]
        for user in users:
            user.say("bonjour")
        for user in users:
            assert user.answers(count=1) == ["réponse à bonjour"]
        assert gateway.client.get("/readyz").json()["bot"] == "ok"


def test_a_bot_that_fails_leaves_the_next_attempt_to_the_other(machines: Machines) -> None:
    broken, _ = machines.bots
    broken.status = 500
    users = [machines.gateways[0].widget() for _ in range(10)]
    for user in users:
        user.say("bonjour")
    for user in users:
        assert user.answers(count=1, seconds=20) == ["réponse à bonjour"]


def test_without_redis_streams_look_for_themselves_and_it_comes_back(machines: Machines, redis: RedisServer) -> None:
    looking = replace(QUIET, shared_poll=0.2)
    with (
        running_gateway(machines.settings, tuning=looking) as one,
        running_gateway(machines.settings, tuning=looking) as other,
    ):
        eventually(lambda: one.gateway.live.hears_others and other.gateway.live.hears_others)
        redis.kill()
        eventually(lambda: not other.gateway.live.hears_others)
        assert one.client.get("/readyz").json()["redis"] == "down"
        user = one.widget()
        stream = elsewhere(user, other).events()
        assert next(stream) == ("status", {"handover": "none"})
        assert user.say("bonjour").status_code == 202
        assert any(data.get("text") == "réponse à bonjour" for _, data in stream)
        redis.start()
        eventually(lambda: one.gateway.live.hears_others and other.gateway.live.hears_others, seconds=20)
        eventually(lambda: one.client.get("/readyz").json()["redis"] == "ok")


def test_what_was_told_while_redis_was_away_is_told_when_it_is_back(machines: Machines, redis: RedisServer) -> None:
    one, other = machines.gateways
    user = one.widget()
    stream = elsewhere(user, other).events()
    assert next(stream) == ("status", {"handover": "none"})
    redis.kill()
    eventually(lambda: not other.gateway.live.hears_others)
    user.say("bonjour")
    user.answers(count=1)
    redis.start()
    assert any(data.get("text") == "réponse à bonjour" for _, data in stream)


def test_a_note_says_nothing_of_the_conversation(machines: Machines, redis: RedisServer) -> None:
    import redis as client

    with client.Redis.from_url(redis.url, decode_responses=True) as listening:
        subscription = listening.pubsub(ignore_subscribe_messages=True)
        subscription.subscribe("ecrin:live")
        subscription.get_message(timeout=1)
        user = machines.gateways[0].widget()
        user.say("ma carte est 4242 4242")
        user.answers(count=1)
        heard = [message["data"] for _ in range(20) if (message := subscription.get_message(timeout=0.1))]
    assert heard
    assert not any("4242" in note or "réponse" in note for note in heard)


def test_one_gateway_answers_at_once_however_slow_a_bots_neighbour_is(machines: Machines) -> None:
    """A conversation that waits for its bot holds up none that has another one."""
    slow, _ = machines.bots
    slow.gate.clear()
    users = [machines.gateways[number % 2].widget() for number in range(6)]
    for user in users:
        user.say("bonjour")
    eventually(lambda: len(machines.asked()) == len(users))
    with_quick = [user for user in users if any(bot == 1 and c == user.conversation for bot, c, _ in machines.asked())]
    for user in with_quick:
        assert user.answers(count=1) == ["réponse à bonjour"]
    slow.gate.set()
    for user in users:
        assert user.answers(count=1) == ["réponse à bonjour"]


def test_a_port_that_answers_again_is_used_again(machines: Machines) -> None:
    """The bot at the first address starts only after the gateway has found nobody there."""
    nobody = socket.socket()  # bound and not listening: refuses, and keeps the port from others
    nobody.bind(("127.0.0.1", 0))
    port = nobody.getsockname()[1]
    settings = machines.settings.model_copy(update={"bot_urls": [f"http://127.0.0.1:{port}", machines.bots[1].url]})
    with running_gateway(settings, tuning=QUIET) as gateway:
        first = [gateway.widget() for _ in range(8)]
        for user in first:
            user.say("un")
            user.answers(count=1)
        seen: list[Seen] = []

        def answer(message: Seen) -> object:
            seen.append(message)
            return machines.bots[0].answer(message)

        nobody.close()
        with local_server(answer, port=port):  # type: ignore[arg-type]

            def is_used() -> bool:
                gateway.client.get("/readyz")
                for user in (gateway.widget(), gateway.widget()):
                    user.say("deux")
                    user.answers(count=1)
                return any(message.path.endswith("/messages") for message in seen)

            eventually(is_used, seconds=60)
