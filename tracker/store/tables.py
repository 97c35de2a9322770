"""Every table, imported once, so that the metadata is whole for migrations and checks."""

from __future__ import annotations

from sqlmodel import SQLModel

from tracker.store import credit, debts, delivery, journal, payments, people, plans, reports, wakes

MODULES = (people, debts, plans, payments, delivery, wakes, reports, credit, journal)
metadata = SQLModel.metadata
