"""Persons: who they are, how they are reached, and their web password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker import language
from tracker.actions.office import Context, Nothing, PersonContext, Request, Result
from tracker.actions.passwords import hashed
from tracker.actions.reach import (
    channel_order,
    country_code,
    email_address,
    offset_days,
    offsets_text,
    phone_number,
    send_time,
)
from tracker.core import money, reading, text
from tracker.errors import ConflictError, InputError
from tracker.language import N_
from tracker.store import people, plans, wakes
from tracker.store.conditions import conditions
from tracker.store.db import add as insert
from tracker.store.people import PersonRow

if TYPE_CHECKING:
    pass


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
    offsets: list[str] | None = None


class Person(Result):
    handle: str
    name: str
    locale: str
    zone: str
    currency: str
    country: str | None
    phone: str | None
    email: str | None
    channels: list[str]
    send_time: str | None
    offsets: list[str] | None
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
    person = PersonRow(
        handle=handle,
        name=name,
        locale=locale,
        zone=reading.parse_zone(request.zone, field="zone"),
        currency=money.currency_code(request.currency or default_currency(locale)),
        country=country,
        phone=phone,
        email=email_address(request.email),
        channels=",".join(channel_order(request.channels, phone)),
        send_time=send_time(request.send_time, ctx),
        offsets=offsets_text(request.offsets),
        password=hashed(request.password) if request.password else None,
        revision=1,
        created_at=ctx.now,
    )
    return shown(insert(ctx.session, person))


def everyone(ctx: Context, request: Nothing) -> People:
    return People(people=[shown(person) for person in people.everyone(ctx.session)])


def show(ctx: PersonContext, request: Nothing) -> Person:
    return shown(ctx.person)


def edit(ctx: PersonContext, request: PersonChange) -> Person:
    person = ctx.person
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
    if request.channels is not None:
        person.channels = ",".join(channel_order(request.channels, person.phone))
    if request.send_time is not None:
        person.send_time = send_time(request.send_time, ctx)
    if request.offsets is not None:
        person.offsets = offsets_text(request.offsets)
    insert(ctx.session, person)
    # Zone, hour and offsets decide the moments that are still to come.
    for plan in plans.of_person(ctx.session, person.id):
        if plan.ended_at is None:
            wakes.set_wake(ctx.session, "plan", plan.id, person.id, ctx.now)
            for bill in conditions(ctx.session, plan.id):
                if bill.due_day is not None:
                    wakes.hurry(ctx.session, "condition", bill.id, person.id, ctx.now)
    return shown(person)


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
