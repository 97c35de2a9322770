"""`tracker remind test`: send one message now, and tell each state that it comes to."""

from __future__ import annotations

import time

import click

from tracker.cli import client, output
from tracker.cli.command import Action, ask, option
from tracker.errors import AlreadyRunningError, UnavailableError
from tracker.language import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.cli.output import Object

WAIT_SECONDS = 60.0
_PAUSE = 0.5
_TICKS = 3
_ACCEPTED = {
    "sms": N_("Twilio accepted it as {id}."),
    "mail": N_("The mail server accepted it."),
    "push": N_("The push service accepted it."),
    "console": N_("It was written to the console."),
}
_NOT_SENT = ("failed", "undelivered", "expired", "held", "cancelled")


def _follow(result: Object) -> None:
    """Wait for a state that is final; the exit code says whether it went."""
    text = output.words().text
    channel = str(result.get("channel"))
    output.line(
        text(
            "Test {ref} over {channel} to {address}",
            ref=result.get("ref"),
            channel=channel,
            address=result.get("address"),
        )
    )
    alone = client.health() is None
    if alone:
        output.aside(text("The daemon does not run; this sends once, from here."))
    state = _watch(result, channel, _send_from_here() if alone else None)
    if state in _NOT_SENT:
        click.get_current_context().exit(UnavailableError.exit_code)
    if state not in ("sent", "delivered"):
        output.aside(text("That is not the end of it; tracker outbox shows what becomes of it."))


def _watch(result: Object, channel: str, sends: Iterator[None] | None) -> str:
    """The last state that was seen; where no daemon runs, after the few times that it is sent."""
    ends = time.monotonic() + WAIT_SECONDS
    seen = ""
    while True:
        over = sends is not None and next(sends, ()) == ()
        message = _message(result)
        state = str(message.get("state") or "")
        if state != seen:
            seen = state
            if line := _told(channel, message):
                output.line(f"  {line}")
        final = state in (*_NOT_SENT, "delivered") or (state == "sent" and channel != "sms")
        if final or over or time.monotonic() >= ends:
            return state
        time.sleep(_PAUSE)


def _message(result: Object) -> Object:
    told = ask("outbox.list", {"limit": "50"}, person=str(result.get("person")))
    messages = output.objects(told, "messages")
    return next((each for each in messages if each.get("ref") == result.get("ref")), {})


def _told(channel: str, message: Object) -> str:
    text = output.words().text
    state = message.get("state")
    if state == "sent":
        return text(_ACCEPTED[channel], id=message.get("provider_id") or "")
    if state == "delivered":
        return text("It was delivered.")
    if state == "sending":
        return text("It is on its way.")
    return output.text(message.get("reason")) or text("It waits to be sent.")


def _send_from_here() -> Iterator[None]:
    """A tick each time, while the home's lock is free; on one clock, which goes on meanwhile."""
    from pathlib import Path

    from tracker import clock, config, home
    from tracker.daemon.home import locked
    from tracker.daemon.tick import run_once

    settings, now = config.load(Path(home.directory())), clock.from_environment()
    for _ in range(_TICKS):
        try:
            with locked(settings.home):
                run_once(settings, now)
        except AlreadyRunningError as error:
            output.aside(output.words().error(error)[0])
            return
        yield


test = Action(
    "test",
    "remind.test",
    help="Send one message that asks for nothing, and tell what came back.\n\n"
    "Waits up to a minute; with --json not at all. Without a daemon it sends from here, with "
    "whatever else is due.",
    example="tracker remind test --channel sms",
    params=(
        option(
            "--channel",
            metavar="sms|mail|push|console",
            help="Which way; otherwise the first of the person's.",
        ),
    ),
    show=_follow,
    writes=True,
)
