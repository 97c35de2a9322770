"""The program that takes one push message out with apprise, in a process of its own.

Apprise answers yes or no, without a reason; it writes addresses, with their
secrets, into its log, follows redirects and the environment's proxies, has no
limit for a whole errand and keeps 20 MB once it was used. Here all of that ends
with the process, and each request to a server is watched for what came of it.

One job as JSON on stdin, then lines of JSON on stdout, each written at once, since
whoever waits may have to stop waiting: {"asked": n} before a request; {"status": …}
or {"failed": …} after it; {"done": true or false} or {"wrong": …} at the end. No
line holds an address. It uses nothing of the tracker, and runs without its
environment.
"""

from __future__ import annotations

import ipaddress
import json
import logging
import os
import signal
import ssl
import sys
from typing import Any
from urllib.parse import urlsplit

_CONNECT_SECONDS = 10.0
_READ_BYTES = 65_536


def main() -> None:
    job = json.loads(sys.stdin.buffer.read())
    # Nobody may be left to end it. The default action of the signal does.
    signal.setitimer(signal.ITIMER_REAL, job["seconds"])
    logging.disable(logging.CRITICAL)
    try:
        import apprise
    except ImportError:
        _say(wrong="missing")
        return
    plugin, wrong = _plugin(apprise, job["url"])
    if wrong or not job["send"]:
        _say(**({"wrong": wrong} if wrong else {"done": True}))
        return
    _watch(job["seconds"], only_here=job["only_here"])
    carrier = apprise.Apprise(asset=plugin.asset)
    carrier.add(plugin)
    text = apprise.NotifyFormat.TEXT
    try:
        done = bool(carrier.notify(body=job["body"], title=job["title"], body_format=text))
    except Exception:
        done = False
    _say(done=done)


def _plugin(apprise: Any, url: str) -> tuple[Any, str]:
    """Apprise's object for the address, and what is wrong with it."""
    asset = apprise.AppriseAsset(
        app_id="tracker",
        app_desc="tracker",
        app_url="",
        async_mode=False,
        # Icons would be fetched by the phone from a server that nobody has named.
        image_url_mask="",
        image_url_logo="",
        plugin_paths=[],
        storage_mode="memory",
    )
    try:
        plugin = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=False)
    except Exception:
        plugin = None
    if plugin is None or not plugin.enabled:
        return None, "form"
    if not plugin.verify_certificate:
        return None, "verify"
    if getattr(plugin, "template", None):
        return None, "template"  # a file of this machine, sent to whoever is named
    # ntfy counts one even where it has none.
    if len(plugin) != 1 or getattr(plugin, "topics", True) == []:
        return None, "several"
    return plugin, ""


def _watch(seconds: float, *, only_here: bool) -> None:
    """Every request of this process: told, bounded, and to the named server alone."""
    import requests

    send = requests.Session.send
    made = requests.Session.__init__
    count = 0

    def alone(self: Any, *args: Any, **kwargs: Any) -> None:
        made(self, *args, **kwargs)
        self.trust_env = False

    def told(self: Any, request: Any, **kwargs: Any) -> Any:
        nonlocal count
        count += 1
        _say(asked=count)
        if only_here and not _here(request.url):
            _say(failed="elsewhere")
            raise requests.ConnectionError
        kwargs.update(
            timeout=(min(_CONNECT_SECONDS, seconds), seconds),
            allow_redirects=False,
            proxies={},
            verify=_authorities(),
            stream=True,
        )
        try:
            answer = send(self, request, **kwargs)
        except Exception as error:
            _say(failed=_failure(error))
            raise
        # No more than this is read of it, whoever reads it.
        answer._content = content = _beginning(answer)
        later = answer.headers.get("Retry-After", "")
        found = {"status": answer.status_code, "code": _code(content)}
        _say(**found, later=int(later) if later.isdecimal() and len(later) < 9 else None)
        return answer

    requests.Session.__init__ = alone  # type: ignore[method-assign]
    requests.Session.send = told  # type: ignore[method-assign]


def _here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _authorities() -> str | bool:
    """The system's, to which a home may have added its own; else those of requests."""
    paths = ssl.get_default_verify_paths()
    folder = paths.capath if paths.capath and os.listdir(paths.capath) else None
    return paths.cafile or folder or True


def _beginning(answer: Any) -> bytes:
    """What an answer says in its first bytes; where it breaks off, what there was."""
    import requests

    content = b""
    try:
        for part in answer.iter_content(8192):
            content += part
            if len(content) >= _READ_BYTES:
                break
    except requests.RequestException:
        pass
    answer.close()
    return content


def _failure(error: BaseException) -> str:
    """ "connection", "trust" or "address", where nothing can have been sent; else "lost"."""
    import requests
    from requests import exceptions as http
    from urllib3.exceptions import ConnectTimeoutError, LocationParseError, NewConnectionError

    address = (http.InvalidURL, http.InvalidSchema, http.MissingSchema, http.InvalidHeader)
    if isinstance(error, (*address, LocationParseError, UnicodeError)):
        return "address"
    before = (requests.ConnectTimeout, ConnectTimeoutError, NewConnectionError)
    ahead: list[object] = [error]
    seen: list[object] = []
    while ahead:
        each = ahead.pop()
        if not isinstance(each, BaseException) or each in seen:
            continue
        if isinstance(each, ssl.SSLCertVerificationError):
            return "trust"
        if isinstance(each, before):
            return "connection"
        seen.append(each)
        ahead += [*each.args, getattr(each, "reason", None), each.__cause__, each.__context__]
    return "lost"


def _code(content: bytes) -> int | None:
    """The code that some services answer beside HTTP's, in a JSON object."""
    try:
        answer = json.loads(content)
    except ValueError:
        return None
    if isinstance(answer, dict):
        for name in ("errcode", "code", "StatusCode"):
            if type(answer.get(name)) is int:
                return int(answer[name])
    return None


def _say(**line: object) -> None:
    os.write(_OUT, json.dumps(line).encode() + b"\n")


if __name__ == "__main__":
    # Whatever a library prints must not stand between the lines.
    _OUT = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    main()
    os._exit(0)  # without waiting for a thread of a library
