"""Files at a WebDAV address: a calendar feed is put there, with no open port at home."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tracker.channels.dav import Account, refusal, request
from tracker.channels.message import ChannelError, Failure


def put(
    url: str,
    data: bytes,
    *,
    content_type: str,
    username: str,
    password: str,
    timeout: float,
    etag: str | None = None,
    allow_plain: bool = False,
    ca_file: str = "",
    simulated: bool = False,
) -> str | None:
    """Write the file, and return the ETag that it has from now on, if the server tells one.

    With `etag` only over the version that has it. `timeout` is in seconds, for
    the whole errand. `allow_plain`, `ca_file` and `simulated` as in `dav.Account`. Raises
    ChannelError, and never unknown: a file may be written again, so an answer
    that was lost is transient.
    """
    account = _account(url, username, password, timeout, allow_plain, ca_file, simulated)
    headers = {"Content-Type": content_type}
    if etag is not None:
        headers["If-Match"] = etag
    with _repeatable():
        answer = request(account, "PUT", url, body=data, headers=headers)
    if not 200 <= answer.status < 300:
        raise refusal(answer)
    return answer.headers.get("etag") or None


def delete(
    url: str,
    *,
    username: str,
    password: str,
    timeout: float,
    etag: str | None = None,
    allow_plain: bool = False,
    ca_file: str = "",
    simulated: bool = False,
) -> None:
    """Remove the file; one that is gone already is no mistake. Otherwise as `put`."""
    account = _account(url, username, password, timeout, allow_plain, ca_file, simulated)
    headers = {} if etag is None else {"If-Match": etag}
    with _repeatable():
        answer = request(account, "DELETE", url, headers=headers)
    if not 200 <= answer.status < 300 and answer.status not in {404, 410}:
        raise refusal(answer)


def _account(
    url: str,
    username: str,
    password: str,
    timeout: float,
    allow_plain: bool,
    ca_file: str,
    simulated: bool,
) -> Account:
    return Account(
        url=url,
        username=username,
        password=password,
        timeout_seconds=timeout,
        allow_plain=allow_plain,
        ca_file=ca_file,
        simulated=simulated,
    )


@contextlib.contextmanager
def _repeatable() -> Iterator[None]:
    try:
        yield
    except ChannelError as error:
        if error.kind is not Failure.unknown:
            raise
        raise ChannelError(Failure.transient, error.reason, code=error.code) from None
