"""The progress report as PDF (PDF/A-2a and PDF/UA-1), set by typst.

Its fonts are those of the package, so that it looks the same on every machine,
and every character is looked up in them first: typst leaves a blank where a
glyph is missing and says nothing. The texts travel as JSON beside the template
and are never read as markup.

As a program (`python -m tracker.documents.pdf`) this sets one job from stdin to
stdout; `pdf_in_child` uses it, since typst keeps some 25 MB once it has run.
"""

from __future__ import annotations

import json
import re
import struct
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from tracker.errors import InputError, UnavailableError
from tracker.language import N_

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tracker.documents.content import ReportContent

TIMEOUT_SECONDS = 60.0

_HERE = Path(__file__).parent
_TEMPLATES = _HERE / "templates"

# Nothing to see: joiners, soft hyphens, marks of direction, choices of a variant.
_UNSEEN = re.compile(
    "[\xad\u061c\u180e\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\U000e0000-\U000e01ef]"
)
# Spaces and hyphens that the fonts lack, by the ones they have.
_ALIKE = str.maketrans(
    {
        **dict.fromkeys(map(chr, range(0x2000, 0x200B)), " "),
        "\u202f": "\xa0",
        "\u205f": " ",
        "\u2011": "\u2010",
    }
)


class _Job(TypedDict):
    """What typst is asked to set; JSON as it is. `folders` hold the fonts."""

    template: str
    data: str
    folders: list[str]
    timestamp: int


@dataclass(frozen=True, slots=True)
class _Font:
    """One family: the subset in the package, and the full font of the extra `cjk`."""

    family: str
    subset: str
    package: str
    file: str


_SIMPLIFIED = _Font(
    "Noto Sans SC", "sc/NotoSansSC-subset.otf", "pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf"
)
_TRADITIONAL = _Font(
    "Noto Sans TC", "tc/NotoSansTC-subset.otf", "pylopdf_fonts_zh_tw", "NotoSansTC-Regular.otf"
)


def pdf(content: ReportContent) -> bytes:
    """The report as PDF; the same content gives the same bytes.

    Raises InputError naming the first character that no font here can show.
    """
    return _set(_job(content))


