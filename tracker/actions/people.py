"""Persons: who they are, how they are reached, and their web password."""

from __future__ import annotations

from datetime import datetime, time

from tracker import language
from tracker.actions import addresses, destinations, moments
from tracker.actions.office import Context, Nothing, PersonContext, Request, Result
from tracker.actions.passwords import hashed
from tracker.actions.reach import (
    alive_day,
    channel_order,
    country_code,
    email_address,
    hours,
    offset_days,
    offsets_text,
    phone_number,
    send_time,
)
from tracker.actions.terms import hours_of
from tracker.core import money, reading, text
from tracker.errors import ConflictError, InputError
from tracker.language import N_
from tracker.store import people, plans, wakes
from tracker.store.db import add as insert
from tracker.store.people import PersonRow


class NewPerson(Request):
    name: str
    locale: str
    zone: str
    handle: str | None = None
    currency: str | None = None
    country: str | None = None
    phone: str | None = None
    email: str | None = None
    channels: list[str] | None = None
    send_time: str | None = None
    hours: str | None = None
    alive: str | None = None
    offsets: list[str] | None = None
    password: str | None = None


class PersonChange(Request):
    name: str | None = None
    locale: str | None = None
    zone: str | None = None
    currency: str | None = None
    country: str | None = None
    phone: str | None = None
    email: str | None = None
    channels: list[str] | None = None
    send_time: str | None = None
    hours: str | None = None
    alive: str | None = None
    offsets: list[str] | None = None


class Person(Result):
    """`phone_state` and `email_state`: confirmed, waiting (for its code), opted-out or revoked.

    A list of people does not tell them. `hours` None are the configured ones.
    """

    handle: str
    name: str
    locale: str
    zone: str
    currency: str
    country: str | None
    phone: str | None
    phone_state: str | None = None
    email: str | None
    email_state: str | None = None
    channels: list[str]
    send_time: str | None
    hours: str | None
    offsets: list[str] | None
    alive: str | None
    quiet_until_at: datetime | None
    has_password: bool
    revision: int


class People(Result):
    people: list[Person]


def add(ctx: Context, request: NewPerson) -> Person:
    name = text.line(request.name, field="name", longest=80)
    taken = {person.handle for person in people.everyone(ctx.session)}
    handle = (
        text.handle(request.handle, field="handle")
        if request.handle
        else text.handle_from(name, taken=taken, fallback="person")
    )
    if handle in taken:
        raise ConflictError(
            "There is a person called {handle!r} already.",
            field="handle",
            hint=N_("Choose another with --handle."),
            handle=handle,
        )
    locale = language.of(request.locale).locale
    country = country_code(request.country)
    phone = phone_number(request.phone, country)
    email = email_address(request.email)
    channels = channel_order(request.channels, phone=phone, email=email, push=False)
    person = PersonRow(
        handle=handle,
        name=name,
        locale=locale,
        zone=reading.parse_zone(request.zone, field="zone"),
        currency=money.currency_code(request.currency or default_currency(locale)),
        country=country,
        phone=phone,
        email=email,
        channels=",".join(channels),
        hours=hours(request.hours),
        alive=alive_day(request.alive),
        offsets=offsets_text(request.offsets),
        password=hashed(request.password) if request.password else None,
        revision=1,
        created_at=ctx.now,
    )
    person.send_time = send_time(request.send_time, hours_of(person, ctx.settings))
    insert(ctx.session, person)
    of_person = PersonContext(
        session=ctx.session,
        now=ctx.now,
        actor=ctx.actor,
        settings=ctx.settings,
        language=language.of(locale),
        person=person,
    )
    _set_alive(of_person)
    said = _keep_addresses(of_person, phone=phone is not None, email=email is not None)
    return _told(of_person, said, [])


def everyone(ctx: Context, request: Nothing) -> People:
    return People(people=[shown(person) for person in people.everyone(ctx.session)])


def show(ctx: PersonContext, request: Nothing) -> Person:
    return _with_states(ctx)


def edit(ctx: PersonContext, request: PersonChange) -> Person:
    person = ctx.person
    before = (person.phone, person.email)
    if request.name is not None:
        person.name = text.line(request.name, field="name", longest=80)
    if request.locale is not None:
        person.locale = language.of(request.locale).locale
    if request.zone is not None:
        person.zone = reading.parse_zone(request.zone, field="zone")
    if request.currency is not None:
        person.currency = money.currency_code(request.currency)
    if request.country is not None:
        person.country = country_code(request.country)
    if request.phone is not None:
        person.phone = phone_number(request.phone, person.country)
    if request.email is not None:
        person.email = email_address(request.email)
    warnings = _set_channels(ctx, request.channels)
    warnings += _set_hours(ctx, request)
    if request.alive is not None:
        person.alive = alive_day(request.alive)
        _set_alive(ctx)
    if request.offsets is not None:
        person.offsets = offsets_text(request.offsets)
    insert(ctx.session, person)
    said = _keep_addresses(
        ctx,
        phone=request.phone is not None and person.phone is not None,
        email=request.email is not None and person.email is not None,
    )
    if before != (person.phone, person.email) or request.channels is not None:
        destinations.let_go(ctx)
    # Zone, hours and offsets decide the moments that are still to come.
    moments.renew(ctx)
    return _told(ctx, said, warnings)


