"""What a key of the configuration takes, and how it is read from TOML and from text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from tracker.errors import InputError

Value: TypeAlias = str | int | float | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """`read` takes what TOML holds, `parse` what an environment variable holds.

    Both raise ValueError for what the key does not take; `expected` is the
    phrase for it, an error so that it is translated with its parameters.
    """

    expected: InputError
    read: Callable[[object], Value]
    parse: Callable[[str], object] = str


def text(expected: InputError, pattern: str = r"[^\x00-\x1f\x7f]*") -> Kind:
    """Text that matches the whole pattern."""

    def read(value: object) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
            raise ValueError
        return value

    return Kind(expected, read)


def checked(
    expected: InputError, accepts: Callable[[str], object], *, empty_ok: bool = True
) -> Kind:
    """Text that `accepts` neither refuses with ValueError nor answers False."""

    def read(value: object) -> str:
        if not isinstance(value, str) or any(c < " " for c in value):
            raise ValueError
        if not (empty_ok and not value) and accepts(value) is False:
            raise ValueError
        return value

    return Kind(expected, read)


def whole(low: int, high: int) -> Kind:
    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError
        return value

    expected = InputError("a whole number from {low} to {high}", low=low, high=high)
    return Kind(expected, read, int)


def seconds(low: float, high: float) -> Kind:
    def read(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError
        if not low <= value <= high:  # False for NaN too
            raise ValueError
        return float(value)

    expected = InputError("a number of seconds from {low:g} to {high:g}", low=low, high=high)
    return Kind(expected, read, float)


def switch() -> Kind:
    def read(value: object) -> bool:
        if not isinstance(value, bool):
            raise ValueError
        return value

    def parse(value: str) -> bool:
        words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        if value.lower() not in words:
            raise ValueError
        return words[value.lower()]

    return Kind(InputError("true or false"), read, parse)


def several(expected: InputError, accepts: Callable[[tuple[str, ...]], bool]) -> Kind:
    """A list of texts; in the environment with commas between."""

    def read(value: object) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise ValueError
        items = tuple(each for each in value if isinstance(each, str))
        if len(items) != len(value) or not accepts(items):
            raise ValueError
        return items

    return Kind(expected, read, lambda value: [e.strip() for e in value.split(",") if e.strip()])
