"""The words of the pages: one catalogue a language, and how a country writes numbers, money and dates."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from string import Formatter

from riskscore.errors import Fault, InvalidInput

#: Always spoken. What is stored, defined and reported is said in these two; the pages may speak others too
#: (`riskscore.service.languages`).
LANGUAGES = ("es", "en")

#: Signs people write before an amount; any other currency keeps its code.
_SIGNS = {"PEN": "S/", "BOB": "Bs", "USD": "US$", "GTQ": "Q", "MXN": "MX$", "ARS": "AR$", "NIO": "C$"}

#: Countries that write 1.234,50; the others here write 1,234.50 (Peru, Mexico, Guatemala, Nicaragua).
_DOTTED = frozenset({"BO", "AR", "CO", "EC", "PY", "UY", "CL", "ES", "BR"})


@dataclass(frozen=True, slots=True)
class Dates:
    """How a language writes dates: the twelve months, and a day with the places ``day``, ``month`` and ``year``."""

    months: tuple[str, ...]
    day: str


_DATES = {
    "es": Dates(
        (
            *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
            *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
        ),
        "{day} de {month} de {year}",
    ),
    "en": Dates(
        (
            *("January", "February", "March", "April", "May", "June"),
            *("July", "August", "September", "October", "November", "December"),
        ),
        "{day} {month} {year}",
    ),
}

#: What the months are called in a file of words.
MONTHS = tuple(name.lower() for name in _DATES["en"].months)


class InSpanish(str):
    """A text that another language's page says in Spanish, as its own words have none for it."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Words:
    """One language's catalogue.

    Parameters
    ----------
    language : str
        Its code, such as ``"es"``.
    texts : mapping of str to str
        By ``section.key``.
    spanish : Words, optional
        Beside a language that is neither Spanish nor English, what is said where it has no words.
    """

    language: str
    texts: Mapping[str, str]
    spanish: Words | None = None

    @classmethod
    def load(cls, folder: Path, language: str) -> Words:
        """Read ``<language>.toml`` of `folder`.

        Raises
        ------
        InvalidInput
            If it is missing or is not TOML of sections with texts.
        """
        path = folder / f"{language}.toml"
        try:
            sections = tomllib.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise InvalidInput.of(
                str(path), f"The words cannot be read ({error}).", "Restore it from the starter."
            ) from error
        texts = {
            f"{section}.{key}": text
            for section, content in sections.items()
            if isinstance(content, dict)
            for key, text in content.items()
            if isinstance(text, str)
        }
        return cls(language, texts)

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of `key` with `values` filled in; `KeyError` where there is none."""
        return self.texts[key].format(**values)

    def said(self, texts: Mapping[str, str], key: str = "", **values: object) -> str:
        """Return what is defined or stored in Spanish and in English.

        Another language says it by its own text of `key`, with `values` filled in; where it has none, in Spanish.

        Examples
        --------
        >>> quechua = Words("qu", {"feature.delay": "Qhipa"})
        >>> quechua.said({"es": "Atraso", "en": "Delay"}, "feature.delay")
        'Qhipa'
        >>> quechua.said({"es": "Ahorro", "en": "Savings"}, "feature.savings")
        'Ahorro'
        """
        if self.language in texts:
            return texts[self.language]
        return self(key, **values) if key in self.texts else InSpanish(texts["es"])

    def form(self, country: str, currency: str) -> Format:
        """Return how numbers, money and dates are written; a third language's months are in its section ``date``."""
        if self.language in _DATES:
            return Format(self.language, country, currency)
        spanish = _DATES["es"]
        months = (self.texts.get(f"date.{name}", own) for name, own in zip(MONTHS, spanish.months, strict=True))
        return Format(self.language, country, currency, Dates(tuple(months), self.texts.get("date.day", spanish.day)))


def load_all(folder: Path, library: Path | None = None) -> dict[str, Words]:
    """Read every language of a folder; the catalogues must have the same keys.

    Parameters
    ----------
    folder : Path
        With ``es.toml`` and ``en.toml``; an institution's own copy, perhaps of an older release.
    library : Path, optional
        The catalogue of this release: a text that `folder` does not have yet is taken from here.

    Raises
    ------
    InvalidInput
        For every key that a language lacks, and every text with a place that this release does not fill, all at once.
    """
    own = {language: Words.load(folder, language) for language in LANGUAGES}
    released = {} if library is None else {language: Words.load(library, language) for language in LANGUAGES}
    texts = {
        language: {**(released[language].texts if released else {}), **words.texts} for language, words in own.items()
    }
    every = sorted(set().union(*texts.values()))
    faults = [
        Fault(f"{folder / language}.toml: {key}", "This text is missing.", "Write it in every language.")
        for language, found in texts.items()
        for key in every
        if key not in found
    ]
    for language, words in released.items():
        for key, text in words.texts.items():
            what = unfilled(texts[language][key], text)
            if what:
                faults.append(Fault(f"{folder / language}.toml: {key}", what, f"This release has: {text!r}"))
    if faults:
        raise InvalidInput(faults)
    return {language: Words(language, found) for language, found in texts.items()}


