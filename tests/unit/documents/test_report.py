from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser

import pytest

from tracker import language
from tracker.documents import report, wording
from tracker.documents.content import (
    ReportContent,
    ReportPayment,
    ReportRow,
    ReportStatement,
    from_json,
)

Make = Callable[..., ReportContent]
LOCALES = list(language.LOCALES)

# What a creditor must not read, in the person's own words least of all: it admits,
# promises, or shames.
WORDS_TO_AVOID = {
    "en": r"\bowe|\bdebt|outstanding|arrears|liabilit|default|failed|delinquen|overdue"
    r"|\bpromise|guarantee|definitely|as soon as|shortly|sorry|\bmissed\b",
    "zh_Hans": "我欠|所欠|拖欠|承认|欠款|保证|一定|最多|上限|存款|失信|逾期|恶意|尽快|近期",
    "zh_Hant": "積欠|結欠|拖欠|欠款|承認|保證|必定|切結|最高|上限|儲蓄|失信|逾期|惡意|儘快|盡快",
}


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(content: ReportContent) -> _Text:
    reader = _Text()
    reader.feed(report.html(content))
    return reader


def words(value: object) -> str:
    if isinstance(value, str):
        return "" if value.startswith("<svg") else value + "\n"
    if isinstance(value, dict):
        return "".join(map(words, value.values()))
    return "".join(map(words, value)) if isinstance(value, list | tuple) else ""


def test_the_page_tells_the_agreement_the_figures_and_the_requests(content: Make) -> None:
    text = parsed(content()).text
    for said in (
        "Northgate Example Finance",
        "AC-2026/00417",
        "1 August 2026 to 31 October 2026",
        "10 January 2026, 12 payments",
        "according to my records",
        "£950.00",
        "Your statement of 31 October 2026 shows £312.00.",
        "the difference is £12.00",
        "£100.00 on 28 November 2026.",
        "standing order",
        "by hand",
        "Please send me a statement of this account.",
        "m.lee@example.org",
    ):
        assert said in text


def test_the_same_content_gives_the_same_page(content: Make) -> None:
    assert report.html(content()) == report.html(content())


def test_the_page_stands_alone_and_asks_not_to_be_found(content: Make) -> None:
    reader = parsed(content())
    tags = [tag for tag, _ in reader.tags]
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(tags)
    attributes = {name for _, attrs in reader.tags for name in attrs}
    assert not {"src", "href", "style"} & attributes
    assert not [name for name in attributes if name.startswith("on")]
    metas = {attrs.get("name"): attrs.get("content") for tag, attrs in reader.tags if tag == "meta"}
    assert "noindex" in (metas["robots"] or "")
    assert metas["referrer"] == "no-referrer"
    page = report.html(content())
    assert "@media print" in page
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|@import|url\(", page)


def test_the_style_is_the_one_that_the_policy_names(content: Make) -> None:
    import hashlib
    from base64 import b64encode

    (style,) = re.findall("<style>(.*?)</style>", report.html(content()), re.DOTALL)
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert report.style_source() == f"'sha256-{digest}'"


PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></style></svg><script>",
    "{{7*7}} {% raw %} %s ${HOME}",
    '=HYPERLINK("http://x.example")',
    "javascript:alert(1)",
    "&lt;b&gt; &amp;",
)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_markup_in_any_field_comes_out_as_text(content: Make, payload: str) -> None:
    plain = [tag for tag, _ in parsed(content()).tags]
    nasty = content(
        person_name=payload,
        creditor_name=payload,
        reference=payload,
        contact=payload,
        requests=(payload,) * 5,
        payments=tuple(
            ReportPayment(
                paid_on=date(2026, 9, 1), amount_minor=1, method=payload, reference=payload
            )
            for _ in range(2)
        ),
    )
    reader = parsed(nasty)
    assert [tag for tag, _ in reader.tags] == plain
    assert reader.text.count(payload) >= 13


def test_hidden_characters_do_not_reach_the_page(content: Make) -> None:
    text = parsed(content(creditor_name="North\u202e\x00gate\r\nBank\x1b[31m")).text
    assert "Northgate Bank[31m" in text


@pytest.mark.parametrize("locale", LOCALES)
def test_no_word_admits_promises_or_shames(content: Make, locale: str) -> None:
    states = ["upcoming", "due", "part-paid", "paid", "late", "missed", "waived"]
    day = date(2026, 3, 1)
    rows = tuple(
        ReportRow(seq=seq, due_on=day, amount_minor=100, paid_minor=paid, paid_on=None, state=state)
        for seq, (state, paid) in enumerate((s, p) for s in states for p in (0, 50, 100))
    )
    payments = tuple(
        ReportPayment(paid_on=day, amount_minor=1, method=method, reference="")
        for method in wording.METHODS
    )
    for own in (None, 31_200, 30_000):
        stated = ReportStatement(on=day, total_minor=31_200, own_minor=own)
        made = content(locale=locale, rows=rows, payments=payments, statement=stated)
        said = words(wording.page(made)) + words(wording.page(content(locale=locale, payments=())))
        for pattern in WORDS_TO_AVOID.values():
            assert re.search(pattern, said, re.IGNORECASE) is None


def test_a_payment_after_its_date_is_told_neutrally(content: Make) -> None:
    table = wording.page(content())["schedule"]
    assert [row[-1] for row in table["rows"]].count("paid after the date") == 1
    assert table["rows"][9][-1] == "paid in part"


def test_a_statement_not_compared_claims_no_difference(content: Make) -> None:
    stated = ReportStatement(on=date(2026, 10, 31), total_minor=31_200)
    lines = dict(wording.page(content(statement=stated))["notes"])["Your statement"]
    assert lines == ["Your statement of 31 October 2026 shows £312.00."]


def test_what_is_not_known_is_left_out(content: Make) -> None:
    bare = content(statement=None, next_due=None, requests=(), contact=None, payments=(), rows=())
    page = wording.page(bare)
    assert page["notes"] == []
    assert "My records show no payment in this period." in report.html(bare)


def test_a_request_in_own_words_is_shown_as_it_was_typed(content: Make) -> None:
    own = "Please write to {me} about the {0} fee."
    assert own in parsed(content(requests=(own,))).text


def test_the_chart_follows_the_rows_up_to_the_day_of_the_report(content: Make) -> None:
    text = wording.page(content())["chart_text"]
    assert "£1,200.00 on 10 January 2026" in text
    assert "£250.00 were left on 4 November 2026" in text
    earlier = wording.page(content(made_on=date(2026, 6, 30)))["chart_text"]
    assert "£600.00 were left on 26 June 2026" in earlier


@pytest.mark.parametrize("locale", LOCALES)
def test_a_page_is_marked_with_its_language(content: Make, locale: str) -> None:
    page = report.html(content(locale=locale))
    assert f'<html lang="{locale.replace("_", "-")}">' in page


def test_a_snapshot_reads_back_equal(content: Make) -> None:
    for each in (content(), content(statement=None, next_due=None, payments=(), contact=None)):
        assert from_json(each.json()) == each


def test_a_snapshot_of_something_else_is_refused(content: Make) -> None:
    data = json.loads(content().json())
    del data["made_on"]
    with pytest.raises(KeyError):
        from_json(json.dumps(data))
