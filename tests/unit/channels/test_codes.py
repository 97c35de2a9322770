from __future__ import annotations

import pytest

from tracker.channels.codes import classify
from tracker.channels.message import Failure
from tracker.channels.sms import Sms, is_loopback
from tracker.errors import InputError

SID = "AC" + "0" * 32


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
        Sms(auth_token="secret", **settings)  # type: ignore[arg-type]
    assert caught.value.field == field
    assert "secret" not in str(caught.value)