def _set_channels(ctx: PersonContext, typed: list[str] | None) -> list[str]:
    """The channels as typed; without a word, those whose address was taken away are left out."""
    person = ctx.person
    able = {"phone": person.phone, "email": person.email}
    push = destinations.current(ctx, "push") is not None
    if typed is not None:
        person.channels = ",".join(channel_order(typed, **able, push=push))
        return []
    gone = [
        channel
        for channel in person.channels.split(",")
        if {"sms": person.phone, "mail": person.email}.get(channel, "") is None
    ]
    if not gone:
        return []
    left = [channel for channel in person.channels.split(",") if channel not in gone]
    person.channels = ",".join(left or ["console"])
    return [
        ctx.language.text(
            "Messages go over {channels} from now on.", channels=person.channels.replace(",", ", ")
        )
    ]


def _set_hours(ctx: PersonContext, request: PersonChange) -> list[str]:
    """Hours for messages and the hour of reminders, which has to lie inside them."""
    person = ctx.person
    if request.hours is not None:
        person.hours = hours(request.hours)
    first, last = hours_of(person, ctx.settings)
    if request.send_time is not None:
        person.send_time = send_time(request.send_time, (first, last))
    if request.hours is None:
        return []
    if person.send_time and not first <= time.fromisoformat(person.send_time) < last:
        raise InputError(
            "hours are {first} to {last}, and your reminders go at {at}.",
            field="hours",
            hint=N_("Give --send-time too, with a time inside these hours."),
            first=first.isoformat("minutes"),
            last=last.isoformat("minutes"),
            at=person.send_time,
        )
    return [
        ctx.language.text(
            "A plan has its own hour for reminders, {at}, outside of these hours; its reminders "
            "go inside them.",
            at=at,
        )
        for at in _hours_of_plans(ctx)
        if not first <= time.fromisoformat(at) < last
    ]


def _hours_of_plans(ctx: PersonContext) -> list[str]:
    live = [row for row in plans.of_person(ctx.session, ctx.person.id) if row.ended_at is None]
    found = {plans.terms(ctx.session, plan).send_time for plan in live}
    return sorted(at for at in found if at)


def _set_alive(ctx: PersonContext) -> None:
    at = ctx.now if ctx.person.alive is not None else None
    wakes.set_wake(ctx.session, "alive", ctx.person.id, ctx.person.id, at)


def _keep_addresses(ctx: PersonContext, *, phone: bool, email: bool) -> list[str]:
    said: list[str] = []
    if phone and ctx.person.phone is not None:
        said += addresses.keep(ctx, "sms", ctx.person.phone)
    if email and ctx.person.email is not None:
        said += addresses.keep(ctx, "mail", ctx.person.email)
    return said


def _told(ctx: PersonContext, said: list[str], warnings: list[str]) -> Person:
    if said and ctx.person.phone is not None:
        shared = destinations.shared(ctx, "sms", ctx.person.phone)
        warnings = [*warnings, *addresses.notes(ctx), *shared]
    return _with_states(ctx).model_copy(update={"said": said, "warnings": warnings})


def _with_states(ctx: PersonContext) -> Person:
    phone, email = destinations.current(ctx, "sms"), destinations.current(ctx, "mail")
    return shown(ctx.person).model_copy(
        update={
            "phone_state": destinations.state(phone) if phone else None,
            "email_state": destinations.state(email) if email else None,
        }
    )


def shown(person: PersonRow) -> Person:
    return Person(
        handle=person.handle,
        name=person.name,
        locale=person.locale,
        zone=person.zone,
        currency=person.currency,
        country=person.country,
        phone=person.phone,
        email=person.email,
        channels=person.channels.split(","),
        send_time=person.send_time,
        hours=person.hours.replace(",", "-") if person.hours else None,
        alive=person.alive,
        quiet_until_at=person.quiet_until_at,
        offsets=[f"{days}d" for days in offset_days(person.offsets)] if person.offsets else None,
        has_password=person.password is not None,
        revision=person.revision,
    )


def default_currency(locale: str) -> str:
    """The currency of the locale's country today (CLDR)."""
    from babel.core import Locale
    from babel.numbers import get_territory_currencies

    territory = Locale.parse(locale).territory
    found = get_territory_currencies(territory) if territory else []
    if not found:
        raise InputError(
            "The locale {locale} says no currency.",
            field="currency",
            hint=N_("Say it with --currency, for example EUR."),
            locale=locale,
        )
    return str(found[-1])
