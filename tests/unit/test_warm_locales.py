"""A locale that is kept at hand says the same as one that is not, and takes less room."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
# In a process of its own: what is dropped there may be asked for by other tests.
PROGRAM = """
import datetime, json, sys
from tracker import language

LOCALES = [*language.LOCALES, "de_DE", "fr_CH", "ar_EG", "hi_IN"]
DAYS = [datetime.date(2027, month, 11) for month in range(1, 13)]


def said(locale):
    reader = language.of(locale)
    amounts = [reader.money(123456, each) for each in ("EUR", "GBP", "JPY", "KWD", "TWD", "XAU")]
    days = [reader.day(day) for day in DAYS] + [reader.date(day) for day in DAYS]
    return [*amounts, *days, language.decimal_mark(locale)]


def kept():
    from babel import localedata

    return sum(len(json.dumps(each, default=str)) for each in localedata._cache.values())


if sys.argv[1] == "warm":
    for locale in LOCALES[:-1]:
        language.warm(locale)
else:
    for locale in LOCALES[:-1]:
        said(locale)
size = kept()
print(json.dumps({"said": [said(locale) for locale in LOCALES], "kept": size}))
"""


def told(how: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, how], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_what_is_kept_at_hand_says_the_same_and_takes_less_room() -> None:
    cold, warm = told("cold"), told("warm")
    assert warm["said"] == cold["said"]
    assert warm["kept"] < cold["kept"] / 3
