"""What an institution writes: sources, features, peers and formulas. Declarations only; nothing is computed here.

Nothing raises while it is written. A folder of declarations is checked as a whole by `riskscore.catalog.check`, which
reports every fault at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, get_args

from riskscore.catalog.windows import Window
from riskscore.catalog.words import Reason, Words

Subject = Literal["member", "group", "bank", "organisation", "officer", "branch", "region", "sector", "institution"]
Risk = Literal["rises", "falls", "free"]

SUBJECTS: tuple[Subject, ...] = get_args(Subject)
RISKS: tuple[Risk, ...] = ("rises", "falls", "free")


@dataclass(frozen=True, slots=True)
class Lookup:
    """Another table's row beside each row of a source, as it was known at the same moment.

    Parameters
    ----------
    table : str
    on : str, optional
        A column of the source that holds the other table's ``id``: at most one row.
    where : str, optional
        A condition instead, over the source's columns and ``alias.column`` of this and earlier lookups: any number of
        rows, so that a source row is repeated, or stands alone with nothing beside it.
    """

    table: str
    on: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A table as features read it.

    Parameters
    ----------
    name : str
    table : str
        A table of the portfolio, an institution's own, or a derived one (``settled_instalments`` ...).
    keys : mapping of subject to str
        The column that names each subject: "member", "group" (her solidarity group), "bank" (her communal bank),
        "organisation" (the producer association that asks), "officer" and "branch" (of the communal bank or producer
        association), "region" (the branch's), "sector" (hers, or the producer association's). Every row belongs to
        the subject "institution", whose key is empty text: for short series, such as monthly indices.
    clock : str
        The date or timestamp on which windows count. Default ``event_at``.
    where : str
        Rows that do not fulfil it do not exist for this source.
    columns : mapping of str to str
        Derived columns, each an expression over one row, its lookups and ``as_of``: computed at the moment asked, never
        stored.
    lookups : mapping of str to Lookup
        By alias, in order.
    cycle : str, optional
        The date on which the row's loan was disbursed; see `riskscore.catalog.windows.cycles`.
    leave_out : str, optional
        The column that names a communal bank: rows of the bank that the member belongs to are left out, so that what
        her officer's or branch's other banks did is told without her own.
    """

    name: str
    table: str
    keys: Mapping[str, str]
    clock: str = "event_at"
    where: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    lookups: Mapping[str, Lookup] = field(default_factory=dict)
    cycle: str | None = None
    leave_out: str = ""


@dataclass(frozen=True)
class Feature:
    """A number about a subject at a moment.

    Parameters
    ----------
    expression : str
        In DuckDB's dialect. In a `FeatureSet` over the columns of the source, with aggregates (in a window `latest`
        without: there is one row; in a set with ``by`` aggregates of aggregates); in a `PeerSet` with aggregates over
        features of a `FeatureSet`; in `Formulas` without aggregates over any features and the fields of a request. A
        window that holds no row gives a missing value, counts included: nothing seen is not zero.
    window : Window, optional
        Of a `FeatureSet`'s features only, which must have one.
    risk : {"rises", "falls", "free"}
        How the risk moves when the value rises, all else equal; "free" leaves it to the data.
    es, en : str
        A short title for the row in a waterfall. Where both are left out, the name with spaces.
    reason : Reason, optional
        Without one the feature's points are shown under its title, and never among the reasons.
    concept : str
        Of a feature without reason that only goes with what others measure: the code of their reason. Its points
        count to that concept, and theirs are the words.
    protected : bool
        For audits of fairness, and out of every fit.
    fact : bool
        For arithmetic and pages, and out of every fit.
    basis : str
        The study or rule that the feature and its direction rest on, in an English sentence; "Design choice" where
        there is none. For the catalogue's page and the register.
    basis_es : str
        The same in Spanish; without it a Spanish page shows `basis`.
    """

    expression: str
    window: Window | None = None
    risk: str = "free"
    es: str = ""
    en: str = ""
    reason: Reason | None = None
    protected: bool = False
    fact: bool = False
    basis: str = ""
    basis_es: str = ""
    concept: str = ""


class _Body(dict[str, Any]):
    """A class body that remembers which features were written twice; Python would keep the last in silence."""

    def __init__(self) -> None:
        super().__init__()
        self.repeated: list[str] = []

    def __setitem__(self, name: str, value: Any) -> None:
        if isinstance(value, Feature) and isinstance(self.get(name), Feature):
            self.repeated.append(name)
        super().__setitem__(name, value)


class Declaration(type):
    """Collects the features of a class body in the order written."""

    features: dict[str, Feature]
    repeated: tuple[str, ...]

    @classmethod
    def __prepare__(cls, name: str, bases: tuple[type, ...], /, **options: Any) -> _Body:
        return _Body()

    def __new__(mcs, name: str, bases: tuple[type, ...], body: _Body, /, **options: Any) -> Declaration:
        """Build the class from a plain copy of its body."""
        declared = super().__new__(mcs, name, bases, dict(body), **options)
        declared.features = {key: value for key, value in body.items() if isinstance(value, Feature)}
        declared.repeated = tuple(body.repeated)
        return declared


class FeatureSet(metaclass=Declaration):
    """Features of one source, for one subject.

    ``class Repayment(FeatureSet, source=Instalments, subject="member", family="repayment"): ...``. Features of every
    other subject are those of the place the member has at the moment, herself included.

    ``by="buyer_id"`` gathers the rows of a subject by that column first. Each expression then is an aggregate over
    those gatherings of aggregates over their rows, such as a concentration:
    ``sum(sum(q) * sum(q)) / nullif(sum(sum(q)) * sum(sum(q)), 0)``. Rows that do not name the column are left out.
    """

    source: ClassVar[Source | None] = None
    subject: ClassVar[str] = "member"
    family: ClassVar[str] = ""
    by: ClassVar[str] = ""

    def __init_subclass__(
        cls, *, source: Source | None = None, subject: str = "member", family: str = "", by: str = ""
    ) -> None:
        super().__init_subclass__()
        cls.source, cls.subject, cls.family, cls.by = source, subject, family, by


class PeerSet(metaclass=Declaration):
    """Features of the others in her communal bank (``peers="bank"``) or solidarity group ("group") at the moment.

    Each row is one other member, with her features of the member's `FeatureSet` s as columns; she herself is left out.
    """

    peers: ClassVar[str] = "bank"
    family: ClassVar[str] = ""

    def __init_subclass__(cls, *, peers: str = "bank", family: str = "") -> None:
        super().__init_subclass__()
        cls.peers, cls.family = peers, family


class Formulas(metaclass=Declaration):
    """Row-wise features over other features and the fields of a request, computed when the request is known."""

    family: ClassVar[str] = ""

    def __init_subclass__(cls, *, family: str = "") -> None:
        super().__init_subclass__()
        cls.family = family


def title_of(name: str, feature: Feature) -> Words:
    """Return the feature's titles; its name with spaces where it has none."""
    if feature.es or feature.en:
        return Words(feature.es, feature.en)
    plain = name.replace("_", " ")
    return Words(plain, plain)
