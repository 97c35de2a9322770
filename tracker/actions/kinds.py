"""The kinds of plan: which one was meant, and which options each has a place for.

What a kind has no place for is refused, and never passed over.
"""

from __future__ import annotations

from tracker.actions.rhythms import NewSchedule
from tracker.errors import InputError
from tracker.language import N_
from tracker.store.plans import KINDS

_RULE = frozenset({"total", "count", "every", "start", "second_day", "shift"})
_TAKES = {
    "list": frozenset({"rows", "shift"}),
    "equal": _RULE | {"amount", "first", "last", "remainder"},
    "amount": (_RULE - {"count"}) | {"amount", "first", "last"},
    "amortising": _RULE | {"amount"},
    "balloon": _RULE | {"balloon"},
    "step-up": _RULE | {"first", "step", "step_every"},
    "seasonal": _RULE | {"months"},
    "settlement": _RULE | {"offered", "pay_by"},
    "token": _RULE | {"amount", "review"},
}
# What runs while it is kept is for every kind, and is told by actions/interest.py.
_OF_A_KIND = sorted(frozenset[str]().union(*_TAKES.values()))


def chosen(request: NewSchedule) -> str:
    """The kind that was named, or that what was typed amounts to."""
    kind = _named(request)
    others = [name for name in _OF_A_KIND if getattr(request, name) and name not in _TAKES[kind]]
    if others and kind == "list" and request.rows:
        raise InputError(
            "rows is a list, and {names} is a rule; a plan is made from one of them.",
            field="rows",
            hint=N_("Leave the list or the rule out."),
            names=", ".join(others),
        )
    if others:
        raise InputError(
            "{name} is given, and a plan of the kind {kind} has no place for it.",
            field=others[0],
            hint=N_("Leave it out, or name another kind with --kind."),
            name=others[0],
            kind=kind,
        )
    return kind


def _named(request: NewSchedule) -> str:
    if request.kind and request.kind.strip():
        kind = request.kind.strip().casefold()
        if kind not in KINDS:
            raise InputError(
                "kind is {value!r}; a plan is one of {known}.",
                field="kind",
                value=kind[:40],
                known=", ".join(KINDS),
            )
        return kind
    if request.rows and request.rows.strip():
        return "list"
    if request.offered or request.pay_by:
        return "settlement"
    for name, kind in (
        ("balloon", "balloon"),
        ("step", "step-up"),
        ("months", "seasonal"),
        ("review", "token"),
    ):
        if getattr(request, name):
            return kind
    if request.rate:
        return "amortising"
    return "amount" if request.amount and not request.count else "equal"
