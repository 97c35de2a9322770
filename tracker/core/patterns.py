"""Plans that are not all equal: a balloon, steps, seasons, a settlement, token payments.

Each ends with 1 to `dates.MOST` rows on strictly increasing days, each of at
least one minor unit. They sum to the total exactly, but for a settlement and
for token payments, which say what is forgiven and what stays owed. `RULES` has
the sentence that states how the remainder fell; the caller fills and translates it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import accumulate, islice

from tracker.core import money
from tracker.core.dates import MOST
from tracker.core.interest import BILLION, rounded
from tracker.core.periods import N_
from tracker.core.schedule import Row, check_days, check_total, equal, fixed
from tracker.errors import InputError


class Pattern(StrEnum):
    """Which of the sentences in `RULES` a plan is told by."""

    BALLOON = "balloon"
    STEP_UP = "step-up"
    STEP_UP_SHARE = "step-up-share"
    SEASONAL = "seasonal"
    SETTLEMENT = "settlement"
    SETTLEMENT_PARTS = "settlement-parts"
    TOKEN = "token"


RULES = {
    Pattern.BALLOON: N_(
        "{count} × {every} from {start}: equal parts, the last but one takes what does not"
        " divide; the last is {balloon}."
    ),
    Pattern.STEP_UP: N_(
        "{count} × {every} from {start}: {first} at first, {step} more each time, {rows} of each"
        " amount; the last takes the rest."
    ),
    Pattern.STEP_UP_SHARE: N_(
        "{count} × {every} from {start}: {first} at first, {share} more each time, rounded half"
        " up, {rows} of each amount; the last takes the rest."
    ),
    Pattern.SEASONAL: N_(
        "{count} instalments from {start}, {every} in the months {months}: in proportion to the"
        " weight of the month; units left over go where most was rounded off."
    ),
    Pattern.SETTLEMENT: N_("{offered} by {pay_by} settles {total}; {forgiven} is forgiven."),
    Pattern.SETTLEMENT_PARTS: N_(
        "{offered} in {count} equal parts by {pay_by} settles {total}, the last takes what does"
        " not divide; {forgiven} is forgiven."
    ),
    Pattern.TOKEN: N_("{count} × {every} from {start}: {amount} each; {left} stays owed."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """Less than the debt, which settles it; rows + `forgiven_minor` = the debt."""

    rows: list[Row]
    forgiven_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """Payments that show good will for a time; rows + `left_minor` = the debt."""

    rows: list[Row]
    left_minor: int


def balloon(
    total_minor: int, days: Sequence[date], *, balloon_minor: int, currency: str
) -> list[Row]:
    """Equal parts, then `balloon_minor` on the last day.

    What does not divide goes to the last of the equal parts. InputError names
    `total`, `days`, `count`, or `balloon` when it leaves nothing for the other
    rows or is smaller than one of them.
    """
    check_total(total_minor)
    check_days(days)
    fixed(balloon_minor, "balloon")
    if len(days) == 1:
        raise InputError(
            "A balloon comes after other instalments, and there is only one.",
            field="count",
            hint="Add an instalment.",
        )
    if balloon_minor >= total_minor:
        raise InputError(
            "balloon is {value}, and the total is {total}; nothing is left for the others.",
            field="balloon",
            hint="Choose a smaller balloon.",
            value=money.plain(balloon_minor, currency),
            total=money.plain(total_minor, currency),
        )
    rows = equal(total_minor, days, last_minor=balloon_minor)
    ordinary = rows[-2].amount_minor
    if balloon_minor < ordinary:
        raise InputError(
            "balloon is {value}, less than the {ordinary} before it.",
            field="balloon",
            hint="Choose a larger balloon, or equal parts.",
            value=money.plain(balloon_minor, currency),
            ordinary=money.plain(ordinary, currency),
        )
    return rows


def step_up(
    total_minor: int,
    days: Sequence[date],
    *,
    first_minor: int,
    currency: str,
    step_minor: int | None = None,
    step_share_ppb: int | None = None,
    every_rows: int = 1,
) -> list[Row]:
    """`first_minor`, more after every `every_rows` rows; the last takes the rest.

    A step adds `step_minor`, or a share of the amount before it in parts per
    billion, rounded half up. The last row is at most what its step makes it:
    InputError names `count` when the amounts reach the total on an earlier row
    or not at all; else `total`, `days`, `first`, `step` or `every`.
    """
    check_total(total_minor)
    check_days(days)
    fixed(first_minor, "first")
    if (step_minor is None) == (step_share_ppb is None):
        raise InputError(
            "A step is an amount or a share of the amount before.",
            field="step",
            hint="Give one of the two.",
        )
    step = fixed(step_minor or step_share_ppb or 0, "step")
    count = len(days)
    if not 1 <= every_rows < count:
        raise InputError(
            "{field} is {value}; with {count} instalments no step would come.",
            field="every",
            hint="Choose 1 or more, and fewer than there are instalments.",
            value=every_rows,
            count=count,
        )

    def amounts() -> Iterator[int]:
        amount = first_minor
        while True:
            yield from [amount] * every_rows
            amount += step if step_share_ppb is None else rounded(amount * step, BILLION)

    paid = list(islice(accumulate(amounts()), MOST))
    needed = next((n for n, so_far in enumerate(paid, 1) if so_far >= total_minor), None)
    if needed is None or needed > count:
        raise InputError(
            "The {count} instalments come to {sum}, less than the total of {total}.",
            field="count",
            hint="Choose a larger first amount or a larger step."
            if needed is None
            else "Choose {needed} instalments, a larger first amount or a larger step.",
            count=count,
            sum=money.plain(paid[count - 1], currency),
            total=money.plain(total_minor, currency),
            needed=needed,
        )
    if needed < count:
        raise InputError(
            "With {needed} instalments the total is reached; {count} are too many.",
            field="count",
            hint="Choose {needed} instalments, a smaller first amount or a smaller step.",
            count=count,
            needed=needed,
        )
    before = list(islice(amounts(), count - 1))
    rest = total_minor - sum(before)
    return [
        Row(due_on=day, amount_minor=amount)
        for day, amount in zip(days, [*before, rest], strict=True)
    ]


def seasonal(
    total_minor: int, days: Sequence[date], *, weights_by_month: Mapping[int, int]
) -> list[Row]:
    """Parts in proportion to the weight of the month that each day lies in.

    A day in a month of weight 0, or of none, gets no row. Parts are rounded
    down; the units left go one each to the largest fractions, the earlier row
    first (`money.split`). InputError names `total`, `days` or `weights`.
    """
    check_total(total_minor)
    check_days(days)
    for month, weight in weights_by_month.items():
        if not 1 <= month <= 12:
            raise InputError(
                "{field} name month {value}; months are 1 to 12.",
                field="weights",
                hint="January is 1, December is 12.",
                value=month,
            )
        if weight < 0:
            raise InputError(
                "{field} are {value} in month {month}; a weight is never negative.",
                field="weights",
                hint="Write 0 for a month without an instalment.",
                value=weight,
                month=month,
            )
    weighed = [(day, weight) for day in days if (weight := weights_by_month.get(day.month, 0))]
    if not weighed:
        raise InputError(
            "None of the due days lies in a month with a weight.",
            field="weights",
            hint="Give at least one of their months a weight above 0.",
        )
    amounts = money.split(total_minor, [weight for _, weight in weighed])
    if not all(amounts):
        raise InputError(
            "The total is too small for {count} instalments with these weights.",
            field="total",
            hint="Choose fewer instalments, or weights that differ less.",
            count=len(weighed),
        )
    return [
        Row(due_on=day, amount_minor=amount)
        for (day, _), amount in zip(weighed, amounts, strict=True)
    ]


def settlement(
    total_minor: int,
    *,
    offered_minor: int,
    pay_by: date,
    currency: str,
    days: Sequence[date] | None = None,
) -> Settlement:
    """`offered_minor` on `pay_by` in place of the total, or in equal parts on `days` until then.

    The last part takes what does not divide. InputError names `total`, `days`,
    `pay_by`, or `offered` when it is nothing or not less than the total.
    """
    check_total(total_minor)
    fixed(offered_minor, "offered")
    if offered_minor >= total_minor:
        raise InputError(
            "offered is {value}, and {total} is owed; a settlement is less than that.",
            field="offered",
            hint="Choose a smaller amount, or a plan for the whole.",
            value=money.plain(offered_minor, currency),
            total=money.plain(total_minor, currency),
        )
    rows = equal(offered_minor, [pay_by] if days is None else days)
    if rows[-1].due_on > pay_by:
        raise InputError(
            "{day} comes after {value}, by which the settlement has to be paid.",
            field="pay_by",
            hint="Choose earlier due days or a later day to pay by.",
            day=rows[-1].due_on.isoformat(),
            value=pay_by.isoformat(),
        )
    return Settlement(rows=rows, forgiven_minor=total_minor - offered_minor)


def token(amount_minor: int, days: Sequence[date], *, total_minor: int, currency: str) -> Token:
    """`amount_minor` on each day, and what then stays owed.

    InputError names `total`, `days`, or `amount` when nothing would stay owed.
    """
    check_total(total_minor)
    check_days(days)
    paid = fixed(amount_minor, "amount") * len(days)
    if paid >= total_minor:
        raise InputError(
            "{count} token payments of {value} come to {sum}, and only {total} is owed.",
            field="amount",
            hint="Choose a smaller amount, or a plan that pays everything off.",
            count=len(days),
            value=money.plain(amount_minor, currency),
            sum=money.plain(paid, currency),
            total=money.plain(total_minor, currency),
        )
    return Token(
        rows=[Row(due_on=day, amount_minor=amount_minor) for day in days],
        left_minor=total_minor - paid,
    )
