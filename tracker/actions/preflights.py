"""What stands in the way of messages before one is sent, person by person, each thing once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracker.actions import reach
from tracker.actions.office import Context
from tracker.language import N_
from tracker.store import destinations
from tracker.store.people import PersonRow

_NOT_READY = {
    "sms": (
        N_("sms is a channel, but [sms.twilio] is not set up"),
        N_("`tracker config example` shows its keys; until then the next channel takes over."),
    ),
    "mail": (
        N_("mail is a channel, but no mail server is set up"),
        N_("`tracker config example` shows [mail]; until then the next channel takes over."),
    ),
    "push": (
        N_("push is a channel, but the package for it is missing"),
        N_(
            "Install it with `pip install 'tracker[push]'`; until then the next channel takes over."
        ),
    ),
}
_UNHEARD = N_("answers to texts are not read: PAID, a code or STOP is heard by nobody here")
_HEAR = N_("Set sms.twilio.inbound to poll, and restart the daemon.")


@dataclass(frozen=True, slots=True)
class Finding:
    """`ok` False: nothing arrives. None: it may not. True: good to know."""

    ok: bool | None
    sentence: str
    hint: str | None


def found(ctx: Context, everyone: Sequence[PersonRow]) -> list[Finding]:
    """Each distinct thing once, with everybody whom it is about; the worst first."""
    about: dict[Finding, list[str]] = {}
    for person in everyone:
        for each in _of(ctx, person):
            about.setdefault(each, []).append(person.handle)
    order = (False, None, True)
    return [
        Finding(
            each.ok,
            ctx.language.text(
                "{people}: {finding}", people=", ".join(handles), finding=each.sentence
            ),
            each.hint,
        )
        for each, handles in sorted(about.items(), key=lambda item: order.index(item[0].ok))
    ]


def _of(ctx: Context, person: PersonRow) -> Iterator[Finding]:
    text = ctx.language.text
    channels = person.channels.split(",")
    for place, channel in enumerate(channels):
        # That the very first one is missing is a check of its own.
        if not reach.ready(ctx.settings, channel) and not (channel == "sms" and place == 0):
            sentence, hint = _NOT_READY[channel]
            yield Finding(None, text(sentence), text(hint))
    if "sms" not in channels or person.phone is None or not reach.ready(ctx.settings, "sms"):
        return
    yield from _texts(ctx, person.phone)
    if ctx.settings.sms.twilio.inbound == "off" and _can_answer(ctx, person):
        yield Finding(None, text(_UNHEARD), text(_HEAR))


def _texts(ctx: Context, phone: str) -> Iterator[Finding]:
    from tracker.channels.preflight import preflight

    twilio = ctx.settings.sms.twilio
    for each in preflight(twilio.from_number or None, bool(twilio.messaging_service_sid), phone):
        ok = {"stop": False, "warn": None}.get(each.level, True)
        hint = ctx.language.text(each.cure) if each.cure else None
        yield Finding(ok, ctx.language.text(each.msgid, **each.params), hint)


def _can_answer(ctx: Context, person: PersonRow) -> bool:
    """Whether an answer of theirs could come in at all: a number to a number that may be used."""
    from tracker.channels.preflight import can_answer

    sender = ctx.settings.sms.twilio.from_number
    rows = destinations.of_person(ctx.session, person.id)
    in_use = any(row.address == person.phone and row.usable for row in rows)
    return in_use and can_answer(sender or None, person.phone or "")