def unfilled(text: str, released: str) -> str:
    """Return what keeps a text from being filled in as this release's own is; empty where nothing does."""
    try:
        strange = sorted(_places(text) - _places(released))
    except ValueError:
        return "Its braces do not close."
    return f"Nothing fills {', '.join(f'{{{one}}}' for one in strange)} in it." if strange else ""


def _places(text: str) -> set[str]:
    """Return what stands in braces to be filled in, with its format where it has one."""
    return {
        name + (f"!{turned}" if turned else "") + (f":{form}" if form else "")
        for _, name, form, turned in Formatter().parse(text)
        if name is not None
    }


@dataclass(frozen=True, slots=True)
class Format:
    """How numbers, money and dates are written.

    Parameters
    ----------
    language : str
    country : str
        ISO 3166 alpha-2; it decides on points and commas.
    currency : str
        ISO 4217.
    dates : Dates, optional
        Where the language has dates of its own (`Words.form`); else Spanish or English ones.
    """

    language: str
    country: str
    currency: str
    dates: Dates | None = None

    @property
    def sign(self) -> str:
        """What people write beside an amount: a sign, or the currency's code."""
        return _SIGNS.get(self.currency, self.currency)

    def number(self, value: float, decimals: int = 0) -> str:
        """Return `value` with the country's separators.

        Examples
        --------
        >>> Format("es", "BO", "BOB").number(1234.5, 2)
        '1.234,50'
        >>> Format("es", "PE", "PEN").number(1234.5, 2)
        '1,234.50'
        """
        text = f"{value:,.{decimals}f}"
        return text.translate(str.maketrans(",.", ".,")) if self.country in _DOTTED else text

    def money(self, value: float) -> str:
        r"""Return an amount with its sign and a space that does not break; cents only where there are any.

        Examples
        --------
        >>> Format("es", "PE", "PEN").money(560)
        'S/\xa0560'
        >>> Format("es", "BO", "BOB").money(1234.5)
        'Bs\xa01.234,50'
        """
        decimals = 0 if round(value, 2) == round(value) else 2
        return f"{self.sign}\xa0{self.number(value, decimals)}"

    def percent(self, share: float, decimals: int = 2) -> str:
        r"""Return a share in [0, 1] as a percentage.

        Examples
        --------
        >>> Format("es", "BO", "BOB").percent(0.55)
        '55,00\xa0%'
        >>> Format("en", "PE", "PEN").percent(0.005, 1)
        '0.5%'
        """
        return self.number(100 * share, decimals) + ("\xa0%" if self.language == "es" else "%")

    def month(self, value: date) -> str:
        """Return a day's month in short.

        Examples
        --------
        >>> Format("es", "PE", "PEN").month(date(2024, 1, 31))
        'ene 2024'
        """
        return f"{self.month_name(value)[:3]} {value.year}"

    def month_name(self, value: date) -> str:
        """Return a day's month in full, without its year.

        Examples
        --------
        >>> Format("es", "PE", "PEN").month_name(date(2024, 1, 31))
        'enero'
        """
        return self._dates.months[value.month - 1]

    def last_day(self, value: str) -> str:
        """Return the last day that an exclusive ISO moment leaves whole or in part.

        Examples
        --------
        >>> Format("es", "PE", "PEN").last_day("2026-02-01T00:00:00")
        '31 de enero de 2026'
        """
        return self.day((datetime.fromisoformat(value) - timedelta(microseconds=1)).isoformat())

    def day(self, value: str) -> str:
        """Return an ISO moment's day in words.

        Examples
        --------
        >>> Format("es", "PE", "PEN").day("2026-02-01T00:00:00")
        '1 de febrero de 2026'
        >>> Format("en", "PE", "PEN").day("2026-02-01")
        '1 February 2026'
        """
        moment = datetime.fromisoformat(value)
        return self._dates.day.format(day=moment.day, month=self.month_name(moment), year=moment.year)

    @property
    def _dates(self) -> Dates:
        return self.dates or _DATES.get(self.language, _DATES["es"])
