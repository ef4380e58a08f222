"""The languages of the pages: a file of words each. Which are there, what a third one must hold, and which is spoken.

Spanish and English are always there, for what is stored is said in these two (`riskscore.words.LANGUAGES`). A file
beside theirs is one more language. What is stored and defined it says in Spanish, unless it has a text for it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from riskscore.catalog.words import Unit, written
from riskscore.errors import Fault, InvalidInput
from riskscore.words import LANGUAGES, MONTHS, Words, load_all, unfilled

#: A language, perhaps its script, perhaps its region (BCP 47), each in its usual case: there is one way to write it.
_CODE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")

#: How a reason may write its value; none has a sign of percent, which the pages do not show.
_FIGURES: tuple[Unit, ...] = ("number", "of_100", "times", "fall_of_100")

#: Sections that a third language may have beside those of Spanish, with the places that are filled in. Their keys are
#: names of what is defined elsewhere, by the library or by an institution.
_NAMED: Mapping[str, Collection[str]] = {
    "dimension": (),
    "entry": (),
    "feature": (),
    "question": (),
    "reason": _FIGURES,
    "recipe": (),
    "rule": ("value",),
    "signal": (),
    "why": (),
}

#: The same, of sections that have these keys alone.
_LISTED: Mapping[str, Mapping[str, Collection[str]]] = {
    "date": {"day": ("day", "month", "year"), **dict.fromkeys(MONTHS, ())},
    "figure": {"fewer_than_one": ()},
    "offer": {
        "amount": ("amount",),
        "term": ("days",),
        "due": ("days",),
        "frequency": ("frequency",),
        "savings": ("savings",),
        "debt": (),
        "and": (),
        "ready": ("parts", "score"),
        "by_itself": (),
    },
}


def load_languages(folder: Path, library: Path) -> dict[str, Words]:
    """Read the words of every language that a folder has a file of.

    Parameters
    ----------
    folder : Path
        With ``es.toml``, ``en.toml`` and any number of others.
    library : Path
        Spanish and English of this release: see `riskscore.words.load_all`.

    Raises
    ------
    InvalidInput
        With every fault of Spanish and English; where there is none, with every fault of all others.
    """
    spoken = load_all(folder, library)
    spanish = spoken["es"]
    # What this release fills in; a text that an institution added is as it wrote it.
    texts = {**spanish.texts, **Words.load(library, "es").texts}
    faults: list[Fault] = []
    for path in sorted(folder.glob("*.toml")):
        if path.stem in LANGUAGES or path.name.startswith("."):
            continue
        try:
            words = Words.load(folder, path.stem)
        except InvalidInput as error:
            faults += error.faults
            continue
        faults += _faults(path, words, texts)
        spoken[path.stem] = Words(path.stem, words.texts, spanish)
    if faults:
        raise InvalidInput(faults)
    return spoken


def choose_language(spoken: Collection[str], asked: str | None, kept: str | None, accepted: str | None) -> str:
    """Return the language to speak: asked for by name, else kept in a cookie, else the browser's, else Spanish.

    Examples
    --------
    >>> choose_language(("es", "en", "qu"), None, None, "en-US,en;q=0.9,es;q=0.8")
    'en'
    >>> choose_language(("es", "en", "qu"), "fr", None, "qu-PE")
    'qu'
    """
    for given in (asked, kept):
        if given in spoken:
            return str(given)
    codes = {code.lower(): code for code in spoken}
    best, weight = "es", 0.0
    for part in (accepted or "").split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            value = float(quality) if quality else 1.0
        except ValueError:
            continue
        # A narrower language than there is a file of is spoken as the wider one (RFC 4647, look-up).
        subtags = tag.lower().split("-")
        wider = ("-".join(subtags[:length]) for length in range(len(subtags), 0, -1))
        found = next((codes[one] for one in wider if one in codes), None)
        if found is not None and value > weight:
            best, weight = found, value
    return best


def figures(value: float | None, words: Words) -> dict[Unit, str]:
    """Return a value as a reason may write it, by the place that stands for it in a text of section ``reason``.

    Less than one of a hundred is said in words, ``figure.fewer_than_one``; without them there is no figure of it.
    """
    if value is None:
        return {}
    told = {unit: (written(value, unit, "es"), written(value, unit, "en")) for unit in _FIGURES}
    few = words.texts.get("figure.fewer_than_one")
    said = {unit: es if es == en else few for unit, (es, en) in told.items()}
    return {unit: text for unit, text in said.items() if text is not None}


def _faults(path: Path, words: Words, texts: Mapping[str, str]) -> Iterator[Fault]:
    if not _CODE.fullmatch(path.stem):
        yield Fault(str(path), "Its name is no code of a language.", "Call it like qu.toml, quz.toml or qu-PE.toml.")
    for key, released in texts.items():
        if key not in words.texts:
            yield Fault(f"{path}: {key}", "This text is missing.", f"Write it; Spanish says: {released!r}")
        elif what := unfilled(words.texts[key], released):
            yield Fault(f"{path}: {key}", what, f"Spanish says: {released!r}")
    for key, text in words.texts.items():
        section, _, name = key.partition(".")
        if section in _LISTED and name not in _LISTED[section]:
            yield Fault(f"{path}: {key}", "There is no such text.", f"Use {', '.join(_LISTED[section])}.")
            continue
        places = _LISTED[section][name] if section in _LISTED else _NAMED.get(section)
        if places is None or key in texts:
            continue
        if what := unfilled(text, "".join(f"{{{place}}}" for place in places)):
            filled = ", ".join(f"{{{place}}}" for place in places)
            yield Fault(f"{path}: {key}", what, f"Only {filled} is filled in." if filled else "Write no braces in it.")
