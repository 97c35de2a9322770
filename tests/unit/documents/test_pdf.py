from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from tracker.documents import pdf, wording
from tracker.documents.content import ReportContent
from tracker.errors import InputError, UnavailableError

Make = Callable[..., ReportContent]
FONTS = Path(pdf.__file__).parent / "fonts"

needs_poppler = pytest.mark.skipif(
    not shutil.which("pdftotext"), reason="pdftotext is not installed (poppler-utils)"
)


def text_of(document: bytes) -> str:
    done = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=document, capture_output=True, check=True
    )
    return done.stdout.decode()


def packed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_the_same_content_gives_the_same_document(content: Make) -> None:
    assert pdf.pdf(content()) == pdf.pdf(content())
    assert pdf.pdf(content()) != pdf.pdf(content(number=4))


def test_a_child_sets_the_same_document(content: Make) -> None:
    made = content(person_name="李喆", locale="zh_Hans_CN")
    assert pdf.pdf_in_child(made) == pdf.pdf(made)


def test_the_document_is_dated_and_meets_its_standards(content: Make) -> None:
    document = pdf.pdf(content())
    assert document.startswith(b"%PDF-1.7")
    assert b"D:20261120" in document
    metadata = document.decode("latin-1")
    assert "pdfuaid:part>1<" in metadata
    assert "pdfaid:part>2<" in metadata
    assert "pdfaid:conformance>A<" in metadata
    assert not re.search("tracker|localhost|/home|/root|https?://(?!ns|www|purl)", metadata)


@needs_poppler
@pytest.mark.parametrize(
    ("locale", "person", "creditor"),
    [
        ("en_GB", "Zoë Núñez", "Northgate Example Finance"),
        ("en_US", "Morgan Lee", "Northgate Example Finance"),
        ("zh_Hans_CN", "李喆", "北原示例银行信用卡中心"),
        ("zh_Hant_TW", "李珺", "北原示例銀行信用卡部"),
        ("zh_Hant_HK", "陳啟華", "北原示例銀行信貸管理部"),
        ("de_DE", "Jörg Müller", "Nordtor Beispielbank"),
    ],
)
def test_the_document_says_what_the_page_says(
    content: Make, locale: str, person: str, creditor: str
) -> None:
    made = content(locale=locale, person_name=person, creditor_name=creditor)
    said = packed(text_of(pdf.pdf(made)))
    page = wording.page(made)
    wanted = [page["title"], page["lead"], page["foot"], person, creditor]
    wanted += [text for pair in page["figures"] for text in pair]
    wanted += [cell for row in page["schedule"]["rows"] for cell in row]
    wanted += [line for _, lines in page["notes"] for line in lines]
    for text in wanted:
        assert packed(text) in said


@needs_poppler
def test_pages_are_numbered_and_repeat_the_reference_and_the_head_of_the_table(
    content: Make,
) -> None:
    pages = text_of(pdf.pdf(content())).rstrip("\f").split("\f")
    assert len(pages) == 2
    for number, page in enumerate(pages, 1):
        assert f"{number} of 2" in page
        assert "Reference AC-2026/00417" in page
        assert re.search(r"No\.\s+Date\s+Amount\s+Paid", page)


@needs_poppler
def test_long_names_and_six_hundred_rows_still_fit(content: Make) -> None:
    row = content().rows[0]
    made = content(
        rows=(row,) * 600,
        count=600,
        creditor_name="Extraordinarily long creditor name " * 20,
        reference="X" * 200,
    )
    pages = text_of(pdf.pdf(made)).rstrip("\f").split("\f")
    assert f"{len(pages)} of {len(pages)}" in pages[-1]


@needs_poppler
def test_a_document_holds_this_creditor_only(content: Make) -> None:
    others = content(creditor_name="Canary Bank", reference="CANARY-1", person_name="C. Canary")
    pdf.pdf(others)
    document = pdf.pdf(content())
    assert "canary" not in text_of(document).lower()
    assert b"anary" not in document


@needs_poppler
@pytest.mark.parametrize(
    "markup",
    [
        '#read("/etc/passwd")',
        "#sys.inputs.data",
        "$x^2$ *bold* _slanted_ `raw`",
        "= Heading",
        "@label <label> [content] {code}",
        "\\u{41} // comment /* comment */",
        '<b>x</b> & "quoted"',
    ],
)
def test_typesetting_marks_come_out_as_text(content: Make, markup: str) -> None:
    made = content(creditor_name=markup, requests=(markup,), contact=markup)
    said = text_of(pdf.pdf(made))
    assert said.count(markup) == 3
    assert "root:" not in said


@pytest.mark.parametrize(
    ("character", "code", "cure"),
    [
        ("\U0002a6d6", "U+2A6D6", "cjk"),
        ("🏡", "U+1F3E1", "without this character"),
        ("ł", "U+0142", "without this character"),
    ],
)
def test_a_missing_glyph_is_an_error_that_names_it(
    content: Make, character: str, code: str, cure: str
) -> None:
    for make in (pdf.pdf, pdf.pdf_in_child):
        with pytest.raises(InputError) as caught:
            make(content(person_name=f"Li {character}"))
        assert character in str(caught.value)
        assert code in str(caught.value)
        assert cure in (caught.value.hint or "")


def test_characters_without_a_shape_are_no_missing_glyphs(content: Make) -> None:
    made = content(person_name="Jose\u0301\u200d Li\u00ad\ufe0f", contact="a\u202fb\u2009c\u2011d")
    assert pdf.pdf(made).startswith(b"%PDF")


@pytest.mark.parametrize("file", ["sc/NotoSansSC-subset.otf", "tc/NotoSansTC-subset.otf"])
def test_the_coverage_of_a_font_is_what_fonttools_finds(file: str) -> None:
    with TTFont(FONTS / file) as font:
        assert pdf._coverage(FONTS / file) == frozenset(font.getBestCmap())


@needs_poppler
def test_the_full_fonts_are_used_for_a_character_that_needs_them(
    content: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "pylopdf_fonts_zh_cn"
    package.mkdir()
    (package / "__init__.py").touch()
    with TTFont(FONTS / "sc/NotoSansSC-subset.otf") as font:
        for table in font["cmap"].tables:
            if table.format == 12:
                table.cmap[0x2A6D6] = table.cmap[ord("喆")]
        font.save(package / "NotoSansSC-Regular.otf")
    common = pdf.pdf(content())
    monkeypatch.syspath_prepend(str(tmp_path))
    document = pdf.pdf(content(person_name="李\U0002a6d6"))
    # Two characters share one glyph here, so that the text may name either of them.
    assert re.search("李[喆\U0002a6d6]", text_of(document))
    assert pdf.pdf(content()) == common


def test_a_child_that_takes_too_long_is_given_up(content: Make) -> None:
    began = time.monotonic()
    with pytest.raises(UnavailableError, match="not finished"):
        pdf.pdf_in_child(content(), timeout_seconds=0.001)
    assert time.monotonic() - began < 10


def test_a_child_that_ends_without_a_document_is_told(
    content: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "_job", lambda _: {"template": "absent.typ"})
    with pytest.raises(UnavailableError, match="could not be made"):
        pdf.pdf_in_child(content())


def test_the_parent_of_a_child_does_not_load_typst() -> None:
    program = "import sys; from tracker.documents import pdf, report; print('typst' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(pdf.__file__).parents[2],
    )
    assert done.stdout.strip() == "False"


def test_a_document_of_another_day_is_dated_so(content: Make) -> None:
    assert b"D:20270131" in pdf.pdf(content(made_on=date(2027, 1, 31)))
