"""The pages, the command line's door and the feeds, each under a real server on loopback."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import re
import socket
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route

from tests.peers import site
from tests.peers.desk import Desk
from tests.peers.site import PASSWORD, Answer, Client
from tracker.store.payments import METHODS
from tracker.web import app as web
from tracker.web import auth, guard
from tracker.web.public import is_unchanged
from tracker.web.render import asset

NASTY = "<script>alert(1)</script>"


def health() -> dict[str, object]:
    return dict(site.HEALTH)


def household(desk: Desk) -> Desk:
    """Li with one debt and a plan whose first instalment is due in ten days."""
    desk.li(password=PASSWORD, channels=["console"])
    desk.debt()
    desk.plan(start="2026-12-04")
    return desk


def payments(desk: Desk) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.of("li").ask("payment.list")["payments"]
    return found


def digest(desk: Desk) -> str:
    assert desk.office.database.path is not None
    return hashlib.sha256(Path(desk.office.database.path).read_bytes()).hexdigest()


def form(page: Answer, action: str = "/payments", **fields: str) -> dict[str, str]:
    """A form of the page, filled in, with the hidden fields that it brought."""
    hidden = {name: page.hidden(name, action) for name in ("token", "key")}
    return {**hidden, **fields}


@pytest.fixture(scope="module")
def recorded(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The household's database."""
    folder = tmp_path_factory.mktemp("recorded")
    household(site.opened(folder, sqlite_template)).office.close()
    return folder / "tracker.db"


@pytest.fixture
def desk(home: Path, recorded: Path) -> Iterator[Desk]:
    """Pages that ask for a login."""
    made = site.opened(home, recorded)
    yield made
    made.office.close()


@pytest.fixture
def open_desk(home: Path, recorded: Path) -> Iterator[Desk]:
    """Pages without a login, as in the demo."""
    made = site.opened(home, recorded, TRACKER_WEB_LOGIN="false")
    yield made
    made.office.close()


@pytest.fixture
def client(desk: Desk) -> Iterator[Client]:
    with site.running(web.pages_app(desk.office, health)) as place:
        yield Client(place)


@pytest.fixture
def browser(client: Client) -> Client:
    """Signed in as Li."""
    assert client.sign_in("li", PASSWORD).status == 303
    return client


@pytest.fixture
def visitor(open_desk: Desk) -> Iterator[Client]:
    with site.running(web.pages_app(open_desk.office, health)) as place:
        yield Client(place)


@pytest.fixture
def line(desk: Desk, tmp_path: Path) -> Iterator[Client]:
    """The command line's socket."""
    with site.running(web.socket_app(desk.office, health), unix=tmp_path / "s") as place:
        yield Client(place)


