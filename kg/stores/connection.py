"""HTTP to one store: patient with what can pass, clear about what cannot."""

from __future__ import annotations

import random
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from queue import Empty, LifoQueue
from typing import Final, NamedTuple
from urllib.parse import urljoin, urlsplit

import httpx

from kg.model.errors import ConfigurationError, StoreError
from kg.stores.credentials import ADVICE, Credentials

PASSING: Final = frozenset([408, 425, 429, 502, 503, 504])
"""Statuses that say "later" (RFC 9110, 15.6; RFC 8470; RFC 6585)."""
REDIRECTS: Final = 5
CONNECT: Final = 10.0
"""Seconds to wait for a connection."""
KEPT: Final = frozenset([HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT])
"""Redirects that keep method and body (RFC 9110, 15.4)."""
SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds: for one answer, and between tries, twice as long each time.

    A server that asks for more than `longest` is not waited for.
    """

    timeout: float = 300.0
    tries: int = 6
    first: float = 0.5
    longest: float = 60.0

    def pause(self, tried: int) -> float:
        """Return the time before the next try, spread so that many clients do not come at once."""
        most = min(self.longest, self.first * 2**tried)
        return random.uniform(most / 2, most)  # noqa: S311 - no secret


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class _Passing(Exception):  # noqa: N818 - it passes
    """What may be well at the next try: why, and when if the server says so."""

    def __init__(self, why: str, after: float | None = None) -> None:
        super().__init__(why)
        self.after = after


class Connection:
    """Kept-alive connections to a store, as many as threads that ask at once.

    Nothing is sent of the credentials before `speak`.
    """

    def __init__(
        self,
        address: str,
        credentials: Credentials,
        patience: Patience | None = None,
    ) -> None:
        self.address = address
        self._credentials = credentials
        self._auth = "none"
        self._passing: str | None = None
        self._patience = patience or Patience()
        self._tls = ssl.create_default_context()
        self._idle: LifoQueue[_Line] = LifoQueue()

    def speak(self, auth: str, passing: str | None = None) -> None:
        """Say how credentials are sent, by a name of `SCHEMES`, and what a 500 says that will pass.

        A token is sent as bearer, whatever else is said.
        """
        self._auth = "bearer" if self._credentials.token and auth != "none" else auth
        self._passing = passing
        self.close()  # what was asked before was asked without them
        if auth == "bearer" and self._credentials and not self._credentials.token:
            raise ConfigurationError("bearer authentication needs a token: set KG_STORE_TOKEN")

    def server(self) -> str | None:
        """Return what the server calls itself, whatever it answers."""
        reply = self.request("GET", self.address, accepted=tuple(range(300, 600)))
        return reply.headers.get("server")

    def close(self) -> None:
        """Close every connection."""
        while not self._idle.empty():
            self._idle.get().client.close()

    def request(  # noqa: PLR0913 - what HTTP has, by name
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        accepted: tuple[int, ...] = (),
    ) -> Reply:
        """Send a request until it is answered, and return the answer if it is a success.

        Other statuses that are `accepted` come back too. Raises StoreError for all else.
        """
        request = httpx.Request(method, url, params=params, content=content, headers=headers)
        tried = 0
        while True:
            try:
                return self._judged(request, self._followed(request), accepted)
            except _Passing as error:
                pause = self._patience.pause(tried) if error.after is None else error.after
                tried += 1
                if tried >= self._patience.tries or pause > self._patience.longest:
                    raise self._given_up(request, error, tried) from error
            time.sleep(pause)

    def _given_up(self, request: httpx.Request, error: _Passing, tried: int) -> StoreError:
        later = "" if error.after is None else f"; it asks to come back in {error.after:.0f} s"
        times = f"{tried} {'try' if tried == 1 else 'tries'}"
        return StoreError(f"{self._named(request)}: {error} after {times}{later}")

    def _followed(self, request: httpx.Request) -> Reply:
        for _ in range(REDIRECTS):
            reply = self._sent(request)
            if not (HTTPStatus.MULTIPLE_CHOICES <= reply.status < HTTPStatus.BAD_REQUEST):
                return reply
            request = self._redirected(request, reply)
        raise StoreError(f"{self._named(request)}: more than {REDIRECTS} redirects")

    def _redirected(self, request: httpx.Request, reply: Reply) -> httpx.Request:
        target = urljoin(str(request.url), reply.headers.get("location", ""))
        named, shown = self._named(request), target.partition("?")[0]
        if urlsplit(target).username is not None or target == str(request.url):
            raise StoreError(f"{named}: {reply.status}, a redirect that leads nowhere")
        if self._credentials and _origin(target) != _origin(str(request.url)):
            raise StoreError(
                f"{named}: redirects to another host, {_origin(target)}; credentials are not sent "
                "there: if it is the store, name it as the store's URL"
            )
        if request.method != "GET" and reply.status not in KEPT:
            raise StoreError(f"{named}: {reply.status}, it has moved; name {shown} instead")
        content = request.content
        headers = {k: v for k, v in request.headers.items() if k.lower() != "host"}
        try:
            return httpx.Request(request.method, target, content=content, headers=headers)
        except httpx.InvalidURL as error:
            raise StoreError(f"{named}: {reply.status}, a redirect that leads nowhere") from error

    def _sent(self, request: httpx.Request) -> Reply:
        """Send once. The whole answer must be there in time, however slowly it drips."""
        ends = time.monotonic() + self._patience.timeout
        try:
            with self._answering(request) as response:
                parts = []
                for part in response.iter_bytes():
                    parts.append(part)
                    if time.monotonic() > ends:
                        raise _Passing(f"no full answer in {self._patience.timeout:g} s")
                return Reply(response.status_code, response.headers, b"".join(parts))
        except httpx.TimeoutException as error:
            raise _Passing(f"no answer in {self._patience.timeout:g} s") from error
        except httpx.TransportError as error:
            if "CERTIFICATE" in str(error).upper():
                raise StoreError(f"{self._named(request)}: {error}") from error
            raise _Passing(_reason(error)) from error
        except (httpx.HTTPError, UnicodeError) as error:  # a host name can be impossible
            raise StoreError(f"{self._named(request)}: {self._shown(str(error))}") from error

    @contextmanager
    def _answering(self, request: httpx.Request) -> Iterator[httpx.Response]:
        try:
            line = self._idle.get_nowait()
        except Empty:
            line = self._line()
        try:
            response = line.client.send(request, auth=line.auth, stream=True)
            try:
                yield response
            finally:
                response.close()
        finally:
            self._idle.put(line)

    def _line(self) -> _Line:
        longest = self._patience.timeout
        timeout = httpx.Timeout(longest, connect=min(CONNECT, longest))
        client = httpx.Client(timeout=timeout, verify=self._tls)
        given = self._credentials
        return _Line(client, _AUTH[self._auth](given) if given and self._auth in _AUTH else None)

    def _judged(self, request: httpx.Request, reply: Reply, accepted: tuple[int, ...]) -> Reply:
        status = reply.status
        if status < HTTPStatus.MULTIPLE_CHOICES or status in accepted:
            return reply
        said = self._shown(reply.content.decode(errors="replace"))
        why = f"{_phrase(status)}{': ' if said else ''}{said}"
        if status in PASSING:
            raise _Passing(why, _retry_after(reply.headers.get("retry-after")))
        if status == HTTPStatus.INTERNAL_SERVER_ERROR and re.search(self._passing or "$.", said):
            raise _Passing(why)
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            why = _phrase(status)
            hint = "it refuses the credentials" if self._credentials else ADVICE
            raise StoreError(f"{self._named(request)}: {why}; {hint}")
        raise StoreError(f"{self._named(request)}: {why}")

    def _named(self, request: httpx.Request) -> str:
        graph = request.url.params.get("graph")
        return f"{self.address}: {request.method}{f' of <{graph}>' if graph else ''}"

    def _shown(self, text: str) -> str:
        """Return the start of what a server says, on one line and without secrets."""
        plain = " ".join(re.sub(r"<[^<>]*>|[\x00-\x1f\x7f]", " ", text[:5000]).split())
        plain = self._credentials.redacted(plain)
        return plain if len(plain) <= SHOWN else f"{plain[:SHOWN]}…"


class _Line(NamedTuple):
    """A client with its own authentication, which counts the requests it is used for."""

    client: httpx.Client
    auth: httpx.Auth | None


class _Bearer(httpx.Auth):
    """RFC 6750, section 2.1."""

    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override] # yields only
        """Add the token."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


_AUTH: Final[Mapping[str, Callable[[Credentials], httpx.Auth]]] = {
    "basic": lambda given: httpx.BasicAuth(given.user or "", given.password or ""),
    "digest": lambda given: httpx.DigestAuth(given.user or "", given.password or ""),
    "bearer": lambda given: _Bearer(given.token or ""),
}
SCHEMES: Final = ("none", *_AUTH)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    return f"{parts.scheme}://{parts.hostname}:{port}"


def _phrase(status: int) -> str:
    known = {one.value: one.phrase for one in HTTPStatus}
    return f"{status} {known.get(status, '')}".rstrip()


def _reason(error: httpx.TransportError) -> str:
    what = {
        httpx.ConnectError: "no connection",
        httpx.RemoteProtocolError: "the connection broke",
        httpx.ReadError: "the connection broke",
        httpx.WriteError: "the connection broke",
    }.get(type(error), "no connection")
    return f"{what} ({error})" if str(error) else what


def _retry_after(value: str | None) -> float | None:
    """Read seconds or a date (RFC 9110, 10.2.3)."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
