"""An older database in the place of a newer one: nothing that went in between goes again.

The provider's list has what the lost database sent, under refs that the older one arrives
at by itself. MAPLE has one instalment, due on Friday 4 December 2026, of which Li hears on
the 30th, the 2nd and the 3rd at nine in London.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.integration.test_delivery import ONE, at, live, sent, three_debts, words
from tests.peers.channels import Scripted, account, permanent, transient
from tests.peers.clock import MovableClock
from tests.peers.desk import Desk, confirmed
from tracker.actions.delivery import claim
from tracker.actions.office import Office
from tracker.config import Settings
from tracker.daemon import home as homes
from tracker.daemon import main
from tracker.daemon.tick import Ticker
from tracker.errors import ConflictError, InputError
from tracker.store import delivery, marks, restoring, upkeep
from tracker.store.restoring import RESTORED

# Only a file is put back by the tracker; what follows is the same on PostgreSQL.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

SETTLE = timedelta(minutes=5)


@pytest.fixture
def agreed(maple: Desk) -> Desk:
    maple.plan(rows=ONE)
    return maple


def start(office: Office, *channels: Scripted) -> Ticker:
    """As the daemon does it."""
    ticker = Ticker(office=office, channels={each.name: each for each in channels}, home_id="home")
    main._notice_restore(office)
    ticker.start()
    return ticker


def backup(desk: Desk, to: Path) -> Path:
    upkeep.backup(desk.office.database, to)
    return to


def restored(desk: Desk, source: Path) -> restoring.Restored:
    settings: Settings = desk.office.settings
    return restoring.restore(
        desk.office.database,
        source,
        folder=settings.home / "backups",
        now=desk.clock.now(),
        settle=SETTLE,
    )


def beside(office: Office) -> set[str]:
    """The database, and what was left lying by it."""
    return {each.name for each in Path(str(office.database.path)).parent.glob("tracker.db*")}


def by_words(*channels: Scripted) -> Counter[str]:
    return Counter(word for each in channels for body in each.bodies for word in words(body))


# Between the backup and the restore.


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (at(24, 12, month=11), at(3, 12)),  # nothing was derived yet; three were sent since
        (at(30, 8, month=11), at(30, 9, 30, month=11)),
        (at(1), at(2, 9, 1)),
    ],
)
def test_what_went_since_the_backup_is_found_and_not_sent_again(
    maple: Desk,
    office: Office,
    clock: MovableClock,
    sms: Scripted,
    console: Scripted,
    tmp_path: Path,
    before: datetime,
    after: datetime,
) -> None:
    three_debts(maple)
    ticker = start(office, sms, console)
    live(ticker, clock, before)
    copy = backup(maple, tmp_path / "copy.db")
    live(ticker, clock, after)
    gone = by_words(sms)
    restored(maple, copy)
    live(start(office, sms, console), clock, after + timedelta(hours=2))
    assert by_words(sms, console) == gone
    live(start(office, sms, console), clock, at(31))
    assert by_words(sms, console) == dict.fromkeys(["MAPLE", "KITE", "FERRY"], 4)
    assert sms.asked


def test_what_never_went_goes_after_two_looks_at_the_list(
    agreed: Desk, office: Office, clock: MovableClock, sms: Scripted, tmp_path: Path
) -> None:
    live(start(office, sms), clock, at(25, 12, month=11))
    copy = backup(agreed, tmp_path / "copy.db")
    clock.at = at(30, 10, month=11)
    restored(agreed, copy)
    ticker = start(office, sms)
    ticker.run()
    assert (sms.requests, agreed.states()) == ([], ["unknown"])
    assert agreed.messages()[0].reason == RESTORED
    live(ticker, clock, at(30, 12, month=11))
    assert (len(sms.asked), len(sms.requests), agreed.states()) == (2, 1, ["sent"])


def test_what_is_due_after_the_restore_is_sent_at_once(
    agreed: Desk, office: Office, clock: MovableClock, sms: Scripted, tmp_path: Path
) -> None:
    live(start(office, sms), clock, at(30, 12, month=11))
    restored(agreed, backup(agreed, tmp_path / "copy.db"))
    live(start(office, sms), clock, at(2))
    assert [when for when, _ in sent(agreed)] == [at(30, month=11), at(2)]
    assert sms.asked == []


def test_without_the_list_nothing_of_it_is_sent(
    agreed: Desk, office: Office, clock: MovableClock, sms: Scripted, tmp_path: Path
) -> None:
    ticker = start(office, sms)
    live(ticker, clock, at(30, 8, month=11))
    copy = backup(agreed, tmp_path / "copy.db")
    live(ticker, clock, at(30, 12, month=11))
    restored(agreed, copy)
    sms.lists.extend(transient() for _ in range(1000))
    live(start(office, sms), clock, at(30, 19, month=11))
    assert (len(sms.requests), agreed.states()) == (1, ["unknown"])


def test_one_text_in_the_backup_that_went_as_two_is_found_as_two(
    maple: Desk, office: Office, clock: MovableClock, sms: Scripted, tmp_path: Path
) -> None:
    three_debts(maple)
    clock.at = at(30, 22, month=11)
    ticker = start(office, sms)
    ticker.run()
    assert maple.states() == ["pending"]
    copy = backup(maple, tmp_path / "copy.db")
    # The one whose ref is the text's is on hold for the morning, and goes alone later.
    maple.ask("debt.hold", debt="maple", kind="disputed")
    live(ticker, clock, at(1, 9, 30))
    maple.ask("debt.release", debt="maple")
    live(ticker, clock, at(1, 10))
    assert [words(body) for body in sms.bodies] == [["FERRY", "KITE"], ["MAPLE"]]
    restored(maple, copy)
    live(start(office, sms), clock, at(1, 19))
    assert len(sms.requests) == 2
    assert maple.states() == ["sent"] * 3


def test_what_was_left_out_of_a_text_that_went_is_no_reason_to_send_the_rest_again(
    maple: Desk, office: Office, clock: MovableClock, sms: Scripted, tmp_path: Path
) -> None:
    three_debts(maple)
    clock.at = at(30, 22, month=11)
    ticker = start(office, sms)
    ticker.run()
    copy = backup(maple, tmp_path / "copy.db")
    maple.ask("pay", debt="maple", amount="100")  # the older database knows nothing of it
    live(ticker, clock, at(1, 10))
    restored(maple, copy)
    live(start(office, sms), clock, at(1, 19))
    assert [words(body) for body in sms.bodies] == [["FERRY", "KITE"], ["MAPLE"]]


HELD: dict[str, Callable[[Desk, Scripted], object]] = {
    "hold": lambda desk, _: desk.ask("debt.release", debt="maple"),
    "account": lambda _, __: None,
    "quiet": lambda desk, _: desk.ask("quiet.end"),
}


@pytest.mark.parametrize("why", HELD)
def test_what_was_held_in_the_backup_and_went_since_is_not_sent_again(
    agreed: Desk,
    office: Office,
    clock: MovableClock,
    sms: Scripted,
    tmp_path: Path,
    why: str,
    at_step: Callable[[str, Callable[[], object]], None],
) -> None:
    ticker = start(office, sms)
    live(ticker, clock, at(30, 8, 59, month=11))
    clock.at = at(30, month=11)
    if why == "hold":
        at_step("claimed", lambda: agreed.ask("debt.hold", debt="maple", kind="disputed"))
    if why == "account":
        sms.script.append(account())
    if why == "quiet":
        agreed.ask("quiet.begin", until="20 dec")
    ticker.run()
    assert agreed.states() == ["pending" if why == "quiet" else "held"]
    copy = backup(agreed, tmp_path / "copy.db")
    HELD[why](agreed, sms)
    live(ticker, clock, at(30, 10, month=11))
    assert len(sms.taken) == 1
    restored(agreed, copy)
    again = start(office, sms)
    live(again, clock, at(30, 12, month=11))
    if why == "hold":
        agreed.ask("debt.release", debt="maple")
    if why == "quiet":
        agreed.ask("quiet.end")
    live(again, clock, at(1, 12))
    assert len(sms.taken) == 1
    assert agreed.states()[0] == "sent"


def test_what_went_another_way_since_is_found_there(
    agreed: Desk,
    office: Office,
    clock: MovableClock,
    sms: Scripted,
    console: Scripted,
    tmp_path: Path,
) -> None:
    ticker = start(office, sms, console)
    live(ticker, clock, at(30, 8, month=11))
    copy = backup(agreed, tmp_path / "copy.db")
    sms.script.extend([permanent(), permanent()])
    live(ticker, clock, at(30, 12, month=11))
    assert len(console.taken) == 1
    restored(agreed, copy)
    live(start(office, sms, console), clock, at(1, 12))
    assert len(console.taken) == 1
    assert agreed.states() == ["failed", "sent"]


def test_a_mail_may_come_once_more_under_the_same_name_and_is_marked(
    agreed: Desk, office: Office, clock: MovableClock, tmp_path: Path
) -> None:
    mail = Scripted("mail", can_ask=False)
    agreed.ask("person.edit", email="li@example.org", channels=["mail"])
    confirmed(office, "li", "mail")
    ticker = start(office, mail)
    live(ticker, clock, at(30, 8, month=11))
    copy = backup(agreed, tmp_path / "copy.db")
    live(ticker, clock, at(30, 12, month=11))
    restored(agreed, copy)
    live(start(office, mail), clock, at(1, 12))
    first, second = mail.taken
    assert (first.key, first.ref) == (second.key, second.ref)
    assert [(each.state, each.doubtful) for each in agreed.messages()] == [("sent", True)]


def test_a_payment_that_the_backup_does_not_know_is_asked_for_again_and_not_invented(
    agreed: Desk, office: Office, clock: MovableClock, sms: Scripted, tmp_path: Path
) -> None:
    ticker = start(office, sms)
    live(ticker, clock, at(30, 12, month=11))
    copy = backup(agreed, tmp_path / "copy.db")
    agreed.ask("pay", debt="maple", amount="100")
    restored(agreed, copy)
    assert agreed.ask("payment.list")["payments"] == []
    live(start(office, sms), clock, at(2))
    assert len(sms.taken) == 2


# Put in place.


def test_it_says_what_it_did_and_keeps_what_was_there(
    agreed: Desk, office: Office, clock: MovableClock, sms: Scripted, tmp_path: Path
) -> None:
    ticker = start(office, sms)
    live(ticker, clock, at(30, 22, month=11))
    copy = backup(agreed, tmp_path / "copy.db")
    newest = max(each.changed_at for each in agreed.messages())
    live(ticker, clock, at(3, 12))
    told = restored(agreed, copy)
    assert (told.newest_at, told.asked, told.upgraded) == (newest, 0, False)
    assert told.replaced is not None
    with closing(sqlite3.connect(told.replaced)) as old:
        (count,) = old.execute("SELECT count(*) FROM message").fetchone()
    assert count == 3
    assert beside(office) <= {"tracker.db", "tracker.db-journal"}
    with office.database.read() as session:
        assert marks.restored_at(session) == clock.now()


def test_the_database_itself_and_what_is_no_backup_are_refused_and_change_nothing(
    agreed: Desk, office: Office, tmp_path: Path
) -> None:
    path = Path(str(office.database.path))
    before = path.read_bytes()
    with pytest.raises(ConflictError, match="itself"):
        restored(agreed, path)
    torn = tmp_path / "torn.db"
    torn.write_bytes(before[: len(before) // 2])
    (tmp_path / "letter.db").write_text("Dear Sir or Madam, " * 500)
    with closing(sqlite3.connect(tmp_path / "songs.db")) as other:
        other.execute("CREATE TABLE song (title TEXT)")
    for name in ("torn.db", "letter.db", "songs.db", "nowhere.db"):
        with pytest.raises(InputError) as caught:
            restored(agreed, tmp_path / name)
        assert caught.value.field == "file"
        assert "\n" not in str(caught.value)
    office.database.dispose()
    assert path.read_bytes() == before
    assert beside(office) <= {"tracker.db", "tracker.db-journal"}


# A file that somebody copied over it by hand.


def test_an_older_file_put_in_place_by_hand_is_noticed_at_the_next_start(
    agreed: Desk, office: Office, clock: MovableClock, sms: Scripted, tmp_path: Path
) -> None:
    ticker = start(office, sms)
    live(ticker, clock, at(30, 8, month=11))
    copy = backup(agreed, tmp_path / "copy.db")
    live(ticker, clock, at(30, 12, month=11))
    main._note_newest(office)  # an orderly end
    office.database.dispose()
    shutil.copyfile(copy, str(office.database.path))
    live(start(office, sms), clock, at(1, 12))
    assert len(sms.taken) == 1
    assert agreed.states() == ["sent"]
    with office.database.read() as session:
        assert marks.restored_at(session) == at(30, 12, month=11)


def test_the_same_file_at_the_next_start_is_no_restore(
    agreed: Desk, office: Office, clock: MovableClock, sms: Scripted
) -> None:
    live(start(office, sms), clock, at(30, 12, month=11))
    main._note_newest(office)
    live(start(office, sms), clock, at(2))
    with office.database.read() as session:
        assert marks.restored_at(session) is None
    assert (len(sms.taken), sms.asked) == (2, [])


def test_what_is_noted_beside_the_database_is_the_newest_event(
    agreed: Desk, office: Office, clock: MovableClock, sms: Scripted
) -> None:
    assert homes.newest_known(office.settings.home) == 0
    live(start(office, sms), clock, at(30, 12, month=11))
    main._note_newest(office)
    with office.database.read() as session:
        assert homes.newest_known(office.settings.home) == restoring.newest_event(session) > 0
    assert (office.settings.home / homes.NEWEST).stat().st_mode & 0o777 == 0o600


def test_a_second_try_is_not_made_before_its_hour_for_a_restore(
    agreed: Desk, office: Office, clock: MovableClock, sms: Scripted
) -> None:
    live(start(office, sms), clock, at(30, 9, 1, month=11))
    (message,) = agreed.messages()
    later = at(30, 12, month=11)
    with office.database.write() as session:
        row = delivery.message(session, message.id)
        row.again = 1
        row.not_before_at = later
        delivery.move(session, row, "pending", clock.now())
        restoring.mark(session, clock.now(), SETTLE)
    assert agreed.messages()[0].not_before_at == later
    assert claim.claim(office, clock.now(), owner="home:1") is None
