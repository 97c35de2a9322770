"""One request to a WebDAV or CalDAV server: where WebDAV files and CalDAV events go out.

By the standard library's HTTP, so that the whole errand has one deadline and
nothing outside the configuration has a say: no proxy or password from the
environment, no redirect, no cookie.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urljoin, urlsplit
from urllib.request import parse_keqv_list

from tracker.channels.connection import Deadline, connect, secured, trust
from tracker.channels.message import ChannelError, Failure
from tracker.config.addresses import is_loopback
from tracker.errors import InputError
from tracker.language import N_

LARGEST = 5 * 1024 * 1024
"""Of an answer that is read, in bytes."""

BAD_ADDRESS = N_("The address of the calendar server cannot be used.")
IN_THE_CLEAR = N_("The address must begin with https://: a password would be sent in the clear.")
OTHER_SERVER = N_("The server points to another server; nothing was sent there.")
ONLY_HERE = N_("TRACKER_CLOCK is set, so nothing is sent to a real server.")
NO_ANSWER = N_("The server gave no clear answer; it may have done it or not.")
TOO_LARGE = N_("The server's answer is larger than can be read.")
NOT_HTTP = N_("What answers at the server's address is no web server.")
SIGN_IN = N_("The server refused the user name or password (code {code}).")
NOT_THERE = N_("The server has no such folder or calendar (code {code}).")
MOVED = N_("The server says that the address has moved; set the new one (code {code}).")
BUSY = N_("The server cannot do it at the moment (code {code}).")
FULL = N_("The server has no space left (code {code}).")
CHANGED = N_("Somebody else changed it meanwhile (code {code}).")
REFUSED = N_("The server refused it (code {code}).")

_LONGEST_WAIT = 86_400.0
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who asks, and where. The password goes to the server of `url` and to no other.

    `timeout_seconds` bounds a whole request. Without TLS only this machine is
    spoken to, unless `allow_plain`. `simulated`: the clock is one of tests, and
    nothing but this machine may be reached.
    """

    url: str
    username: str = ""
    password: str = field(default="", repr=False)
    timeout_seconds: float = 30.0
    allow_plain: bool = False
    ca_file: str = ""
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` have their names in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def check_address(url: str, *, allow_plain: bool = False) -> str:
    """The address that a person typed, as it is kept.

    Raises InputError for one that is none, that holds a password, or that would
    carry one in the clear.
    """
    url = url.strip()
    try:
        _place(Account(url=url, allow_plain=allow_plain), url)
        wrong = ""
    except ChannelError as error:
        wrong = error.reason
    # Also where the address cannot be read: what is wrong may be the password in it.
    if "@" in url.partition("://")[2].partition("/")[0] or (wrong and "@" in url):
        raise InputError(
            "The address holds a user name or a password, which are given apart from it.",
            field="url",
        )
    if wrong == IN_THE_CLEAR:
        raise InputError(
            "{value!r} is not an https address.",
            field="url",
            hint=N_("Without https, anybody in between could read the password."),
            value=url,
        )
    if wrong:
        raise InputError(
            "{value!r} is not an address such as https://cloud.example/calendars/home/.",
            field="url",
            value=url,
        )
    return url


def request(
    account: Account,
    method: str,
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] = {},
) -> Answer:
    """Ask, and return whatever was answered; `url` may be relative to the account's.

    Raises ChannelError when there is no answer: transient where nothing was sent,
    unknown where the request may have been carried out, account for an address
    that cannot be used, permanent for one on another server or an answer too large.
    A redirect is an answer like any other: it is not followed.
    """
    host, port, encrypted, path = _place(account, url)
    with Deadline(account.timeout_seconds) as deadline:
        place = (host, port, encrypted, deadline)
        sign_in = _basic(account) if account.username else ""
        answer = _exchange(account, place, method, path, body, headers, sign_in)
        challenge = _digest_challenge(answer) if answer.status == 401 else None
        if challenge and account.username:
            sign_in = _digest(account, challenge, method, path)
            answer = _exchange(account, place, method, path, body, headers, sign_in)
        return answer


def refusal(answer: Answer) -> ChannelError:
    """What an answer that is no success means, for methods that may be repeated."""
    status = answer.status
    kind, reason = Failure.permanent, REFUSED
    if status in {401, 403, 407}:
        kind, reason = Failure.account, SIGN_IN
    elif status in {404, 409, 410}:
        kind, reason = Failure.permanent, NOT_THERE
    elif status == 412:
        kind, reason = Failure.permanent, CHANGED
    elif status == 507:
        kind, reason = Failure.transient, FULL
    elif 300 <= status < 400:
        kind, reason = Failure.account, MOVED
    elif status in {408, 423, 425, 429} or (status >= 500 and status != 501):
        kind, reason = Failure.transient, BUSY
    wait = answer.headers.get("retry-after", "")
    seconds = min(float(wait), _LONGEST_WAIT) if re.fullmatch(r"\d{1,9}", wait, re.ASCII) else None
    later = seconds if kind is Failure.transient else None
    return ChannelError(kind, reason, code=str(status), retry_after=later)


def _place(account: Account, url: str) -> tuple[str, int, bool, str]:
    """Host, port, whether by TLS, and the path of a URL that this account may ask."""
    try:
        home, there = urlsplit(account.url), urlsplit(urljoin(account.url, url))
        ports = [each.port or {"https": 443, "http": 80}[each.scheme] for each in (home, there)]
    except (ValueError, KeyError):
        raise ChannelError(Failure.account, BAD_ADDRESS) from None
    host = there.hostname or ""
    if not host or home.username is not None or there.username is not None:
        raise ChannelError(Failure.account, BAD_ADDRESS)
    if (home.scheme, home.hostname, ports[0]) != (there.scheme, host, ports[1]):
        raise ChannelError(Failure.permanent, OTHER_SERVER)
    if there.scheme != "https" and not (account.allow_plain or is_loopback(host)):
        raise ChannelError(Failure.account, IN_THE_CLEAR)
    if account.simulated and not is_loopback(host):
        raise ChannelError(Failure.permanent, ONLY_HERE)
    # What is quoted already stays; a space or a letter beyond ASCII is quoted.
    path = quote(there.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(there.query, safe="/%:@!$&'()*+,;=~-._?")
    try:
        name = host.encode("idna").decode()
    except UnicodeError:
        raise ChannelError(Failure.account, BAD_ADDRESS) from None
    return name, ports[1], there.scheme == "https", f"{path}?{query}" if query else path


def _exchange(
    account: Account,
    place: tuple[str, int, bool, Deadline],
    method: str,
    path: str,
    body: bytes,
    headers: Mapping[str, str],
    sign_in: str,
) -> Answer:
    import http.client

    host, port, encrypted, deadline = place
    own = {"Accept-Encoding": "identity", "User-Agent": "tracker", "Connection": "close"}
    if body or method not in {"GET", "HEAD", "DELETE", "OPTIONS"}:
        own["Content-Length"] = str(len(body))
    if sign_in:
        own["Authorization"] = sign_in
    default = 443 if encrypted else 80
    context = trust(account.ca_file) if encrypted else None
    wire = connect(host, port, deadline)
    if context is not None:
        wire = secured(wire, host, context, deadline)
    # The port of the Host header: left out where it is the scheme's own.
    connection = http.client.HTTPConnection(host, port)
    connection.default_port = default
    connection.sock = wire
    try:
        connection.request(method, path, body=body or None, headers={**headers, **own})
        with connection.getresponse() as got:
            content = got.read(LARGEST + 1)
            cut = bool(got.length) or got.status < 200
    except http.client.BadStatusLine as error:
        lost = isinstance(error, http.client.RemoteDisconnected)
        raise ChannelError(Failure.unknown, NO_ANSWER if lost else NOT_HTTP) from None
    except (OSError, http.client.HTTPException, ValueError):
        raise ChannelError(Failure.unknown, NO_ANSWER) from None
    finally:
        connection.close()
    if len(content) > LARGEST:
        raise ChannelError(Failure.permanent, TOO_LARGE)
    if cut or deadline.passed:  # an answer without a length ends where it is cut
        raise ChannelError(Failure.unknown, NO_ANSWER)
    return Answer(got.status, {name.lower(): value for name, value in got.getheaders()}, content)


def _basic(account: Account) -> str:
    pair = f"{account.username}:{account.password}".encode()
    return "Basic " + base64.b64encode(pair).decode()


def _digest_challenge(answer: Answer) -> dict[str, str] | None:
    """What a server that wants a digest asks for (Baikal does so by itself), else None."""
    header = answer.headers.get("www-authenticate", "")
    start = re.search(r"\bDigest\s+", header, re.IGNORECASE)
    if start is None:
        return None
    pairs = re.findall(rf'({_TOKEN}=(?:"[^"]*"|{_TOKEN}))', header[start.end() :])
    challenge = {name.lower(): value for name, value in parse_keqv_list(pairs).items()}
    return challenge if "nonce" in challenge else None


def _digest(account: Account, challenge: Mapping[str, str], method: str, path: str) -> str:
    """The Authorization header of RFC 7616, for MD5 and SHA-256, with qop=auth or none.

    Raises ChannelError (account) for a server that wants something else.
    """
    algorithm = challenge.get("algorithm", "MD5")
    hashes = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}
    qops = [each.strip() for each in challenge.get("qop", "").split(",") if each.strip()]
    if algorithm.upper() not in hashes or (qops and "auth" not in qops):
        raise ChannelError(Failure.account, SIGN_IN, code="401")
    if '"' in account.username:
        raise ChannelError(Failure.account, SIGN_IN, code="401")

    def digest(*parts: str) -> str:
        return hashes[algorithm.upper()](":".join(parts).encode()).hexdigest()

    realm, nonce = challenge.get("realm", ""), challenge["nonce"]
    first = digest(account.username, realm, account.password)
    second = digest(method, path)
    fields = {"username": account.username, "realm": realm, "nonce": nonce, "uri": path}
    plain = {"algorithm": algorithm}
    if qops:
        count, own = "00000001", secrets.token_hex(8)
        fields["cnonce"] = own
        plain |= {"qop": "auth", "nc": count}
        fields["response"] = digest(first, nonce, count, own, "auth", second)
    else:
        fields["response"] = digest(first, nonce, second)
    if "opaque" in challenge:
        fields["opaque"] = challenge["opaque"]
    quoted = [f'{name}="{value}"' for name, value in fields.items()]
    return "Digest " + ", ".join(quoted + [f"{name}={value}" for name, value in plain.items()])
