"""The words of the pages: one catalogue a language, and how a country writes numbers, money and dates."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from string import Formatter

from riskscore.errors import Fault, InvalidInput

LANGUAGES = ("es", "en")

#: Signs people write before an amount; any other currency keeps its code.
_SIGNS = {"PEN": "S/", "BOB": "Bs", "USD": "US$", "GTQ": "Q", "MXN": "MX$", "ARS": "AR$", "NIO": "C$"}

#: Countries that write 1.234,50; the others here write 1,234.50 (Peru, Mexico, Guatemala, Nicaragua).
_DOTTED = frozenset({"BO", "AR", "CO", "EC", "PY", "UY", "CL", "ES", "BR"})

_MONTHS: dict[str, tuple[str, ...]] = {
    "es": (
        *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
        *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}


@dataclass(frozen=True, slots=True)
class Words:
    """One language's catalogue.

    Parameters
    ----------
    language : {"es", "en"}
    texts : mapping of str to str
        By ``section.key``.
    """

    language: str
    texts: Mapping[str, str]

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
            what = _unfilled(texts[language][key], text)
            if what:
                faults.append(Fault(f"{folder / language}.toml: {key}", what, f"This release has: {text!r}"))
    if faults:
        raise InvalidInput(faults)
    return {language: Words(language, found) for language, found in texts.items()}


def _unfilled(text: str, released: str) -> str:
    """Return what keeps a text from being filled in as this release's own is; empty where nothing does."""
    try:
        strange = sorted(_places(text) - _places(released))
    except ValueError:
        return "Its braces do not close."
    return f"Nothing fills {', '.join(f'{{{one}}}' for one in strange)} in it." if strange else ""


def _places(text: str) -> set[str]:
    """Return the names in braces that are filled in."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def choose_language(asked: str | None, kept: str | None, accepted: str | None) -> str:
    """Return the language to speak: asked for by name, else kept in a cookie, else the browser's, else Spanish.

    Examples
    --------
    >>> choose_language(None, None, "en-US,en;q=0.9,es;q=0.8")
    'en'
    >>> choose_language("fr", None, "qu")
    'es'
    """
    for given in (asked, kept):
        if given in LANGUAGES:
            return given
    best, weight = "es", 0.0
    for part in (accepted or "").split(","):
        tag, _, quality = part.strip().partition(";q=")
        language = tag.split("-")[0].lower()
        try:
            value = float(quality) if quality else 1.0
        except ValueError:
            continue
        if language in LANGUAGES and value > weight:
            best, weight = language, value
    return best


@dataclass(frozen=True, slots=True)
class Format:
    """How numbers, money and dates are written.

    Parameters
    ----------
    language : {"es", "en"}
    country : str
        ISO 3166 alpha-2; it decides on points and commas.
    currency : str
        ISO 4217.
    """

    language: str
    country: str
    currency: str

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
        return f"{_MONTHS[self.language][value.month - 1][:3]} {value.year}"

    def month_name(self, value: date) -> str:
        """Return a day's month in full, without its year.

        Examples
        --------
        >>> Format("es", "PE", "PEN").month_name(date(2024, 1, 31))
        'enero'
        """
        return _MONTHS[self.language][value.month - 1]

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
        month = _MONTHS[self.language][moment.month - 1]
        joint = " de " if self.language == "es" else " "
        return f"{moment.day}{joint}{month}{joint}{moment.year}"
