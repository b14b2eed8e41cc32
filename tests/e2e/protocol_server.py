"""The gateway's widget protocol in one small server whose faults a test can choose.

It answers a few cues (`CUES`) with fixed replies, keeps every conversation in memory, and counts what it is asked, so
that a test can break streams, lose answers and refuse messages at the moment that matters. The real gateway is tested
through the fixture `site`; this server only stands in where a failure has to be made on purpose.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

WIDGET = Path(__file__).resolve().parents[2] / "widget"
API = "/api/widget/"
STRICT_CSP = (
    "default-src 'none'; script-src {origin}; connect-src {origin}; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
DEMO_CSP = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
MEDIA_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".html": "text/html",
    ".svg": "image/svg+xml",
}
SHOP_PAGE = """<!doctype html><html lang="fr"><head><title>Une page de boutique</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main><h1>Bague marguerite</h1><p>Un bijou.</p><a href="{path}?suite">Page suivante</a>
<button type="button" id="avant">Avant</button></main>
<script src="{origin}/widget.js" {attributes} defer></script></body></html>"""

LIST_REPLY = (
    "Pour un retour :\n- connectez-vous à votre Espace Client ;\n- choisissez la commande ;\n- imprimez le bon.\n\n"
    "Ensuite :\n1. Emballez l’article.\n2. Collez l’étiquette.\n3. Déposez le colis.\n\nÀ bientôt,\nÉcrin"
)
HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=2</script> [clic](javascript:alert(1)) **gras**'
CARD = {
    "number": "BJ-900127",
    "status": "Expédiée",
    "carrier": "La Poste",
    "tracking_number": "6A31000700211",
    "tracking_url": "https://www.laposte.fr/outils/suivre-vos-envois?code=6A31000700211",
    "return_deadline": "2026-12-07",
}
YES_OR_NO = [{"title": "Oui", "payload": "a"}, {"title": "Non", "payload": "b"}]
CUES: dict[str, dict[str, Any]] = {
    "liste": {"text": LIST_REPLY},
    "piège": {
        "text": HOSTILE,
        "buttons": [{"title": "<b>gras</b>", "payload": "/x"}],
        "links": [
            {"label": "<i>lien</i>", "url": "javascript:window.hacked=3"},
            {"label": "<u>sûr</u>", "url": "https://example.org/a"},
        ],
        "card": {**CARD, "status": "<b>Expédiée</b>", "tracking_url": "javascript:window.hacked=4"},
    },
    "BJ-900127": {
        "text": "Votre commande BJ-900127 est en route : elle a été remise à La Poste et devrait arriver sous peu.",
        "card": CARD,
        "buttons": [{"title": "Plus de détails", "payload": "x"}, {"title": "Le suivi ne bouge pas", "payload": "y"}],
    },
    "taille": {
        "text": "Notre guide vous aide à choisir : https://www.example.org/guide-des-tailles (comptez deux minutes).",
        "links": [
            {"label": "Guide des tailles", "url": "https://www.example.org/guide-des-tailles"},
            {"label": "Nous écrire", "url": "https://www.example.org/contact"},
        ],
    },
    "long": {"text": "\n\n".join(["Une réponse longue, pour voir la lecture reprendre à son début. " * 6] * 6)},
    "merci": {"text": "Je vous en prie. Bonne journée !"},
    "silence": {},
}


@dataclass
class Conversation:
    """One conversation: its numbered messages, and who waits for the next."""

    id: str
    token: str
    messages: list[dict[str, Any]] = field(default_factory=list)
    by_client_id: dict[str, int] = field(default_factory=dict)
    handover: str = "none"
    typing: dict[str, Any] = field(default_factory=lambda: {"on": False, "from": "assistant"})
    rating: int | None = None
    changes: int = 0


@dataclass
class Faults:
    """What goes wrong next. A number is counted down at each use."""

    post_status: list[int] = field(default_factory=list)
    """Statuses that the next posted messages get instead of being taken."""
    lose_answers: int = 0
    """Messages that are taken, while the connection breaks before the answer."""
    refuse_streams: bool = False
    cut_stream_after: int = 0
    """Messages after which every stream is broken off, until set back to 0."""
    repeat_events: bool = False
    """Every message twice, and each reply before the customer's own."""
    typing_s: float = 0.0
    endless_typing: bool = False


