"""What no portfolio may hold, and what it may hold only for audits: judged by the names of tables and columns.

A name is read as its parts: lower case, accents dropped, cut at underscores, spaces, digits and capitals (``HIVStatus``
is *hiv* and *status*). A part that stands in a list below, or begins with one of its stems (written with a final
``*``), or a run of parts that is one of its phrases, decides. Parts are whole words, so ``healthy_balance``,
``credit_union``, ``third_party`` and ``fertilizer_cost`` pass.

Sources: the village-bank programmes' own practice, and Ley 29733 (Peru) on sensitive data.
"""

from __future__ import annotations

import re
import unicodedata

#: Why, and the words in English and Spanish.
FORBIDDEN: dict[str, tuple[str, ...]] = {
    "violence is never recorded for credit": (
        "violen*",
        "abuse",
        "abuso",
        "abused",
        "maltrat*",
        "aggressor",
        "agresor",
        "denuncia",
        "denuncias",
        "agresion",
        "agresiones",
        "victima",
        "victimas",
        "victim",
        "rape",
        "gbv",
        "vbg",
    ),
    "contact with a Centro Emergencia Mujer is never recorded for credit": (
        "cem",
        "emergencia mujer",
        "centro emergencia",
        "women emergency",
    ),
    "health is never recorded for credit": (
        "health",
        "salud",
        "illness",
        "sickness",
        "disease",
        "enfermedad*",
        "medical",
        "medico",
        "medica",
        "medicine",
        "medicina",
        "medicamento*",
        "hospital",
        "hospitals",
        "hospitales",
        "hospitaliz*",
        "clinic*",
        "vih",
        "hiv",
        "sida",
        "mental",
        "psicolog*",
        "psycholog*",
    ),
    "pregnancy and family plans are never recorded for credit": (
        "pregnan*",
        "embaraz*",
        "gestante",
        "gestacion",
        "maternity",
        "maternidad",
        "contracep*",
        "anticoncep*",
        "abortion",
        "aborto",
        "abortos",
        "fertility",
        "fertilidad",
        "family planning",
        "planificacion familiar",
        "reproductive",
        "reproductiva",
        "lactan*",
    ),
    "disability is never recorded for credit": ("disab*", "discapac*", "invalidez", "handicap*"),
    "ethnicity is never recorded for credit": (
        "ethnic*",
        "etnia",
        "etnias",
        "etnic*",
        "race",
        "raza",
        "razas",
        "racial",
        "indigen*",
        "tribe",
        "tribal",
        "skin color",
    ),
    "religion is never recorded for credit": (
        "religi*",
        "church",
        "iglesia",
        "creencia",
        "creencias",
        "catolic*",
        "catholic*",
        "evangelic*",
        "muslim*",
        "musulm*",
        "islam*",
        "hindu*",
        "christian*",
        "cristian*",
    ),
    "politics are never recorded for credit": ("politic*", "party member", "militante"),
    "union membership is never recorded for credit": (
        "sindic*",
        "trade union",
        "labor union",
        "labour union",
        "union member",
        "union membership",
        "unionised",
        "unionized",
    ),
    "sexual life is never recorded for credit": ("sexual*", "lgbt*", "gay"),
    "public assistance is income like any other and never a mark of its own": ("juntos", "programa juntos"),
}

#: Kept for audits of fairness only: a column of the contract declared ``protected``.
PROTECTED: dict[str, tuple[str, ...]] = {
    "sex": ("sex", "sexo", "gender", "genero"),
    "age": (
        "edad",
        "birth*",
        "born",
        "nacimiento",
        "fecha nac",
        "fec nac",
        "dob",
        "nacida",
        "nacido",
        "member age",
        "client age",
        "borrower age",
        "age years",
        "age band",
        "age group",
        "age at",
    ),
    "language": ("language", "lengua", "idioma", "tongue", "mother tongue"),
    "marital status": (
        "marital",
        "estado civil",
        "married",
        "casada",
        "casado",
        "spouse",
        "conyuge",
        "widow*",
        "viud*",
        "soltera",
        "soltero",
        "divorci*",
        "conviviente",
    ),
}

TOPIC = (
    "Sessions on violence or health are not credit training, though both programmes have seven: their attendance is "
    "confidential, and is neither handed over nor counted."
)


def parts(name: str) -> tuple[str, ...]:
    """Return the parts of a name.

    Examples
    --------
    >>> parts("AtencionViolencia_2")
    ('atencion', 'violencia')
    >>> parts("HIVStatus")
    ('hiv', 'status')
    >>> parts("fecha de gestación")
    ('fecha', 'de', 'gestacion')
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", plain)
    return tuple(re.findall("[a-z]+", spaced.lower()))


def forbidden(name: str) -> str | None:
    """Return why nothing may be called `name`, None where it may.

    Examples
    --------
    >>> forbidden("visitas_salud")
    'health is never recorded for credit'
    >>> forbidden("healthy_balance") is None
    True
    """
    return _found(name, FORBIDDEN)


def protected(name: str) -> str | None:
    """Return the protected trait that `name` speaks of, None where it speaks of none."""
    if parts(name) == ("age",):
        return "age"
    return _found(name, PROTECTED)


def _found(name: str, lists: dict[str, tuple[str, ...]]) -> str | None:
    words = parts(name)
    text = f" {' '.join(words)} "
    for reason, entries in lists.items():
        for entry in entries:
            if f" {entry[:-1]}" in text if entry.endswith("*") else f" {entry} " in text:
                return reason
    return None
