"""HTTP to a store that is slow, busy, gone, elsewhere, or wants to know who one is."""

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

SECRET: Final = "s3cret-of-the-store"  # noqa: S105 - it is for show
HASTY: Final = RetryPolicy(timeout=0.5, tries=3, first_pause=0.001, longest_pause=0.2)
OK: Final = Reply(200, {}, b"fine")


@pytest.fixture
def gate() -> Iterator[Gate]:
    with Gate().open() as one:
        yield one


Connect = Callable[..., Connection]


@pytest.fixture
def connect(gate: Gate) -> Iterator[Connect]:
    """Make connections to the gate, which end with the test."""
    made: list[Connection] = []

    def new(
        given: Credentials | None = None, auth: str = "none", policy: RetryPolicy = HASTY
    ) -> Connection:
        made.append(Connection(gate.url, given or Credentials(), policy))
        made[-1].authenticate(auth)
        return made[-1]

    yield new
    for one in made:
        one.close()


def replying(*replies: Reply | Reset) -> Keeper:
    """Give one reply after the other, and the last one for ever."""
    left = list(replies)

    def keep(_request: Request) -> Reply:
        reply = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(reply, Reset):
            raise reply
        return reply

    return keep


@pytest.mark.parametrize("status", [408, 425, 429, 502, 503, 504])
def test_what_may_pass_is_tried_again(status: int, gate: Gate, connect: Connect) -> None:
    gate.keeper = replying(Reply(status), Reset(), OK)
    assert b"fine" == connect().request("GET", gate.url).content
    assert 3 == len(gate.seen)


@pytest.mark.parametrize("status", [400, 404, 405, 409, 413, 415, 500, 501])
def test_what_will_not_pass_is_not_tried_again(status: int, gate: Gate, connect: Connect) -> None:
    gate.keeper = replying(Reply(status, {}, b"<p>that\nis why</p>"), OK)
    with pytest.raises(
        StoreError, match=rf"^{gate.url}: PUT of <http://g>: {status} .*that is why$"
    ):
        connect().request("PUT", f"{gate.url}/store", params={"graph": "http://g"})
    assert 1 == len(gate.seen)


def test_a_500_that_a_kind_of_store_gives_for_what_passes_is_tried_again(
    gate: Gate, connect: Connect
) -> None:
    gate.keeper = replying(
        Reply(500, {}, b"Virtuoso 40001 Error SR172: Transaction deadlocked"), OK
    )
    one = connect()
    one.authenticate("none", PROFILES["virtuoso"].transient)
    assert b"fine" == one.request("GET", gate.url).content


def test_it_gives_up_in_the_end(gate: Gate, connect: Connect) -> None:
    gate.keeper = replying(Reply(503))
    with pytest.raises(StoreError, match=r"503 Service Unavailable \(3 tries\)$"):
        connect().request("GET", gate.url)
    assert 3 == len(gate.seen)


def test_nobody_at_home_is_said() -> None:
    gone = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(
        StoreError,
        match=rf"^cannot connect to {gone} \(refused, 3 tries\)\. Is the server running\?$",
    ):
        Connection(gone, Credentials(), HASTY).request("GET", gone)


@pytest.mark.parametrize("after", [lambda: "0", lambda: formatdate(time.time(), usegmt=True)])
def test_retry_after_is_honoured_as_seconds_and_as_a_date(
    after: Callable[[], str], gate: Gate, connect: Connect
) -> None:
    gate.keeper = replying(Reply(429, {"Retry-After": after()}), OK)
    slow = RetryPolicy(
        timeout=0.5, tries=3, first_pause=50, longest_pause=60
    )  # it would not be through with these
    assert b"fine" == connect(policy=slow).request("GET", gate.url).content


def test_who_asks_for_too_long_a_wait_is_not_waited_for(gate: Gate, connect: Connect) -> None:
    gate.keeper = replying(Reply(429, {"Retry-After": "3600"}))
    with pytest.raises(StoreError, match=r"the server asks to retry in 3600 s$"):
        connect().request("GET", gate.url)
    assert 1 == len(gate.seen)


def test_an_answer_that_drips_is_not_waited_for_for_ever(gate: Gate, connect: Connect) -> None:
    gate.keeper = replying(Reply(200, {}, b"x" * 100, drip=0.05))
    hasty = RetryPolicy(timeout=0.2, tries=1)
    with pytest.raises(StoreError, match=r"no full answer in 0\.2 s \(1 try\)$"):
        connect(policy=hasty).request("GET", gate.url)


def test_a_client_that_goes_troubles_no_later_test(capsys: pytest.CaptureFixture[str]) -> None:
    gone, answered = Event(), Event()

    def keep(_request: Request) -> Reply:
        gone.wait(timeout=10)
        answered.set()
        return OK

    before = {*threading.enumerate()}
    with Gate().open() as one:
        one.keeper = keep
        parts = urlsplit(one.url)
        with socket.create_connection((parts.hostname, parts.port)) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: gate\r\n\r\n")
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        gone.set()
        assert answered.wait(timeout=10)
    assert (set(), "") == ({*threading.enumerate()} - before, capsys.readouterr().err)


