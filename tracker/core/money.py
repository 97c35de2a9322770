"""Money: a whole number of minor units and an ISO 4217 code.

What a person typed is read strictly. `decimal.Decimal` would take "1_000",
"NaN", "1e5" and Bengali digits without a word, so the text is taken apart here
and only plain ASCII digits ever reach `int`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tracker.core.reading import refuse_empty, refuse_foreign_digits, shown
from tracker.errors import InputError

MAX_MINOR = 10**15
"""Largest amount of a debt or payment, in minor units: ten trillion pounds, far
inside a 64-bit column even after sums over thousands of rows."""

# ISO 4217 list one, active codes, by number of decimals. Gold, bonds, drawing
# rights and test codes (XAU, XDR, XTS, XXX …) have no minor unit: nobody owes them here.
_BY_EXPONENT = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD"
    " CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP"
    " GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK"
    " LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO"
    " NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS"
    " SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST"
    " XAD XCD XCG YER ZAR ZMW ZWG",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_EXPONENTS = {code: places for places, codes in _BY_EXPONENT.items() for code in codes.split()}

# What people write instead of a code; a sign shared by several currencies is
# right for each of them, since the debt already says which one it is in.
_SIGNS = {
    "$": "ARS AUD BBD BMD BND BSD BZD CAD CLP COP CUP CVE DOP FJD GYD HKD JMD KYD LRD MXN NAD NIO"
    " NZD SBD SGD SRD TTD TWD USD UYU XCD",
    "US$": "USD",
    "HK$": "HKD",
    "NT$": "TWD",
    "A$": "AUD",
    "AU$": "AUD",
    "C$": "CAD",
    "CA$": "CAD",
    "NZ$": "NZD",
    "S$": "SGD",
    "SG$": "SGD",
    "MX$": "MXN",
    "R$": "BRL",
    "£": "EGP FKP GBP GIP LBP SDG SHP SSP SYP",
    "€": "EUR",
    "¥": "CNY JPY",
    "\uffe5": "CNY JPY",  # the full-width yen sign
    "CN¥": "CNY",
    "JP¥": "JPY",
    "元": "CNY HKD MOP TWD",
    "圆": "CNY",
    "圓": "HKD MOP TWD",
    "円": "JPY",
    "RMB": "CNY",
    "RM": "MYR",
    "kr": "DKK ISK NOK SEK",
    "zł": "PLN",
    "Kč": "CZK",
    "₩": "KPW KRW",
    "₹": "INR",
    "₫": "VND",
    "฿": "THB",
    "₱": "PHP",
    "₪": "ILS",
    "₺": "TRY",
    "₴": "UAH",
    "₦": "NGN",
    "\uffe6": "KRW",  # the full-width won sign
    "EC$": "XCD",
    "FCFA": "XAF",
    "F\u202fCFA": "XOF",
    "CFPF": "XPF",
    "Cg.": "XCG",
}

# Spaces that no line breaks at group thousands in some languages (CLDR); a plain
# one may stand between two numbers, so it groups nothing.
_GROUPING_SPACES = "\u00a0\u202f"

_MINUS = "-\u2212\u2013"
_NO_NUMBERS = {"nan", "inf", "infinity"}
_LONGEST = 100
_PARTS = re.compile(
    r"(?P<before>[^0-9]*)(?P<number>[0-9](?:.*[0-9])?)(?P<after>[^0-9]*)", re.DOTALL
)


def currency_code(text: str, *, field: str = "currency") -> str:
    """The ISO 4217 code in capitals; InputError when no active code is meant."""
    code = text.strip().upper()
    if code not in _EXPONENTS:
        raise InputError(
            "{name} is {value!r}; that is no active currency code of ISO 4217.",
            field=field,
            hint="Write its three letters, for example GBP, USD or CNY.",
            name=field,
            value=shown(text),
        )
    return code


def exponent(currency: str) -> int:
    """How many decimals the currency has: 0, 2, 3 or 4. InputError when unknown."""
    return _EXPONENTS[currency_code(currency)]


def parse(
    text: str,
    currency: str,
    *,
    decimal_mark: str = ".",
    field: str = "amount",
    zero_ok: bool = False,
) -> int:
    """The minor units that `text` stands for, 1 to `MAX_MINOR` (0 with `zero_ok`).

    `decimal_mark` is "." or ","; the other one may group thousands, if every
    group is whole. Decimals are all there or none are: "12" or "12.50", not
    "12.5", which is as likely a digit forgotten. A sign or code of `currency`
    may stand before or after. InputError for everything else, with its reason.
    """
    code = currency_code(currency)
    number = _number(text, code, field)
    whole, decimals = _digits(number, text, code, decimal_mark, field)
    minor = int(whole + decimals.ljust(_EXPONENTS[code], "0"))
    if minor == 0 and not zero_ok:
        raise InputError(
            "{name} is {value!r}; it must be more than nothing.",
            field=field,
            hint="Write an amount above zero.",
            name=field,
            value=shown(text),
        )
    if minor > MAX_MINOR:
        raise InputError(
            "{name} is {value!r}; that is larger than any amount kept here.",
            field=field,
            hint="The largest is {largest}; look for digits too many.",
            name=field,
            value=shown(text),
            largest=plain(MAX_MINOR, code),
        )
    return minor


def plain(minor: int, currency: str) -> str:
    """The amount with a point and all its decimals, without grouping: "-1234.50"."""
    places = exponent(currency)
    sign = "-" if minor < 0 else ""
    digits = str(abs(minor)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else sign + digits


def split(total_minor: int, weights: Sequence[int]) -> list[int]:
    """`total_minor` in parts proportional to `weights`, summing to it exactly.

    Largest remainder: each part is rounded down, then what is left goes one
    minor unit at a time to the largest fractions, the earlier part first when
    two are equal. A negative total is split like its opposite. ValueError when
    there is no positive weight, or a negative one.
    """
    if any(weight < 0 for weight in weights) or not any(weights):
        raise ValueError("weights must not be negative, and one must be positive")
    if total_minor < 0:
        return [-part for part in split(-total_minor, weights)]
    whole = sum(weights)
    parts = [total_minor * weight // whole for weight in weights]
    by_fraction = sorted(range(len(weights)), key=lambda i: -(total_minor * weights[i] % whole))
    for i in by_fraction[: total_minor - sum(parts)]:
        parts[i] += 1
    return parts


def _number(text: str, code: str, field: str) -> str:
    """What is left of `text` without its currency; refuses what is no number at all."""
    said = {"name": field, "value": shown(text), "currency": code}
    bare = text.strip()
    refuse_empty(bare, field=field, hint="Write an amount, for example 120.")
    if len(bare) > _LONGEST:
        raise InputError(
            "{name} is {value!r}; that is too long for an amount.",
            field=field,
            hint="Write the digits of one amount.",
            **said,
        )
    refuse_foreign_digits(bare, field=field)
    if bare.strip("+-").lower() in _NO_NUMBERS:
        raise InputError(
            "{name} is {value!r}; that is not a finite number.",
            field=field,
            hint="Write the amount in digits.",
            **said,
        )
    parts = _PARTS.fullmatch(bare)
    if parts is None:
        raise InputError(
            "{name} is {value!r}; there is no number in it.",
            field=field,
            hint="Write the amount in digits.",
            **said,
        )
    before, after = parts["before"].strip(), parts["after"].strip()
    number = _ungrouped(parts["number"])
    _refuse_notations(number, said)
    if any(mark in before + after for mark in _MINUS):
        _refuse_minus(number, said)
    if (before.endswith((".", ",")) and before not in _SIGNS) or after.startswith((".", ",")):
        raise InputError(
            "{name} is {value!r}; a decimal mark needs digits on both sides.",
            field=field,
            hint="Write 0.50 for half, or 5 for a round five.",
            **said,
        )
    for mark in filter(None, (before, after)):
        if mark.upper() != code and code not in _SIGNS.get(mark, "").split():
            raise InputError(
                "{name} is {value!r}; {mark!r} does not stand for {currency}.",
                field=field,
                hint="Leave the sign out, or record the amount in {currency}.",
                mark=mark,
                **said,
            )
    return number


def _ungrouped(number: str) -> str:
    """`number` without the spaces that group its thousands, if every group is whole."""
    whole = re.fullmatch(
        rf"[1-9][0-9]{{0,2}}([{_GROUPING_SPACES}])[0-9]{{3}}(?:\1[0-9]{{3}})*([.,][0-9]+)?", number
    )
    return number.replace(whole[1], "") if whole else number


def _refuse_notations(number: str, said: dict[str, str]) -> None:
    """Programmers' ways to write a number, which nobody means for an amount."""
    field = said["name"]
    if "_" in number:
        raise InputError(
            "{name} is {value!r}; an underscore does not group digits.",
            field=field,
            hint="Leave it out.",
            **said,
        )
    if re.fullmatch(r"0[xXoObB].*", number):
        raise InputError(
            "{name} is {value!r}; only decimal numbers are read.",
            field=field,
            hint="Write the amount in the digits 0 to 9.",
            **said,
        )
    if re.fullmatch(r"[0-9.,]+[eE][+-]?[0-9]+", number):
        raise InputError(
            "{name} is {value!r}; an exponent is not read.",
            field=field,
            hint="Write all the digits.",
            **said,
        )
    stray = next((c for c in number if c not in "0123456789.,"), None)
    if stray is not None:
        raise InputError(
            "{name} is {value!r}; {mark!r} cannot stand among the digits.",
            field=field,
            hint="Write one amount, with nothing but digits, a decimal mark and whole groups.",
            mark=stray,
            **said,
        )


