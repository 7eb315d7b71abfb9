"""Where the cluster is, and who we are there: ``kb.toml`` names it, the environment or a file of one's own the user."""

from __future__ import annotations

import ipaddress
import os
import sys
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from policykb.errors import DataError
from policykb.files import toml
from policykb.files.reading import read_text
from policykb.i18n import _

_NAMES = ("host", "user", "password", "ca")
_VARIABLE = "POLICYKB_OPENSEARCH_{}"


class Login(NamedTuple):
    """Who we are at one host; ``ca`` is a file with the certificates to trust there, empty for those of the system."""

    user: str = ""
    password: str = ""
    ca: str = ""

    def __repr__(self) -> str:  # the password is in no trace
        return f"Login(user={self.user!r})"


def host_of(url: str) -> str:
    """The host and port of an address. Raises ValueError with what is wrong with it."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError(_("must be an address like https://search.example.cn:9200"))
    if parts.username is not None or parts.password is not None:
        raise ValueError(_("user and password do not belong into it; the README of the engine says where they go"))
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise ValueError(_("only this machine itself is asked without TLS: write https"))
    return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def login(*urls: str) -> Login:
    """Who we are at the addresses of a cluster: what the environment says, else the file, where it names these hosts.

    Raises DataError for a file that is wrong, or that others can read, and where only some of the hosts are named.
    """
    named = {name: os.environ.get(_VARIABLE.format(name.upper()), "") for name in _NAMES}
    if not named["host"]:
        named = _from_file(login_file())
    known = named.pop("host", "").lower().replace(",", " ").split()  # as `host_of` gives them
    others = [host for url in urls if (host := host_of(url)) not in known]
    if others and len(others) < len(urls):
        text = _("the password is for {known}; kb.toml names {host} as well: name it beside the password, or not there")
        raise DataError(text.format(known=", ".join(known), host=others[0]))
    return Login() if others else Login(**named)


def login_file() -> Path:
    """The file that holds user and password."""
    base = os.environ.get("XDG_CONFIG_HOME") or (
        os.environ.get("APPDATA") if sys.platform == "win32" else os.path.expanduser("~/.config")
    )
    return Path(base or ".") / "policykb" / "opensearch.toml"


def _from_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    if sys.platform != "win32" and path.stat().st_mode & 0o077:
        raise DataError(_("{path}: others can read the password in it: chmod 600 it").format(path=path))
    table = toml.parse(read_text(path), path)
    with toml.naming(path):
        toml.only(table, set(_NAMES))
    for name, value in table.items():
        if not isinstance(value, str):
            raise DataError(_("{path}: {key}: must be text").format(path=path, key=name))
    return {name: table.get(name, "") for name in _NAMES}