def test_silence_is_not_waited_for_for_ever(gate: Gate, connect: Connect) -> None:
    gate.keeper = replying(Reply(200, {}, b"xx", drip=1.0))
    with pytest.raises(StoreError, match=r"no answer in 0\.2 s \(1 try\)$"):
        connect(policy=RetryPolicy(timeout=0.2, tries=1)).request("GET", gate.url)


def test_a_redirect_on_the_same_host_is_followed(gate: Gate, connect: Connect) -> None:
    gate.keeper = lambda request: OK if request.path == "/new" else Reply(308, {"Location": "/new"})
    known = Credentials("me", SECRET)
    one = connect(known, "basic")
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
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"not an http\(s\) URL"):
        checked_url(url)


def test_a_host_that_cannot_be_is_said() -> None:
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
def test_credentials_are_not_taken_to_another_host(auth: str, gate: Gate, connect: Connect) -> None:
    with Gate().open() as other:
        gate.keeper = replying(Reply(307, {"Location": f"{other.url}/?x={SECRET}"}))
        other.keeper = replying(OK)
        known = Credentials(token=SECRET) if auth == "bearer" else Credentials("me", SECRET)
        with pytest.raises(StoreError, match="redirects to another host") as raised:
            connect(known, auth).request("GET", gate.url)
        assert [] == other.seen
        assert SECRET not in str(raised.value)
        assert b"fine" == connect().request("GET", gate.url).content


@pytest.mark.parametrize(
    ("auth", "keeper", "given"),
    [
        ("basic", gates.basic("me", SECRET), Credentials("me", SECRET)),
        ("digest", gates.digest("me", SECRET), Credentials("me", SECRET)),
        ("bearer", gates.bearer(SECRET), Credentials(token=SECRET)),
    ],
)
def test_who_shows_the_credentials_is_let_in(
    auth: str, keeper: Keeper, given: Credentials, gate: Gate, connect: Connect
) -> None:
    gate.keeper = lambda request: keeper(request) or OK
    one = connect(given, auth)
    for _ in range(3):
        assert b"fine" == one.request("PUT", f"{gate.url}/store", content=b"body").content
    wrong = Credentials(token="no")  # noqa: S106 - none if auth == "bearer" else Credentials("me", "no")
    with pytest.raises(StoreError, match=r"401 Unauthorized; the server rejects the credentials$"):
        connect(wrong, auth).request("GET", gate.url)
    with pytest.raises(StoreError, match="401 Unauthorized; set KG_STORE_USER"):
        connect().request("GET", gate.url)


def test_a_server_that_repeats_a_secret_is_not_quoted(gate: Gate, connect: Connect) -> None:
    gate.keeper = replying(Reply(400, {}, f"who is {SECRET}?".encode()))
    for given, auth in (
        (Credentials("me", SECRET), "basic"),
        (Credentials(token=SECRET), "bearer"),
    ):
        with pytest.raises(StoreError, match=r"who is …?") as raised:
            connect(given, auth).request("GET", gate.url)
        assert SECRET not in str(raised.value)


URL: Final = "http://store.example/"


def test_the_environment_says_who_one_is() -> None:
    said = {"KG_STORE_USER": "me", "KG_STORE_PASSWORD": SECRET}
    assert Credentials("me", SECRET) == find_credentials(URL, said)
    assert Credentials(token=SECRET) == find_credentials(URL, {"KG_STORE_TOKEN": SECRET})


def test_a_file_goes_before_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "store.toml"
    path.write_text(f'token = "{SECRET}"\n')
    assert Credentials(token=SECRET) == find_credentials(URL, {"KG_STORE_TOKEN": "other"}, path)


def test_netrc_says_who_one_is_on_a_host(tmp_path: Path) -> None:
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
def test_a_load_with_credentials_says_nothing_of_them(
    auth: str, checkout: Path, tmp_path: Path
) -> None:
    keeper = gates.bearer(SECRET) if auth == "bearer" else getattr(gates, auth)("me", SECRET)
    said = {"KG_STORE_USER": "me", "KG_STORE_PASSWORD": SECRET, "KG_STORE_TOKEN": ""}
    said = {"KG_STORE_TOKEN": SECRET} if auth == "bearer" else said
    with oxigraph(tmp_path) as (url, _), Gate(url).open() as gate:
        gate.keeper = keeper
        words = ["load", str(checkout / "seeds"), "--to", gate.url, "--auth", auth]
        good = CliRunner().invoke(kg, words, env=said)
        bad = CliRunner().invoke(
            kg,
            words,
            env={**said, "KG_STORE_USER": "", "KG_STORE_PASSWORD": "", "KG_STORE_TOKEN": ""},
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
def test_a_server_that_says_what_it_is_needs_no_profile(server: str, name: str) -> None:
    assert name == detect_profile(server, URL).name


@pytest.mark.parametrize("server", [None, "nginx", "uvicorn", "Jetty(12)"])
def test_a_server_that_does_not_is_not_guessed_at(server: str | None) -> None:
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
def test_addresses_follow_from_one(
    name: str, address: str, expected: tuple[str, str | None]
) -> None:
    urls = endpoints_of(PROFILES[name], address)
    assert expected == (urls.query, urls.graphs)
