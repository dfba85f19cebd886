"""HTTP to a store that is slow, busy, down, redirected, or asks for credentials."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from pathlib import Path
from threading import Event
from typing import Final
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from kg.cli import kg
from kg.model.errors import ConfigurationError, StoreError
from kg.stores.connection import Connection, RetryPolicy
from kg.stores.credentials import Credentials, find_credentials
from kg.stores.profiles import PROFILES, checked_url, detect_profile, endpoints_of
from tests import gate as gates
from tests.gate import Gate, Keeper, Reply, Request, Reset, oxigraph
from tests.stores.processes import free_port

SECRET: Final = "s3cret-of-the-store"  # noqa: S105 - not a real one
HASTY: Final = RetryPolicy(timeout=0.5, tries=3, first_pause=0.001, longest_pause=0.2)
OK: Final = Reply(200, {}, b"fine")


@pytest.fixture
def gate() -> Iterator[Gate]:
    with Gate().open() as one:
        yield one


Connect = Callable[..., Connection]


@pytest.fixture
def connect(gate: Gate) -> Iterator[Connect]:
    """Open connections to the gate, and close them after the test."""
    connections: list[Connection] = []

    def new(
        credentials: Credentials | None = None, auth: str = "none", policy: RetryPolicy = HASTY
    ) -> Connection:
        connections.append(Connection(gate.url, credentials or Credentials(), policy))
        connections[-1].authenticate(auth)
        return connections[-1]

    yield new
    for one in connections:
        one.close()


def replying(*replies: Reply | Reset) -> Keeper:
    """Give one reply after the other, and repeat the last one."""
    remaining = list(replies)

    def keep(_request: Request) -> Reply:
        reply = remaining.pop(0) if len(remaining) > 1 else remaining[0]
        if isinstance(reply, Reset):
            raise reply
        return reply

    return keep


@pytest.mark.parametrize("status", [408, 425, 429, 502, 503, 504])
def test_temporary_errors_are_retried(status: int, gate: Gate, connect: Connect) -> None:
    gate.keeper = replying(Reply(status), Reset(), OK)
    assert b"fine" == connect().request("GET", gate.url).content
    assert 3 == len(gate.seen)


@pytest.mark.parametrize("status", [400, 404, 405, 409, 413, 415, 500, 501])
def test_permanent_errors_are_not_retried(status: int, gate: Gate, connect: Connect) -> None:
    gate.keeper = replying(Reply(status, {}, b"<p>that\nis why</p>"), OK)
    with pytest.raises(
        StoreError, match=rf"^{gate.url}: PUT of <http://g>: {status} .*that is why$"
    ):
        connect().request("PUT", f"{gate.url}/store", params={"graph": "http://g"})
    assert 1 == len(gate.seen)


def test_a_500_that_is_temporary_for_a_store_type_is_retried(gate: Gate, connect: Connect) -> None:
    gate.keeper = replying(
        Reply(500, {}, b"Virtuoso 40001 Error SR172: Transaction deadlocked"), OK
    )
    one = connect()
    one.authenticate("none", PROFILES["virtuoso"].transient)
    assert b"fine" == one.request("GET", gate.url).content


def test_retries_end(gate: Gate, connect: Connect) -> None:
    gate.keeper = replying(Reply(503))
    with pytest.raises(StoreError, match=r"503 Service Unavailable \(3 tries\)$"):
        connect().request("GET", gate.url)
    assert 3 == len(gate.seen)


def test_a_refused_connection_is_reported() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(
        StoreError,
        match=rf"^cannot connect to {url} \(refused, 3 tries\)\. Is the server running\?$",
    ):
        Connection(url, Credentials(), HASTY).request("GET", url)


@pytest.mark.parametrize("after", [lambda: "0", lambda: formatdate(time.time(), usegmt=True)])
def test_retry_after_is_honoured_as_seconds_and_as_a_date(
    after: Callable[[], str], gate: Gate, connect: Connect
) -> None:
    gate.keeper = replying(Reply(429, {"Retry-After": after()}), OK)
    slow = RetryPolicy(
        timeout=0.5, tries=3, first_pause=50, longest_pause=60
    )  # with these pauses the test would fail
    assert b"fine" == connect(policy=slow).request("GET", gate.url).content


def test_a_retry_after_that_is_too_long_is_not_waited_for(gate: Gate, connect: Connect) -> None:
    gate.keeper = replying(Reply(429, {"Retry-After": "3600"}))
    with pytest.raises(StoreError, match=r"the server asks to retry in 3600 s$"):
        connect().request("GET", gate.url)
    assert 1 == len(gate.seen)


def test_a_slow_answer_times_out(gate: Gate, connect: Connect) -> None:
    gate.keeper = replying(Reply(200, {}, b"x" * 100, drip=0.05))
    hasty = RetryPolicy(timeout=0.2, tries=1)
    with pytest.raises(StoreError, match=r"no full answer in 0\.2 s \(1 try\)$"):
        connect(policy=hasty).request("GET", gate.url)


def test_a_client_that_disconnects_does_not_affect_later_tests(
    capsys: pytest.CaptureFixture[str],
) -> None:
    client_disconnected, reply_sent = Event(), Event()

    def keep(_request: Request) -> Reply:
        client_disconnected.wait(timeout=10)
        reply_sent.set()
        return OK

    before = {*threading.enumerate()}
    with Gate().open() as one:
        one.keeper = keep
        parts = urlsplit(one.url)
        with socket.create_connection((parts.hostname, parts.port)) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: gate\r\n\r\n")
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client_disconnected.set()
        assert reply_sent.wait(timeout=10)
    assert (set(), "") == ({*threading.enumerate()} - before, capsys.readouterr().err)


def test_a_missing_answer_times_out(gate: Gate, connect: Connect) -> None:
    gate.keeper = replying(Reply(200, {}, b"xx", drip=1.0))
    with pytest.raises(StoreError, match=r"no answer in 0\.2 s \(1 try\)$"):
        connect(policy=RetryPolicy(timeout=0.2, tries=1)).request("GET", gate.url)


def test_a_redirect_on_the_same_host_is_followed(gate: Gate, connect: Connect) -> None:
    gate.keeper = lambda request: OK if request.path == "/new" else Reply(308, {"Location": "/new"})
    credentials = Credentials("me", SECRET)
    one = connect(credentials, "basic")
    assert b"fine" == one.request("PUT", f"{gate.url}/old", content=b"body").content
    assert [b"body", b"body"] == [request.body for request in gate.seen]
    assert all("authorization" in request.headers for request in gate.seen)


def test_a_redirect_that_drops_the_body_is_not_followed(gate: Gate, connect: Connect) -> None:
    gate.keeper = replying(Reply(301, {"Location": "/new"}))
    with pytest.raises(StoreError, match=rf"301, it has moved; use {gate.url}/new instead"):
        connect().request("PUT", f"{gate.url}/old", content=b"body")


@pytest.mark.parametrize("target", ["", "http://me:x@a.example/"])
def test_a_redirect_that_leads_nowhere_is_not_followed(
    target: str, gate: Gate, connect: Connect
) -> None:
    gate.keeper = replying(Reply(308, {"Location": target}))
    with pytest.raises(StoreError, match="308, a redirect without a valid target"):
        connect().request("GET", f"{gate.url}/")


@pytest.mark.parametrize("url", ["http://a b/", "http://a\x01b/", "http://ä.example/", "ftp://a/"])
def test_text_that_is_not_a_url_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"not an http\(s\) URL"):
        checked_url(url)


def test_an_impossible_host_is_reported() -> None:
    impossible = f"http://{'a' * 100}.example"
    one = Connection(impossible, Credentials(), HASTY)
    with pytest.raises(StoreError, match=f"^{impossible}: GET: "):
        one.request("GET", impossible)
    one.close()


def test_redirects_end(gate: Gate, connect: Connect) -> None:
    gate.keeper = lambda request: Reply(307, {"Location": f"{request.path}x"})
    with pytest.raises(StoreError, match="more than 5 redirects"):
        connect().request("GET", f"{gate.url}/")


@pytest.mark.parametrize("auth", ["basic", "digest", "bearer"])
def test_credentials_are_not_sent_to_another_host(auth: str, gate: Gate, connect: Connect) -> None:
    with Gate().open() as other:
        gate.keeper = replying(Reply(307, {"Location": f"{other.url}/?x={SECRET}"}))
        other.keeper = replying(OK)
        credentials = Credentials(token=SECRET) if auth == "bearer" else Credentials("me", SECRET)
        with pytest.raises(StoreError, match="redirects to another host") as raised:
            connect(credentials, auth).request("GET", gate.url)
        assert [] == other.seen
        assert SECRET not in str(raised.value)
        assert b"fine" == connect().request("GET", gate.url).content


@pytest.mark.parametrize(
    ("auth", "keeper", "credentials"),
    [
        ("basic", gates.basic("me", SECRET), Credentials("me", SECRET)),
        ("digest", gates.digest("me", SECRET), Credentials("me", SECRET)),
        ("bearer", gates.bearer(SECRET), Credentials(token=SECRET)),
    ],
)
def test_a_client_with_the_credentials_is_authorized(
    auth: str, keeper: Keeper, credentials: Credentials, gate: Gate, connect: Connect
) -> None:
    gate.keeper = lambda request: keeper(request) or OK
    one = connect(credentials, auth)
    for _ in range(3):
        assert b"fine" == one.request("PUT", f"{gate.url}/store", content=b"body").content
    wrong = Credentials(token="no")  # noqa: S106 - none if auth == "bearer" else Credentials("me", "no")
    with pytest.raises(StoreError, match=r"401 Unauthorized; the server rejects the credentials$"):
        connect(wrong, auth).request("GET", gate.url)
    with pytest.raises(StoreError, match="401 Unauthorized; set KG_STORE_USER"):
        connect().request("GET", gate.url)


def test_a_server_that_repeats_a_secret_is_not_quoted(gate: Gate, connect: Connect) -> None:
    gate.keeper = replying(Reply(400, {}, f"who is {SECRET}?".encode()))
    for credentials, auth in (
        (Credentials("me", SECRET), "basic"),
        (Credentials(token=SECRET), "bearer"),
    ):
        with pytest.raises(StoreError, match=r"who is …?") as raised:
            connect(credentials, auth).request("GET", gate.url)
        assert SECRET not in str(raised.value)


URL: Final = "http://store.example/"


def test_credentials_come_from_the_environment() -> None:
    environment = {"KG_STORE_USER": "me", "KG_STORE_PASSWORD": SECRET}
    assert Credentials("me", SECRET) == find_credentials(URL, environment)
    assert Credentials(token=SECRET) == find_credentials(URL, {"KG_STORE_TOKEN": SECRET})


def test_a_file_of_credentials_wins_over_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "store.toml"
    path.write_text(f'token = "{SECRET}"\n')
    assert Credentials(token=SECRET) == find_credentials(URL, {"KG_STORE_TOKEN": "other"}, path)


def test_netrc_has_the_credentials_of_a_host(tmp_path: Path) -> None:
    path = tmp_path / "netrc"
    path.write_text(f"machine store.example login me password {SECRET}\n")
    path.chmod(0o600)
    assert Credentials("me", SECRET) == find_credentials(URL, {"NETRC": str(path)})
    assert Credentials() == find_credentials("http://other.example/", {"NETRC": str(path)})


@pytest.mark.parametrize(
    "text", [SECRET, f"password = {SECRET}", f'pass = "{SECRET}"', "user = 1", ""]
)
def test_a_file_that_cannot_be_used_is_not_quoted(text: str, tmp_path: Path) -> None:
    path = tmp_path / "store.toml"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match="no credentials; write user") as raised:
        find_credentials(URL, {}, path)
    assert SECRET not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_user_without_a_password_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="need both a user and a password"):
        find_credentials(URL, {"KG_STORE_USER": "me"})


def test_credentials_do_not_show_in_a_representation() -> None:
    assert SECRET not in repr(Credentials("me", SECRET)) + repr(Credentials(token=SECRET))


@pytest.mark.parametrize(
    "url",
    [
        f"http://me:{SECRET}@store.example/",
        f"http://{SECRET}@store.example/",
        f"https://store.example/?token={SECRET}",
        f"https://store.example/#{SECRET}",
        f"http://me:{SECRET}@[store.example/",
    ],
)
def test_a_url_with_a_secret_is_refused_and_not_repeated(url: str) -> None:
    result = CliRunner().invoke(kg, ["query", "topics", "--endpoint", url])
    assert 2 == result.exit_code
    assert SECRET not in result.output


@pytest.mark.process
@pytest.mark.parametrize("auth", ["basic", "digest", "bearer"])
def test_a_load_with_credentials_does_not_print_them(
    auth: str, checkout: Path, tmp_path: Path
) -> None:
    keeper = gates.bearer(SECRET) if auth == "bearer" else getattr(gates, auth)("me", SECRET)
    environment = {"KG_STORE_USER": "me", "KG_STORE_PASSWORD": SECRET, "KG_STORE_TOKEN": ""}
    environment = {"KG_STORE_TOKEN": SECRET} if auth == "bearer" else environment
    with oxigraph(tmp_path) as (url, _), Gate(url).open() as gate:
        gate.keeper = keeper
        words = ["load", str(checkout / "seeds"), "--to", gate.url, "--auth", auth]
        good = CliRunner().invoke(kg, words, env=environment)
        bad = CliRunner().invoke(
            kg,
            words,
            env={**environment, "KG_STORE_USER": "", "KG_STORE_PASSWORD": "", "KG_STORE_TOKEN": ""},
        )
    assert (0, 3) == (good.exit_code, bad.exit_code), good.output + bad.output
    assert "401 Unauthorized" in bad.stderr
    assert SECRET not in good.output + bad.output


@pytest.mark.parametrize(
    ("server", "name"),
    [
        ("Oxigraph/0.5.13", "oxigraph"),
        ("Virtuoso/07.20.3229 (Linux) x86_64-pc-linux-gnu", "virtuoso"),
        ("Apache Jena Fuseki (5.2.0)", "fuseki"),
        ("GraphDB/10.8", "rdf4j"),
    ],
)
def test_a_server_that_names_its_type_needs_no_profile(server: str, name: str) -> None:
    assert name == detect_profile(server, URL).name


@pytest.mark.parametrize("server", [None, "nginx", "uvicorn", "Jetty(12)"])
def test_the_type_of_an_unknown_server_is_not_guessed(server: str | None) -> None:
    with pytest.raises(ConfigurationError, match="choose one with --profile: oxigraph, fuseki"):
        detect_profile(server, URL)


@pytest.mark.parametrize(
    ("name", "address", "expected"),
    [
        ("oxigraph", "http://h:7878/", ("http://h:7878/query", "http://h:7878/store")),
        ("oxigraph", "http://h:7878/query", ("http://h:7878/query", "http://h:7878/store")),
        ("fuseki", "http://h:3030/ds", ("http://h:3030/ds/query", "http://h:3030/ds/data")),
        ("fuseki", "http://h:3030/ds/sparql", ("http://h:3030/ds/query", "http://h:3030/ds/data")),
        (
            "virtuoso",
            "http://h:8890/sparql",
            ("http://h:8890/sparql-auth", "http://h:8890/sparql-graph-crud-auth"),
        ),
        (
            "rdf4j",
            "http://h/repositories/r",
            ("http://h/repositories/r", "http://h/repositories/r/rdf-graphs/service"),
        ),
        ("update", "http://h/sparql", ("http://h/sparql", None)),
        ("graph-store", "http://h/rdf", ("http://h/rdf", "http://h/rdf")),
    ],
)
def test_addresses_are_derived_from_one(
    name: str, address: str, expected: tuple[str, str | None]
) -> None:
    urls = endpoints_of(PROFILES[name], address)
    assert expected == (urls.query, urls.graphs)
