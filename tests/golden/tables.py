"""Published repayment tables as data: `read()` gives every table of `tables/*.toml`.

Strict: an unknown key, a missing one, or a figure that is not a decimal number
raises ValueError with the table's id. Figures stay the texts that the source
printed until `minor` or `nearest` reads them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TypeVar, cast

from tracker.core import money
from tracker.core.daycount import Basis
from tracker.core.policy import Order

T = TypeVar("T")

FOLDER = Path(__file__).parent / "tables"
CHECKS = frozenset({"amortise", "apr", "replay", "stages"})
LEVELS = frozenset({"up", "nearest", "exact"})
ROUNDINGS = frozenset({"each", "carried"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a schedule: its number and day, and the figures that the source states."""

    nr: int
    due: date
    principal: str | None = None
    interest: str | None = None
    fees: str | None = None
    penalties: str | None = None
    due_total: str | None = None
    balance: str | None = None  # the principal that is left after it


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """A sum that the creditor added or, below 0, took off; `kind` as `facts.Reason` names it."""

    on: date
    kind: str
    component: str
    amount: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payment and its split; None where the source states none. `times`: so many months."""

    on: date
    amount: str
    what: str = ""
    principal: str | None = None
    interest: str | None = None
    fees: str | None = None
    penalties: str | None = None
    overpaid: str = "0"
    balance: str | None = None
    undone_on: date | None = None
    times: int = 1

    @property
    def split(self) -> bool:
        return self.principal is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What is owed at the end of a day, as far as it is stated."""

    on: date
    principal: str | None = None
    interest: str | None = None
    fees: str | None = None
    penalties: str | None = None
    total: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """So many payments at a rate, after which the level payment is found anew."""

    rate: str
    payments: int
    payment: str | None = None
    balance: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One published table, with where it stands and by what rules it was made.

    `rounding` "each": every row's interest is rounded to the minor unit;
    "carried": nothing is rounded but what is printed. `payment` is the level
    payment as stated; `level` says by which rule it is found without that: as
    `amortise.Level` names them, or "exact": the exact one to the nearest minor unit.
    `count` and `first_due` make monthly due days where only some rows, or none,
    are stated. `undated`: the source names no days, these are ours.
    `financed_fees`: the fee is lent too, so that it is principal in the ledger.
    """

    id: str
    source: str
    conventions: str
    checks: frozenset[str]
    currency: str
    principal: str
    start: date
    rate: str
    basis: Basis
    order: Order | None
    rounding: str
    payment: str | None
    level: str | None
    count: int
    first_due: date | None
    undated: bool
    financed_fees: bool
    rows: tuple[Row, ...]
    charges: tuple[Charge, ...]
    payments: tuple[Payment, ...]
    balances: tuple[Balance, ...]
    stages: tuple[Stage, ...]

    def minor(self, text: str) -> int:
        """The figure in minor units; ValueError where it has a part of one."""
        scaled = _number(text).scaleb(money.exponent(self.currency))
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{self.id}: {text} has parts of a minor unit")
        return int(scaled)

    def nearest(self, text: str) -> int:
        """The figure in minor units, half up: a balance that is stated with more decimals."""
        scaled = _number(text).scaleb(money.exponent(self.currency))
        return int(scaled.to_integral_value(ROUND_HALF_UP))


def read() -> tuple[Table, ...]:
    """Every table, by file and place; ids are unique."""
    found = [table for path in sorted(FOLDER.glob("*.toml")) for table in _file(path)]
    ids = [table.id for table in found]
    if twice := {each for each in ids if ids.count(each) > 1}:
        raise ValueError(f"two tables are called {min(twice)}")
    return tuple(found)


def checked_by(check: str) -> tuple[Table, ...]:
    """The tables that say of themselves that this check can be made of them."""
    if check not in CHECKS:
        raise ValueError(f"no check is called {check}")
    return tuple(table for table in read() if check in table.checks)


class _Keys:
    """The keys of one TOML table, each taken once and with its type; none may be left over."""

    def __init__(self, where: str, raw: Mapping[str, object]) -> None:
        self.where = where
        self._left = dict(raw)

    def take(self, key: str, kind: type[T], default: T | None = None) -> T:
        value = self._left.pop(key, default)
        # A bool is an int and a datetime is a date, but not here.
        if type(value) is not kind:
            raise ValueError(f"{self.where}: {key} is {value!r}, not a {kind.__name__}")
        return value

    def maybe(self, key: str, kind: type[T]) -> T | None:
        return self.take(key, kind) if key in self._left else None

    def figure(self, key: str) -> str:
        text = self.take(key, str)
        _number(text)
        return text

    def maybe_figure(self, key: str) -> str | None:
        return self.figure(key) if key in self._left else None

    def one_of(self, key: str, allowed: Iterable[str], default: str | None = None) -> str:
        text = self.take(key, str, default)
        if text not in allowed:
            raise ValueError(f"{self.where}: {key} is {text!r}")
        return text

    def many(self, key: str, make: Callable[[_Keys, int], T]) -> tuple[T, ...]:
        made = []
        for index, raw in enumerate(self.take(key, list, [])):
            keys = _Keys(f"{self.where}, {key} {index + 1}", cast("dict[str, object]", raw))
            made.append(make(keys, index))
            keys.done()
        return tuple(made)

    def done(self) -> None:
        if self._left:
            raise ValueError(f"{self.where}: unknown {', '.join(sorted(self._left))}")


def _file(path: Path) -> list[Table]:
    with path.open("rb") as file:
        raw = tomllib.load(file)
    if list(raw) != ["table"]:
        raise ValueError(f"{path.name}: only [[table]] may stand here")
    return [_table(_Keys(f"{path.name}, {each.get('id', '?')}", each)) for each in raw["table"]]


def _table(keys: _Keys) -> Table:
    count, first_due = keys.take("count", int, 0), keys.maybe("first_due", date)
    order = keys.maybe("order", str)
    level = keys.maybe("level", str)
    table = Table(
        id=keys.take("id", str),
        source=keys.take("source", str),
        conventions=keys.take("conventions", str),
        checks=frozenset(keys.take("checks", list)),
        currency=keys.take("currency", str),
        principal=keys.figure("principal"),
        start=keys.take("start", date),
        rate=keys.take("rate", str),
        basis=Basis(keys.take("basis", str)),
        order=None if order is None else Order(order),
        rounding=keys.one_of("rounding", ROUNDINGS, "each"),
        payment=keys.maybe_figure("payment"),
        level=level,
        count=count,
        first_due=first_due,
        undated=keys.take("undated", bool, False),
        financed_fees=keys.take("financed_fees", bool, False),
        rows=keys.many("rows", lambda row, index: _row(row, index, first_due)),
        charges=keys.many("charges", _charge),
        payments=keys.many("payments", _payment),
        balances=keys.many("balances", _balance),
        stages=keys.many("stages", _stage),
    )
    keys.done()
    if not table.checks or table.checks - CHECKS:
        raise ValueError(f"{keys.where}: checks are {sorted(table.checks)}")
    if level is not None and level not in LEVELS:
        raise ValueError(f"{keys.where}: level is {level!r}")
    return table


def _row(keys: _Keys, index: int, first_due: date | None) -> Row:
    nr = keys.take("nr", int, index + 1)
    if first_due is None:
        due = keys.take("due", date)
    else:
        months = first_due.year * 12 + first_due.month - 1 + nr - 1
        due = first_due.replace(year=months // 12, month=months % 12 + 1)
    return Row(
        nr=nr,
        due=due,
        principal=keys.maybe_figure("principal"),
        interest=keys.maybe_figure("interest"),
        fees=keys.maybe_figure("fees"),
        penalties=keys.maybe_figure("penalties"),
        due_total=keys.maybe_figure("due_total"),
        balance=keys.maybe_figure("balance"),
    )


def _charge(keys: _Keys, _: int) -> Charge:
    return Charge(
        on=keys.take("on", date),
        kind=keys.one_of("kind", ("charge", "waiver", "adjustment")),
        component=keys.one_of("component", ("principal", "interest", "penalties", "fees")),
        amount=keys.figure("amount"),
        what=keys.take("what", str),
    )


def _payment(keys: _Keys, _: int) -> Payment:
    return Payment(
        on=keys.take("on", date),
        amount=keys.figure("amount"),
        what=keys.take("what", str, ""),
        principal=keys.maybe_figure("principal"),
        interest=keys.maybe_figure("interest"),
        fees=keys.maybe_figure("fees"),
        penalties=keys.maybe_figure("penalties"),
        overpaid=keys.maybe_figure("overpaid") or "0",
        balance=keys.maybe_figure("balance"),
        undone_on=keys.maybe("undone_on", date),
        times=keys.take("times", int, 1),
    )


def _balance(keys: _Keys, _: int) -> Balance:
    return Balance(
        on=keys.take("on", date),
        principal=keys.maybe_figure("principal"),
        interest=keys.maybe_figure("interest"),
        fees=keys.maybe_figure("fees"),
        penalties=keys.maybe_figure("penalties"),
        total=keys.maybe_figure("total"),
    )


def _stage(keys: _Keys, _: int) -> Stage:
    return Stage(
        rate=keys.take("rate", str),
        payments=keys.take("payments", int),
        payment=keys.maybe_figure("payment"),
        balance=keys.maybe_figure("balance"),
    )


def _number(text: str) -> Decimal:
    plain = text.replace(",", "")
    if not plain.lstrip("-").replace(".", "", 1).isdecimal() or not plain.isascii():
        raise ValueError(f"{text!r} is no figure")
    return Decimal(plain)
