"""The model card: what a champion is for, what it learnt from, what it showed, where it ends, and who decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from riskscore.evaluation import Evaluation, Figure
from riskscore.modelling.development import Developed
from riskscore.modelling.gates import Gate
from riskscore.modelling.maturity import in_words
from riskscore.modelling.optimism import TESTS, Optimism
from riskscore.modelling.recipe import Recipe
from riskscore.modelling.selection import Choice

if TYPE_CHECKING:
    from riskscore.catalog import Lock

_TESTS = {
    "later": "All later rows",
    "same_groups": "Same groups, later (as in service)",
    "other_groups": "Other groups, later (as in a new branch)",
}

_RISK = {"rises": "rises with it", "falls": "falls with it", "free": "either way"}


@dataclass(frozen=True, slots=True)
class DataFacts:
    """What a model learnt from and was tested on; no row of it.

    Parameters
    ----------
    fingerprint, content_hash, lock_sha256 : str
        Of the training set, the portfolio and the lock.
    data_date : str
        The portfolio's, ISO.
    train_from, train_to : datetime
        First and last moment of the training rows.
    first_test, last_test : datetime
        First and last moment of the test rows.
    train_rows, train_bads, train_indeterminate, train_clusters : int
    embargoed : int
        Earlier rows whose outcome was not yet known at `first_test`.
    held_out : int
        Groups held out on purpose.
    """

    fingerprint: str
    content_hash: str
    lock_sha256: str
    data_date: str
    train_from: datetime
    train_to: datetime
    first_test: datetime
    last_test: datetime
    train_rows: int
    train_bads: int
    train_indeterminate: int
    train_clusters: int
    embargoed: int
    held_out: int


@dataclass(frozen=True, slots=True)
class Findings:
    """What a run says of itself beside its figures; the same on every candidate's card.

    Parameters
    ----------
    choice : Choice
    optimism : Optimism or None
        None where it could not be told.
    useless : mapping of str to str
        Features taken out before anything was fitted, and why.
    warnings : tuple of str
        What people should look at and no gate refuses.
    unjudged : tuple of str
        Segments with too few bads to judge.
    no_optimism : str
        Why optimism could not be told, where it could not.
    """

    choice: Choice
    optimism: Optimism | None
    useless: Mapping[str, str]
    warnings: tuple[str, ...]
    unjudged: tuple[str, ...]
    no_optimism: str = "too few bads"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "choice": {
                "kind": self.choice.kind,
                "words": self.choice.words,
                "gains": {kind: Figure(*astuple(gain)).to_dict() for kind, gain in self.choice.gains.items()},
            },
            "optimism": None if self.optimism is None else self.optimism.to_dict(),
            "useless": dict(self.useless),
            "warnings": list(self.warnings),
            "unjudged": list(self.unjudged),
        }


def model_card(
    recipe: Recipe,
    lock: Lock,
    facts: DataFacts,
    developed: Developed,
    weights: Mapping[str, float],
    evaluations: Mapping[str, Evaluation],
    gates: Sequence[Gate],
    findings: Findings,
) -> str:
    """Return the card of one candidate as Markdown.

    Parameters
    ----------
    weights : mapping of str to float
        Mean absolute points of each feature over the training rows.
    evaluations : mapping of str to Evaluation
        By name of the test.
    """
    sections = [
        _purpose(recipe, developed),
        data_section(recipe, facts),
        _features(recipe, lock, developed, weights, findings),
        _calibration(developed),
        gates_section(gates, findings.unjudged),
        _choice(findings),
        *(one.to_markdown(_TESTS[name]) for name, one in evaluations.items()),
        _limits(recipe),
    ]
    return "\n\n".join(section.strip() for section in sections) + "\n"


def comparison(winner: Choice, gates: Mapping[str, Sequence[Gate]], evaluations: Mapping[str, Evaluation]) -> str:
    """Return what the candidates showed on the later rows and which was chosen, as Markdown."""
    lines = ["## Candidates", "", winner.words, "", "| candidate | AUC | slope | observed/expected | gates |"]
    lines.append("|---|---|---|---|---|")
    for kind, one in evaluations.items():
        failed = [gate.name for gate in gates[kind] if not gate.passed]
        figures = " | ".join(str(one.figures.get(name, "–")) for name in ("auc", "slope", "observed_expected"))
        lines.append(f"| {kind} | {figures} | {'passed' if not failed else 'failed: ' + '; '.join(failed)} |")
    return "\n".join(lines) + "\n"


def _purpose(recipe: Recipe, developed: Developed) -> str:
    es, en = recipe.words["es"], recipe.words["en"]
    return f"""# {en.title} (`{recipe.name}`)

*{es.title}.* {es.question}

**Question.** {en.question}

**For.** A recommendation and its reasons, laid before the people who decide on the loan: the committee, helped by the
loan officer. **People decide.** The model refuses nobody, and nothing else may be made of its output: no collection
list, no price, no ranking of neighbours.