class ProtocolServer:
    """Serves `widget/`, shop pages and the protocol on a free port of the loopback."""

    def __init__(self, *, page_origin: str | None = None) -> None:
        self.faults = Faults()
        self.conversations: dict[str, Conversation] = {}
        self.requests: list[str] = []
        self.sessions: list[str | None] = []
        self.attributes = 'data-shop="Bijourama"'
        self.changed = threading.Condition()
        self.stopping = False
        self._generation = 0
        handler = type("Handler", (_Handler,), {"server_state": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self.page_origin = page_origin or self.url
        """Where this server's shop pages load the widget from."""
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stops serving and breaks the open streams."""
        with self.changed:
            self.stopping = True
            self.changed.notify_all()
        self._http.shutdown()
        self._http.server_close()

    @property
    def conversation(self) -> Conversation:
        """The newest conversation."""
        return list(self.conversations.values())[-1]

    @property
    def generation(self) -> int:
        """Grows when the open streams are to end."""
        return self._generation

    def drop_streams(self) -> None:
        """Breaks every open stream now."""
        with self.changed:
            self._generation += 1
            self.changed.notify_all()

    def say(
        self, text: str, *, sender: str = "assistant", conversation: Conversation | None = None, **parts: Any
    ) -> int:
        """Adds a message to a conversation (the newest one) and returns its number."""
        with self.changed:
            target = conversation or self.conversation
            sequence = len(target.messages) + 1
            target.messages.append({
                "sequence": sequence, "from": sender, "text": text, "buttons": [], "links": [], "card": None,
                "at": datetime.now(UTC).isoformat(), **parts,
            })  # fmt: skip
            self.touch(target)
            return sequence

    def set_status(self, handover: str) -> None:
        """Changes who answers: "none", "waiting" or "agent"."""
        with self.changed:
            self.conversation.handover = handover
            self.touch(self.conversation)

    def touch(self, conversation: Conversation) -> None:
        """Wakes the streams; the lock is held."""
        conversation.changes += 1
        self.changed.notify_all()

    def begin(self) -> Conversation:
        """Makes an empty conversation."""
        conversation = Conversation(id=secrets.token_urlsafe(24), token=secrets.token_urlsafe(24))
        self.conversations[conversation.token] = conversation
        return conversation

    def answer(self, conversation: Conversation, text: str) -> None:
        """What the bot would do, on a thread of its own."""
        reply = next((reply for cue, reply in CUES.items() if cue.lower() in text.lower()), None)
        if self.faults.typing_s or self.faults.endless_typing:
            self._type(conversation, on=True)
            time.sleep(self.faults.typing_s)
        if self.faults.endless_typing or reply == {}:
            return
        reply = reply or {"text": f"Vous avez écrit : {text}", "buttons": YES_OR_NO}
        self._type(conversation, on=False)
        self.say(conversation=conversation, **reply)

    def _type(self, conversation: Conversation, *, on: bool) -> None:
        with self.changed:
            conversation.typing = {"on": on, "from": "assistant"}
            self.touch(conversation)


class _Handler(BaseHTTPRequestHandler):
    server_state: ProtocolServer
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""

    # The names of http.server.
    def do_GET(self) -> None:
        path = self._noted()
        if path.startswith(API):
            self._api("GET", path.removeprefix(API))
        else:
            self._page(path)

    def do_POST(self) -> None:
        self._api("POST", self._noted().removeprefix(API))

    def do_DELETE(self) -> None:
        self._api("DELETE", self._noted().removeprefix(API))

    def do_OPTIONS(self) -> None:
        self._noted()
        self._send(HTTPStatus.NO_CONTENT, b"", "text/plain")

    def _noted(self) -> str:
        self.server_state.requests.append(f"{self.command} {self.path}")
        return urlsplit(self.path).path

    # ---- pages ----

    def _page(self, path: str) -> None:
        state = self.server_state
        if path in ("/boutique", "/stricte"):
            page = SHOP_PAGE.format(path=path, origin=state.page_origin, attributes=state.attributes).encode()
            policy = STRICT_CSP.format(origin=state.page_origin) if path == "/stricte" else None
            self._send(HTTPStatus.OK, page, "text/html", policy=policy)
            return
        name = {"/": "demo.html", "/widget.js": "launcher.js"}.get(path, path.removeprefix("/widget/"))
        file = WIDGET / name
        if "/" in name or not file.is_file():
            self._send(HTTPStatus.NOT_FOUND, b"", "text/plain")
            return
        self._send(HTTPStatus.OK, file.read_bytes(), MEDIA_TYPES[file.suffix], policy=DEMO_CSP if path == "/" else None)

    def _send(
        self, status: int, body: bytes, media: str, *, policy: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{media}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-cache")
        self._allow_origin()
        if policy:
            self.send_header("Content-Security-Policy", policy)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _allow_origin(self) -> None:
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Access-Control-Allow-Methods", "GET, POST, DELETE")
        self.send_header("Access-Control-Allow-Headers", "Authorization, Content-Type, Last-Event-ID")
        self.send_header("Access-Control-Expose-Headers", "Retry-After")

    def _json(self, status: int, content: Any, **headers: str) -> None:
        media = "application/json" if status < HTTPStatus.BAD_REQUEST else "application/problem+json"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._send(status, json.dumps(content).encode(), media, headers=named)

    def _problem(self, status: int, detail: str, **headers: str) -> None:
        self._json(status, {"type": "about:blank", "title": "", "status": status, "detail": detail}, **headers)

    # ---- protocol ----

    def _api(self, method: str, name: str) -> None:
        state = self.server_state
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else {}
        if (method, name) == ("POST", "conversations"):
            state.sessions.append(body["shop_session"])
            begun = state.begin()
            self._json(HTTPStatus.CREATED, {"conversation": begun.id, "token": begun.token})
            return
        conversation = state.conversations.get((self.headers.get("Authorization") or "").removeprefix("Bearer "))
        if conversation is None:
            self._problem(HTTPStatus.UNAUTHORIZED, "Cette conversation n’existe plus.")
            return
        after = int(parse_qs(urlsplit(self.path).query).get("after", ["0"])[0])
        match (method, name):
            case ("POST", "messages"):
                self._message(conversation, body)
            case ("GET", "messages"):
                self._json(HTTPStatus.OK, {"messages": conversation.messages[after:]})
            case ("GET", "stream"):
                self._stream(conversation, after)
            case ("POST", "handover"):
                state.set_status("waiting")
                self._json(HTTPStatus.ACCEPTED, {})
            case ("POST", "rating"):
                conversation.rating = body["score"]
                self._send(HTTPStatus.NO_CONTENT, b"", "text/plain")
            case ("POST", "restart"):
                begun = state.begin()
                self._json(HTTPStatus.CREATED, {"conversation": begun.id, "token": begun.token})
            case ("DELETE", "conversations"):
                del state.conversations[conversation.token]
                state.drop_streams()
                self._send(HTTPStatus.NO_CONTENT, b"", "text/plain")
            case _:
                self._problem(HTTPStatus.NOT_FOUND, "Inconnu.")

    def _message(self, conversation: Conversation, body: dict[str, Any]) -> None:
        state = self.server_state
        if state.faults.post_status:
            status = state.faults.post_status.pop(0)
            detail = "Ce message ne peut pas être envoyé." if status == HTTPStatus.UNPROCESSABLE_ENTITY else ""
            self._problem(status, detail, **({"Retry_After": "1"} if status == HTTPStatus.TOO_MANY_REQUESTS else {}))
            return
        sequence = conversation.by_client_id.get(body["id"])
        if sequence is None:
            # The gateway keeps customers' words cleaned: what comes back is not always what was sent.
            cleaned = body["text"].replace("\u200b", "")
            sequence = state.say(cleaned, sender="customer", conversation=conversation)
            conversation.by_client_id[body["id"]] = sequence
            threading.Thread(target=state.answer, args=(conversation, body["text"]), daemon=True).start()
        if state.faults.lose_answers:
            state.faults.lose_answers -= 1
            self.close_connection = True
            self.connection.close()
            return
        self._json(HTTPStatus.ACCEPTED, {"sequence": sequence})

    def _stream(self, conversation: Conversation, after: int) -> None:
        state = self.server_state
        if state.faults.refuse_streams:
            self._problem(HTTPStatus.SERVICE_UNAVAILABLE, "")
            return
        generation = state.generation
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self._allow_origin()
        self.end_headers()
        self.close_connection = True
        with suppress(OSError):
            for event in self._events(conversation, after, generation):
                self.wfile.write(event.encode())
                self.wfile.flush()

    def _events(self, conversation: Conversation, after: int, generation: int) -> Iterator[str]:
        state = self.server_state
        yield ": bonjour\n\n"
        sent, handover, typing, changes = after, None, {"on": False}, -1
        delivered = 0
        while True:
            with state.changed:
                while conversation.changes == changes and generation == state.generation and not state.stopping:
                    if not state.changed.wait(15):
                        break
                if generation != state.generation or state.stopping:
                    return
                changes = conversation.changes
                news = conversation.messages[sent:]
                now_handover, now_typing = conversation.handover, dict(conversation.typing)
            if now_handover != handover:
                handover = now_handover
                yield _event("status", {"handover": handover})
            if state.faults.repeat_events:
                news = [*reversed(news), *news]
            for message in news:
                if state.faults.cut_stream_after and delivered >= state.faults.cut_stream_after:
                    # Half an event, then nothing: the worst place to break.
                    yield f'id: {message["sequence"]}\nevent: message\ndata: {{"sequence": 99'
                    return
                yield _event("message", message, id=message["sequence"])
                delivered += 1
                sent = max(sent, message["sequence"])
            if now_typing["on"] != typing["on"]:
                typing = now_typing
                yield _event("typing", typing)


def _event(name: str, data: Any, *, id: int | None = None) -> str:
    head = f"id: {id}\n" if id is not None else ""
    return f"{head}event: {name}\ndata: {json.dumps(data)}\n\n"


@contextmanager
def protocol_server(*, page_origin: str | None = None) -> Iterator[ProtocolServer]:
    """A server for the length of a `with`."""
    server = ProtocolServer(page_origin=page_origin)
    try:
        yield server
    finally:
        server.close()
