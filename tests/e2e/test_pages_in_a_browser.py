"""The pages as a browser shows and sends them, without a line of JavaScript of ours."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.peers import site
from tests.peers.desk import Desk
from tests.peers.site import PASSWORD
from tracker.web import app as web

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not os.path.exists(CHROMIUM), reason="needs Debian's chromium"),
]

SWITCHES = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()
SMALL, PHONE, DESKTOP = (320, 640), (360, 740), (1280, 900)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture
def desk(home: Path, sqlite_template: Path) -> Iterator[Desk]:
    made = site.opened(home, sqlite_template)
    made.li(password=PASSWORD, channels=["console"])
    made.debt()
    made.plan(start="2026-12-04")
    yield made
    made.office.close()


@pytest.fixture
def address(desk: Desk) -> Iterator[str]:
    with site.running(web.pages_app(desk.office, lambda: site.HEALTH)) as place:
        yield f"http://{place}"


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    """A phone; what the browser complains of fails the test at the end."""
    complaints: list[str] = []
    page = chromium.new_page(viewport={"width": PHONE[0], "height": PHONE[1]})
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    page.close()
    # The status of a refused form is told to the console too; it is no complaint.
    assert [each for each in complaints if "status of 4" not in each] == []


def sign_in(page: Page, address: str) -> None:
    page.goto(address)
    page.fill("[name=person]", "li")
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_selector("#record")


def is_too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


def test_signing_in_recording_a_payment_and_taking_it_back(
    page: Page, address: str, desk: Desk
) -> None:
    sign_in(page, address)
    assert page.url == f"{address}/"
    page.click("text=Record >> nth=0")
    page.click("#record button[type=submit]")
    assert "Recorded as #1: £100.00 for MAPLE" in page.inner_text(".note")
    assert "1 of 12 paid" in page.inner_text(".plans")
    page.reload()
    assert page.query_selector(".note") is None
    page.click("button:has-text('Undo')")
    assert "Voided: #1" in page.inner_text(".note")
    assert "0 of 12 paid" in page.inner_text(".plans")
    states = {each["number"]: each["state"] for each in desk.ask("payment.list")["payments"]}
    assert states[1] == "void"


def test_a_mistake_stays_in_the_form_and_is_in_sight(page: Page, address: str, desk: Desk) -> None:
    sign_in(page, address)
    page.fill("[name=amount]", "12.345")
    page.fill("[name=note]", 'By "hand"')
    page.click("#record button[type=submit]")
    alert = page.locator("[role=alert]")
    assert "12.345" in alert.inner_text()
    box = alert.bounding_box()
    assert box is not None
    assert 0 <= box["y"] < PHONE[1]
    assert page.input_value("[name=amount]") == "12.345"
    assert page.input_value("[name=note]") == 'By "hand"'
    assert page.evaluate("document.activeElement.name") == "amount"
    page.fill("[name=amount]", "12.34")
    page.click("#record button[type=submit]")
    page.wait_for_selector(".note[role=status]")
    [payment] = desk.ask("payment.list")["payments"]
    assert (payment["amount"]["amount"], payment["note"]) == ("12.34", 'By "hand"')


def test_a_double_click_and_a_second_send_from_history_record_once(
    page: Page, address: str, desk: Desk
) -> None:
    sign_in(page, address)
    page.dblclick("#record button[type=submit]", no_wait_after=True)
    page.wait_for_selector(".note[role=status]")
    page.go_back()
    page.reload()
    assert len(desk.ask("payment.list")["payments"]) == 1


def test_a_scheduled_payment_is_answered_with_a_button(
    page: Page, address: str, desk: Desk
) -> None:
    desk.ask("pay", debt="maple", amount="100.00", scheduled="2026-11-24")
    sign_in(page, address)
    page.click("text=Yes, it went")
    page.wait_for_selector(".note[role=status]")
    assert page.query_selector("text=Yes, it went") is None
    assert "1 of 12 paid" in page.inner_text(".plans")


def test_quiet_begins_and_ends_with_one_tap(page: Page, address: str, desk: Desk) -> None:
    sign_in(page, address)
    page.click("text=No messages for three days")
    page.wait_for_selector(".notice")
    assert "Quiet until" in page.inner_text(".notice")
    page.click("text=End it now")
    page.wait_for_selector(".note[role=status]")
    assert page.query_selector(".notice") is None
    assert desk.ask("person.show")["quiet_until_at"] is None


def test_from_what_is_late_to_a_part_of_it(page: Page, address: str, desk: Desk) -> None:
    desk.debt(word="HARBOUR", creditor="Birch Finance")
    desk.plan("harbour", start="2026-11-10")
    sign_in(page, address)
    page.click("text=Ways out")
    page.wait_for_selector("#ways")
    page.click("text=Record what you pay")
    page.fill("[name=amount]", "12.50")
    page.click("text=Record it")
    page.wait_for_selector(".note[role=status]")
    assert page.url == f"{address}/"
    [payment] = desk.ask("payment.list")["payments"]
    assert (payment["debt"], payment["amount"]["amount"]) == ("harbour", "12.50")
    page.goto(f"{address}/plans/harbour/ways")
    assert "£87.50" in page.inner_text("#main")
    page.click("text=If gambling plays a part")
    assert page.is_visible("text=0808 8020 133")


def test_a_form_on_a_foreign_page_records_nothing(page: Page, address: str, desk: Desk) -> None:
    sign_in(page, address)
    page.goto("about:blank")
    page.set_content(
        f"<form method=post action='{address}/payments'><input name=debt value=maple>"
        "<button>go</button></form>"
    )
    page.click("button")
    page.wait_for_url(f"{address}/payments")
    assert "Nothing was recorded" in page.content()
    page.goto(address)
    assert "MAPLE" in page.content()
    assert desk.ask("payment.list")["payments"] == []


def test_a_name_that_is_markup_runs_nothing(page: Page, address: str, desk: Desk) -> None:
    names = [
        "<script>window.ran = 1</script>",
        '"><img src=x onerror="window.ran = 1">',
        "<svg onload='window.ran = 1'>",
        "</textarea></select><script>window.ran = 1</script>",
        "javascript:window.ran=1",
    ]
    for number, name in enumerate(names):
        word = f"FIELD{'ABCDE'[number]}"
        desk.debt(word=word, creditor=name)
        desk.plan(word.casefold(), start="2026-12-03", payee=name)
    desk.ask("pay", debt="fielda", amount="1.00", note=names[0])
    sign_in(page, address)
    for path in ("/", "/timeline", "/plans/fielda", "/plans/fieldb", "/plans/fieldc"):
        page.goto(f"{address}{path}")
        assert page.evaluate("window.ran") is None
        assert page.query_selector("script") is None


@pytest.mark.parametrize("locale", ["en_GB", "zh_Hans_CN", "zh_Hant_TW"])
def test_no_page_is_wider_than_a_phone(page: Page, address: str, desk: Desk, locale: str) -> None:
    desk.ask("person.edit", locale=locale)
    desk.debt(word="HARBOUR", creditor="C" * 120)
    desk.plan("harbour", start="2026-11-20", payee="P" * 120, quote="Q" * 60)
    desk.ask("pay", debt="harbour", amount="1.00", note="n" * 500)
    for kind in ("task", "deadline"):
        desk.ask("followup.add", debt="harbour", text="T" * 200, by="1 dec", kind=kind)
    desk.ask("quiet.begin", until="3d")
    desk.ask("away.add", days="27nov..3jan", zone="America/Argentina/ComodRivadavia")
    sign_in(page, address)
    for size in (SMALL, PHONE, DESKTOP):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        for path in ("/", "/timeline", "/plans/harbour", "/plans/harbour/ways", "/nowhere"):
            page.goto(f"{address}{path}")
            assert not is_too_wide(page), (size, path)


def test_a_long_list_opens_with_one_tap(page: Page, address: str, desk: Desk) -> None:
    for number in range(29):
        word = f"PLACE{chr(65 + number // 26)}{chr(65 + number % 26)}"
        desk.debt(word=word, creditor=f"Creditor {number}")
        desk.plan(word.casefold(), start="2026-12-03")
    sign_in(page, address)
    rows = page.locator(".instalment")
    assert rows.count() == 30
    assert sum(each.is_visible() for each in rows.all()) == 6
    page.click("summary >> nth=0")
    assert all(each.is_visible() for each in rows.all())


def test_the_style_is_loaded_in_light_and_dark(page: Page, address: str) -> None:
    grounds = set()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{address}/login")
        grounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(grounds) == 2
    assert "rgba(0, 0, 0, 0)" not in grounds
