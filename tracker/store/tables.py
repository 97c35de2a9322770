"""Every table, imported once, so that the metadata is whole for migrations and checks."""

from __future__ import annotations

from sqlmodel import SQLModel

from tracker.store import (
    conditions,
    credit,
    debts,
    delivery,
    exchange,
    journal,
    owners,
    payments,
    people,
    plans,
    reports,
    terms,
    wakes,
)

MODULES = (
    people,
    debts,
    terms,
    owners,
    plans,
    conditions,
    payments,
    exchange,
    delivery,
    wakes,
    reports,
    credit,
    journal,
)
metadata = SQLModel.metadata
