from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.peers.callbacks import Form, inbound_form, posted, sign, status_form
from tests.peers.twilio import ACCOUNT_SID, AUTH_TOKEN, SENDER, Message
from tracker import language
from tracker.channels import hooks
from tracker.channels.hooks import StatusNews, parse_inbound, parse_status, read_form, verify
from tracker.channels.message import Heard
from tracker.channels.sms import fate
from tracker.errors import InputError, RefusedError, TrackerError

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
URL = f"https://home.example{hooks.STATUS_PATH}"
TYPE = "application/x-www-form-urlencoded; charset=UTF-8"
TEXT = Message(
    sid="SM" + "1" * 32,
    to="+15550100001",
    sender=SENDER,
    body="Li: MAPLE",
    direction="outbound-api",
    status="queued",
    at=NOON.isoformat(),
)
ANSWER = Message(
    sid="SM" + "2" * 32,
    to=SENDER,
    sender="+15550100001",
    body=" 已还 K7Q2 ",
    direction="inbound",
    status="received",
    at=NOON.isoformat(),
)
SHA256 = "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"


def checked(
    form: Form, signature: str | None, *, url: str = URL, algorithm: str | None = None
) -> None:
    verify(
        url=url,
        params=form,
        signature=signature,
        algorithm=algorithm,
        auth_token=AUTH_TOKEN,
        account_sid=ACCOUNT_SID,
    )


def refused(form: Form, signature: str | None, **more: str) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        checked(form, signature, **more)
    assert caught.value.http_status == 403
    said, hint = language.of("en_GB").error(caught.value)
    assert said
    assert hint is None or "{" not in hint
    return caught.value


def test_what_twilio_signed_is_let_in() -> None:
    for form in (status_form(TEXT, "delivered"), inbound_form(ANSWER), status_form(TEXT, "x", 7)):
        checked(read_form(TYPE, posted(form)), sign(URL, form))


def test_a_name_that_occurs_twice_is_signed_with_both_values() -> None:
    form = [*status_form(TEXT, "sent"), ("MediaUrl", "b"), ("MediaUrl", "a"), ("MediaUrl", "b")]
    checked(form, sign(URL, form))


def test_fields_that_are_new_to_us_are_signed_too() -> None:
    form = [*status_form(TEXT, "sent"), ("RawDlrDoneDate", "2611241200")]
    checked(form, sign(URL, form))
    refused(form, sign(URL, form[:-1]))


def test_without_a_signature_nothing_is_believed() -> None:
    """Twilio's own validator would end in a TypeError."""
    for absent in (None, ""):
        assert "no signature" in str(refused(status_form(TEXT, "sent"), absent))


@pytest.mark.parametrize(
    "change",
    [
        lambda form: [(name, value.strip()) for name, value in form],
        lambda form: form[1:],
        lambda form: [*form, ("Extra", "1")],
        lambda form: [(name, "PAID" if name == "Body" else value) for name, value in form],
    ],
)
def test_a_form_that_was_altered_is_refused(change: object) -> None:
    form = inbound_form(ANSWER)
    assert callable(change)
    refused(change(form), sign(URL, form))


@pytest.mark.parametrize(
    "elsewhere",
    [
        URL.replace("https", "http"),
        URL.replace("home", "other"),
        URL + "/",
        URL + "?a=1",
        "http://127.0.0.1:8765" + hooks.STATUS_PATH,
    ],
)
def test_a_signature_holds_for_one_address(elsewhere: str) -> None:
    form = status_form(TEXT, "sent")
    assert "public_url" in str(refused(form, sign(elsewhere, form)).hint)
    checked(form, sign(elsewhere, form), url=elsewhere)


def test_the_usual_port_may_be_written_or_not() -> None:
    form = status_form(TEXT, "sent")
    checked(form, sign(URL.replace(".example", ".example:443"), form))


def test_another_token_signs_nothing_for_us() -> None:
    form = status_form(TEXT, "sent")
    refused(form, sign(URL, form, token="another"))
    for made_up in ("x", "é" * 28, "=" * 28, sign(URL, form).lower()):
        refused(form, made_up)


def test_what_another_account_signed_with_our_token_is_refused() -> None:
    form = status_form(TEXT, "sent", account="AC" + "9" * 32)
    assert "another account" in str(refused(form, sign(URL, form)))
    twice = [*status_form(TEXT, "sent"), ("AccountSid", "AC" + "9" * 32)]
    assert "another account" in str(refused(twice, sign(URL, twice)))


def test_the_newer_signature_is_checked_by_its_own_hash() -> None:
    form = status_form(TEXT, "sent")
    checked(form, sign(URL, form, algorithm="sha256"), algorithm="algorithm=HMAC_SHA256")
    refused(form, sign(URL, form), algorithm="algorithm=HMAC_SHA256")
    refused(form, sign(URL, form, algorithm="sha256"))


def test_a_key_that_we_do_not_hold_is_told_as_that() -> None:
    form = status_form(TEXT, "sent")
    signature = sign(URL, form, token="the shared key", algorithm="sha256")
    error = refused(form, signature, algorithm=SHA256)
    assert hooks.SETTINGS in str(error)
    assert error.hint is not None


