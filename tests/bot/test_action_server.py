"""The call of the action server, against a real one: one connection for all calls, and errors as Rasa reads them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web
from rasa.utils.endpoints import ClientResponseError

from bot import remote_actions
from bot.remote_actions import ActionServer


async def served(*calls: dict[str, Any], headers: dict[str, str] | None = None) -> tuple[list[Any], list[Any]]:
    """What comes back for each call, errors included, and who called with which `traceparent`."""
    seen: list[Any] = []

    async def webhook(request: web.Request) -> web.Response:
        call = await request.json()
        assert request.transport is not None
        seen.append((request.transport.get_extra_info("peername")[1], request.headers.get("traceparent")))
        if call["next_action"] == "action_refuse":
            return web.json_response({"action_name": "action_refuse", "error": "refused"}, status=400)
        return web.json_response({"events": [], "responses": [{"text": call["next_action"]}]})

    app = web.Application()
    app.router.add_post("/webhook", webhook)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    server = ActionServer(f"http://127.0.0.1:{port}/webhook")
    results: list[Any] = []
    try:
        for call in calls:
            try:
                # As Rasa's action calls it.
                results.append(
                    await server.request(json=call, method="post", timeout=300, compress=False, headers=headers)
                )
            except ClientResponseError as error:
                results.append(error)
    finally:
        await server.close()
        await runner.cleanup()
    return results, seen


def test_calls_share_a_connection_and_carry_their_headers() -> None:
    calls = [{"next_action": "action_answer"}, {"next_action": "action_decline"}]
    results, seen = asyncio.run(served(*calls, headers={"traceparent": "00-1-2-01"}))
    assert [result["responses"] for result in results] == [[{"text": "action_answer"}], [{"text": "action_decline"}]]
    assert len({port for port, _ in seen}) == 1
    assert {trace for _, trace in seen} == {"00-1-2-01"}


def test_a_refusal_is_the_error_rasas_action_reads() -> None:
    (refused, answered), _ = asyncio.run(served({"next_action": "action_refuse"}, {"next_action": "action_answer"}))
    assert isinstance(refused, ClientResponseError)
    assert refused.status == 400
    assert json.loads(refused.text) == {"action_name": "action_refuse", "error": "refused"}
    assert answered["responses"], "and the connection goes on"


def test_a_server_that_is_away_is_an_error() -> None:
    async def call() -> None:
        server = ActionServer("http://127.0.0.1:1/webhook")
        try:
            await server.request(json={"next_action": "action_answer"})
        finally:
            await server.close()

    with pytest.raises(OSError, match="Cannot connect"):
        asyncio.run(call())


def test_a_server_that_hangs_is_given_up_in_our_time_not_rasas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_actions, "_ANSWER_S", 0.2)

    async def call() -> None:
        async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()

        async with await asyncio.start_server(hang, "127.0.0.1", 0) as listening:
            server = ActionServer(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/webhook")
            try:
                # Rasa's action gives each call five minutes.
                with pytest.raises(asyncio.TimeoutError):
                    await server.request(json={"next_action": "action_answer"}, timeout=300)
            finally:
                await server.close()

    asyncio.run(asyncio.wait_for(call(), 20))
