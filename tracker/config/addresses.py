"""Addresses in the configuration: `host:port` to listen on, URLs, the database."""

from __future__ import annotations

import re


def split(bind: str) -> tuple[str, int]:
    """`127.0.0.1:8765` or `[::1]:8765` as host and port; port 0 is any free one.

    Raises ValueError for anything else; a port alone is refused, since it would
    leave open who can reach it.
    """
    host, colon, port = bind.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ValueError(bind)
    if not colon or not host or not (port.isascii() and port.isdigit() and len(port) <= 5):
        raise ValueError(bind)
    if int(port) > 65535 or any(c.isspace() or c in "/@" for c in host):
        raise ValueError(bind)
    return host, int(port)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach it. A name other than localhost is taken as not."""
    if host.lower() == "localhost":
        return True
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_url(text: str) -> bool:
    """An http or https address with a host, and without a password in it."""
    from urllib.parse import urlsplit

    parts = urlsplit(text)
    _ = parts.port  # raises ValueError for a bad one
    spaced = any(c.isspace() for c in text)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not spaced


def is_guarded_url(text: str) -> bool:
    """https; plain http to this machine only, since a secret goes along with it."""
    from urllib.parse import urlsplit

    if not is_url(text):
        return False
    parts = urlsplit(text)
    return parts.scheme == "https" or is_loopback(parts.hostname or "")


def is_mail(text: str) -> bool:
    """An e-mail address as RFC 5321 has it, without quotes, comments or letters beyond ASCII."""
    local, at, domain = text.rpartition("@")
    atom, label = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+", r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    return (
        bool(at)
        and len(local) <= 64
        and len(text) <= 254
        and re.fullmatch(rf"{atom}(\.{atom})*", local) is not None
        and re.fullmatch(rf"{label}(\.{label})*", domain) is not None
    )


def is_database(text: str) -> bool:
    from urllib.parse import urlsplit

    scheme = urlsplit(text).scheme
    if scheme == "sqlite":
        return text.startswith("sqlite:///") and len(text) > len("sqlite:///")
    return scheme in {"postgresql", "postgresql+psycopg"} and "://" in text


def has_password(url: str) -> bool:
    from urllib.parse import parse_qs, urlsplit

    parts = urlsplit(url)
    return parts.password is not None or "password" in parse_qs(parts.query)


def masked(url: str) -> str:
    """The address with its password replaced by stars."""
    from urllib.parse import urlsplit

    if not has_password(url):
        return url
    parts = urlsplit(url)
    place = parts.netloc
    if parts.password is not None:
        user, _, server = place.rpartition("@")
        place = f"{user.partition(':')[0]}:********@{server}"
    query = "&".join(
        "password=********" if each.startswith("password=") else each
        for each in parts.query.split("&")
    )
    return parts._replace(netloc=place, query=query).geturl()
