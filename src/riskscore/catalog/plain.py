"""A definition in plain words, in both languages: windows, directions, roles, and whom a feature is about.

What is not known here keeps the name it has in the lock, so that a page never hides what it cannot say.
"""

from __future__ import annotations

import re

from riskscore.catalog.words import Language

_WINDOW = re.compile(r"(\w+)\((\d*)(?:, ago=(\d+))?\)")
_AGO: dict[Language, str] = {"es": ", hasta {n} días antes del momento", "en": ", up to {n} days before the moment"}

_WINDOWS: dict[tuple[str, str], dict[Language, str]] = {
    ("days", "n"): {"es": "los últimos {n} días", "en": "the last {n} days"},
    ("cycles", "1"): {"es": "su último ciclo", "en": "the last cycle"},
    ("cycles", "n"): {"es": "sus últimos {n} ciclos", "en": "the last {n} cycles"},
    ("latest", ""): {"es": "solo la fila más reciente", "en": "the newest row alone"},
    ("latest", "n"): {
        "es": "solo la fila más reciente, si no tiene más de {n} días",
        "en": "the newest row alone, if it is no more than {n} days old",
    },
    ("ever", ""): {"es": "todo lo anterior al momento", "en": "everything before the moment"},
    ("standing", ""): {"es": "todo lo que constaba en el momento", "en": "everything on record at the moment"},
}

_RISKS: dict[str, dict[Language, str]] = {
    "rises": {"es": "a mayor valor, mayor riesgo", "en": "risk rises with it"},
    "falls": {"es": "a mayor valor, menor riesgo", "en": "risk falls with it"},
    "free": {"es": "sin dirección fijada: la dan los datos", "en": "no direction is set: the data give it"},
}

_ROLES: dict[str, dict[Language, str]] = {
    "predictor": {"es": "un modelo puede aprender de él", "en": "a model may learn from it"},
    "fact": {
        "es": "dato para cálculos y páginas; ningún modelo aprende de él",
        "en": "for arithmetic and pages; no model learns from it",
    },
    "protected": {"es": "solo para auditorías; sobre nadie se muestra", "en": "for audits alone; shown about nobody"},
}

_SUBJECTS: dict[str, dict[Language, str]] = {
    "member": {"es": "la socia", "en": "the member"},
    "group": {"es": "su grupo solidario", "en": "her solidarity group"},
    "bank": {"es": "su banco comunal", "en": "her communal bank"},
    "officer": {"es": "su asesor de crédito", "en": "her loan officer"},
    "branch": {"es": "su agencia", "en": "her branch"},
    "region": {"es": "su región", "en": "her region"},
    "sector": {"es": "su rubro", "en": "her line of business"},
    "institution": {"es": "la institución", "en": "the institution"},
    "organisation": {"es": "la asociación de productores", "en": "the producer association"},
    "peers": {"es": "las otras socias", "en": "the other members"},
    "request": {"es": "la solicitud", "en": "the request"},
}


def window_in_words(window: str, language: Language) -> str:
    """Return a window as a lock writes it, in words.

    Examples
    --------
    >>> window_in_words("days(180)", "es")
    'los últimos 180 días'
    >>> window_in_words("latest(60)", "en")
    'the newest row alone, if it is no more than 60 days old'
    """
    parts = _WINDOW.fullmatch(window)
    if parts is None:
        return window
    kind, count = parts[1], parts[2]
    words = _WINDOWS.get((kind, count)) or _WINDOWS.get((kind, "n"))
    if words is None:
        return window
    return words[language].format(n=count) + (_AGO[language].format(n=parts[3]) if parts[3] else "")


def risk_in_words(risk: str, language: Language) -> str:
    """Return how the risk moves when the value rises."""
    return _words(_RISKS, risk, language)


def role_in_words(role: str, language: Language) -> str:
    """Return what a feature of the role may be used for."""
    return _words(_ROLES, role, language)


def subject_in_words(subject: str, language: Language) -> str:
    """Return whose rows a feature of the subject reads."""
    return _words(_SUBJECTS, subject, language)


def _words(known: dict[str, dict[Language, str]], name: str, language: Language) -> str:
    return known[name][language] if name in known else name
