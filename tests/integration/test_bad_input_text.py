"""Names, references and notes: what is odd but legal comes out as text everywhere, the rest is
refused."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime
from html import unescape
from pathlib import Path

import pytest

from tests.peers import cli, ics_checker
from tests.peers.cli import Household, recorded, refused
from tests.peers.clock import MovableClock
from tests.peers.site import HEALTH, Client, running
from tracker import config
from tracker.actions.office import open_office
from tracker.web import app as web

needs_poppler = pytest.mark.skipif(
    not shutil.which("pdftotext"), reason="pdftotext is not installed (poppler-utils)"
)

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
LEGAL = {
    "row-44-script": "<script>alert(1)</script>",
    "row-45-formula": '=HYPERLINK("http://x")',
    "row-50-emoji-family": f"{FAMILY} & Sons",
    "row-53-template": "{{7*7}} {0} {name}",
    "row-53-percent": "100 %s %(name)s",
    "row-53-shell": "${HOME} $(id) `id`",
}
TOGETHER = '<script>alert(1)</script> =HYPERLINK("http://x") {{7*7}} {name} %s ${HOME}'
"""All but what no font of the package can draw."""


@pytest.fixture(scope="module")
def maple(tmp_path_factory: pytest.TempPathFactory) -> Household:
    """What is refused changes nothing, so that one home serves for all of it."""
    return cli.household(tmp_path_factory.mktemp("text") / "home", "en_GB")


@pytest.fixture
def own(maple: Household, tmp_path: Path) -> Household:
    """A home that a test may change."""
    return maple.copied(tmp_path / "home")


@pytest.fixture(scope="module")
def odd(maple: Household, tmp_path_factory: pytest.TempPathFactory) -> Household:
    """For each legal text a debt with that creditor, reference, payee, reason and note."""
    household = maple.copied(tmp_path_factory.mktemp("odd") / "home")
    household.configured("[web]\nlogin = false\n")
    for number, text in enumerate(LEGAL.values()):
        debt = f"odd-{number}"
        for args in (
            (
                *("debt", "add", text, "--new-creditor", "--handle", debt, "--total", "60.00"),
                *("--reference", text, "--as-of", "2026-11-01", "--last-payment", "never", "--yes"),
            ),
            (
                *("plan", "agree", debt, "--start", "2026-12-04", "--count", "6", "--payee", text),
                *("--quote", text, "--yes"),
            ),
            ("pay", debt, "10.00", "--ref", text, "--note", text),
            ("statement", "add", debt, "--total", "50.00", "--note", text),
        ):
            done = household.type(*args)
            assert done.code == 0, done
    return household


@pytest.fixture(scope="module")
def home_page(odd: Household) -> Iterator[str]:
    settings = config.load(odd.home, {})
    office = open_office(settings, MovableClock(datetime.fromisoformat(cli.NOW)))
    with running(web.pages_app(office, lambda: HEALTH)) as place:
        answer = Client(place).get("/")
        assert answer.status == 200
        yield answer.text
    office.close()


@pytest.fixture(scope="module")
def calendar(odd: Household, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("feed")
    done = odd.type("feed", "push", "--folder", str(folder), "--detail", "full")
    assert done.code == 0, done
    (path,) = folder.glob("*.ics")
    return path.read_bytes()


def debt_of(text: str) -> str:
    return f"odd-{list(LEGAL.values()).index(text)}"


@pytest.mark.parametrize("text", LEGAL.values(), ids=LEGAL)
def test_odd_text_is_kept_and_shown_as_it_was_typed(odd: Household, text: str) -> None:
    stored = odd.rows("SELECT name FROM creditor")
    assert (text,) in stored
    for args in (
        ("debt", "show", debt_of(text)),
        ("plan", "show", debt_of(text)),
        ("payment", "list", debt_of(text)),
        ("statement", "list", debt_of(text)),
        ("creditor", "list"),
    ):
        done = odd.type(*args)
        assert (done.code, done.err) == (0, "")
        assert text in done.out


@pytest.mark.parametrize("text", LEGAL.values(), ids=LEGAL)
def test_odd_text_is_text_in_the_calendar(calendar: bytes, text: str) -> None:
    assert ics_checker.problems(calendar) == []
    unfolded = calendar.decode().replace("\r\n ", "")
    events = unfolded.count("BEGIN:VEVENT")
    assert events == 12 + 6 * len(LEGAL)
    summaries = [line for line in unfolded.splitlines() if line.startswith("SUMMARY:")]
    plain = [each.replace("\\,", ",").replace("\\;", ";") for each in summaries]
    assert len([each for each in plain if text in each]) == 6


@pytest.mark.parametrize("text", LEGAL.values(), ids=LEGAL)
def test_odd_text_is_text_on_the_page(home_page: str, text: str) -> None:
    assert text in unescape(home_page)
    assert "<script>alert" not in home_page
    if "<" in text or '"' in text or "&" in text:
        assert text not in home_page


@pytest.mark.parametrize(
    "text", [pytest.param(TOGETHER, id="row-53-all-together-with-row-44-and-row-45")]
)
def test_odd_text_is_text_in_a_report(own: Household, text: str) -> None:
    recorded(own, "creditor", "edit", "example-bank", "--name", text)
    recorded(own, "person", "edit", "--name", text)
    recorded(own, "pay", "maple", "--note", text, "--ref", text[:60])
    done = recorded(own, "report", "maple", "--period", "2026-Q4", "--yes")
    assert done.err == ""
    (html,), (pdf,) = ((own.home / "reports").glob(f"*.{kind}") for kind in ("html", "pdf"))
    page = html.read_text("utf-8")
    assert "<script" not in page
    assert text in unescape(page)
    assert pdf.read_bytes().startswith(b"%PDF-1.7")


@needs_poppler
@pytest.mark.parametrize("text", [pytest.param(TOGETHER, id="row-53-on-paper")])
def test_odd_text_is_text_on_paper(own: Household, text: str) -> None:
    recorded(own, "creditor", "edit", "example-bank", "--name", text)
    recorded(own, "report", "maple", "--period", "2026-Q4", "--yes")
    (pdf,) = (own.home / "reports").glob("*.pdf")
    said = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, check=True)
    assert "".join(text.split()) in "".join(said.stdout.decode().split())


@pytest.mark.parametrize("text", [pytest.param(FAMILY, id="row-50-on-paper")])
def test_what_no_font_can_draw_is_named_instead_of_left_blank(own: Household, text: str) -> None:
    recorded(own, "creditor", "edit", "example-bank", "--name", f"{text} Bank")
    done = own.type("report", "maple", "--period", "2026-Q4", "--yes")
    assert (done.code, done.out) == (2, "")
    sentence, cure = done.err.splitlines()
    assert sentence.startswith("Error: No font here can show the character ")
    assert cure == "Write it without this character; it is in a name, a reference or a note."
    assert own.rows("SELECT count(*) FROM report") == [(0,)]
    assert not list(own.home.glob("reports/*.*"))


# --- what would break a calendar, a text message or a terminal ---

BREAKS = [
    pytest.param("Bank\r\nEND:VEVENT\r\nBEGIN:VEVENT", "U+000D", id="row-46-line-ends"),
    pytest.param("Bank\nTwo", "U+000A", id="row-46-line-feed"),
    pytest.param("Bank\u2028Two", "U+2028", id="row-46-line-separator"),
    pytest.param("a\x00b\x1b[31m", "U+0000", id="row-47-nul"),
    pytest.param("a\x1b[31mb", "U+001B", id="row-47-escape"),
    pytest.param("a\x9b31mb", "U+009B", id="row-47-c1"),
    pytest.param("knaB \u202eelpmaxE", "U+202E", id="row-48-right-to-left-override"),
    pytest.param("Bank\u2066x", "U+2066", id="row-48-isolate"),
]
PLACES = {
    "creditor": ("creditor", ("creditor", "add")),
    "renamed": ("name", ("creditor", "edit", "example-bank", "--name")),
    "person": ("name", ("person", "edit", "--name")),
    "note": ("note", ("pay", "maple", "5.00", "--note")),
    "reference": ("reference", ("debt", "edit", "maple", "--reference")),
}


@pytest.mark.parametrize("place", ["creditor", "note"])
@pytest.mark.parametrize(("text", "code"), BREAKS)
def test_what_breaks_a_line_is_refused_by_its_code(
    maple: Household, place: str, text: str, code: str
) -> None:
    field, args = PLACES[place]
    said = refused(maple, *args, text, code=2, names=(f"{field} contains the character {code}",))
    assert not set(said) & set("\x00\x1b\x9b\u202e\u2066\u2028\r")


@pytest.mark.parametrize("place", ["renamed", "person", "reference"])
@pytest.mark.parametrize("text", [pytest.param("a\x1b[31mb", id="row-47-wherever-it-is-typed")])
def test_no_field_takes_an_escape(maple: Household, place: str, text: str) -> None:
    field, args = PLACES[place]
    refused(maple, *args, text, code=2, names=(f"{field} contains the character U+001B",))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", [pytest.param("x" * 5000, id="row-49-five-thousand")])
def test_a_field_is_not_a_book(maple: Household, place: str, text: str) -> None:
    field, args = PLACES[place]
    names = (f"{field} has 5000 characters (xxxxxxxxxxxxxxxxxxxx…); ",)
    said = refused(maple, *args, text, code=2, names=names)
    assert len(said) < 200


@pytest.mark.parametrize("place", ["creditor", "renamed", "person"])
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("   ", id="row-51-spaces"),
        pytest.param("\u3000\u00a0", id="row-51-other-spaces"),
        pytest.param("", id="row-51-nothing"),
    ],
)
def test_a_name_says_something(maple: Household, place: str, text: str) -> None:
    field, args = PLACES[place]
    refused(maple, *args, text, code=2, names=(f"{field} is empty.",))


@pytest.mark.parametrize(
    "twin",
    [
        pytest.param("Cafe\u0301 Cre\u0301dit", id="row-52-decomposed"),
        pytest.param("Ｃａｆé Crédit", id="row-52-full-width"),
        pytest.param("CAFÉ\u3000CRÉDIT", id="row-52-case-and-wide-space"),
    ],
)
def test_two_creditors_do_not_look_the_same(own: Household, twin: str) -> None:
    recorded(own, "creditor", "add", "Caf\u00e9 Cr\u00e9dit")
    said = refused(own, "creditor", "add", twin, code=4, names=("is recorded already, as cafe-cr",))
    assert said.startswith("Error: creditor '")
    refused(
        own, "debt", "add", twin, "--new-creditor", "--yes", code=4, names=("is recorded already",)
    )
    renamed = ("creditor", "edit", "example-bank", "--name", twin)
    refused(own, *renamed, code=4, names=("is recorded already, as cafe-cr",))
    # The one that is named so already may be written in its other form.
    recorded(own, "creditor", "edit", "cafe-credit", "--name", twin)


@pytest.mark.parametrize(
    "word",
    [
        pytest.param("STOP", id="row-55-stop"),
        pytest.param("stop", id="row-55-in-small-letters"),
        pytest.param("\uff33\uff34\uff2f\uff30", id="row-55-full-width"),
        pytest.param("CANCEL", id="row-55-cancel"),
        pytest.param("取消", id="row-55-cancel-in-chinese"),
        pytest.param("PAID", id="row-55-our-own-answer"),
    ],
)
def test_a_word_that_networks_act_on_is_no_cover_word(maple: Household, word: str) -> None:
    names = (f"'{word}' is a word that mobile networks or this tracker act on.",)
    said = refused(maple, "debt", "edit", "maple", "--word", word, code=2, names=names)
    assert said.endswith("Take a plain thing or place, for example MAPLE.\n")
    added = ("debt", "add", "Sample Shop", "--new-creditor", "--yes", "--word", word)
    refused(maple, *added, code=2, names=names)


@pytest.mark.parametrize("word", [pytest.param("x" * 5000, id="row-49-cover-word")])
def test_a_cover_word_is_one_short_word(maple: Household, word: str) -> None:
    names = ("has 5000 characters; a cover word has 3 to 10.",)
    said = refused(maple, "debt", "edit", "maple", "--word", word, code=2, names=names)
    assert len(said) < 200


@pytest.mark.parametrize("text", [pytest.param("Bank\r\nEND:VEVENT", id="row-46-as-a-process")])
def test_the_installed_command_refuses_as_well(maple: Household, text: str) -> None:
    names = ("creditor contains the character U+000D",)
    refused(maple, "creditor", "add", text, code=2, names=names, process=True)
