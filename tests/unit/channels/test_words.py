from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.channels import words
from tracker.channels.words import Word, understand


def wide(text: str) -> str:
    """In the full-width letters of a Chinese keyboard."""
    return "".join(chr(ord(each) + 0xFEE0) if each != " " else "\u3000" for each in text)


@pytest.mark.parametrize(
    ("body", "refs"),
    [
        ("PAID", ()),
        ("paid.", ()),
        ("PAID 👍", ()),
        ("PAID K7Q2", ("K7Q2",)),
        ("paid k7q2!!", ("K7Q2",)),
        ("  Paid:\n K7Q2  ", ("K7Q2",)),
        ("PAID K7Q2 K7Q3", ("K7Q2", "K7Q3")),
        ("PAID K7Q2, K7Q3 and k7q2", ("K7Q2", "K7Q3")),
        ("PAID K7Q2, thank you", ("K7Q2",)),
        ("K7Q2 paid", ("K7Q2",)),
        (wide("PAID k7q2"), ("K7Q2",)),
        ("P\u200bAID \u202eK7Q2\u202c", ("K7Q2",)),
        ("“paid K7Q2”", ("K7Q2",)),
        ("已还 K7Q2", ("K7Q2",)),
        ("已还K7Q2", ("K7Q2",)),
        ("已還：K7Q2。", ("K7Q2",)),
        ("办好 K7Q2", ("K7Q2",)),
        ("辦好K7Q2", ("K7Q2",)),
        ("辦妥", ()),
        ("K7Q2 已还", ("K7Q2",)),
    ],
)
def test_paid_is_understood_however_it_is_typed(body: str, refs: tuple[str, ...]) -> None:
    assert understand(body) == Word("paid", refs)


@pytest.mark.parametrize(
    "body",
    [
        *("Paid nothing yet", "paid not K7Q2", "PAID? no", "didn't pay K7Q2", "还没还 K7Q2"),
        *("已还不了 K7Q2", "not paid K7Q2", "K7Q2 not paid", "PAIDUP", "PAYED K7Q2", "unpaid K7Q2"),
        *("paid it yesterday", "已还一半"),
        *("K7Q2", "I will have paid by Friday", "", " ", "?", "👍", "ok", "YES", "1", "12345"),
        *("1234567", "٣٤٥٦٧٨", "code 123456", "\x00", "\ud800", "PAID_K7Q2" * 3 + " not"),
    ],
)
def test_what_is_not_clear_is_no_claim(body: str) -> None:
    assert understand(body) == Word("other")


@pytest.mark.parametrize(
    "body",
    [
        *("STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"),
        *("stop", " Stop. ", "STOP!!", "Stop all", "opt-out", wide("STOP"), "ST\u200bOP"),
        *("退订", "退訂。", "TD", wide("td"), "停止！"),
    ],
)
def test_a_word_that_stops_counts_alone(body: str) -> None:
    assert understand(body) == Word("stop")


@pytest.mark.parametrize(
    "body",
    [
        *("stop K7Q2", "please stop", "STOP it", "the end", "Cancel my holiday", "TD Bank"),
        *("请退订", "退订吗", "不停止", "END of the month", "STOPPED", "NONSTOP"),
    ],
)
def test_in_a_sentence_it_stops_nothing(body: str) -> None:
    assert understand(body) == Word("other")


def test_the_english_words_are_those_that_twilio_acts_on_itself() -> None:
    ascii_words = {word for word in words.STOP if word.isascii()} - {"TD"}
    assert ascii_words == set("STOP UNSUBSCRIBE END QUIT STOPALL REVOKE OPTOUT CANCEL".split())


@pytest.mark.parametrize(
    ("body", "verb"),
    [
        *(("START", "start"), ("unstop!", "start"), ("恢复", "start"), ("恢復", "start")),
        *(("HELP", "help"), ("info", "help"), ("帮助", "help"), ("幫助", "help")),
        *(("Yes", "other"), ("start again", "other"), ("restart", "other")),
    ],
)
def test_texts_are_turned_on_again_by_a_clear_word_only(body: str, verb: str) -> None:
    assert understand(body).verb == verb


@pytest.mark.parametrize("body", ["123456", "123 456", "123-456.", wide("123456"), " 123456\n"])
def test_six_digits_alone_are_a_code(body: str) -> None:
    assert understand(body) == Word("code", ("123456",))


@given(st.data(), st.sampled_from([2, 3]))
def test_every_ref_that_can_be_given_out_is_understood(data: st.DataObject, pairs: int) -> None:
    letters, digits = st.sampled_from(words.REF_LETTERS), st.sampled_from(words.REF_DIGITS)
    ref = "".join(data.draw(letters) + data.draw(digits) for _ in range(pairs))
    assert understand(f"paid {ref.lower()}") == Word("paid", (ref,))
    assert understand(f"已还{ref}") == Word("paid", (ref,))


def test_no_more_refs_are_taken_than_anybody_types() -> None:
    refs = [f"K{tens}Q{ones}" for tens in range(2, 10) for ones in range(2, 10)]
    assert understand("PAID " + " ".join(refs)).refs == tuple(refs[:10])


@given(st.text(alphabet=st.characters(), max_size=200))
def test_nothing_that_comes_in_is_an_error(body: str) -> None:
    word = understand(body)
    assert word.verb in {"paid", "stop", "start", "help", "code", "other"}
    assert (word.verb in {"paid", "code"}) or word.refs == ()


@pytest.mark.parametrize(
    "body",
    ["a" * 2**20, "K7Q2 " * 2**18, "PAID " * 2**18, "\ufdfa" * 2**20, "n't " * 2**18, " " * 2**20],
)
def test_a_megabyte_is_little_work(body: str) -> None:
    begun = time.thread_time()
    understand(body)
    assert time.thread_time() - begun < 0.2