class Elements(HTMLParser):
    """The elements of a page as a browser would read them, with all their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.sources: set[str | None] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.sources |= {value for name, value in attrs if name == "src"}


class TestTheDashboard:
    def test_it_shows_what_is_next_and_how_the_plan_goes(self, browser: Client) -> None:
        page = browser.get("/")
        assert page.status == 200
        assert "Hello, Li" in page.words
        assert "24 November 2026" in page.words
        assert re.search(
            r"MAPLE Alder Bank £100\.00 Send by Thu 3 Dec, 16:00 due Fri 4 Dec · 1 of 12",
            page.words,
        )
        assert "0 of 12 paid" in page.words
        assert 'lang="en-GB"' in page.text

    def test_every_way_to_pay_that_the_form_offers_is_recorded_and_told_in_words(
        self, browser: Client, desk: Desk
    ) -> None:
        choice = re.search(r'<select[^>]*name="method".*?</select>', browser.get("/").text, re.S)
        assert choice is not None
        offered = re.findall(r'<option value="([^"]+)"', choice[0])
        assert tuple(offered) == METHODS
        for number, method in enumerate(offered, 1):
            page = browser.get("/")
            fields = form(page, debt="maple", amount=f"{number}.00", on="2026-11-24", method=method)
            assert browser.post("/payments", fields).status == 303
            assert payments(desk)[0]["method"] == method
            assert "direct-debit" not in browser.get("/").words

    def test_a_payment_is_recorded_and_its_receipt_shown_once(
        self, browser: Client, desk: Desk
    ) -> None:
        page = browser.get("/")
        sent = browser.post("/payments", form(page, debt="maple", amount="", on="2026-11-24"))
        assert (sent.status, sent.headers["location"]) == (303, "/")
        [payment] = payments(desk)
        assert (payment["amount"]["amount"], payment["method"]) == ("100.00", "transfer")
        assert "Recorded as #1: £100.00 for MAPLE" in browser.get("/").words
        assert "Recorded as #1" not in browser.get("/").words

    def test_the_same_form_sent_twice_records_one_payment(
        self, browser: Client, desk: Desk
    ) -> None:
        fields = form(browser.get("/"), debt="maple", amount="50.00")
        with ThreadPoolExecutor(4) as pool:
            sent = list(pool.map(lambda _: browser.post("/payments", fields), range(4)))
        assert {each.status for each in sent} == {303}
        assert len(payments(desk)) == 1

    def test_the_same_form_changed_in_between_is_a_conflict_and_gets_a_new_key(
        self, browser: Client, desk: Desk
    ) -> None:
        fields = form(browser.get("/"), debt="maple", amount="50.00")
        assert browser.post("/payments", fields).status == 303
        again = browser.post("/payments", {**fields, "amount": "60.00"})
        assert again.status == 409
        assert again.hidden("key", "/payments") != fields["key"]
        assert "--key" not in again.words
        assert len(payments(desk)) == 1

    @pytest.mark.parametrize(
        ("typed", "told"),
        [
            ({"amount": "12.345"}, "12.345"),
            ({"amount": "１２"}, "amount"),
            ({"amount": "NaN"}, "NaN"),
            ({"amount": "-5"}, "-5"),
            ({"on": "2026-13-01"}, "2026-13-01"),
            ({"on": "2027-01-01"}, "tick the box"),
            ({"method": "barter"}, "barter"),
            ({"debt": ""}, "debt"),
            ({"note": "n" * 501}, "note"),
            ({"note": "a\x00b"}, "note"),
        ],
    )
    def test_what_cannot_be_meant_comes_back_with_what_was_typed(
        self, browser: Client, desk: Desk, typed: dict[str, str], told: str
    ) -> None:
        fields = {"debt": "maple", "amount": "77.70", "on": "2026-11-23", "note": 'My "note"'}
        before = digest(desk)
        answer = browser.post("/payments", {**form(browser.get("/")), **fields, **typed})
        assert answer.status in (404, 422)
        assert 'role="alert"' in answer.text
        assert told in answer.words
        assert "`tracker" not in answer.words
        assert "--scheduled" not in answer.words
        assert payments(desk) == []
        assert digest(desk) == before
        if "amount" not in typed:
            assert 'value="77.70"' in answer.text
        if "note" not in typed:
            assert "My &#34;note&#34;" in answer.text
        if "debt" not in typed:
            assert '<option value="maple" selected>' in answer.text

    def test_a_scheduled_payment_is_asked_about_and_confirmed(
        self, browser: Client, desk: Desk
    ) -> None:
        fields = form(
            browser.get("/"), debt="maple", amount="100", on="2026-11-24", scheduled="yes"
        )
        assert browser.post("/payments", fields).status == 303
        assert [each["state"] for each in payments(desk)] == ["scheduled"]
        page = browser.get("/")
        assert "was to go on Tue 24 Nov. Did it?" in page.words
        to = "/payments/1/confirm"
        assert browser.post(to, form(page, to, went="yes")).status == 303
        assert {each["state"] for each in payments(desk)} == {"counts", "confirmed"}
        assert "Did it?" not in browser.get("/").words

    def test_undo_takes_back_the_payment_that_was_shown_and_no_later_one(
        self, browser: Client, desk: Desk
    ) -> None:
        desk.of("li").ask("pay", debt="maple", amount="10.00")
        page = browser.get("/")
        desk.of("li").ask("pay", debt="maple", amount="20.00")
        to = "/payments/1/undo"
        assert browser.post(to, form(page, to)).status == 303
        states = {each["number"]: each["state"] for each in payments(desk)}
        assert (states[1], states[2]) == ("void", "counts")

    def test_undo_is_offered_for_a_day(self, browser: Client, desk: Desk) -> None:
        desk.of("li").ask("pay", debt="maple", amount="10.00")
        assert "/payments/1/undo" in browser.get("/").text
        desk.clock.forward(hours=25)
        browser.sign_in("li", PASSWORD)
        assert "Recorded lately" in browser.get("/").words
        assert "/undo" not in browser.get("/").text

    def test_a_late_instalment_is_told_calmly(self, browser: Client, desk: Desk) -> None:
        desk.clock.forward(days=15)
        browser.sign_in("li", PASSWORD)
        words = browser.get("/").words
        assert "Still open from before" in words
        assert "not yet paid" in words
        for harsh in ("overdue", "late", "failed", "arrears", "warning"):
            assert harsh not in words.casefold().replace("lately", "")

    def test_without_debts_it_says_how_to_begin(self, home: Path, sqlite_template: Path) -> None:
        desk = site.opened(home, sqlite_template, TRACKER_WEB_LOGIN="false")
        with site.running(web.pages_app(desk.office, health)) as place:
            assert "tracker init" in Client(place).get("/").words
            desk.li()
            assert "tracker add" in Client(place).get("/").words
            desk.debt()
            assert "tracker plan agree maple" in Client(place).get("/").words
        desk.office.close()

    def test_thirty_debts_keep_the_first_in_sight_and_the_rest_one_tap_away(
        self, browser: Client, desk: Desk
    ) -> None:
        for number in range(29):
            word = f"PLACE{chr(65 + number // 26)}{chr(65 + number % 26)}"
            desk.of("li").debt(word=word, creditor=f"Creditor {number}")
            desk.of("li").plan(word.casefold(), start="2026-12-03")
        page = browser.get("/")
        assert page.text.count("<summary>24 more</summary>") == 2
        assert page.text.count('class="instalment"') == 30

    def test_the_health_of_the_service_stands_at_the_end(self, browser: Client) -> None:
        words = browser.get("/").words
        assert "Reminders are running. Last look Tue 24 Nov, 08:59. Database: SQLite." in words


class TestOtherPages:
    def test_a_plan_shows_each_instalment_with_its_state(self, browser: Client, desk: Desk) -> None:
        desk.of("li").ask("pay", debt="maple", amount="150.00")
        words = browser.get("/plans/maple").words
        assert "1 of 12 paid" in words
        assert "1 4 December 2026 Thu 3 Dec, 16:00 £100.00 £100.00 paid" in words
        assert "2 4 January 2027 Thu 31 Dec, 16:00 £100.00 £50.00 paid in part" in words
        assert browser.get("/plans/nothing").status == 404
        assert browser.get("/plans/maple?version=7").status == 404
        assert browser.get("/plans/maple?version=x").status == 422

    def test_a_timeline_item_cites_its_rule(self, browser: Client, desk: Desk) -> None:
        desk.of("li").ask(
            "credit.add", debt="maple", entry="default", events={"default_date": "2025-10-20"}
        )
        words = browser.get("/timeline").words
        assert "20 October 2031" in words
        assert re.search(r"By which rule .*GB\S*@\d", words, re.I)
        assert browser.get("/timeline?debt=maple").status == 200
        assert browser.get("/timeline?debt=nothing").status == 404

    def test_two_people_without_login_choose_and_stay_chosen(
        self, visitor: Client, open_desk: Desk
    ) -> None:
        open_desk.ask("person.add", name="小王", handle="wang", locale="zh_Hans_CN", zone="UTC")
        choice = visitor.get("/")
        assert "Li" in choice.words
        assert "小王" in choice.words
        page = visitor.get("/?person=li")
        assert "MAPLE" in page.words
        to = "/payments?person=li"
        assert to in page.text
        sent = visitor.post(to, form(page, to, debt="maple"))
        assert sent.headers["location"] == "/?person=li"
        assert len(payments(open_desk)) == 1
        other = visitor.get("/?person=wang")
        assert 'lang="zh-Hans-CN"' in other.text
        assert "MAPLE" not in other.words
        assert visitor.get("/?person=nobody").status == 404

    def test_an_unknown_page_says_so_in_the_browsers_language(self, client: Client) -> None:
        missing = client.get("/nowhere")
        assert missing.status == 404
        assert "Nothing here" in missing.words
        assert 'lang="zh-Hant-HK"' in client.get("/nowhere", Accept_Language="zh-HK").text

    def test_static_files_are_cached_for_good_and_nothing_else_is_served(
        self, client: Client
    ) -> None:
        link = re.search(r'href="(/static/style[^"]+)"', client.get("/login").text)
        assert link is not None
        style = client.get(link[1])
        assert style.headers["content-type"].startswith("text/css")
        assert "immutable" in style.headers["cache-control"]
        for path in ("/static/", "/static/..", "/static/..%2fapp.py", "/static/%2e%2e/app.py"):
            assert client.get(path).status == 404

    def test_a_broken_store_is_told_in_one_sentence(self, browser: Client, desk: Desk) -> None:
        assert desk.office.database.path is not None
        desk.office.database.dispose()
        path = Path(desk.office.database.path)
        path.write_bytes(b"not a database" * 100)
        answer = browser.get("/")
        assert answer.status == 503
        assert "The database cannot be used" in answer.words
        assert "Traceback" not in answer.text


class TestNames:
    def test_a_name_is_never_markup_nor_a_template(self, browser: Client, desk: Desk) -> None:
        names = [NASTY, '"><img src=x onerror=1>', "{{7*7}}", "${HOME} %s", "=HYPERLINK(1)"]
        for number, name in enumerate(names):
            desk.of("li").debt(word=f"FIELD{'ABCDE'[number]}", creditor=name)
            desk.of("li").plan(f"field{'abcde'[number]}", start="2026-12-03", payee=name)
        desk.of("li").ask("pay", debt="fielda", amount="1.00", note=NASTY)
        pages = ("/", "/plans/fielda", "/plans/fieldb", "/plans/fielda/ways", "/timeline")
        for path in (*pages, f"/timeline?debt={NASTY}"):
            page = browser.get(path)
            found = Elements()
            found.feed(page.text)
            assert not found.names & {"script", "style", "iframe", "object", "base"}
            assert not {each for each in found.attributes if each.startswith(("on", "style"))}
            assert found.sources <= {asset("icon.svg")}
        words = browser.get("/").words
        assert all(name in words for name in names)
        assert "49" not in words


class TestSigningIn:
    @pytest.mark.parametrize("path", ["/", "/timeline", "/plans/maple", "/?person=li"])
    def test_no_page_shows_anything_before(self, client: Client, path: str) -> None:
        answer = client.get(path)
        assert (answer.status, answer.headers["location"], answer.body) == (303, "/login", b"")

    def test_the_cookie_is_for_this_site_alone_and_only_its_hash_is_kept(
        self, client: Client, desk: Desk
    ) -> None:
        answer = client.sign_in("Li ", PASSWORD)
        [cookie] = answer.cookies
        assert {"HttpOnly", "SameSite=strict", "Path=/", "Max-Age=43200"} <= set(
            re.split(r"; ", cookie)
        )
        token = client.cookies["tracker"]
        assert len(token) == 43
        assert desk.office.database.path is not None
        stored = Path(desk.office.database.path).read_bytes()
        assert token.encode() not in stored
        assert hashlib.sha256(token.encode()).hexdigest().encode() in stored

    def test_behind_https_the_cookie_is_secure_and_bound_to_the_host(
        self, home: Path, sqlite_template: Path
    ) -> None:
        desk = household(
            site.opened(home, sqlite_template, TRACKER_WEB_PUBLIC_URL="https://nas.example")
        )
        with site.running(web.pages_app(desk.office, health)) as place:
            client = Client(place, host="nas.example")
            page = client.get("/login")
            assert page.headers["strict-transport-security"].startswith("max-age=")
            fields = {"token": page.hidden("token"), "person": "li", "password": PASSWORD}
            answer = client.post("/login", fields, Origin="https://nas.example")
        assert answer.status == 303
        assert answer.cookies[0].startswith("__Host-tracker=")
        assert "Secure" in answer.cookies[0]
        assert "Domain" not in answer.cookies[0]
        desk.office.close()

    def test_signing_in_gives_a_new_session_and_ends_the_old_one(self, browser: Client) -> None:
        old = dict(browser.cookies)
        browser.cookies["tracker"] = old["tracker"]
        token = browser.get("/").hidden("token")
        fields = {"token": token, "person": "li", "password": PASSWORD}
        assert browser.post("/login", fields).status == 303
        assert browser.cookies["tracker"] != old["tracker"]
        assert Client(browser.place, old).get("/").status == 303
        assert browser.get("/").status == 200

    def test_a_cookie_chosen_by_somebody_else_never_becomes_a_session(self, client: Client) -> None:
        client.cookies["tracker"] = "chosen-by-an-attacker"
        assert client.sign_in("li", PASSWORD).status == 303
        assert Client(client.place, {"tracker": "chosen-by-an-attacker"}).get("/").status == 303

    def test_signing_out_ends_the_session_on_the_server_too(self, browser: Client) -> None:
        cookies = dict(browser.cookies)
        token = browser.get("/").hidden("token", "/logout")
        assert browser.post("/logout", {"token": token}).headers["location"] == "/login"
        assert browser.cookies == {}
        assert Client(browser.place, cookies).get("/").headers["location"] == "/login"

    def test_it_ends_after_twelve_hours_however_busy(self, browser: Client, desk: Desk) -> None:
        for _ in range(11):
            desk.clock.forward(hours=1)
            assert browser.get("/").status == 200
        desk.clock.forward(hours=1)
        assert browser.get("/").status == 303

    def test_it_ends_after_two_idle_hours(self, browser: Client, desk: Desk) -> None:
        browser.get("/")
        desk.clock.forward(hours=2, minutes=1)
        assert browser.get("/").status == 303
        desk.clock.forward(minutes=-2)
        assert browser.get("/").status == 303

    def test_a_new_password_ends_every_session(self, browser: Client, desk: Desk) -> None:
        desk.of("li").ask("person.password", password="another long one")
        assert browser.get("/").status == 303

    def test_an_unknown_name_is_answered_like_a_wrong_password(self, client: Client) -> None:
        wrong = client.sign_in("li", "wrong")
        unknown = client.sign_in("nobody", "wrong")
        assert wrong.status == unknown.status == 403

        def neutral(answer: Answer) -> str:
            return re.sub(r'value="(li|nobody)"', "", answer.text)

        assert neutral(wrong) == neutral(unknown)

    def test_a_person_without_a_password_cannot_be_signed_in(
        self, client: Client, desk: Desk
    ) -> None:
        desk.ask("person.add", name="Wu", locale="en_GB", zone="UTC")
        for password in ("", "wrong", "None"):
            assert client.sign_in("wu", password).status == 403

    def test_after_five_failures_even_the_right_password_waits(
        self, client: Client, desk: Desk
    ) -> None:
        for _ in range(5):
            assert client.sign_in("li", "wrong").status == 403
        answer = client.sign_in("li", PASSWORD)
        assert (answer.status, answer.headers["retry-after"]) == (429, "5")
        desk.clock.forward(seconds=5)
        assert client.sign_in("li", "wrong").status == 403
        assert client.sign_in("li", PASSWORD).headers["retry-after"] == "10"
        desk.clock.forward(seconds=10)
        assert client.sign_in("li", PASSWORD).status == 303

    def test_guesses_at_once_are_no_way_round_the_wait(self, client: Client) -> None:
        token = client.get("/login").hidden("token")

        def guess(number: int) -> int:
            one = Client(client.place, dict(client.cookies))
            fields = {"token": token, "person": "li", "password": f"guess {number}"}
            return one.post("/login", fields).status

        with ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(guess, range(24)))
        assert statuses.count(403) == 5
        assert statuses.count(429) == 19

    def test_an_address_that_tries_many_names_waits_too(self, client: Client) -> None:
        for number in range(5):
            assert client.sign_in(f"name{number}", "wrong").status == 403
        assert client.sign_in("li", PASSWORD).status == 429

    def test_a_wait_grows_up_to_its_limit_and_failures_are_forgotten(self) -> None:
        backoff, now = auth.Backoff(), site.NOW
        waits = []
        for _ in range(40):
            waits.append(backoff.begin(account="li", address="a", now=now))
            now += waits[-1]
        assert max(waits) == auth.LONGEST_WAIT["address"]
        longer = [each for each in waits if each]
        assert longer == sorted(longer)
        now += auth.FORGOTTEN_AFTER
        assert backoff.begin(account="li", address="a", now=now) == timedelta(0)

    def test_without_login_there_is_no_page_to_sign_in(self, visitor: Client) -> None:
        assert visitor.get("/login").status == 404
        assert visitor.get("/").status == 200


def writes() -> list[str]:
    """Every route that takes a POST, from the app itself, so that a new one is tested too."""
    return [
        *("/payments", "/payments/1/confirm", "/payments/1/undo", "/claims/1", "/snooze", "/quiet"),
        *("/away/1/end", "/followups/1/close", "/login", "/logout"),
    ]


class TestForeignForms:
    def test_the_list_below_names_every_route_that_writes(self, desk: Desk) -> None:
        routes = web.pages_app(desk.office, health).routes
        found = {
            re.sub(r"{\w+}", "1", each.path)
            for each in routes
            if isinstance(each, Route) and (each.methods or set()) - {"GET", "HEAD"}
        }
        assert found == set(writes())

    @pytest.mark.parametrize(
        ("wrong", "headers"),
        [
            ("no token", {}),
            ("a token of another browser", {}),
            ("a foreign origin", {"Origin": "https://evil.example"}),
            ("another port", {"Origin": "http://127.0.0.1:1"}),
            ("no origin at all", {"Origin": "null"}),
            ("a foreign site", {"Sec_Fetch_Site": "cross-site"}),
            ("a sibling site", {"Sec_Fetch_Site": "same-site"}),
            ("plain text", {"Content_Type": "text/plain"}),
            ("multipart", {"Content_Type": "multipart/form-data; boundary=x"}),
            ("json", {"Content_Type": "application/json"}),
            ("no cookie", {}),
        ],
    )
    def test_is_refused_and_changes_nothing(
        self, browser: Client, desk: Desk, wrong: str, headers: dict[str, str]
    ) -> None:
        desk.of("li").ask("pay", debt="maple", amount="1.00", scheduled="today")
        page = browser.get("/")
        fields = form(page, debt="maple", amount="5.00", went="yes")
        fields.update(person="li", password=PASSWORD)
        if wrong == "no token":
            del fields["token"]
        if wrong == "a token of another browser":
            fields["token"] = Client(browser.place).get("/login").hidden("token")
        if wrong == "no cookie":
            browser.cookies.clear()
        before = digest(desk)
        for path in writes():
            assert browser.post(path, fields, **headers).status == 403, path
        assert digest(desk) == before

    def test_a_write_cannot_be_asked_for_by_get(self, browser: Client, desk: Desk) -> None:
        fields = form(browser.get("/"))
        before = digest(desk)
        for path in writes():
            answer = browser.get(f"{path}?debt=maple&amount=1&token={fields['token']}")
            assert answer.status == (303 if path == "/login" else 405)
        assert digest(desk) == before

    def test_reading_every_page_changes_nothing(self, browser: Client, desk: Desk) -> None:
        before = digest(desk)
        pages = ("/", "/timeline", "/plans/maple", "/plans/maple/ways", "/login", "/nowhere")
        for path in (*pages, "/healthz"):
            browser.get(path)
            browser.send("HEAD", path)
        assert digest(desk) == before

    def test_an_old_browser_that_names_no_origin_still_needs_the_token(
        self, browser: Client, desk: Desk
    ) -> None:
        silent = {"Origin": "", "Sec_Fetch_Site": ""}
        fields = form(browser.get("/"), debt="maple")
        assert browser.post("/payments", {**fields, "token": "0" * 64}, **silent).status == 403
        assert browser.post("/payments", {**fields, "token": "é"}, **silent).status == 403
        assert browser.post("/payments", fields, **silent).status == 303

    def test_one_persons_form_cannot_reach_anothers_payment(
        self, browser: Client, desk: Desk
    ) -> None:
        desk.ask("person.add", name="Wu", locale="en_GB", zone="UTC", password=PASSWORD)
        desk.of("wu").debt(word="OTTER", handle="otter")
        desk.of("wu").ask("pay", debt="otter", amount="9.00")
        fields = form(browser.get("/"), debt="otter", amount="1.00")
        assert browser.post("/payments?person=wu", fields).status == 404
        assert browser.post("/payments/1/undo?person=wu", form(browser.get("/"))).status == 404
        assert browser.get("/plans/otter?person=wu").status == 404
        assert len(desk.of("wu").ask("payment.list")["payments"]) == 1


class TestEveryAnswer:
    @pytest.mark.parametrize(
        "path",
        [
            *("/", "/login", "/timeline", "/nowhere", "/healthz", "/feed/x.ics"),
            *("/static/style.css", "/static/x", "/payments", "/plans/nothing"),
        ],
    )
    def test_carries_the_security_headers(self, browser: Client, path: str) -> None:
        for method in ("GET", "HEAD", "POST", "DELETE", "OPTIONS"):
            self.check_headers(browser.send(method, path).headers)

    def check_headers(self, headers: Mapping[str, str]) -> None:
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self' data:")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] in ("no-referrer", "same-origin")
        assert headers["cache-control"] in (
            "no-store",
            "public, max-age=31536000, immutable",
        )
        assert "access-control-allow-origin" not in headers

    def test_a_defect_is_answered_without_a_trace_and_logged_without_the_address(
        self, desk: Desk, caplog: pytest.LogCaptureFixture
    ) -> None:
        def fails() -> dict[str, object]:
            raise RuntimeError("inside")

        with site.running(web.pages_app(desk.office, fails)) as place:
            client = Client(place)
            answer = client.get("/healthz?canary=1")
        assert answer.status == 500
        assert "inside" not in answer.text
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert "RuntimeError: inside" in caplog.text
        assert "canary" not in caplog.text

    @pytest.mark.parametrize(
        ("host", "status"),
        [
            ("localhost", 200),
            ("localhost:1", 200),
            ("LOCALHOST", 200),
            ("[::1]:8765", 200),
            ("nas.example", 200),
            ("nas.example.:8765", 200),
            ("a.home.example", 200),
            ("home.example", 400),
            ("evil.example", 400),
            ("localhost.evil.example", 400),
            ("127.0.0.1.evil.example", 400),
            ("localhost@evil.example", 400),
            ("evil.example/localhost", 400),
            ("localhost:x", 400),
            ("", 400),
        ],
    )
    def test_comes_under_known_names_only(
        self, home: Path, sqlite_template: Path, host: str, status: int
    ) -> None:
        desk = site.opened(
            home, sqlite_template, TRACKER_WEB_ALLOWED_HOSTS="nas.example, *.home.example"
        )
        with site.running(web.pages_app(desk.office, health)) as place:
            answer = Client(place).send("GET", "/login", headers={"Host": host})
        assert answer.status == status
        desk.office.close()

    def test_a_forwarded_host_does_not_count(self, client: Client) -> None:
        answer = client.get("/", X_Forwarded_Host="evil.example")
        assert "evil" not in answer.headers["location"]

    def test_the_address_that_was_connected_to_is_known(self) -> None:
        hosts = guard.Hosts(web._not_here, names=[])  # type: ignore[arg-type]
        scope = {"headers": [(b"host", b"192.0.2.7:80")], "server": ("192.0.2.7", 80)}
        assert hosts._known(scope)
        assert not hosts._known({**scope, "server": ("192.0.2.8", 80)})
        assert not hosts._known({**scope, "headers": scope["headers"] * 2})  # type: ignore[operator]

    def test_health_tells_nothing_personal_and_its_trouble_by_the_status(self, desk: Desk) -> None:
        state = health()
        with site.running(web.pages_app(desk.office, lambda: state)) as place:
            answer = Client(place).get("/healthz")
            assert answer.status == 200
            assert json.loads(answer.body) == state
            state["status"] = "unwell"
            assert Client(place).get("/healthz").status == 503

    def test_a_form_beyond_the_limit_is_not_read(self, browser: Client) -> None:
        fields = {**form(browser.get("/")), "note": "n" * 70_000}
        assert browser.post("/payments", fields).status == 413

    def test_tcp_has_no_api(self, browser: Client) -> None:
        for method in ("GET", "POST"):
            assert browser.send(method, "/api/v1/overview").status == 404
        for path in ("/docs", "/openapi.json", "/redoc", "/metrics"):
            assert browser.get(path).status == 404


class TestTheSocket:
    def test_an_action_answers_as_the_registry_does(self, line: Client, desk: Desk) -> None:
        body = {"request": {"debt": "maple", "amount": "10.00"}, "key": "k1", "person": None}
        first = line.call("pay", json.dumps(body).encode())
        assert first.status == 200
        assert json.loads(first.body)["result"]["payment"] == 1
        assert line.call("pay", json.dumps(body).encode()).body == first.body
        assert len(payments(desk)) == 1

    def test_who_asks_is_the_door_and_not_what_the_call_says(
        self, line: Client, desk: Desk
    ) -> None:
        body = {"request": {"debt": "maple"}, "actor": "somebody"}
        assert line.call("pay", json.dumps(body).encode()).status == 200
        newest = desk.of("li").ask("journal.list")["entries"][0]
        assert newest["actor"] == "cli"

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"[]",
            b'"x"',
            b"null",
            b"\xff\xfe{}",
            b'{"request": {"debt": "maple", "debt": "maple"}}',
            b'{"request": {}, "request": {"debt": "maple"}}',
            b'{"request": {"amount": NaN}}',
            b'{"request": ' + b"[" * 30_000 + b"}",
            b'{"request": "pay"}',
            b'{"request": {}, "key": 5}',
            b'{"request": {"debt": 5}}',
            b'{"request": {"debt": "maple", "amount": 5.5}}',
            b'{"request": {"debt": "\\ud800"}}',
            b'{"request": {"debt": "maple", "unknown": "x"}}',
        ],
    )
    def test_what_is_no_call_is_refused_with_its_reason(
        self, line: Client, desk: Desk, body: bytes
    ) -> None:
        before = digest(desk)
        answer = line.call("pay", body)
        assert answer.status in (404, 422)
        error = json.loads(answer.body)["error"]
        assert error["sentence"]
        assert error["exit"] in (2, 3)
        assert digest(desk) == before

    @pytest.mark.parametrize(
        ("method", "path", "kind", "body", "status"),
        [
            ("POST", "/api/v1/no.such", "application/json", b"{}", 404),
            ("POST", "/api/v1/", "application/json", b"{}", 404),
            ("POST", "/api/v1/../../x", "application/json", b"{}", 404),
            ("GET", "/api/v1/pay", "application/json", None, 405),
            ("PUT", "/api/v1/pay", "application/json", b"{}", 405),
            ("POST", "/api/v1/pay", "text/plain", b"{}", 415),
            ("POST", "/api/v1/pay", "application/x-www-form-urlencoded", b"{}", 415),
            ("POST", "/api/v1/pay", "application/json", b" " * 70_000, 413),
            ("GET", "/", "application/json", None, 404),
        ],
    )
    def test_every_refusal_is_json(
        self, line: Client, method: str, path: str, kind: str, body: bytes | None, status: int
    ) -> None:
        answer = line.send(method, path, body, {"Content-Type": kind})
        assert answer.status == status
        assert json.loads(answer.body)["error"]["sentence"]
        if status == 405:
            assert answer.headers["allow"] == "POST"

    def test_a_body_without_a_length_is_cut_off_too(self, line: Client) -> None:
        chunk = b"4000\r\n" + b" " * 0x4000 + b"\r\n"
        answer = _chunked(line, chunk * 8 + b"0\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 413 ")

    def test_many_calls_at_once_each_get_their_answer(self, line: Client, desk: Desk) -> None:
        def pay(number: int) -> int:
            body = {"request": {"debt": "maple", "amount": "1.00"}, "key": f"key{number}"}
            return line.call("pay", json.dumps(body).encode()).status

        with ThreadPoolExecutor(16) as pool:
            assert set(pool.map(pay, range(64))) == {200}
        assert len(payments(desk)) == 64 - 14  # the list shows fifty

    def test_the_health_is_told_on_the_socket_as_well(self, line: Client) -> None:
        assert json.loads(line.get("/healthz").body)["status"] == "ok"


def _chunked(line: Client, body: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(10)
        connection.connect(line.place)
        head = (
            b"POST /api/v1/pay HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        threading.Thread(target=_sent, args=(connection, head + body)).start()
        return connection.recv(65536)


def _sent(connection: Any, data: bytes) -> None:
    try:
        connection.sendall(data)
    except OSError:
        return  # the server may close before it has read everything


class TestFeeds:
    @pytest.fixture
    def token(self, desk: Desk) -> str:
        return str(desk.of("li").ask("feed.add")["token"])

    @pytest.fixture(params=["with the pages", "on its own"])
    def reader(self, request: pytest.FixtureRequest, desk: Desk) -> Iterator[Client]:
        pages = request.param == "with the pages"
        app = web.pages_app(desk.office, health) if pages else web.feed_app(desk.office)
        with site.running(app) as place:
            yield Client(place)

    def test_a_feed_is_served_without_login(self, reader: Client, token: str) -> None:
        answer = reader.get(f"/feed/{token}.ics")
        assert answer.status == 200
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        assert answer.body.startswith(b"BEGIN:VCALENDAR\r\n")
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert token.encode() not in answer.body

    def test_head_says_the_same_without_the_body(self, reader: Client, token: str) -> None:
        got, head = reader.get(f"/feed/{token}.ics"), reader.send("HEAD", f"/feed/{token}.ics")
        assert (head.status, head.body) == (200, b"")
        assert head.headers["content-length"] == str(len(got.body))
        assert head.headers["etag"] == got.headers["etag"]

    def test_an_unchanged_feed_is_not_sent_again(
        self, reader: Client, token: str, desk: Desk
    ) -> None:
        path = f"/feed/{token}.ics"
        first = reader.get(path)
        tag = first.headers["etag"]
        for header in (tag, f"W/{tag}", f'"other", W/{tag}', "*", f'garbage {tag}, "'):
            again = reader.get(path, If_None_Match=header)
            assert (again.status, again.body) == (304, b"")
            assert again.headers["etag"] == tag
        for header in ("", "garbage", '"other"', '"', "W/", tag.strip('"'), '"' * 5000):
            assert reader.get(path, If_None_Match=header).status == 200
        dated = first.headers["last-modified"]
        assert reader.get(path, If_Modified_Since=dated).status == 304
        assert reader.get(path, If_Modified_Since="yesterday").status == 200
        both = {"If_Modified_Since": dated, "If_None_Match": '"other"'}
        assert reader.get(path, **both).status == 200
        desk.of("li").ask("pay", debt="maple")
        changed = reader.get(path, If_None_Match=tag)
        assert changed.status == 200
        assert changed.headers["etag"] != tag

    def test_every_token_that_opens_nothing_gets_the_same_answer(
        self, reader: Client, token: str, desk: Desk
    ) -> None:
        desk.of("li").ask("feed.revoke", feed="calendar")
        paths = [
            f"/feed/{token}.ics",
            f"/feed/{'A' * 43}.ics",
            f"/feed/{token[:-1]}.ics",
            f"/feed/{'x' * 10_000}.ics",
            "/feed/x.ics",
            "/feed/.ics",
            "/feed/%00.ics",
            "/feed/%ff.ics",
            "/feed/..%2f..%2fetc%2fpasswd.ics",
            "/feed/../../etc/passwd",
            "/feed/..",
            "/feed/",
            "/feed/' OR 1=1 --.ics".replace(" ", "%20"),
        ]
        answers = [reader.get(path) for path in paths]
        assert {each.status for each in answers} == {404}
        assert len({each.body for each in answers}) == 1
        assert len({tuple(sorted(each.headers.items())) for each in answers}) == 1

    def test_a_rotated_feed_answers_at_its_new_address_only(
        self, reader: Client, token: str, desk: Desk
    ) -> None:
        new = desk.of("li").ask("feed.rotate", feed="calendar")["token"]
        assert reader.get(f"/feed/{token}.ics").status == 404
        assert reader.get(f"/feed/{new}.ics").status == 200

    def test_a_feed_cannot_be_written_to(self, reader: Client, token: str) -> None:
        for method in ("POST", "PUT", "DELETE", "PROPFIND"):
            assert reader.send(method, f"/feed/{token}.ics").status in (404, 405)

    def test_no_token_is_ever_logged(self, reader: Client, token: str) -> None:
        # Not caplog, which listens to loggers that are switched off as well.
        written = io.StringIO()
        handler, root = logging.StreamHandler(written), logging.getLogger()
        level = root.level
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)
        try:
            reader.get(f"/feed/{token}.ics")
            reader.get(f"/feed/{token}x.ics")
            logging.getLogger("tracker").info("heard")
        finally:
            root.removeHandler(handler)
            root.setLevel(level)
        assert "heard" in written.getvalue()
        assert token not in written.getvalue()

    def test_with_a_listener_of_their_own_the_pages_have_none(
        self, home: Path, sqlite_template: Path
    ) -> None:
        desk = household(site.opened(home, sqlite_template, TRACKER_FEED_BIND="127.0.0.1:0"))
        token = desk.of("li").ask("feed.add")["token"]
        with site.running(web.pages_app(desk.office, health)) as place:
            assert Client(place).get(f"/feed/{token}.ics").status == 404
        with site.running(web.feed_app(desk.office)) as place:
            assert Client(place, host="phone.lan").get(f"/feed/{token}.ics").status == 200
            for path in ("/", "/login", "/healthz", "/static/style.css", "/api/v1/overview"):
                assert Client(place).get(path).status == 404
        desk.office.close()

    def test_a_date_decides_only_where_there_is_no_tag(self) -> None:
        later = "Tue, 24 Nov 2026 10:00:00 GMT"
        assert is_unchanged('"a"', site.NOW, if_none_match=None, if_modified_since=later)
        assert not is_unchanged('"a"', site.NOW, if_none_match='"b"', if_modified_since=later)
        for odd in ("", "x", "Tue, 24 Nov 2026 10:00:00 -0000", "Mon, 99 Foo 2026 00:00:00 GMT"):
            assert not is_unchanged('"a"', site.NOW, if_none_match=None, if_modified_since=odd)
