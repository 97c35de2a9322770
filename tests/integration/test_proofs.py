"""Files that show a payment, kept in the home."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.peers.desk import Desk
from tracker.actions import proofs
from tracker.actions.proofs import LIMIT_BYTES, stored_path

CONTENT = b"%PDF-1.7 a receipt\n"
SHA = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def receipt(tmp_path: Path) -> Path:
    path = tmp_path / "receipt 4 dec.pdf"
    path.write_bytes(CONTENT)
    return path


def kept(desk: Desk) -> list[Path]:
    folder = desk.office.settings.home / "documents"
    return sorted(path for path in folder.rglob("*") if path.is_file())


def proofs_of(desk: Desk, number: int) -> list[dict[str, Any]]:
    shown = desk.ask("payment.list")["payments"]
    return [each for row in shown if row["number"] == number for each in row["proofs"]]


def test_a_payment_with_its_proof_keeps_the_file_where_only_the_owner_reads_it(
    maple: Desk, receipt: Path
) -> None:
    done = maple.ask("pay", debt="maple", amount="100", proof=str(receipt))
    assert "Proof of #1 kept: receipt 4 dec.pdf." in done["said"]
    (path,) = kept(maple)
    home = maple.office.settings.home
    assert path == home / "documents" / SHA[:2] / SHA == stored_path(home, SHA)
    assert path.read_bytes() == CONTENT
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (path.parent, path.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert proofs_of(maple, 1) == [
        {"name": "receipt 4 dec.pdf", "sha256": SHA, "size": len(CONTENT)}
    ]


def test_a_proof_can_come_later_and_a_second_one_beside_it(maple: Desk, receipt: Path) -> None:
    maple.ask("pay", debt="maple", amount="100")
    done = maple.ask("payment.proof", payment="#1", file=str(receipt))
    assert (done["payment"], done["debt"], done["sha256"], done["new"]) == (1, "maple", SHA, True)
    receipt.write_bytes(b"another page")
    maple.ask("payment.proof", payment="1", file=str(receipt))
    assert [each["size"] for each in proofs_of(maple, 1)] == [len(CONTENT), 12]
    assert len(kept(maple)) == 2


def test_the_same_file_twice_is_said_and_kept_once(maple: Desk, receipt: Path) -> None:
    maple.ask("pay", debt="maple", amount="100", proof=str(receipt))
    again = receipt.with_name("copy.pdf")
    again.write_bytes(CONTENT)
    done = maple.ask("payment.proof", payment="1", file=str(again))
    assert (done["new"], done["said"]) == (False, ["#1 had this file already: copy.pdf."])
    assert len(proofs_of(maple, 1)) == 1
    assert len(kept(maple)) == 1


def test_the_same_file_for_another_payment_is_kept_once_and_warned_of(
    maple: Desk, receipt: Path
) -> None:
    maple.ask("pay", debt="maple", amount="100", proof=str(receipt))
    done = maple.ask("pay", debt="maple", amount="50", proof=str(receipt))
    assert any("#1" in warning for warning in done["warnings"])
    assert len(proofs_of(maple, 2)) == 1
    assert len(kept(maple)) == 1


def test_a_kept_file_that_was_damaged_is_put_right_by_the_next_one(
    maple: Desk, receipt: Path
) -> None:
    maple.ask("pay", debt="maple", amount="100", proof=str(receipt))
    (path,) = kept(maple)
    path.write_bytes(b"cut")
    maple.ask("payment.proof", payment="1", file=str(receipt))
    assert path.read_bytes() == CONTENT


def test_a_name_that_cannot_be_printed_is_kept_readable(maple: Desk, tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[31m\n.pdf"
    path.write_bytes(CONTENT)
    maple.ask("pay", debt="maple", amount="100")
    maple.ask("payment.proof", payment="1", file=str(path))
    assert proofs_of(maple, 1)[0]["name"] == "a_[31m_.pdf"


def test_a_name_that_is_not_utf8_is_refused(maple: Desk, tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/a\xff.pdf"
    with open(path, "wb") as file:
        file.write(CONTENT)
    maple.ask("pay", debt="maple", amount="100")
    error = maple.refused("payment.proof", payment="1", file=os.fsdecode(path))
    assert (error["field"], error["exit"]) == ("file", 2)
    assert "UTF-8" in error["sentence"]


@pytest.mark.parametrize("field", ["proof", "file"])
@pytest.mark.parametrize("what", ["missing", "empty", "folder", "pipe", "device", "nul", "large"])
def test_what_is_no_file_is_refused_and_nothing_is_recorded(
    maple: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, field: str
) -> None:
    path = tmp_path / what
    if what == "empty":
        path.touch()
    elif what == "folder":
        path.mkdir()
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "large":
        monkeypatch.setattr(proofs, "LIMIT_BYTES", 2**20)
        path.write_bytes(b"x" * (2**20 + 1))
    typed = {"device": "/dev/null", "nul": f"{path}\0"}.get(what, str(path))
    if field == "proof":
        error = maple.refused("pay", debt="maple", amount="100", proof=typed)
        assert maple.ask("payment.list")["payments"] == []
    else:
        maple.ask("pay", debt="maple", amount="100")
        error = maple.refused("payment.proof", payment="1", file=typed)
        assert proofs_of(maple, 1) == []
    assert (error["field"], error["exit"]) == (field, 2)
    assert what in error["sentence"] or what in ("device", "nul")
    assert kept(maple) == []


def test_exactly_the_largest_size_is_kept(maple: Desk, tmp_path: Path) -> None:
    path = tmp_path / "scan"
    path.write_bytes(b"x" * LIMIT_BYTES)
    maple.ask("pay", debt="maple", amount="100", proof=str(path))
    assert proofs_of(maple, 1)[0]["size"] == LIMIT_BYTES


def test_where_the_file_cannot_be_kept_the_payment_is_not_recorded(
    maple: Desk, receipt: Path
) -> None:
    (maple.office.settings.home / "documents").touch()
    error = maple.refused("pay", debt="maple", amount="100", proof=str(receipt))
    assert (error["code"], error["exit"]) == ("unavailable", 6)
    assert maple.ask("payment.list")["payments"] == []


def test_a_payment_that_is_not_there_and_a_reversal_have_no_proof(
    maple: Desk, receipt: Path
) -> None:
    maple.ask("pay", debt="maple", amount="100")
    maple.ask("undo")
    assert maple.refused("payment.proof", payment="9", file=str(receipt))["exit"] == 3
    error = maple.refused("payment.proof", payment="2", file=str(receipt))
    assert (error["field"], error["exit"]) == ("payment", 2)
    assert kept(maple) == []
