"""Credentials for a store: from the environment, a file or netrc, and from nowhere else."""

from __future__ import annotations

import netrc
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from kg.model import ConfigurationError

KEYS: Final = ("user", "password", "token")
ADVICE: Final = (
    "set KG_STORE_USER and KG_STORE_PASSWORD, or KG_STORE_TOKEN, or give --credentials FILE"
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user with a password, or a token, or nothing."""

    user: str | None = None
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if (self.user is None) != (self.password is None):
            raise ConfigurationError(f"credentials need both a user and a password; {ADVICE}")

    def __bool__(self) -> bool:
        """Whether there are any."""
        return self != Credentials()

    def redact(self, text: str) -> str:
        """Return a text, as a server may have returned it, without the password and the token."""
        for secret in (self.password, self.token):
            text = text.replace(secret, "…") if secret else text
        return text


def find_credentials(
    address: str, environ: Mapping[str, str], file: Path | None = None
) -> Credentials:
    """Return the credentials for an address: from the file, else the environment, else netrc.

    The file is TOML: `user` and `password`, or `token`. Raises ConfigurationError if it cannot be
    used; no message quotes it.
    """
    if file is not None:
        return _read_toml(file)
    values = {key: environ.get(f"KG_STORE_{key.upper()}") or None for key in KEYS}
    return Credentials(**values) if any(values.values()) else _read_netrc(address, environ)


def _read_toml(path: Path) -> Credentials:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError:
        values = {}
    are_texts = all(isinstance(value, str) for value in values.values())
    if not values or not set(values) <= set(KEYS) or not are_texts:
        message = f'{path}: no credentials; write user = "..." and password = "...", or token'
        raise ConfigurationError(message) from None
    return Credentials(**values)


def _read_netrc(address: str, environ: Mapping[str, str]) -> Credentials:
    path = Path(environ.get("NETRC") or Path.home() / ".netrc")
    if not path.is_file():
        return Credentials()
    try:
        entry = netrc.netrc(path).authenticators(urlsplit(address).hostname or "")
    except (netrc.NetrcParseError, OSError, UnicodeDecodeError) as error:
        line = f":{error.lineno}" if isinstance(error, netrc.NetrcParseError) else ""
        raise ConfigurationError(f"{path}{line}: cannot be read as netrc") from None
    return Credentials(entry[0], entry[2]) if entry and entry[2] else Credentials()
