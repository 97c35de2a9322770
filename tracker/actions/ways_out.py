"""Ways out, for what is late or will not work: what can be asked for, by when, and who helps.

Told without blame: a plan that cannot be kept is what has to change.
"""

from __future__ import annotations

from typing import NamedTuple

from tracker.actions import finding, free_help, gate, moments
from tracker.actions.office import Money, PersonContext, Request, Result
from tracker.actions.overview import Item
from tracker.actions.terms import open_minor, settled, state
from tracker.core.plans import State
from tracker.store import debts, plans
from tracker.store.debts import DebtRow, HoldRow
from tracker.store.plans import InstalmentRow

_LATE = (State.LATE.value, State.MISSED.value)


class WhichDebt(Request):
    debt: str


class Way(Result):
    """`ask` is what can be said to the creditor, `by` when; `command` records what came of it."""

    kind: str
    title: str
    text: str
    ask: str | None = None
    by: str | None = None
    command: str


class Ways(Result):
    """`late` is what has passed its day, `next` the first that is still to come.

    `first` are sentences to read before anything is asked or paid.
    """

    debt: str
    word: str
    creditor_name: str
    late: list[Item]
    next: Item | None
    first: list[str]
    ways: list[Way]
    help: list[free_help.Helpers]
    help_note: str


class _Open(NamedTuple):
    row: InstalmentRow
    state: str

    @property
    def is_late(self) -> bool:
        return self.state in _LATE


def ways(ctx: PersonContext, request: WhichDebt) -> Ways:
    debt = finding.debt(ctx, request.debt)
    creditor = debts.creditor(ctx.session, debt.creditor_id).name
    held = debts.holds(ctx.session, debt.id, ctx.today)
    count, open_ones = _open(ctx, debt)
    late = [each for each in open_ones if each.is_late]
    coming = next((each for each in open_ones if not each.is_late), None)

    def item(each: _Open) -> Item:
        return Item(
            debt=debt.handle,
            word=debt.word,
            creditor_name=creditor,
            seq=each.row.seq,
            count=count,
            due_on=each.row.due_on,
            send_by_at=each.row.send_by_at,
            open=Money.of(open_minor(each.row), debt.currency),
            state=each.state,
            held=held[0].kind if held else None,
        )

    return Ways(
        debt=debt.handle,
        word=debt.word,
        creditor_name=creditor,
        late=[item(each) for each in late],
        next=item(coming) if coming else None,
        first=_first(ctx, debt, held, late, coming),
        ways=[*_with_creditor(ctx, debt, late, coming), *_rests(ctx, debt)],
        help=free_help.near(ctx),
        help_note=free_help.note(ctx),
    )


def _open(ctx: PersonContext, debt: DebtRow) -> tuple[int, list[_Open]]:
    """How many instalments the plan that runs has, and those that are not settled."""
    plan = plans.live(ctx.session, debt.id)
    if plan is None:
        return 0, []
    terms = plans.terms(ctx.session, plan)
    rows = plans.instalments(ctx.session, terms.id)
    return len(rows), [
        _Open(row, state(row, terms, ctx.today)) for row in rows if not settled(row, terms)
    ]


def _first(
    ctx: PersonContext,
    debt: DebtRow,
    held: list[HoldRow],
    late: list[_Open],
    coming: _Open | None,
) -> list[str]:
    text = ctx.language.text
    if late:
        found = [
            text("This happens to many plans. A plan that cannot be kept is what has to change.")
        ]
    elif coming is None:
        found = [text("Nothing is open on {word}.", word=debt.word)]
    else:
        found = [
            text("Nothing is late on {word}.", word=debt.word),
            text("If the next one will not work, it is easiest to ask before its day."),
        ]
    found += [
        text(
            "{word} is on hold ({kind}): see to that before anything is paid or offered.",
            word=debt.word,
            kind=hold.kind,
        )
        for hold in held
    ]
    assessment = gate.assess(ctx, debt)
    if (late or coming) and assessment.needs_yes:
        found.append(
            ctx.language.paragraph(
                [
                    text("Before you write or pay:"),
                    gate.explained(ctx, assessment),
                    gate.cited(ctx, assessment),
                ]
            )
        )
    return found


def _with_creditor(
    ctx: PersonContext, debt: DebtRow, late: list[_Open], coming: _Open | None
) -> list[Way]:
    """What can be agreed with the creditor, about the oldest that is open."""
    about = late[0] if late else coming
    if about is None:
        return []
    text = ctx.language.text
    return [
        Way(
            kind="part",
            title=text("Pay a part of it"),
            text=text("What you pay counts at once, however small; the rest stays open."),
            command=f"tracker pay {debt.handle} AMOUNT",
        ),
        Way(
            kind="date",
            title=text("Ask for another day"),
            text=text("Name a day on which you are sure to have the money."),
            ask=_other_day(ctx, debt, about),
            by=_by_when(ctx, about, coming),
            command=f"tracker plan reschedule {debt.handle} {about.row.seq} --to DATE "
            "--agreed-by TEXT",
        ),
        Way(
            kind="less",
            title=text("Ask for smaller instalments"),
            text=text(
                "Say what you can spare each month, and for how long. Rather a small sum that "
                "comes than a large one that does not."
            ),
            ask=text("“I can pay … a month from … on. Please confirm new terms in writing.”"),
            command=f"tracker plan agree {debt.handle} --revise REASON",
        ),
        Way(
            kind="pause",
            title=text("Ask for a pause"),
            text=text("Some months without payment, after which the plan goes on."),
            ask=text(
                "“Please let the payments rest from … until …, and tell me what interest does in "
                "that time.”"
            ),
            command=f"tracker plan pause {debt.handle} --start DATE --until DATE --agreed-by TEXT",
        ),
    ]


def _other_day(ctx: PersonContext, debt: DebtRow, about: _Open) -> str:
    lang = ctx.language
    params = {
        "amount": lang.money(open_minor(about.row), debt.currency),
        "day": lang.date(about.row.due_on),
    }
    if about.is_late:
        return lang.text(
            "“{amount} was due on {day}. I can pay it on …. Please confirm that day in writing.”",
            **params,
        )
    return lang.text(
        "“{amount} is due on {day}. I cannot pay it then, but I can on …. Please confirm that "
        "day in writing.”",
        **params,
    )


def _by_when(ctx: PersonContext, about: _Open, coming: _Open | None) -> str:
    text = ctx.language.text
    if not about.is_late and about.row.send_by_at > ctx.now:
        at = moments.told(ctx, about.row.send_by_at)
        return text("Ask by {at}, the last moment to send.", at=at)
    if about.is_late and coming is not None and coming.row.due_on > ctx.today:
        return text(
            "Ask today or tomorrow, and in any case before {day}, when the next one is due.",
            day=ctx.language.day(coming.row.due_on),
        )
    return text("Ask today or tomorrow.")


def _rests(ctx: PersonContext, debt: DebtRow) -> list[Way]:
    text = ctx.language.text
    return [
        Way(
            kind="hold",
            title=text("If it should not be paid at all now"),
            text=text(
                "Where you dispute it, an adviser speaks for you or a moratorium runs, put it on "
                "hold: reminders, offers and reports rest as that calls for."
            ),
            command=f"tracker hold {debt.handle} disputed",
        ),
        Way(
            kind="quiet",
            title=text("A rest from messages"),
            text=text("For some days nothing is told but legal deadlines."),
            command="tracker quiet 3d",
        ),
    ]