**Model.** `{developed.model.kind}`; its score is {recipe.scale.base:g} at {recipe.scale.odds:g} good to 1 bad, and
{recipe.scale.pdo:g} points more double the odds."""


def data_section(recipe: Recipe, facts: DataFacts) -> str:
    """Return what was learnt from, as Markdown."""
    return f"""## Data

| | |
|---|---|
| subject and ledger | {recipe.subject}, {recipe.ledger} |
| outcome | `{recipe.outcome}`; indeterminate rows leave the fit and count as not bad elsewhere |
| maturity rule | {in_words(recipe.rule)} |
| portfolio up to | {facts.data_date} (content `{facts.content_hash[:12]}`) |
| training set | `{facts.fingerprint[:12]}`, lock `{facts.lock_sha256[:12]}` |
| training rows | {facts.train_rows}, {facts.train_from:%Y-%m-%d} to {facts.train_to:%Y-%m-%d} |
| of them bad, indeterminate | {facts.train_bads}, {facts.train_indeterminate} |
| clusters (groups joined by a person) | {facts.train_clusters} |
| test rows | {facts.first_test:%Y-%m-%d} to {facts.last_test:%Y-%m-%d} |
| left out: outcome not yet known at the first test moment | {facts.embargoed} |
| groups held out of training | {facts.held_out} |"""


def _features(
    recipe: Recipe, lock: Lock, developed: Developed, weights: Mapping[str, float], findings: Findings
) -> str:
    lines = [
        "## Features",
        "",
        "Directions are constraints, not findings. Points are the mean absolute contribution over the training rows.",
        "",
        "| feature | family | risk | points | meaning |",
        "|---|---|---|---|---|",
    ]
    known = {feature.name: feature for feature in lock.predictors}
    for name in sorted(developed.model.features, key=lambda name: -weights[name]):
        one = known[name]
        lines.append(f"| `{name}` | {one.family} | {_RISK[one.risk]} | {weights[name]:.2f} | {one.title.en} |")
    for family, points in recipe.caps.items():
        lines += [
            "",
            f"The family *{family}* moves a score by at most {points:g} points, up or down, all taken together.",
        ]
    if developed.left_out:
        lines += ["", "Left out by the fit:", ""]
        lines += [f"- `{name}`: {reason}." for name, reason in sorted(developed.left_out.items())]
    if findings.useless:
        lines += ["", "Taken out before the fit:", ""]
        lines += [f"- `{name}`: {reason}." for name, reason in sorted(findings.useless.items())]
    if findings.warnings:
        lines += ["", "To be looked at:", "", *(f"- {warning}" for warning in findings.warnings)]
    return "\n".join(lines)


def _calibration(developed: Developed) -> str:
    model = developed.model
    settings = ", ".join(f"{name} {value:.4g}" for name, value in developed.settings.items())
    offsets = "".join(f" {one.value:+.4f} where `{name}`" for name, one in model.offsets.items())
    return f"""## Fit and calibration

Settings: {settings}.

log-odds = {model.a:.4f} x margin {model.b:+.4f}{offsets}.
Learnt from margins of whole groups that had no part in the fit; an offset counts less its mean."""


def gates_section(gates: Sequence[Gate], not_judged: Sequence[str] = ()) -> str:
    """Return the gates and how each came out, as Markdown."""
    lines = ["## Gates", "", "| gate | | found and asked |", "|---|---|---|"]
    lines += [f"| {gate.name} | {'passed' if gate.passed else '**failed**'} | {gate.words} |" for gate in gates]
    failed = dict.fromkeys(gate.remedy for gate in gates if not gate.passed and gate.remedy)
    if failed:
        lines += ["", "What to consider:", "", *(f"- {remedy}" for remedy in failed)]
    if not_judged:
        lines += ["", "Not judged:", "", *(f"- {words}" for words in not_judged)]
    return "\n".join(lines)


def _choice(findings: Findings) -> str:
    return "\n".join(["## Choice", "", findings.choice.words, "", *_claimed(findings)])


def _claimed(findings: Findings) -> list[str]:
    """Return what a random split would have claimed, one line for each set of test rows."""
    optimism = findings.optimism
    if optimism is None or not optimism.tests:
        return [f"What a random split would have claimed cannot be told: {findings.no_optimism}."]
    told = [f"- {TESTS[name]}: {one}" for name, one in optimism.tests.items()]
    return [f"A random split's optimism, {optimism.kind} fitted again at random rows without tuning:", "", *told]


def _limits(recipe: Recipe) -> str:
    return f"""## Limits

- It knows only members who were lent to; of those who were turned away there is no outcome.
- A low risk is no proof that a loan can be afforded: over-indebtedness is measured apart and is no part of the score.
- It ranks by what was seen in the years of its data. In a recession or an El Niño year the level can be wrong while the
  order still holds; look at observed over expected, not at the slope alone.
- Outside the range of its training data it gives no interval.
- The two candidates were compared on the same later rows that are reported here, so the winner's figures are flattered
  by a trace.
- Sex, ethnicity, language, religion, health and family status are no feature; protected columns serve the audit only.
- Grades by probability of bad: {", ".join(f"{one.name} below {one.below:g}" for one in recipe.grades)}."""
