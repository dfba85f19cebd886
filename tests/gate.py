"""A proxy before a store: it records requests, and a test decides which it forwards."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from tests.stores.processes import answers, free_port, running

FORWARDED_HEADERS: Final = ("content-type", "accept")


@dataclass(frozen=True, slots=True)
class Request:
    """A request that reached the gate."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The path without query and fragment."""
        return urlsplit(self.target).path


@dataclass(frozen=True, slots=True)
class Reply:
    """A response of the gate itself. `drip`: seconds from one byte of the body to the next."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    drip: float = 0.0


class Reset(Exception):  # noqa: N818 - an instruction, not an error
    """Close the connection without a response, before the request is forwarded or after it."""

    def __init__(self, *, after: bool = False) -> None:
        super().__init__()
        self.after = after


Keeper = Callable[[Request], Reply | None]
"""Return the response to a request, or None to forward it. May raise Reset."""


def forward_all(_request: Request) -> None:
    """Forward every request."""


class Server(ThreadingHTTPServer):
    """A server that joins its threads when it closes, and ignores clients that disconnect."""

    daemon_threads = False

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self._connections: list[socket.socket] = []

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection."""
        self._connections.append(request)
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print the error, unless the client disconnected."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def server_close(self) -> None:
        """Close the open connections and join the threads."""
        for connection in self._connections:
            with suppress(OSError):  # most are closed already
                connection.shutdown(socket.SHUT_RDWR)
        super().server_close()


class Gate:
    """The proxy: its URL, the requests it received, and `keeper`, which decides about each."""

    def __init__(self, behind: str | None = None) -> None:
        self.seen: list[Request] = []
        self.keeper: Keeper = forward_all
        self.behind = behind
        self._lock = Lock()
        self._client = httpx.Client(timeout=60, trust_env=False)
        gate = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one packet
            disable_nagle_algorithm = True

            def do_any(self) -> None:
                gate.handle(self)

            do_GET = do_POST = do_PUT = do_DELETE = do_any  # noqa: N815 - as http.server has it

            def log_message(self, *_: Any) -> None:
                """Log nothing."""

        self._server = Server(Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        body = handler.rfile.read(int(handler.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        request = Request(handler.command, handler.path, headers, body)
        with self._lock:
            self.seen.append(request)
        try:
            reply = self.keeper(request) or self.through(request)
        except Reset as reset:
            if reset.after:
                self.through(request)
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        self._answer(handler, reply)

    def through(self, request: Request) -> Reply:
        """Forward a request; without a store that is 404, and 502 if it cannot be reached."""
        if self.behind is None:
            return Reply(404, {"Server": "gate"})
        headers = {
            name: value for name, value in request.headers.items() if name in FORWARDED_HEADERS
        }
        try:
            reply = self._client.request(
                request.method, self.behind + request.target, content=request.body, headers=headers
            )
        except httpx.TransportError:
            return Reply(502)
        forwarded = ("content-type", "server")
        return Reply(
            reply.status_code,
            {name: reply.headers[name] for name in forwarded if name in reply.headers},
            reply.content,
        )

    def _answer(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        handler.send_response_only(reply.status)
        for name, value in {**reply.headers, "Content-Length": str(len(reply.body))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        with suppress(ConnectionError):
            for byte in [reply.body[n : n + 1] for n in range(len(reply.body))] * bool(reply.drip):
                handler.wfile.write(byte)
                handler.wfile.flush()
                time.sleep(reply.drip)
            if not reply.drip:
                handler.wfile.write(reply.body)

    def sent(self, method: str, path: str = "/store") -> list[Request]:
        """Return the requests of a method for a path."""
        return [
            request for request in self.seen if (request.method, request.path) == (method, path)
        ]

    @contextmanager
    def open(self) -> Iterator[Gate]:
        """Serve until the end of the block."""
        thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()
            self._client.close()


@contextmanager
def oxigraph(
    folder: Path, *words: str, port: int | None = None
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run Oxigraph's server; yield its URL and process."""
    chosen = port or free_port()
    program = str(Path(sys.executable).with_name("oxigraph"))
    command = (program, "serve", "--bind", f"127.0.0.1:{chosen}", *words)
    with running(command, folder, lambda: answers(chosen)) as process:
        yield f"http://127.0.0.1:{chosen}", process


def basic(user: str, password: str) -> Keeper:
    """Require the password in every request."""
    expected = base64.b64encode(f"{user}:{password}".encode()).decode()
    return _challenging("Basic", lambda request: expected in request.headers["authorization"])


def bearer(token: str) -> Keeper:
    """Require the token in every request."""
    return _challenging(
        "Bearer", lambda request: request.headers["authorization"] == f"Bearer {token}"
    )


def digest(user: str, password: str) -> Keeper:
    """Require a digest (RFC 7616, MD5 and qop=auth), with the counts of the nonce in order."""
    counts: list[int] = []

    def is_valid(request: Request) -> bool:
        fields = dict(re.findall(r'(\w+)="?([^",]+)"?', request.headers["authorization"]))
        counts.append(int(fields["nc"], 16))
        ha1 = _md5(f"{user}:store:{password}")
        ha2 = _md5(f"{request.method}:{fields['uri']}")
        expected = _md5(f"{ha1}:{fields['nonce']}:{fields['nc']}:{fields['cnonce']}:auth:{ha2}")
        return (fields["username"], fields["response"]) == (user, expected)

    return _challenging('Digest realm="store", nonce="n0", qop="auth", algorithm=MD5', is_valid)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _challenging(challenge: str, is_valid: Callable[[Request], bool]) -> Keeper:
    scheme = challenge.split(maxsplit=1)[0]

    def keep(request: Request) -> Reply | None:
        if request.headers.get("authorization", "").startswith(scheme) and is_valid(request):
            return None
        return Reply(401, {"WWW-Authenticate": challenge, "Server": "Oxigraph/0 behind a gate"})

    return keep
