"""Cover words: what stands for a debt on a lock screen.

A plain thing or place, such as MAPLE or 风筝, that says nothing to whoever reads
over a shoulder. The lists here say which words would, and why.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import NamedTuple

from tracker.channels.segments import clean
from tracker.errors import InputError
from tracker.language import N_


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


COVER_WORDS: dict[str, tuple[str, ...]] = {
    "en": _words(
        "MAPLE HARBOUR LANTERN KITE PEBBLE WINDMILL FERRY ANCHOR TUNNEL ISLAND OTTER QUILT"
        " VIOLIN ZEBRA SADDLE BASKET COMPASS DOLPHIN EASEL GARDEN JIGSAW NEEDLE RAFT UMBRELLA"
        " YARN ACORN BEACON CANOE FOREST HAMMOCK LADDER MEADOW PADDLE TROLLEY SAUCER"
    ),
    "zh_Hans": _words(
        "青松 梧桐 云帆 石桥 风筝 竹屋 灯塔 海湾 山谷 钟楼 木船 书架 雨伞 茶壶 沙滩 水车 陶罐 树林"
        " 麦田 溪流 雪山 古城 长亭 岛屿 窗台 池塘 帆船 荷叶 草原 石阶"
    ),
    "zh_Hant": _words(
        "青松 梧桐 雲帆 石橋 風箏 竹屋 燈塔 海灣 山谷 鐘樓 木船 書架 雨傘 茶壺 沙灘 水車 陶罐 樹林"
        " 麥田 溪流 雪山 古城 長亭 島嶼 窗台 池塘 帆船 荷葉 草原 石階"
    ),
}
"""Offered in this order. The first 25 begin with different characters."""

FORBIDDEN: dict[str, tuple[str, ...]] = {
    "en": _words(
        "account accounts afford arrears balance bank bill bills borrow card cash cheque collector"
        " collection collections credit creditor debit debt debts default deposit due euro fee"
        " fees final finance fine fund funds installment installments instalment instalments"
        " interest invest invoice late lend loan loans mint missed money mortgage outstanding"
        " overdraft overdue owe owed owes paid pay payment payments payday penalty pound pounds"
        " purse quid refund rent repay repayment salary savings settle sum tax unpaid urgent"
        " wage wages wallet"
    ),
    "zh_Hans": _words(
        "还款 还钱 付款 缴款 逾期 账单 帐单 账户 扣款 欠款 余额 分期 催收 贷款 信用 银行 债 欠 贷"
        " 钱 期 卡 供款 款"
    ),
    "zh_Hant": _words(
        "還款 還錢 付款 繳款 繳費 逾期 帳單 賬單 帳戶 賬戶 戶口 扣款 欠款 餘額 分期 催收 貸款 信用"
        " 銀行 供款 找數 債 欠 貸 錢 期 卡 款"
    ),
}
"""What no text says: whole words in English, any occurrence in Chinese."""


class _Reason(NamedTuple):
    msgid: str
    words: frozenset[str]
    """Whole words, in capitals."""
    characters: frozenset[str]
    """Chinese: a word that contains one of them."""


def _reason(msgid: str, words: str, characters: str = "") -> _Reason:
    return _Reason(msgid, frozenset(words.split()), frozenset(characters))


# In this order, since the first that holds is told. Only words of three letters
# or more matter in English, but the sentence should be right for shorter ones.
_REASONS = (
    _reason(
        N_("{value!r} is a word that mobile networks or this tracker act on."),
        "STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT START UNSTOP YES HELP INFO ARRET"
        " PAID UNDO TD OK 退订 退訂 停止 取消 已还 已還",
    ),
    _reason(
        N_("{value!r} is a colour, and colours can say more than they seem to."),
        "RED BLACK BLUE GREEN WHITE YELLOW ORANGE PINK PURPLE BROWN GREY GRAY AMBER SILVER GOLD"
        " GOLDEN SCARLET CRIMSON VIOLET INDIGO",
        "黑红紅黄黃绿綠蓝藍白紫灰橙",
    ),
    _reason(
        N_("{value!r} is a word about money or a shop."),
        "MINT SHELL MANGO APPLE AMAZON TARGET NEXT BOOTS COIN COINS CENT DOLLAR YEN YUAN PENNY"
        " STERLING SHOP SALE STORE KLARNA VISA NEST PAWN BAILIFF COURT JUDGE",
        "金银銀钱錢卡贷貸债債账賬帐帳单單欠还還款付缴繳费費供期",
    ),
    _reason(
        N_("{value!r} is a first name; somebody could read a person into it."),
        "ROSE IVY LILY JASMINE DAISY POPPY HAZEL HOLLY VIOLA HEATHER OLIVE IRIS FERN WILLOW RUBY"
        " PEARL JADE AMY ANNA ANNE ALICE BEN BOB CHARLIE CLAIRE DAN DAVID EMMA EVE FAITH FAY GRACE"
        " HARRY HOPE JACK JAMES JANE JOHN JOY KATE LEE LINDA LUCY MARK MARY MAX MAY MIA NICK PAUL"
        " PETER ROB ROBIN ROY SAM SARAH SKY SUE SUMMER TOM VICTOR WILL"
        " 茉莉 海棠 丁香 玫瑰 百合 芙蓉 牡丹 小红 小明 丽丽 麗麗 美玲 志明 建国 建國 秀英",
    ),
    _reason(
        N_("{value!r} is a medical word."),
        "CLINIC DOCTOR HOSPITAL PILL PILLS TEST CANCER VIRUS NURSE SURGERY THERAPY DRUG BLOOD WARD"
        " DENTIST MEDICINE",
        "病药藥医醫癌诊診",
    ),
    _reason(
        N_("{value!r} is a word that spam is known by."),
        "FINAL VERIFY CLAIM WINNER PRIZE FREE OFFER ALERT WARNING ACTION SECURE SECURITY LOGIN"
        " PASSWORD CODE NOTICE IMPORTANT 中奖 中獎 验证 驗證 最后 最後 紧急 緊急 通知",
    ),
    _reason(
        N_("{value!r} ranks or counts, and so tells how many there are."),
        "ALPHA BETA GAMMA DELTA OMEGA ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE TEN FIRST SECOND"
        " THIRD LAST NUMBER",
        "甲乙丙丁一二三四五六七八九十第",
    ),
)
_ABOUT_MONEY = _REASONS[2].msgid

_HINT = N_("Take a plain thing or place, for example {example}.")
_LATIN = (3, 10)
_CHINESE = (2, 4)


def family(locale: str) -> str:
    """Which lists a locale reads: `en`, `zh_Hans` or `zh_Hant`."""
    name = locale.replace("-", "_")
    if not name.startswith("zh"):
        return "en"
    traditional = any(part in name for part in ("Hant", "_TW", "_HK", "_MO"))
    return "zh_Hant" if traditional else "zh_Hans"


def forbidden_in(text: str, locale: str) -> str | None:
    """The first forbidden word of the locale's language in a text, else None."""
    language = family(locale)
    if language == "en":
        found = set(re.findall(r"[a-z]+", text.lower()))
        return next((word for word in FORBIDDEN["en"] if word in found), None)
    return next((word for word in FORBIDDEN[language] if word in text), None)


