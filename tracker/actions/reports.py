"""Progress reports: a numbered snapshot for one creditor, as a page and as a PDF."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import date
from pathlib import Path

from tracker import language
from tracker.actions import contents, finding, gate, holds
from tracker.actions.office import Effect, PersonContext, Request, Result
from tracker.core import progress
from tracker.core.holds import REPORTS
from tracker.documents import report
from tracker.errors import ConflictError, InputError, RefusedError
from tracker.language import N_
from tracker.store import debts
from tracker.store import reports as stored
from tracker.store.db import add as insert
from tracker.store.debts import DebtRow
from tracker.store.reports import ReportRow as StoredReport

FOLDER = "reports"


class NewReport(Request):
    debt: str
    period: str | None = None
    language: str | None = None
    out: str | None = None
    accept: bool = False


class WhichReports(Request):
    debt: str | None = None


class Report(Result):
    number: int
    debt: str
    creditor_name: str
    period_start: date
    period_end: date
    made_on: date
    locale: str
    html: str | None = None
    pdf: str | None = None
    html_sha256: str
    pdf_sha256: str


class Reports(Result):
    reports: list[Report]


def make(effect: Effect, request: NewReport) -> Report:
    """Draw the report outside any transaction, then number and keep it.

    Raises RefusedError while a hold keeps reports silent, or at the gate on
    admissions; ConflictError where there is no plan to report on.
    """
    from tracker.documents.pdf import pdf_in_child

    period = _period(effect, request.period)
    locale = language.of(request.language).locale if request.language else None
    with effect.read() as ctx:
        debt = finding.debt(ctx, request.debt)
        _refuse_silenced(ctx, debt)
        gate.ask(ctx, debt, accepted=request.accept)
        content = contents.content(ctx, debt, period, locale or ctx.person.locale)
    folder = _folder(effect, request.out)
    html = report.html(content).encode()
    pdf = pdf_in_child(content)
    stem = f"{debt.handle}-{content.number}"
    with (
        _Draft(folder / f"{stem}.html", html) as page,
        _Draft(folder / f"{stem}.pdf", pdf) as document,
    ):
        with effect.write(
            "report.make", {"debt": request.debt, "period": [on.isoformat() for on in period]}
        ) as ctx:
            gate.pass_or_ask(ctx, debt, act="report.make", accepted=request.accept)
            # Another report may have taken the number while this one was drawn.
            if stored.next_number(ctx.session, debt.id) != content.number:
                raise ConflictError(
                    "Another report on {debt} was made at the same moment.",
                    field="debt",
                    hint=N_("Make it again; it gets the next number."),
                    debt=debt.handle,
                )
            row = insert(
                ctx.session,
                StoredReport(
                    person_id=ctx.person.id,
                    debt_id=debt.id,
                    number=content.number,
                    period_start=content.period_start,
                    period_end=content.period_end,
                    made_on=content.made_on,
                    made_at=ctx.now,
                    locale=content.locale,
                    content=content.json(),
                    html_sha256=hashlib.sha256(html).hexdigest(),
                    pdf_sha256=hashlib.sha256(pdf).hexdigest(),
                ),
            )
            made = shown(ctx, debt, row)
        page.publish()
        document.publish()
    said = [
        effect.language.text(
            "Report {number} on {debt}: {pdf}",
            number=content.number,
            debt=debt.handle,
            pdf=str(document.path),
        ),
        effect.language.text(
            "Read it before you share it: once sent, it is a written statement of yours."
        ),
    ]
    return made.model_copy(update={"html": str(page.path), "pdf": str(document.path), "said": said})


def list_reports(ctx: PersonContext, request: WhichReports) -> Reports:
    wanted = finding.debt(ctx, request.debt) if request.debt else None
    names = {debt.id: debt for debt in debts.debts(ctx.session, ctx.person.id)}
    rows = stored.reports(ctx.session, ctx.person.id, wanted.id if wanted else None)
    return Reports(reports=[shown(ctx, names[row.debt_id], row) for row in rows])


def shown(ctx: PersonContext, debt: DebtRow, row: StoredReport) -> Report:
    return Report(
        number=row.number,
        debt=debt.handle,
        creditor_name=json.loads(row.content)["creditor_name"],
        period_start=row.period_start,
        period_end=row.period_end,
        made_on=row.made_on,
        locale=row.locale,
        html_sha256=row.html_sha256,
        pdf_sha256=row.pdf_sha256,
    )


def _period(effect: Effect, typed: str | None) -> tuple[date, date]:
    """The period typed, or the calendar quarter of today where the person is."""
    if typed:
        return progress.parse_period(typed)
    with effect.read() as ctx:
        today = ctx.today
    return progress.parse_period(f"{today.year}-Q{(today.month - 1) // 3 + 1}")


def _refuse_silenced(ctx: PersonContext, debt: DebtRow) -> None:
    kind = holds.silenced(ctx, debt.id, REPORTS)
    if kind is not None:
        raise RefusedError(
            "{debt} is on hold ({kind}); no report goes out while it is.",
            field="debt",
            hint=N_("Release the hold first, if it no longer applies."),
            debt=debt.handle,
            kind=kind,
        )


def _folder(effect: Effect, typed: str | None) -> Path:
    if typed:
        folder = Path(typed).expanduser()
        if not folder.is_dir():
            raise InputError(
                "out is {value!r}, which is no folder.",
                field="out",
                hint=N_("Make it first, or leave --out out."),
                value=typed[:200],
            )
        return folder
    folder = effect.office.settings.home / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


class _Draft:
    """A file that is written, and synced, before the report is numbered, and named after.

    Left unpublished, it is gone again. Raises InputError where the folder cannot
    be written to.
    """

    def __init__(self, path: Path, data: bytes) -> None:
        self.path = path
        self._draft = path.with_name(f".{path.name}.{os.getpid()}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        try:
            with os.fdopen(os.open(self._draft, flags, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise InputError(
                "out is {value!r}, which cannot be written to: {reason}.",
                field="out",
                hint=N_("Check who owns it, and the space that is left."),
                value=str(path.parent),
                reason=error.strerror or str(error),
            ) from error

    def publish(self) -> None:
        self._draft.replace(self.path)

    def __enter__(self) -> _Draft:
        return self

    def __exit__(self, *_: object) -> None:
        self._draft.unlink(missing_ok=True)
