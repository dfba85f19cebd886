"""HTTP to one store: retries what may succeed later, and reports what will not."""

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

from kg.model import ConfigurationError, StoreError
from kg.stores.credentials import ADVICE, Credentials

RETRIED: Final = frozenset([408, 425, 429, 502, 503, 504])
"""Statuses of a request that may succeed later (RFC 9110, 15.6; RFC 8470; RFC 6585)."""
REDIRECTS: Final = 5
CONNECT_TIMEOUT: Final = 10.0
"""Seconds to wait for a connection."""
METHOD_PRESERVING: Final = frozenset([HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT])
"""Redirects that keep method and content (RFC 9110, 15.4)."""
EXCERPT: Final = 200
"""Characters of an answer that a message quotes."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Seconds to wait for one answer, and between tries, doubled each time.

    A request is not retried if the server asks to wait for more than `longest_pause`.
    """

    timeout: float = 300.0
    tries: int = 6
    first_pause: float = 0.5
    longest_pause: float = 60.0

    def pause(self, tries: int) -> float:
        """Return the seconds before the next try, random so that clients do not retry at once."""
        longest = min(self.longest_pause, self.first_pause * 2**tries)
        return random.uniform(longest / 2, longest)  # noqa: S311 - no secret


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a request."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class _TransientError(Exception):
    """A failure that a retry may not have, and the seconds to wait if the server gives them."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class _ConnectError(_TransientError):
    """No connection could be made."""


class Connection:
    """Kept-alive connections to a store, as many as threads that send requests at once.

    Credentials are sent only after `authenticate`.
    """

    def __init__(
        self,
        address: str,
        credentials: Credentials,
        policy: RetryPolicy | None = None,
    ) -> None:
        self.address = address
        self._credentials = credentials
        self._scheme = "none"
        self._transient: str | None = None
        self._policy = policy or RetryPolicy()
        self._tls = ssl.create_default_context()
        self._idle: LifoQueue[_Client] = LifoQueue()

    def authenticate(self, scheme: str, transient: str | None = None) -> None:
        """Send credentials from now on by one of `SCHEMES`; a token always as bearer.

        A 500 whose text matches the pattern `transient` is retried. Raises ConfigurationError if
        the scheme needs a token and there is none.
        """
        self._scheme = "bearer" if self._credentials.token and scheme != "none" else scheme
        self._transient = transient
        self.close()  # the connections so far send no credentials
        if scheme == "bearer" and self._credentials and not self._credentials.token:
            raise ConfigurationError("bearer authentication needs a token: set KG_STORE_TOKEN")

    def server_name(self) -> str | None:
        """Return the `Server` header of the store, whatever its status."""
        reply = self.request("GET", self.address, accepted=tuple(range(300, 600)))
        return reply.headers.get("server")

    def close(self) -> None:
        """Close every connection."""
        while not self._idle.empty():
            self._idle.get().http.close()

    def request(  # noqa: PLR0913 - the parts of an HTTP request, by name
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        accepted: tuple[int, ...] = (),
    ) -> Reply:
        """Send a request, retry it, and return the reply if its status is 2xx or `accepted`.

        Raises StoreError for every other status, and if no retry succeeds.
        """
        request = httpx.Request(method, url, params=params, content=content, headers=headers)
        tries = 0
        while True:
            try:
                return self._checked(request, self._follow_redirects(request), accepted)
            except _TransientError as error:
                pause = error.retry_after
                pause = self._policy.pause(tries) if pause is None else pause
                tries += 1
                if tries >= self._policy.tries or pause > self._policy.longest_pause:
                    raise self._gave_up(request, error, tries) from error
            time.sleep(pause)

    def _gave_up(self, request: httpx.Request, error: _TransientError, tries: int) -> StoreError:
        tried = "1 try" if tries == 1 else f"{tries} tries"
        if isinstance(error, _ConnectError):
            message = f"cannot connect to {self.address} ({error}, {tried}). Is the server running?"
            return StoreError(message)
        later = error.retry_after
        hint = "" if later is None else f"; the server asks to retry in {later:.0f} s"
        return StoreError(f"{self._described(request)}: {error} ({tried}){hint}")

    def _follow_redirects(self, request: httpx.Request) -> Reply:
        for _ in range(REDIRECTS):
            reply = self._send_once(request)
            if not (HTTPStatus.MULTIPLE_CHOICES <= reply.status < HTTPStatus.BAD_REQUEST):
                return reply
            request = self._redirected(request, reply)
        raise StoreError(f"{self._described(request)}: more than {REDIRECTS} redirects")

    def _redirected(self, request: httpx.Request, reply: Reply) -> httpx.Request:
        """Return the request to send instead. Raises StoreError if it is not safe to send it."""
        target = urljoin(str(request.url), reply.headers.get("location", ""))
        prefix, shown = self._described(request), target.partition("?")[0]
        invalid = f"{prefix}: {reply.status}, a redirect without a valid target"
        if urlsplit(target).username is not None or target == str(request.url):
            raise StoreError(invalid)
        if self._credentials and _origin(target) != _origin(str(request.url)):
            raise StoreError(
                f"{prefix}: redirects to another host, {_origin(target)}; credentials are not sent "
                "there. If it is the store, use its URL"
            )
        if request.method != "GET" and reply.status not in METHOD_PRESERVING:
            raise StoreError(f"{prefix}: {reply.status}, it has moved; use {shown} instead")
        content = request.content
        headers = {k: v for k, v in request.headers.items() if k.lower() != "host"}
        try:
            return httpx.Request(request.method, target, content=content, headers=headers)
        except httpx.InvalidURL as error:
            raise StoreError(invalid) from error

    def _send_once(self, request: httpx.Request) -> Reply:
        """Send a request. The timeout is for the whole answer, however slowly it arrives."""
        deadline = time.monotonic() + self._policy.timeout
        try:
            with self._response(request) as response:
                parts = []
                for part in response.iter_bytes():
                    parts.append(part)
                    if time.monotonic() > deadline:
                        raise _TransientError(f"no full answer in {self._policy.timeout:g} s")
                return Reply(response.status_code, response.headers, b"".join(parts))
        except httpx.TimeoutException as error:
            raise _TransientError(f"no answer in {self._policy.timeout:g} s") from error
        except httpx.TransportError as error:
            if "CERTIFICATE" in str(error).upper():
                raise StoreError(f"{self._described(request)}: {error}") from error
            raise _transport_error(error) from error
        except (httpx.HTTPError, UnicodeError) as error:  # such as an impossible host name
            message = f"{self._described(request)}: {self._excerpt(str(error))}"
            raise StoreError(message) from error

    @contextmanager
    def _response(self, request: httpx.Request) -> Iterator[httpx.Response]:
        try:
            client = self._idle.get_nowait()
        except Empty:
            client = self._new_client()
        try:
            response = client.http.send(request, auth=client.auth, stream=True)
            try:
                yield response
            finally:
                response.close()
        finally:
            self._idle.put(client)

    def _new_client(self) -> _Client:
        longest = self._policy.timeout
        timeout = httpx.Timeout(longest, connect=min(CONNECT_TIMEOUT, longest))
        http = httpx.Client(timeout=timeout, verify=self._tls)
        new_auth = _AUTH.get(self._scheme) if self._credentials else None
        return _Client(http, new_auth(self._credentials) if new_auth else None)

    def _checked(self, request: httpx.Request, reply: Reply, accepted: tuple[int, ...]) -> Reply:
        """Return a reply if its status is a success or accepted."""
        status = reply.status
        if status < HTTPStatus.MULTIPLE_CHOICES or status in accepted:
            return reply
        text = self._excerpt(reply.content.decode(errors="replace"))
        reason = f"{_phrase(status)}{': ' if text else ''}{text}"
        if status in RETRIED:
            raise _TransientError(reason, _retry_after(reply.headers.get("retry-after")))
        if status == HTTPStatus.INTERNAL_SERVER_ERROR and re.search(self._transient or "$.", text):
            raise _TransientError(reason)
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            hint = "the server rejects the credentials" if self._credentials else ADVICE
            raise StoreError(f"{self._described(request)}: {_phrase(status)}; {hint}")
        raise StoreError(f"{self._described(request)}: {reason}")

    def _described(self, request: httpx.Request) -> str:
        graph = request.url.params.get("graph")
        return f"{self.address}: {request.method}{f' of <{graph}>' if graph else ''}"

    def _excerpt(self, text: str) -> str:
        """Return the start of a server's text, on one line, without markup and secrets."""
        plain = " ".join(re.sub(r"<[^<>]*>|[\x00-\x1f\x7f]", " ", text[:5000]).split())
        plain = self._credentials.redact(plain)
        return plain if len(plain) <= EXCERPT else f"{plain[:EXCERPT]}…"