def check_cover_word(text: str, *, locale: str, taken: Collection[str]) -> str:
    """The word as it will be shown: Latin letters in capitals, Chinese as typed.

    `taken` are the person's other cover words. Raises InputError with the reason
    when the word would say too much, or could be misread for something else.
    """
    word = clean(unicodedata.normalize("NFKC", text)).upper()
    others = {other.upper() for other in taken}
    example = _first_free(locale, others) or COVER_WORDS[family(locale)][0]

    def refused(msgid: str, **params: object) -> InputError:
        value = text if len(text) <= 40 else text[:39] + "…"
        return InputError(
            msgid, field="cover_word", hint=_HINT, value=value, example=example, **params
        )

    if not word:
        raise refused(N_("The cover word is empty."))
    if word.isdecimal():
        raise refused(N_("{value!r} is only digits, which read as an amount or a date."))
    if not word.isalpha():
        raise refused(N_("{value!r} is not one word of letters alone."))
    for reason in _REASONS:
        if word in reason.words or not reason.characters.isdisjoint(word):
            raise refused(reason.msgid)
    if any(forbidden_in(word, each) for each in FORBIDDEN):
        raise refused(_ABOUT_MONEY)
    least, most = _CHINESE if _is_chinese(word) else _LATIN
    if not least <= len(word) <= most:
        raise refused(
            N_("{value!r} has {length} characters; a cover word has {least} to {most}."),
            length=len(word),
            least=least,
            most=most,
        )
    if word in others:
        raise refused(N_("{value!r} stands for another debt already."))
    return word


def default_cover_word(locale: str, taken: Collection[str]) -> str:
    """The first word of the list that is free and begins unlike every other.

    When each beginning is taken, the first that is free. Raises InputError when
    the list is used up.
    """
    others = {other.upper() for other in taken}
    found = _first_free(locale, others)
    if found is None:
        raise InputError(
            N_("All {count} cover words are in use."),
            field="cover_word",
            hint=N_("Type one of your own: a plain thing or place."),
            count=len(COVER_WORDS[family(locale)]),
        )
    return found


def _first_free(locale: str, others: Collection[str]) -> str | None:
    words = COVER_WORDS[family(locale)]
    begun = {other[:1] for other in others}
    free = [word for word in words if word not in others]
    return next((word for word in free if word[0] not in begun), free[0] if free else None)


def _is_chinese(word: str) -> bool:
    return all(unicodedata.name(each, "").startswith("CJK UNIFIED") for each in word)