def test_a_hash_that_nobody_knows_is_refused_quietly(caplog: pytest.LogCaptureFixture) -> None:
    form = status_form(TEXT, "sent")
    for named in ("algorithm=MD5", "algorithm=", "x" * 100, "algorithm=HMAC_SHA1\r\nX: y"):
        signature = sign(URL, form, token="another")
        refused(form, signature, algorithm=named)
    assert caplog.text == ""


def test_the_news_of_a_status_is_read() -> None:
    form = status_form(TEXT, "undelivered", 30003)
    assert parse_status(form) == StatusNews(sid=TEXT.sid, status="undelivered", error_code=30003)
    assert parse_status(status_form(TEXT, "Delivered")).status == "delivered"


def test_a_status_that_is_new_to_us_is_news_all_the_same() -> None:
    news = parse_status(status_form(TEXT, "teleported"))
    assert fate(news.status, news.error_code).state == "sent"


@pytest.mark.parametrize("code", ["", "x", "-1", "٣", "1" * 4400, "30003.0"])
def test_an_error_code_that_is_none_is_left_out(code: str) -> None:
    form = [*status_form(TEXT, "failed"), ("ErrorCode", code)]
    assert parse_status(form).error_code is None


def test_whatever_the_order_of_callbacks_each_says_the_same() -> None:
    forms = [status_form(TEXT, word) for word in ("sent", "delivered", "sent")]
    for order in permutations(forms):
        assert {parse_status(form).status for form in order} == {"sent", "delivered"}


def test_a_text_that_came_in_is_read() -> None:
    form = read_form(TYPE, posted(inbound_form(ANSWER)))
    assert parse_inbound(form, at=NOON) == Heard(
        provider_id=ANSWER.sid, sender="+15550100001", body="已还 K7Q2", at=NOON
    )


def test_a_text_that_came_in_is_cut_and_holds_nothing_that_a_database_refuses() -> None:
    form = [*inbound_form(ANSWER)]
    form = [(name, "\x00\u202eA" * 2000 if name == "Body" else value) for name, value in form]
    body = parse_inbound(form, at=NOON).body
    assert set(body) == {"A"}
    assert len(body) <= 1600


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MessageSid", ""),
        ("MessageSid", "SM1\n"),
        ("MessageSid", "../" * 5),
        ("MessageSid", "S" * 65),
        ("From", ""),
        ("From", "+" * 65),
    ],
)
def test_a_text_without_a_sender_or_an_id_is_refused(name: str, value: str) -> None:
    form = [(each, value if each == name else kept) for each, kept in inbound_form(ANSWER)]
    with pytest.raises(InputError) as caught:
        parse_inbound(form, at=NOON)
    assert caught.value.field == name


@pytest.mark.parametrize("status", ["", " ", "a" * 33, "<b>", "sent; drop"])
def test_news_without_a_status_are_refused(status: str) -> None:
    with pytest.raises(InputError, match="no status"):
        parse_status(status_form(TEXT, status))


@pytest.mark.parametrize(
    ("content_type", "body", "why"),
    [
        ("application/json", b"{}", "Only a form"),
        ("multipart/form-data; boundary=x", b"--x--", "Only a form"),
        ("", b"a=1", "Only a form"),
        (None, b"a=1", "Only a form"),
        (TYPE, b"a=" + b"x" * 65_535, "more than 65536 bytes"),
        (TYPE, b"x" * 5_000_000, "more than 65536 bytes"),
        (TYPE, b"&".join([b"a=1"] * 201), "more than 200 fields"),
        (TYPE, b"a=1&" * 16_000, "more than 200 fields"),
        (TYPE, b"Body=%FF", "not UTF-8"),
        (TYPE, b"Body=\xff", "not UTF-8"),
        (TYPE, b"%ff=1", "not UTF-8"),
        (TYPE, b"Body=%ED%A0%80", "not UTF-8"),
    ],
)
def test_a_form_that_twilio_never_posts_is_refused(
    content_type: str | None, body: bytes, why: str
) -> None:
    with pytest.raises(InputError, match=why) as caught:
        read_form(content_type, body)
    assert 400 <= caught.value.http_status < 500


def test_a_form_is_read_with_its_spaces_and_its_empty_fields() -> None:
    form = [("Body", " PAID  K7Q2 + 1 "), ("Empty", ""), ("还", "é&=%")]
    assert read_form(TYPE.upper(), posted(form)) == form
    assert read_form(TYPE, b"") == []
    assert len(read_form(TYPE, b"&".join([b"a=1"] * 200))) == 200


@given(st.text(), st.binary(max_size=300), st.text())
def test_nothing_that_is_posted_is_an_error_of_ours(
    content_type: str, body: bytes, signature: str
) -> None:
    for kind in (content_type, TYPE):
        try:
            form = read_form(kind, body)
        except TrackerError:
            continue
        for take in (
            lambda form=form: checked(form, signature, algorithm=content_type),
            lambda form=form: parse_status(form),
            lambda form=form: parse_inbound(form, at=NOON),
        ):
            with pytest.raises(TrackerError):
                take()