class _Client(NamedTuple):
    """An HTTP client with its own authentication: digest counts the requests it is used for."""

    http: httpx.Client
    auth: httpx.Auth | None


class _Bearer(httpx.Auth):
    """RFC 6750, section 2.1."""

    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override] # yields only
        """Add the token."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


def _basic(credentials: Credentials) -> httpx.Auth:
    return httpx.BasicAuth(credentials.user or "", credentials.password or "")


def _digest(credentials: Credentials) -> httpx.Auth:
    return httpx.DigestAuth(credentials.user or "", credentials.password or "")


def _bearer(credentials: Credentials) -> httpx.Auth:
    return _Bearer(credentials.token or "")


_AUTH: Final[Mapping[str, Callable[[Credentials], httpx.Auth]]] = {
    "basic": _basic,
    "digest": _digest,
    "bearer": _bearer,
}
SCHEMES: Final = ("none", *_AUTH)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    return f"{parts.scheme}://{parts.hostname}:{port}"


def _phrase(status: int) -> str:
    phrases = {standard.value: standard.phrase for standard in HTTPStatus}
    return f"{status} {phrases.get(status, '')}".rstrip()


def _transport_error(error: httpx.TransportError) -> _TransientError:
    """Return the failure of a connection, with the operating system's reason."""
    reason = re.sub(r"^\[Errno -?\d+\] (?:Connection )?", "", str(error))
    if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError):
        return _TransientError(f"connection lost ({reason})" if reason else "connection lost")
    return _ConnectError(reason or "no connection")


def _retry_after(value: str | None) -> float | None:
    """Return the seconds of a `Retry-After` header, a number or a date (RFC 9110, 10.2.3)."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
