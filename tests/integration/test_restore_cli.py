"""`tracker restore` and `tracker db restored`: an old backup, and nothing that comes twice."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.peers.cli import Household, household


def told(household: Household) -> list[str]:
    """What the terminal was told, over all starts."""
    log = household.home / "console.log"
    return (
        [json.loads(line)["body"] for line in log.read_text().splitlines()] if log.exists() else []
    )


def tick(household: Household, *instants: str) -> None:
    for instant in instants:
        done = household.type("tick", TRACKER_CLOCK=f"{instant}+00:00")
        assert done.code == 0, done


@pytest.fixture
def made(home: Path) -> Household:
    return household(home, "en_GB")


@pytest.mark.parametrize("by_hand", [False, True])
def test_at_the_command_line_an_old_backup_is_put_back_and_nothing_comes_twice(
    made: Household, tmp_path: Path, by_hand: bool
) -> None:
    tick(made, "2026-11-30T09:01:00")
    copy = tmp_path / "copy.db"
    assert made.type("db", "backup", "--out", str(copy)).code == 0
    tick(made, "2026-12-02T09:01:00", "2026-12-03T09:01:00")
    assert len(told(made)) == 3
    now = "2026-12-03T10:00:00+00:00"
    if by_hand:
        shutil.copyfile(copy, made.database)
        done = made.type("db", "restored", TRACKER_CLOCK=now)
    else:
        done = made.type("restore", str(copy), "--yes", TRACKER_CLOCK=now)
        assert "2026-11-30" in done.out
        assert "record them again" in done.out
    assert done.code == 0, done
    tick(made, "2026-12-03T10:01:00", "2026-12-03T10:06:00", "2026-12-03T10:09:00")
    assert len(told(made)) == 3
    tick(made, "2026-12-07T09:01:00")
    assert len(told(made)) == 4


def test_at_the_command_line_the_answer_can_be_read_by_programs(
    made: Household, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    assert made.type("db", "backup", "--out", str(copy)).code == 0
    done = made.type("restore", str(copy), "--yes", "--json")
    assert done.code == 0, done
    answer = json.loads(done.out)
    assert (answer["newest_at"], answer["asked"], answer["upgraded"]) == (None, 0, False)
    assert Path(answer["replaced"]).exists()
    assert json.loads(made.type("db", "restored", "--json").out) == {"asked": 0}
