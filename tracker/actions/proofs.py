"""Files that show a payment: kept in the home under their SHA-256, each once.

What is in a file is not judged here; it is kept as it came.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from tracker.actions import finding
from tracker.actions.office import PersonContext, Request, Result
from tracker.errors import InputError, UnavailableError
from tracker.language import N_
from tracker.store import debts, payments
from tracker.store.db import add as insert
from tracker.store.payments import PaymentRow, ProofRow

FOLDER = "documents"
LIMIT_BYTES = 20 * 2**20
LONGEST_NAME = 200


class NewProof(Request):
    payment: str
    file: str


class Proof(Result):
    """`new` is False where this payment had the very file already."""

    payment: int
    debt: str
    name: str
    sha256: str
    size: int
    new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    name: str
    content: bytes
    sha256: str


def attach(ctx: PersonContext, request: NewProof) -> Proof:
    """Attach a file to a payment."""
    row = finding.payment(ctx, request.payment)
    if row.kind == "reversal":
        raise InputError(
            "payment #{number} only takes another one back; it has nothing to prove.",
            field="payment",
            hint=N_("Attach the file to the payment itself: `tracker payment list` shows it."),
            number=row.number,
        )
    file = read(request.file, field="file")
    new, said, warnings = keep(ctx, row, file)
    return Proof(
        payment=row.number,
        debt=debts.debt(ctx.session, row.debt_id).handle,
        name=file.name,
        sha256=file.sha256,
        size=len(file.content),
        new=new,
        said=said,
        warnings=warnings,
    )


def read(typed: str, *, field: str) -> File:
    """The file at a path. Raises InputError for what is none, is empty or is too large."""
    path = Path(typed).expanduser()
    if _is_no_text(typed):
        raise InputError(
            "{field} is {value!r}, a name that is not UTF-8.",
            field=field,
            hint=N_("Rename the file first."),
            value=typed[:200],
        )
    try:
        content = _content(path)
    except (OSError, ValueError) as error:
        raise InputError(
            "{field} is {value!r}, which cannot be read: {reason}.",
            field=field,
            hint=N_("Check the path, and that the tracker may read it."),
            value=typed[:200],
            reason=getattr(error, "strerror", None) or str(error),
        ) from error
    if content is None:
        raise InputError(
            "{field} is {value!r}, which is no file.",
            field=field,
            hint=N_("Name one file, such as a receipt as PDF or a picture of it."),
            value=typed[:200],
        )
    if not content:
        raise InputError(
            "{field} is {value!r}, which is empty.",
            field=field,
            hint=N_("Save it once more, and look at it first."),
            value=typed[:200],
        )
    if len(content) > LIMIT_BYTES:
        raise InputError(
            "{field} is {value!r}, which is larger than {limit} MB.",
            field=field,
            hint=N_("Make it smaller, or keep only the page that shows the payment."),
            value=typed[:200],
            limit=LIMIT_BYTES // 2**20,
        )
    return File(name=_name(path.name), content=content, sha256=hashlib.sha256(content).hexdigest())


def _is_no_text(name: str) -> bool:
    """Bytes of a name that are no UTF-8 arrive as lone surrogates, which cannot be kept."""
    return any("\ud800" <= each <= "\udfff" for each in name)


def _content(path: Path) -> bytes | None:
    """At most one byte above the limit; None where there is no regular file."""
    # Without waiting: opening a pipe would wait for whoever writes to it.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(LIMIT_BYTES + 1)
    finally:
        os.close(descriptor)


def keep(ctx: PersonContext, row: PaymentRow, file: File) -> tuple[bool, list[str], list[str]]:
    """Keep a file for a payment: whether it is new there, what to say, and to warn of."""
    alike = payments.proofs_like(ctx.session, ctx.person.id, file.sha256)
    said = {"name": file.name, "number": row.number}
    if any(each.payment_id == row.id for each in alike):
        _store(ctx, file)
        return False, [ctx.language.text("#{number} had this file already: {name}.", **said)], []
    _store(ctx, file)
    insert(
        ctx.session,
        ProofRow(
            person_id=ctx.person.id,
            payment_id=row.id,
            sha256=file.sha256,
            name=file.name,
            size=len(file.content),
            added_at=ctx.now,
        ),
    )
    warnings = []
    if alike:
        other = payments.by_id(ctx.session, alike[0].payment_id)
        warnings.append(
            ctx.language.text(
                "The same file shows #{other} already; see whether the two are one payment.",
                other=other.number,
            )
        )
    return True, [ctx.language.text("Proof of #{number} kept: {name}.", **said)], warnings


def stored_path(home: Path, sha256: str) -> Path:
    """Where the file with this hash lies."""
    return home / FOLDER / sha256[:2] / sha256


def _store(ctx: PersonContext, file: File) -> None:
    """Put it whole into its place, or not at all; a file that is there whole stays as it is."""
    path = stored_path(ctx.settings.home, file.sha256)
    try:
        if _there(path, file):
            return
        for folder in (path.parent.parent, path.parent):
            folder.mkdir(mode=0o700, exist_ok=True)
            folder.chmod(0o700)
        descriptor, draft = tempfile.mkstemp(prefix=".", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as out:
                out.write(file.content)
                out.flush()
                os.fsync(descriptor)
            os.replace(draft, path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
        for folder in (path.parent, path.parent.parent):
            _sync(folder)
    except OSError as error:
        raise UnavailableError(
            "The file cannot be kept in {folder}: {reason}.",
            field="file",
            hint=N_("Check who owns the folder, and the space that is left."),
            folder=str(path.parent),
            reason=error.strerror or str(error),
        ) from error


def _there(path: Path, file: File) -> bool:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == file.sha256
    except FileNotFoundError:
        return False


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _name(name: str) -> str:
    """The file's name as it can be shown: what cannot be printed becomes an underscore."""
    readable = unicodedata.normalize("NFC", name)
    return "".join(each if each.isprintable() else "_" for each in readable)[:LONGEST_NAME]


__all__ = ["File", "NewProof", "Proof", "attach", "keep", "read", "stored_path"]