def _refuse_minus(number: str, said: dict[str, str]) -> None:
    if not number.strip("0.,"):
        raise InputError(
            "{name} is {value!r}; zero has no minus sign.",
            field=said["name"],
            hint="Write the amount without a sign.",
            **said,
        )
    raise InputError(
        "{name} is {value!r}; an amount is never negative.",
        field=said["name"],
        hint="Write it without the minus sign; a payment that came back is recorded as bounced.",
        **said,
    )


def _digits(number: str, text: str, code: str, mark: str, field: str) -> tuple[str, str]:
    """The digits before and after the decimal mark, the grouping undone."""
    if mark not in (".", ","):
        raise ValueError(f"the decimal mark is '.' or ',', not {mark!r}")
    group = "," if mark == "." else "."
    places = _EXPONENTS[code]
    said = {"name": field, "value": shown(text), "currency": code, "mark": mark, "group": group}
    found = re.fullmatch(
        rf"([0-9]+|[1-9][0-9]{{0,2}}(?:\{group}[0-9]{{3}})+)(?:\{mark}([0-9]+))?", number
    )
    if found is None:
        raise InputError(
            "{name} is {value!r}; here {mark!r} is the decimal mark, "
            "and {group!r} only groups thousands.",
            field=field,
            hint="Write it like {example}.",
            example=_example(places, mark),
            **said,
        )
    decimals = found[2] or ""
    if decimals and not places:
        raise InputError(
            "{name} is {value!r}; {currency} has no decimals.",
            field=field,
            hint="Write a whole number; here {mark!r} is the decimal mark.",
            **said,
        )
    if decimals and len(decimals) != places:
        raise InputError(
            "{name} is {value!r}; {currency} is written with {places} decimals or none.",
            field=field,
            hint="Write it like {example}; here {mark!r} is the decimal mark.",
            places=places,
            example=_example(places, mark),
            **said,
        )
    return found[1].replace(group, ""), decimals


def _example(places: int, mark: str) -> str:
    return "1234" + (mark + "5678"[:places] if places else "")
