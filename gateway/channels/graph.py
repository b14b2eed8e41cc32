"""Meta's Graph API: one request and what its answer means."""

from __future__ import annotations

from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from gateway.channels.base import SendFailed, Verdict

_TEMPORARY = frozenset(
    {1, 2, 4, 17, 32, 341, 368, 613, 1200, 80007, 130429, 131000, 131016, 131048, 131056, 131057, 133004}
)
"""Codes Meta documents as too fast or out of order for now."""

_OPERATOR = frozenset({3, 10, 102, 190, 131005, 131031, 131042})
"""Codes an operator can mend while the message waits: an expired token, a missing permission, an unpaid account."""

_OUT_OF_WINDOW = frozenset({2018278, 2018108})
"""Messenger's subcodes of code 10 for a customer who may not be written to any more: no operator mends that."""

_RE_ENGAGEMENT = 131047
"""WhatsApp's code for the same."""

_TEMPORARY_STATUS = frozenset({401, 408, 429})


class _Error(BaseModel):
    model_config = ConfigDict(extra="ignore")

    code: int = 0
    error_subcode: int = 0
    is_transient: bool = False


class _Refusal(BaseModel):
    model_config = ConfigDict(extra="ignore")

    error: _Error


class GraphClient:
    """Posts JSON with the channel's token; the token travels in a header, never in a URL that could be logged."""

    def __init__(self, *, client: httpx.AsyncClient, url: str, token: str) -> None:
        self._client = client
        self._url = url.rstrip("/")
        self._token = token

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request that was taken; SendFailed otherwise."""
        headers = {"Authorization": f"Bearer {self._token}"}
        try:
            response = await self._client.post(f"{self._url}/{path}", json=body, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise SendFailed("not_reached", Verdict.RETRY) from error
        except httpx.HTTPError as error:
            # It left, and nobody knows whether it arrived.
            raise SendFailed("no_answer", Verdict.UNKNOWN) from error
        if response.is_success:
            try:
                answer = response.json()
            except ValueError:
                return {}
            return answer if isinstance(answer, dict) else {}
        raise failure_of(response)


def failure_of(response: httpx.Response) -> SendFailed:
    """What a refusal means for the message."""
    try:
        error = _Refusal.model_validate_json(response.content).error
    except ValidationError:
        error = _Error()
    code = f"graph_{response.status_code}_{error.code}"
    wait = _retry_after(response)
    if error.code == _RE_ENGAGEMENT or (error.code == 10 and error.error_subcode in _OUT_OF_WINDOW):
        return SendFailed("window_closed", Verdict.GIVE_UP)
    is_temporary = response.status_code in _TEMPORARY_STATUS or response.status_code >= 500 or error.is_transient
    if is_temporary or error.code in _TEMPORARY or error.code in _OPERATOR:
        return SendFailed(code, Verdict.RETRY, retry_after=wait)
    return SendFailed(code, Verdict.GIVE_UP)


def _retry_after(response: httpx.Response) -> float | None:
    text = response.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() else None
