"""A sentence, an amount, a date in the reader's language.

The English sentence is the id of its translations. Catalogs lie in
`tracker/locale/<language>/LC_MESSAGES/tracker.mo`; a locale reads the most
specific ones that exist (zh_Hant_HK, then zh_Hant, then zh). gettext and babel
are imported on first use only, so that importing this module costs nothing.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tracker.errors import InputError, TrackerError

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Iterator
    from gettext import NullTranslations

DOMAIN = "tracker"
DIRECTORY = os.path.join(os.path.dirname(__file__), "locale")

LOCALES = {
    "en_GB": "English (United Kingdom)",
    "en_US": "English (United States)",
    "zh_Hans_CN": "简体中文",
    "zh_Hant_TW": "繁體中文（台灣）",
    "zh_Hant_HK": "繁體中文（香港）",
}
"""What `tracker init` offers: locale, and its name in itself."""

_DAY_PATTERNS = {
    "en": "EEE d MMM",
    "en_US": "EEE MMM d",
    "zh_Hans": "M月d日EEE",
    "zh_Hant": "M月d日（EEEEE）",
}

# ISO 4217's minor units, where they are not 2. CLDR's own table says how many
# decimals are usual, which differs (IQD, LAK, ...) and would misplace the point.
_EXPONENTS = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0,
    "RWF": 0, "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
    "CLF": 4, "UYW": 4,
}  # fmt: skip

# Taiwan writes its dollar without cents, and "$" alone would leave open whose.
_WITHOUT_ZERO_CENTS = frozenset({"TWD"})
_SYMBOLS = {"TWD": "NT$"}


def N_(msgid: str) -> str:
    """Mark a sentence for the catalogs and return it as it is."""
    return msgid


class Language:
    """What one locale makes of sentences, amounts and dates; get it from `of`."""

    __slots__ = ("_catalog", "_patterns", "locale")

    def __init__(self, locale: str) -> None:
        self.locale = locale
        self._catalog: NullTranslations | None = None
        self._patterns: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"Language({self.locale!r})"

    def text(self, msgid: str, /, **params: object) -> str:
        """The sentence in this language, its `{places}` filled.

        A parameter that is an error, or a tuple of them, is told in this
        language too, a tuple one line each.
        """
        if not msgid:
            return ""
        return self._filled(self._translations().gettext(msgid), msgid, params)

    def plural(self, one: str, many: str, n: int, /, **params: object) -> str:
        """The form that goes with `n`, which also fills `{n}`."""
        translated = self._translations().ngettext(one, many, n)
        if translated == one and n != 1:
            translated = many  # not translated; Chinese, with one form for all, would say "one"
        return self._filled(translated, one if n == 1 else many, {"n": n, **params})

    def paragraph(self, sentences: Iterable[str]) -> str:
        """Sentences one after the other; Chinese sets no space between them."""
        return ("" if self.locale.startswith("zh") else " ").join(
            each for each in sentences if each
        )

    def error(self, err: TrackerError) -> tuple[str, str | None]:
        """The error's sentence, and its hint if it has one."""
        hint = self.text(err.hint, **err.params) if err.hint else None
        return self.text(err.msgid, **err.params), hint

    def money(self, minor: int, currency: str) -> str:
        """`123450` GBP as `£1,234.50`; as many decimals as ISO 4217 gives the currency."""
        from decimal import Decimal

        from babel.numbers import format_currency

        exponent = _EXPONENTS.get(currency, 2)
        if currency in _WITHOUT_ZERO_CENTS and minor % 10**exponent == 0:
            minor, exponent = minor // 10**exponent, 0
        return format_currency(
            Decimal(minor).scaleb(-exponent),
            currency,
            format=self._money_pattern(currency, exponent),
            locale=self.locale,
            currency_digits=False,
        )

    def date(self, on: datetime.date) -> str:
        """The long form: 4 December 2026, December 4, 2026, 2026年12月4日."""
        from babel.dates import format_date

        return format_date(on, "long", locale=self.locale)

    def day(self, on: datetime.date) -> str:
        """The short form with its weekday: Fri 4 Dec, Fri Dec 4, 12月4日周五, 12月4日（五）."""
        from babel.dates import format_date, format_skeleton

        for name in _lineage(self.locale):
            if name in _DAY_PATTERNS:
                return format_date(on, _DAY_PATTERNS[name], locale=self.locale)
        return format_skeleton("MMMEd", on, locale=self.locale)

    def _translations(self) -> NullTranslations:
        if self._catalog is None:
            import gettext

            self._catalog = gettext.translation(
                DOMAIN, DIRECTORY, languages=list(_lineage(self.locale)), fallback=True
            )
        return self._catalog

    def _filled(self, sentence: str, msgid: str, params: dict[str, object]) -> str:
        shown = {name: self._shown(value) for name, value in params.items()}
        try:
            return sentence.format(**shown)
        except (KeyError, IndexError, ValueError):
            if sentence == msgid:
                raise
            # A translation with a wrong place must not hide what there is to say.
            return msgid.format(**shown)

    def _shown(self, value: object) -> object:
        if isinstance(value, TrackerError):
            return self.error(value)[0]
        if isinstance(value, tuple) and value and all(isinstance(v, TrackerError) for v in value):
            return "\n".join(str(self._shown(each)) for each in value)
        return value

    def _money_pattern(self, currency: str, exponent: int) -> str:
        """The locale's own pattern with this many decimals.

        A currency without a sign keeps a no-break space before the digits, as
        CLDR's spacing rule has it ("KWD 1.000"), which babel leaves out.
        """
        key = f"{currency}{exponent}"
        if key not in self._patterns:
            from babel.core import Locale
            from babel.numbers import get_currency_symbol

            pattern = Locale.parse(self.locale).currency_formats["standard"].pattern
            decimals = "." + "0" * exponent if exponent else ""
            pattern = pattern.replace(".00", decimals)
            symbol = _SYMBOLS.get(currency, "") or get_currency_symbol(currency, self.locale)
            if symbol[-1].isalpha():
                pattern = pattern.replace("¤#", "¤\N{NO-BREAK SPACE}#")
            if currency in _SYMBOLS:
                pattern = pattern.replace("¤", f"'{symbol}'")
            self._patterns[key] = pattern
        return self._patterns[key]


