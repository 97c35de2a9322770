from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.rest.api.v2010.account.message import MessageInstance

from tests import delivery_codes
from tracker.channels import codes
from tracker.channels.codes import classify, explain
from tracker.channels.message import Failure
from tracker.channels.sms import Sms, fate, is_loopback
from tracker.errors import InputError

SID = "AC" + "0" * 32
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        (Failure.account, (20003, 30001, 30002)),
        (Failure.transient, (20429, 21611, 30003, 30008, 30500)),
        (Failure.unknown, (20500,)),
        (
            Failure.permanent,
            (
                *(21211, 21212, 21401, 21408, 21606, 21608, 21610, 21612, 21614, 21617, 21635),
                *(30004, 30005, 30006, 30007, 30034, 30042, 30532, 30863, 30869),
            ),
        ),
    ],
)
def test_each_code_has_its_kind_and_its_own_words(kind: Failure, codes: tuple[int, ...]) -> None:
    for code in codes:
        found, reason = classify(None, code)
        assert found is kind
        assert reason != classify(400, 29_999)[1]
        assert reason.format(code=code)


@pytest.mark.parametrize(
    ("class_", "kind", "of_class"),
    [
        (
            "permanent",
            Failure.permanent,
            (
                *(21211, 21212, 21401, 21408, 21606, 21608, 21610, 21612, 21614, 21617, 21635),
                *(30004, 30005, 30006, 30007),
            ),
        ),
        ("transient", Failure.transient, (20429, 21611, 30003, 30008, 30036, 30500)),
        ("account", Failure.account, (20003, 20005, 20403, 30001, 30002)),
        (
            "compliance",
            Failure.permanent,
            (30034, 30042, 30460, 30466, 30532, 30863, 30869),
        ),
        ("unknown", Failure.unknown, (20500, 20503)),
    ],
)
def test_each_code_has_its_class_and_what_to_do(
    class_: str, kind: Failure, of_class: tuple[int, ...]
) -> None:
    for code in of_class:
        meaning = explain(code)
        assert (meaning.class_, meaning.kind) == (class_, kind), code
        assert meaning == codes.MEANINGS[code]


def test_every_explanation_is_two_sentences_that_can_be_filled() -> None:
    for code in (*codes.MEANINGS, 29_999, None):
        meaning = explain(code)
        for each in (meaning.reason, meaning.action):
            said = each.format(code=code)
            assert said.endswith(".")
            assert "{" not in said
        assert meaning.reason != meaning.action


@pytest.mark.parametrize(
    ("code", "why", "what_to_do"),
    [
        (21608, "trial account", "Verify the number in Twilio's console"),
        (21408, "switched off in the Twilio account", "geo permissions"),
        (30002, "suspended or without funds", "Add funds"),
        (20403, "suspended or without funds", "answer its notice"),
        (20003, "SID or token", "the file of its token"),
        (21610, "answering STOP", "texting START"),
        (30532, "only sends reminders to its owner", "e-mail or push"),
        (30869, "credit repair", "e-mail or push"),
        (30034, "not registered", "A2P 10DLC"),
        (29_999, "refused the text (code 29999)", "https://www.twilio.com/docs/api/errors/29999"),
    ],
)
def test_what_the_owner_can_mend_is_told_with_the_cure(
    code: int, why: str, what_to_do: str
) -> None:
    meaning = explain(code)
    assert why in meaning.reason.format(code=code)
    assert what_to_do in meaning.action.format(code=code)


def test_an_opt_out_has_a_name() -> None:
    assert codes.OPTED_OUT == 21610


def test_the_page_of_codes_is_current() -> None:
    written = (ROOT / "docs/delivery-codes.md").read_text(encoding="utf-8")
    assert written == delivery_codes.document(), (
        "python -m tests.delivery_codes > docs/delivery-codes.md"
    )
    for code in codes.MEANINGS:
        assert str(code) in written


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("sent", ("accepted", "scheduled", "queued", "sending", "sent", "receiving", "received")),
        ("delivered", ("delivered", "read")),
        ("undelivered", ("undelivered", "failed", "canceled", "partially_delivered")),
    ],
)
def test_each_of_twilios_statuses_has_its_fate(state: str, words: tuple[str, ...]) -> None:
    for word in words:
        found = fate(word, None)
        assert (found.state, found.status) == (state, word)
        assert (found.kind is None) == (found.reason is None) == (state != "undelivered")


