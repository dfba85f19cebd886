"""A server before a store: it passes requests on and remembers them, and fails as it is told to."""

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

PASSED: Final = ("content-type", "accept")


@dataclass(frozen=True, slots=True)
class Request:
    """What reached the gate."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The path without what follows."""
        return urlsplit(self.target).path


@dataclass(frozen=True, slots=True)
class Reply:
    """What the gate answers by itself. `drip`: seconds from one byte of the body to the next."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    drip: float = 0.0


class Reset(Exception):  # noqa: N818 - not an error but an order
    """Break the connection, before the request is passed on or after it."""

    def __init__(self, *, after: bool = False) -> None:
        super().__init__()
        self.after = after


Keeper = Callable[[Request], Reply | None]
"""Decide about a request: None passes it on; it may raise Reset."""


def passing(_request: Request) -> None:
    """Pass everything on."""


class Server(ThreadingHTTPServer):
    """Its end ends its threads, and a client may go when it likes."""

    daemon_threads = False

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self._connections: list[socket.socket] = []

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection."""
        self._connections.append(request)
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say what went wrong here, not that a client went."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def server_close(self) -> None:
        """Break what is open, and wait for the threads."""
        for connection in self._connections:
            with suppress(OSError):  # most are closed
                connection.shutdown(socket.SHUT_RDWR)
        super().server_close()


class Gate:
    """The running server: its URL, what reached it, and who decides."""

    def __init__(self, behind: str | None = None) -> None:
        self.seen: list[Request] = []
        self.keeper: Keeper = passing
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
                """Keep quiet."""

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
        """Pass a request on; nobody there is 502."""
        if self.behind is None:
            return Reply(404, {"Server": "gate"})
        headers = {name: value for name, value in request.headers.items() if name in PASSED}
        try:
            reply = self._client.request(
                request.method, self.behind + request.target, content=request.body, headers=headers
            )
        except httpx.TransportError:
            return Reply(502)
        kept = ("content-type", "server")
        return Reply(
            reply.status_code,
            {name: reply.headers[name] for name in kept if name in reply.headers},
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
        """What was sent of a method to a path."""
        return [one for one in self.seen if one.method == method and one.path == path]

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
    """Run Oxigraph's server; give its URL and process."""
    chosen = port or free_port()
    program = str(Path(sys.executable).with_name("oxigraph"))
    command = (program, "serve", "--bind", f"127.0.0.1:{chosen}", *words)
    with running(command, folder, lambda: answers(chosen)) as process:
        yield f"http://127.0.0.1:{chosen}", process


def basic(user: str, password: str) -> Keeper:
    """Let in who shows the password, each time."""
    expected = base64.b64encode(f"{user}:{password}".encode()).decode()
    return _challenging("Basic", lambda request: expected in request.headers["authorization"])


def bearer(token: str) -> Keeper:
    """Let in who shows the token, each time."""
    return _challenging(
        "Bearer", lambda request: request.headers["authorization"] == f"Bearer {token}"
    )


def digest(user: str, password: str) -> Keeper:
    """Let in who knows the password (RFC 7616, MD5 and qop=auth), with a nonce used in order."""
    counts: list[int] = []

    def known(request: Request) -> bool:
        said = dict(re.findall(r'(\w+)="?([^",]+)"?', request.headers["authorization"]))
        counts.append(int(said["nc"], 16))
        one = _md5(f"{user}:store:{password}")
        two = _md5(f"{request.method}:{said['uri']}")
        wanted = _md5(f"{one}:{said['nonce']}:{said['nc']}:{said['cnonce']}:auth:{two}")
        return (said["username"], said["response"]) == (user, wanted)

    return _challenging('Digest realm="store", nonce="n0", qop="auth", algorithm=MD5', known)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _challenging(challenge: str, known: Callable[[Request], bool]) -> Keeper:
    scheme = challenge.split(maxsplit=1)[0]

    def keep(request: Request) -> Reply | None:
        if request.headers.get("authorization", "").startswith(scheme) and known(request):
            return None
        return Reply(401, {"WWW-Authenticate": challenge, "Server": "Oxigraph/0 behind a gate"})

    return keep
