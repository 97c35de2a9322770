"""The worked example of docs/, as data: its commands, what they print, its arithmetic.

`python -m tests.worked_example` types the commands of both pages on fresh homes and
writes what is printed into them; a test compares. The arithmetic is nobody's but the
author's, and is only ever checked.
"""

from __future__ import annotations

import ast
import operator
import re
import shlex
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path

from tests.peers.cli import Household

ROOT = Path(__file__).parents[1]
ENGLISH, CHINESE = "docs/worked-example.md", "docs/worked-example.zh-Hans.md"
PAGES = (ENGLISH, CHINESE)
INDENT = "    "
PROMPT = INDENT + "$ "
LEFT_OUT = "…"
"""A line of its own: what is printed goes on here, and is not shown."""

FIGURE = re.compile(r"(?<![\d.,:])\d[\d,]*\.\d{2,}(?![\d%]|\s*%)")
"""Money as it is printed or typed, and what a sum carries on; no percentage."""
LEDGER_LINE = re.compile(r"\d{4}-\d\d-\d\d +(?P<kind>\S+) +(?P<amount>-?[\d,.]+) CNY .* CNY")
SUM = re.compile(r"`([^`\n]*\d[^`\n]* [=≈↓] [^`\n]*)`")


@dataclass
class Typed:
    """One command of a page; `shown` is what the page prints below it, without the indent."""

    number: int
    words: list[str]
    shown: list[str] = field(default_factory=list)


@dataclass
class Sum:
    """`20,000.00 × 0.05 % × 11 days = 110.00`: an expression and what it is said to be."""

    number: int
    text: str


def read(page: str) -> list[str]:
    return (ROOT / page).read_text("utf-8").splitlines()


def parse(lines: list[str]) -> list[Typed | Sum]:
    """In the order of the page."""
    found: list[Typed | Sum] = []
    gap = False  # an empty line is part of what is printed where more of it follows
    for number, line in enumerate(lines, 1):
        if line.startswith(PROMPT):
            found.append(Typed(number, shlex.split(line.removeprefix(PROMPT))))
        elif line.startswith(INDENT):
            last = found[-1]
            assert isinstance(last, Typed), f"line {number} belongs to no command: {line}"
            last.shown += ["", line.removeprefix(INDENT)] if gap else [line.removeprefix(INDENT)]
        else:
            found += [Sum(number, text) for text in SUM.findall(line)]
        gap = not line
    return found


class Reader:
    """Somebody who types a page on a home of their own, and sets the clock as it says."""

    def __init__(self, home: Path) -> None:
        self.household = Household(home)
        self.set: dict[str, str] = {}

    def types(self, typed: Typed, *more: str, warns: bool = False) -> list[str]:
        """What is printed, line by line; AssertionError where it fails, or warns of something."""
        if typed.words[0] == "export":
            given = dict(word.split("=", 1) for word in typed.words[1:])
            given.pop("TRACKER_HOME", None)
            self.set |= given
            return []
        name, *words = typed.words
        assert name == "tracker", typed
        done = self.household.type(*words, *more, **self.set)
        assert done.code == 0, f"line {typed.number}: {done.err}"
        assert warns or done.err == "", f"line {typed.number}: {done.err}"
        return done.out.rstrip().splitlines()


def excerpt(shown: list[str], printed: list[str]) -> list[str]:
    """Of what is printed the lines that the page shows; all of it unless it leaves some out.

    Up to the first gap and after the last one as many as the page has, between two of
    them those that begin with the same word.
    """
    if LEFT_OUT not in shown:
        return printed
    gaps = [-1, *(at for at, line in enumerate(shown) if line == LEFT_OUT), len(shown)]
    pieces = [shown[start + 1 : end] for start, end in pairwise(gaps)]
    found = printed[: len(pieces[0])]
    for piece in pieces[1:-1]:
        begins = [line.split()[:1] for line in piece]
        found += [LEFT_OUT, *(line for line in printed if line.split()[:1] in begins)]
    return [*found, LEFT_OUT, *printed[-len(pieces[-1]) :]]


