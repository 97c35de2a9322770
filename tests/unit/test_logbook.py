"""The log says what happened and where, and nobody's data; the watch over it can see."""

from __future__ import annotations

import io
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy.exc import IntegrityError

from tests.peers import canaries, radicale, site, smtp, twilio
from tests.peers.canaries import Overheard
from tracker.channels.message import ChannelError, Failure
from tracker.daemon import logbook
from tracker.errors import InputError

SECRET = "the canary sings"


@pytest.fixture
def apart() -> Iterator[logging.Logger]:
    """A logger that no other one hears."""
    logger = logging.getLogger("apart")
    logger.propagate = False
    yield logger
    logger.handlers.clear()


@pytest.fixture
def written(apart: logging.Logger) -> tuple[logging.Logger, io.StringIO]:
    """The logger, and what it wrote."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logbook.Reserved())
    apart.addHandler(handler)
    return apart, stream


def fails(error: BaseException) -> None:
    raise error


def fails_because(error: BaseException) -> None:
    try:
        fails(KeyError(SECRET))
    except KeyError as before:
        raise error from before


def fails_meanwhile(error: BaseException) -> None:
    try:
        fails(KeyError(SECRET))
    except KeyError:
        raise error  # noqa: B904


@pytest.mark.parametrize("how", [fails, fails_because, fails_meanwhile])
@pytest.mark.parametrize(
    ("error", "told"),
    [
        (RuntimeError(SECRET), "builtins.RuntimeError\n"),
        (InputError("name is {value!r}.", field="name", value=SECRET), ": name is {value!r}.\n"),
        (OSError(13, SECRET, f"/home/{SECRET}"), "PermissionError: [Errno 13]\n"),
        (ExceptionGroup(SECRET, [ValueError(SECRET)]), "builtins.ValueError\n"),
        (ChannelError(Failure.unknown, SECRET), "ChannelError\n"),
    ],
)
def test_of_an_exception_its_kind_and_place_are_told_and_not_its_message(
    written: tuple[logging.Logger, io.StringIO],
    how: Callable[[BaseException], None],
    error: BaseException,
    told: str,
) -> None:
    log, stream = written
    try:
        how(error)
    except BaseException:
        log.exception("it failed")
    text = stream.getvalue()
    assert text.startswith("ERROR apart: it failed\n")
    assert f"in {how.__name__}" in text
    assert told in text
    assert (how is fails) != ("because of which" in text)
    assert SECRET not in text


def test_an_error_of_the_database_tells_its_code(
    written: tuple[logging.Logger, io.StringIO],
) -> None:
    log, stream = written
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE t (a UNIQUE)")
        database.execute("INSERT INTO t VALUES (?)", (SECRET,))
        try:
            try:
                database.execute("INSERT INTO t VALUES (?)", (SECRET,))
            except sqlite3.IntegrityError as error:
                raise IntegrityError("INSERT", {"a": SECRET}, error) from error
        except IntegrityError:
            log.exception("it failed")
    assert "IntegrityError SQLITE_CONSTRAINT_UNIQUE" in stream.getvalue()
    assert SECRET not in stream.getvalue()


def test_a_circle_of_causes_has_an_end(written: tuple[logging.Logger, io.StringIO]) -> None:
    log, stream = written
    one, two = ValueError(SECRET), KeyError(SECRET)
    one.__cause__, two.__cause__ = two, one
    log.error("it failed", exc_info=one)
    assert stream.getvalue().count("Traceback") == 2


def test_what_another_handler_made_of_it_is_not_repeated(
    written: tuple[logging.Logger, io.StringIO],
) -> None:
    log, stream = written
    first = logging.StreamHandler(other := io.StringIO())
    log.handlers.insert(0, first)
    try:
        fails(RuntimeError(SECRET))
    except RuntimeError:
        log.exception("it failed")
    assert SECRET in other.getvalue()
    assert SECRET not in stream.getvalue()


def test_asyncio_shows_no_values_of_the_task_that_failed() -> None:
    record = logging.LogRecord(
        "asyncio", logging.ERROR, "", 0, f"Task exception\nfuture: {SECRET}", (), None
    )
    assert logbook.Reserved().format(record) == "ERROR asyncio: Task exception"
    assert SECRET in record.getMessage()


def test_a_thread_that_ends_is_told_in_the_same_way(caplog: pytest.LogCaptureFixture) -> None:
    args = threading.ExceptHookArgs((RuntimeError, RuntimeError("x"), None, None))
    logbook._thread_ended(args)
    assert "a thread ended" in caplog.text


@pytest.mark.parametrize(
    "leak",
    [
        "sent to +447700900123",
        "GET /Messages.json?To=%2B15550100001",
        "the number 447700900999",
        "mail for li@example.org",
        "GET /feed/" + "A" * 43 + ".ics",
        "push to ntfys://ntfy.example/a-topic",
        "token a-token-for-tests",
        "password open sesame",
    ],
)
def test_the_watch_over_every_log_hears_a_leak(leak: str, apart: logging.Logger) -> None:
    watch = Overheard()
    apart.addHandler(watch)
    apart.warning("a request: %s", leak)
    assert watch.taken() == [f"WARNING apart: a request: {leak}"]
    assert watch.taken() == []


def test_the_watch_knows_the_secrets_of_the_peers() -> None:
    assert set(canaries.SECRETS) == {
        twilio.AUTH_TOKEN,
        smtp.PASSWORD,
        site.PASSWORD,
        radicale.PASSWORD,
    }


def test_the_watch_lets_pass_what_is_nobodys(apart: logging.Logger) -> None:
    watch = Overheard()
    apart.addHandler(watch)
    apart.warning("message 15 was lost, code 30003, at 2026-11-24T09:00:00+00:00, SM%032d", 1)
    assert watch.taken() == []