def pdf_in_child(content: ReportContent, *, timeout_seconds: float = TIMEOUT_SECONDS) -> bytes:
    """As `pdf`, set in a process of its own that gives its memory back.

    Raises InputError as `pdf` does, UnavailableError when the child takes too
    long or ends without a document.
    """
    job = json.dumps(_job(content))
    try:
        done = subprocess.run(
            [sys.executable, "-m", __spec__.name],
            input=job.encode(),
            capture_output=True,
            timeout=timeout_seconds,
            cwd=_HERE.parents[1],
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UnavailableError(
            "The PDF was not finished within {seconds} seconds.",
            hint="Try again; the same report as a web page needs no typesetting.",
            seconds=round(timeout_seconds),
        ) from None
    if done.returncode or not done.stdout.startswith(b"%PDF-"):
        reason = done.stderr.decode(errors="replace").strip().rsplit("\n", 1)[-1]
        raise UnavailableError(
            "The PDF could not be made: {reason}",
            hint="The same report as a web page needs no typesetting.",
            reason=reason or f"exit code {done.returncode}",
        )
    return done.stdout


def _job(content: ReportContent) -> _Job:
    from tracker.documents import wording

    page = wording.page(content)
    fonts = [_SIMPLIFIED, _TRADITIONAL]
    language, script, region = _tag(page["lang"])
    if script == "hant":
        fonts.reverse()
    data = _printable(
        {
            **page,
            "language": language,
            "script": script,
            "region": region,
            "made": [content.made_on.year, content.made_on.month, content.made_on.day],
            "fonts": [font.family for font in fonts],
        }
    )
    return _Job(
        template="report.typ",
        data=json.dumps(data, ensure_ascii=False),
        folders=_folders(set("".join(_strings(data))), fonts),
        timestamp=(content.made_on.toordinal() - 719_163) * 86_400,
    )


def _set(job: _Job) -> bytes:
    import typst

    return typst.compile(
        str(_TEMPLATES / job["template"]),
        root=str(_TEMPLATES),
        font_paths=job["folders"],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": job["data"]},
        pdf_standards=["a-2a", "ua-1"],
        timestamp=job["timestamp"],
    )


def _tag(tag: str) -> tuple[str, str, str | None]:
    """(language, script, region) as typst wants them: `zh-Hant-TW` is zh, hant, TW."""
    language, *rest = tag.split("-")
    script = next((part.lower() for part in rest if len(part) == 4), "latn")
    return language, script, next((part for part in rest if len(part) == 2), None)


def _printable(value: object) -> object:
    """The value with every string in it freed of what no font has a glyph for."""
    match value:
        case str():
            return unicodedata.normalize("NFC", _UNSEEN.sub("", value).translate(_ALIKE))
        case dict():
            return {key: _printable(each) for key, each in value.items()}
        case list() | tuple():
            return [_printable(each) for each in value]
    return value


def _strings(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            yield from _strings(list(value.values()))
        case list():
            for each in value:
                yield from _strings(each)


def _folders(characters: set[str], fonts: list[_Font]) -> list[str]:
    """Where typst finds fonts for these characters, one file of each family.

    The subsets suffice for nearly every text; full fonts are taken, if installed,
    only for one that needs them, so that other documents are the same everywhere.
    """
    wanted = characters - {"\n"}
    files = [_HERE / "fonts" / font.subset for font in fonts]
    missing = _missing(wanted, files)
    if missing:
        files = [_full(font) or subset for font, subset in zip(fonts, files, strict=True)]
        missing = _missing(wanted, files)
    if missing:
        character = missing[0]
        chinese = unicodedata.name(character, "").startswith("CJK ")
        raise InputError(
            "No font here can show the character {character} ({code}).",
            field="text",
            hint=N_('Install the full Chinese fonts: pip install "tracker[cjk]"')
            if chinese
            else N_("Write it without this character; it is in a name, a reference or a note."),
            character=character,
            code=f"U+{ord(character):04X}",
        )
    return [str(file.parent) for file in files]


def _full(font: _Font) -> Path | None:
    from importlib.util import find_spec

    spec = find_spec(font.package)
    folders = spec.submodule_search_locations if spec else None
    found = [Path(folder) / font.file for folder in folders or ()]
    return next((file for file in found if file.is_file()), None)


def _missing(characters: Iterable[str], files: Iterable[Path]) -> list[str]:
    """The characters that none of the fonts has, in the order of their code points."""
    shown: set[int] = set().union(*map(_coverage, files))
    return sorted(each for each in characters if ord(each) not in shown)


@lru_cache(maxsize=4)
def _coverage(file: Path) -> frozenset[int]:
    """The code points that a font maps to a glyph: formats 4 and 12 of its `cmap`."""
    font = file.read_bytes()
    (tables,) = struct.unpack_from(">H", font, 4)
    directory = (struct.unpack_from(">4sLLL", font, 12 + 16 * i) for i in range(tables))
    cmap = next(offset for tag, _, offset, _ in directory if tag == b"cmap")
    (count,) = struct.unpack_from(">H", font, cmap + 2)
    covered: set[int] = set()
    for i in range(count):
        (offset,) = struct.unpack_from(">L", font, cmap + 8 + 8 * i)
        at = cmap + offset
        (kind,) = struct.unpack_from(">H", font, at)
        if kind == 12:
            (groups,) = struct.unpack_from(">L", font, at + 12)
            for first, last, glyph in struct.iter_unpack(
                ">LLL", font[at + 16 : at + 16 + 12 * groups]
            ):
                covered.update(range(first if glyph else first + 1, last + 1))
        elif kind == 4:
            covered.update(_segments(font, at))
    return frozenset(covered)


def _segments(font: bytes, at: int) -> Iterator[int]:
    """The code points of one table in format 4 (segments, with offsets or deltas)."""
    (double,) = struct.unpack_from(">H", font, at + 6)
    size = double // 2
    ends = struct.unpack_from(f">{size}H", font, at + 14)
    starts = struct.unpack_from(f">{size}H", font, at + 16 + double)
    deltas = struct.unpack_from(f">{size}H", font, at + 16 + 2 * double)
    ranges_at = at + 16 + 3 * double
    for i, (start, end, delta) in enumerate(zip(starts, ends, deltas, strict=True)):
        (shift,) = struct.unpack_from(">H", font, ranges_at + 2 * i)
        for code in range(start, min(end, 0xFFFE) + 1):
            glyph = code
            if shift:
                place = ranges_at + 2 * i + shift + 2 * (code - start)
                (glyph,) = struct.unpack_from(">H", font, place)
                if not glyph:
                    continue
            if (glyph + delta) & 0xFFFF:
                yield code


if __name__ == "__main__":
    sys.stdout.buffer.write(_set(json.load(sys.stdin.buffer)))