@cache
def holds(text: str) -> bool:
    """Whether each member of the chain follows from its expression.

    `=` is exact, or as far as digits are shown where they end in "…"; `≈` is rounded
    half up to the digits shown, `↓` rounded down.
    """
    first, *rest = re.split(r"([=≈↓])", text)
    exact = value(first)
    for sign, said in zip(rest[::2], rest[1::2], strict=True):
        digits = said.strip().rstrip("…").partition(".")[2]
        unit = Fraction(1, 10 ** len(digits))
        if sign == "=" and not said.strip().endswith("…"):
            wanted = exact
        elif sign == "≈":
            wanted = (exact / unit + Fraction(1, 2)).__floor__() * unit
        else:
            wanted = (exact / unit).__floor__() * unit
        if value(said) != wanted:
            return False
    return True


def figures(text: str) -> set[Fraction]:
    return {value(each) for each in FIGURE.findall(text)}


class Balances:
    """Each balance of a ledger is the one above it and the amount of its line."""

    def __init__(self) -> None:
        self.last = Fraction(0)

    def of(self, line: str) -> set[Fraction]:
        """The balance that a line of a ledger must show; nothing for other lines."""
        found = LEDGER_LINE.match(line)
        if found is None:
            return set()
        opens = found["kind"] == "opening"
        self.last = value(found["amount"]) + (Fraction(0) if opens else self.last)
        return {self.last}


def faults(lines: list[str], printed: dict[int, list[str]]) -> list[str]:
    """What is wrong with a page, where its commands print what is given for each line."""
    known, balances = {Fraction(0)}, Balances()
    found: list[str] = []
    for each in parse(lines):
        if isinstance(each, Typed):
            known |= figures(" ".join(each.words)).union(*map(balances.of, each.shown))
            if each.shown and each.shown != excerpt(each.shown, printed[each.number]):
                found.append(f"line {each.number}: something else is printed")
            continue
        taken, _, given = re.sub("[≈↓]", "=", each.text).partition("=")
        if unknown := figures(taken) - known:
            found.append(f"line {each.number}: nobody knows {unknown} yet")
        if not holds(each.text):
            found.append(f"line {each.number}: {each.text} does not hold")
        known |= figures(given)
    found += [
        f"line {number}: {unknown} has no derivation"
        for number, line in enumerate(lines, 1)
        if (unknown := figures(line) - known)
    ]
    return found


_OPERATORS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_SIGNS = {"×": "*", "÷": "/", "−": "-", ",": "", "%": "/100", "…": ""}
_UNIT = re.compile(r"\bdays?\b|天")


@cache
def value(text: str) -> Fraction:
    """Exactly; ValueError for anything but figures, the four signs, brackets and percent."""
    text = _UNIT.sub("", text)
    for sign, meant in _SIGNS.items():
        text = text.replace(sign, meant)
    try:
        return _of(ast.parse(text.strip(), mode="eval").body, text)
    except SyntaxError:
        raise ValueError(text) from None


def _of(node: ast.expr, text: str) -> Fraction:
    match node:
        case ast.Constant(value=int() | float()):
            # As it is written: no binary fraction in between.
            return Fraction(ast.get_source_segment(text.strip(), node) or "")
        case ast.BinOp(op=sign) if type(sign) in _OPERATORS:
            return _OPERATORS[type(sign)](_of(node.left, text), _of(node.right, text))
        case ast.UnaryOp(op=ast.USub()):
            return -_of(node.operand, text)
    raise ValueError(text)


def refreshed(lines: list[str], home: Path) -> Iterator[str]:
    """The page with what its commands print now; commands without output keep none."""
    reader = Reader(home)
    typed = {each.number: each for each in parse(lines) if isinstance(each, Typed)}
    skip = 0
    for number, line in enumerate(lines, 1):
        if skip:
            skip -= 1
            continue
        yield line
        if each := typed.get(number):
            printed = reader.types(each)
            if each.shown:
                yield from ((INDENT + text).rstrip() for text in excerpt(each.shown, printed))
                skip = len(each.shown)


def main() -> None:
    for page in PAGES:
        with tempfile.TemporaryDirectory() as folder:
            text = "\n".join(refreshed(read(page), Path(folder) / "home")) + "\n"
        (ROOT / page).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