def warm(locale: str) -> None:
    """Have at hand what dates and amounts of a locale need, and nothing else.

    For a process that runs for months: Babel keeps the names of all currencies, units
    and zones of each locale and of those that it inherits from, several megabytes that
    the tracker never shows. Where Babel keeps its data otherwise some day, it keeps more of it.
    """
    import datetime
    import gc

    from babel import core, localedata

    reader = of(locale)
    reader.day(datetime.date(2000, 1, 1))
    reader.money(100, "EUR")
    loaded: dict[str, dict[str, object]] = getattr(localedata, "_cache", {})
    for name in [*loaded]:
        if name not in _languages:
            del loaded[name]  # what others inherit from is read again for the next
    for data in loaded.values():
        # Emptied and not taken away, since Babel looks into some of them without need.
        data.update({part: {} for part in _NEVER_SHOWN & data.keys()})
    if getattr(core, "_global_data", None) is not None:
        vars(core)["_global_data"] = None  # Babel reads it again when it asks for it
    gc.collect()


_NEVER_SHOWN = {
    "compound_unit_patterns",
    "currency_names",
    "currency_names_plural",
    "interval_formats",
    "meta_zones",
    "time_zones",
    "unit_display_names",
    "unit_patterns",
}
_languages: dict[str, Language] = {}


def of(locale: str) -> Language:
    """The language of a locale such as `en_GB`, `zh-Hant-TW` or `de_DE`.

    Any locale of the CLDR gives its own amounts and dates; its sentences are
    English when there is no catalog. Raises InputError for one that is unknown.
    """
    found = _languages.get(locale)
    if found is None:
        name = _canonical(locale)
        found = _languages.get(name) or Language(name)
        _languages[locale] = _languages[name] = found
    return found


def decimal_mark(locale: str) -> str:
    """What stands between units and cents, `.` or `,`."""
    name = of(locale).locale
    if name in LOCALES:
        return "."
    from babel.numbers import get_decimal_symbol

    return get_decimal_symbol(name)


def _canonical(locale: str) -> str:
    name = locale.replace("-", "_")
    if name in LOCALES:
        return name
    from babel.core import Locale, UnknownLocaleError

    try:
        return str(Locale.parse(name))
    except (UnknownLocaleError, ValueError, TypeError):
        raise InputError(
            "There is no locale {value!r}.",
            field="locale",
            hint="Take one of {known}, or another such as de_DE.",
            value=locale,
            known=", ".join(LOCALES),
        ) from None


def _lineage(locale: str) -> Iterator[str]:
    """The locale and what it inherits from: zh_Hant_HK, zh_Hant, zh."""
    parts = locale.split("_")
    for length in range(len(parts), 0, -1):
        yield "_".join(parts[:length])