def test_twilios_own_list_of_statuses_is_covered() -> None:
    listed = {value for name, value in inspect.getmembers(MessageInstance.Status) if name.isupper()}
    assert len(listed) == 13
    told = {word for word in listed if fate(word, 30003).state != "sent"}
    assert told == {
        *("delivered", "read"),
        *("undelivered", "failed", "canceled", "partially_delivered"),
    }


@pytest.mark.parametrize(
    ("status", "code", "kind", "told"),
    [
        ("undelivered", 30003, Failure.transient, "could not be reached"),
        ("failed", 30002, Failure.account, "without funds"),
        ("undelivered", 21610, Failure.permanent, "STOP"),
        ("undelivered", None, Failure.permanent, "does not say why"),
        ("failed", 39_999, Failure.permanent, "(code 39999)"),
        ("failed", 20500, Failure.transient, "inside Twilio"),
        ("partially_delivered", 30003, Failure.permanent, "could not be reached"),
        ("partially_delivered", None, Failure.permanent, "Only a part"),
        ("canceled", None, Failure.permanent, "cancelled at Twilio"),
    ],
)
def test_what_did_not_arrive_says_why_and_whether_to_repeat_it(
    status: str, code: int | None, kind: Failure, told: str
) -> None:
    """A status that is certain is never `unknown`: the list has nothing more to say."""
    found = fate(status, code)
    assert (found.state, found.kind) == ("undelivered", kind)
    assert found.code == (None if code is None else str(code))
    assert found.reason is not None
    assert told in found.reason.format(code=found.code)


@given(st.text(), st.one_of(st.none(), st.integers()))
def test_a_word_that_nobody_knows_is_nothing_final(status: str, code: int | None) -> None:
    found = fate(status, code)
    assert found.state in {"sent", "delivered", "undelivered"}
    assert len(found.status) <= 32
    if status.strip().lower() not in {"delivered", "read", "failed", "undelivered", "canceled"}:
        assert found.state == "sent" or status.strip().lower() == "partially_delivered"


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, None, Failure.account),
        (403, None, Failure.account),
        (402, None, Failure.account),
        (404, None, Failure.account),
        (429, None, Failure.transient),
        (400, 21999, Failure.permanent),
        (422, None, Failure.permanent),
        (500, None, Failure.unknown),
        (502, None, Failure.unknown),
        (302, None, Failure.unknown),
        (408, None, Failure.unknown),
        (None, 39_999, Failure.permanent),
    ],
)
def test_without_a_known_code_the_status_counts(
    status: int | None, code: int | None, kind: Failure
) -> None:
    assert classify(status, code)[0] is kind


def test_a_server_error_is_never_read_as_a_refusal() -> None:
    """A gateway may put any code beside a 5xx; the message may be on its way."""
    for code in (21211, 20429, 20003):
        assert classify(503, code)[0] is Failure.unknown


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:8080", True),
        ("http://127.9.8.7/x", True),
        ("http://localhost:1", True),
        ("http://[::1]:99", True),
        ("https://api.twilio.com", False),
        ("http://127.0.0.1@api.example", False),
        ("http://127.0.0.1.example", False),
        ("http://localhost.example", False),
        ("http://0.0.0.0", False),
        ("127.0.0.1", False),
        ("http://[::1", False),
        ("", False),
    ],
)
def test_loopback_is_only_what_cannot_be_anything_else(url: str, loopback: bool) -> None:
    assert is_loopback(url) is loopback


@pytest.mark.parametrize(
    ("field", "settings"),
    [
        ("account_sid", {"account_sid": "AC1", "from_number": "+15550100000"}),
        ("account_sid", {"account_sid": SID + "\n", "from_number": "+15550100000"}),
        ("from_number", {"account_sid": SID}),
        (
            "auth_token",
            {"account_sid": SID, "from_number": "+15550100000", "auth_token": ""},
        ),
        (
            "from_number",
            {"account_sid": SID, "from_number": "+15550100000", "messaging_service_sid": "MG1"},
        ),
        (
            "api_base_url",
            {
                "account_sid": SID,
                "from_number": "+15550100000",
                "api_base_url": "http://api.example",
            },
        ),
    ],
)
def test_settings_that_cannot_work_are_refused(field: str, settings: dict[str, str]) -> None:
    with pytest.raises(InputError) as caught:
        Sms(**{"auth_token": "secret", **settings})  # type: ignore[arg-type]
    assert caught.value.field == field
    assert "secret" not in str(caught.value)
