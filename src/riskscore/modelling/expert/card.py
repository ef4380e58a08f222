"""The card of a belief: the expert's numbers and the data's side by side, and how much of the answer is whose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from riskscore.evaluation import Evaluation
from riskscore.modelling.card import DataFacts, gates_section
from riskscore.modelling.expert.conflict import Conflict
from riskscore.modelling.expert.interval import LEVEL, Told, base_rate_interval
from riskscore.modelling.expert.margin import ExpertMargin
from riskscore.modelling.gates import Gate
from riskscore.modelling.maturity import in_words
from riskscore.modelling.recipe import Recipe

if TYPE_CHECKING:
    from riskscore.catalog import Lock


def shared_words(prior_share: float, language: str) -> str:
    """Say whose word an answer is: ``"85 % experto, 15 % datos"``."""
    expert = round(100 * prior_share)
    names = {"es": ("experto", "datos"), "en": ("expert", "data")}[language]
    return f"{expert} % {names[0]}, {100 - expert} % {names[1]}"


def notes(margin: ExpertMargin, conflict: Conflict, answers: Told) -> tuple[str, ...]:
    """Return what is printed after training, a sentence each; a conflict is a warning of the run and not here."""
    belief = margin.belief
    low, high = base_rate_interval(belief)
    least, most = np.quantile(answers.prior_share, [0.0, 1.0])
    return (
        f"base rate {margin.scorecard.anchor.pd:.3f} by the expert, {belief.base_rate:.3f} after {belief.n} cases, "
        f"{belief.bads} of them bad; {LEVEL:.0%} interval {low:.3f} to {high:.3f}",
        f"whose word: {shared_words(least, 'en')} to {shared_words(most, 'en')}; effective n "
        f"{answers.effective_n.min():.1f} to {answers.effective_n.max():.1f}",
        *(() if conflict.found else (conflict.words("en"),)),
    )


def expert_card(
    recipe: Recipe,
    lock: Lock,
    facts: DataFacts,
    margin: ExpertMargin,
    weights: Mapping[str, float],
    conflict: Conflict,
    answers: Told,
    evaluation: Evaluation,
    gates: Sequence[Gate],
) -> str:
    """Return the card as Markdown.

    Parameters
    ----------
    weights : mapping of str to float
        Mean absolute points of each indicator over the cases.
    answers : Told
        Of the cases themselves, after all of them.
    evaluation : Evaluation
        Of the answers of each day.
    """
    sections = [
        _purpose(recipe, margin),
        _whose(margin, conflict, answers),
        _beside(margin),
        _pools(margin),
        _indicators(lock, margin, weights),
        _data(recipe, facts),
        evaluation.to_markdown("The answers of each day, the later cases"),
        gates_section(gates),
        _limits(recipe, margin),
    ]
    return "\n\n".join(section.strip() for section in sections) + "\n"


def _purpose(recipe: Recipe, margin: ExpertMargin) -> str:
    es, en = recipe.words["es"], recipe.words["en"]
    anchor = margin.scorecard.anchor
    said = "rests on defaults that were seen" if anchor.verified else "is a judgement that no defaults have confirmed"
    return f"""# {en.title} (`{recipe.name}`)

*{es.title}.* {es.question}

**Question.** {en.question}

**For.** A recommendation with its interval, laid before the fund and the board of the producer association. **People
decide.** The association's board sees its own points in full.

**Model.** `{margin.kind}`: an expert's scorecard of a hundred points, moved by the fund's own cases. {anchor.points:g}
points mean a PD of {anchor.pd:g}, {anchor.halving:g} points more halve the odds, and that is worth {anchor.cases:g}
cases. The anchor {said} (`verified = {str(anchor.verified).lower()}`)."""


def _whose(margin: ExpertMargin, conflict: Conflict, answers: Told) -> str:
    belief = margin.belief
    low, high = base_rate_interval(belief)
    share, cases = answers.prior_share, answers.effective_n
    middle = float(np.median(share))
    return f"""## How much is judgement, and do the cases agree

| | |
|---|---|
| cases and bads | {belief.n}, {belief.bads} |
| base rate by the expert | {margin.scorecard.anchor.pd:.4f} |
| base rate now ({LEVEL:.0%} interval) | {belief.base_rate:.4f} ({low:.4f} to {high:.4f}) |
| whose word, from the most to the least moved association | {shared_words(share.min(), "en")} to \
{shared_words(share.max(), "en")}; median {shared_words(middle, "en")} |
| effective n of an answer | {cases.min():.1f} to {cases.max():.1f} |
| width of the interval of a PD | {np.median(answers.high - answers.low):.3f}, median of the cases |
| bads the expert foretold (nine in ten draws) | {conflict.low} to {conflict.high} |
| prior predictive p-value | {conflict.p:.4f}{" **conflict**" if conflict.found else ""} |

{conflict.words("en")}

*{conflict.words("es")}*"""


def _beside(margin: ExpertMargin) -> str:
    belief, card = margin.belief, margin.scorecard
    sd = np.sqrt(np.diag(belief.covariance))
    prior_sd = 1.0 / np.sqrt(card.anchor.cases * card.anchor.pd * (1 - card.anchor.pd))
    lines = [
        "## Prior and posterior",
        "",
        "A coefficient of 1 is the expert's own slope; the base is in log-odds.",
        "",
        "| | most points | prior | posterior |",
        "|---|---|---|---|",
        f"| base | | {card.prior.centre:+.3f} ± {prior_sd:.3f} | {belief.mode[0]:+.3f} ± {sd[0]:.3f} |",
    ]
    for place, one in enumerate(card.dimensions, start=1):
        lines.append(
            f"| {one.title['en']} | {one.points:g} | {one.mean:.3f} ± {one.sd:.3f} "
            f"| {belief.mode[place]:.3f} ± {sd[place]:.3f} |"
        )
    return "\n".join(lines)


def _pools(margin: ExpertMargin) -> str:
    belief = margin.belief
    sd = np.sqrt(np.diag(belief.covariance))
    lines = [
        "## What cases share",
        "",
        "Log-odds added by a level, drawn towards nothing by the prior. Associations are not listed one by one.",
        "",
        "| pool | level | prior | posterior |",
        "|---|---|---|---|",
    ]
    for pool, own in belief.prior.pools.items():
        start = belief.starts[pool]
        if pool == "organisation":
            found = belief.mode[start : start + len(belief.levels[pool])]
            span = f"{found.min():+.2f} to {found.max():+.2f}" if len(found) else "none seen"
            lines.append(f"| {pool} | {len(found)} of them | 0 ± {own:.2f} | {span} |")
            continue
        for place, level in enumerate(belief.levels[pool], start=start):
            lines.append(f"| {pool} | {level} | 0 ± {own:.2f} | {belief.mode[place]:+.2f} ± {sd[place]:.2f} |")
    lines += [
        "",
        "A season that nobody has seen yet counts with its whole standard deviation in every interval, and so does a "
        "level without a case: what trade credit showed is not held to be the record of equipment.",
    ]
    return "\n".join(lines)


def _indicators(lock: Lock, margin: ExpertMargin, weights: Mapping[str, float]) -> str:
    lines = [
        "## Indicators",
        "",
        "Expert points by bin; mean absolute points of the score over the cases.",
        "",
        "| indicator | dimension | splits | points | missing | score points | meaning |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in margin.scorecard.indicators:
        splits, points = (", ".join(f"{number:g}" for number in numbers) for numbers in (one.splits, one.points))
        lines.append(
            f"| `{one.feature}` | {one.dimension} | {splits} | {points} | {one.missing:g} "
            f"| {weights[one.feature]:.2f} | {lock.feature(one.feature).title.en} |"
        )
    return "\n".join(lines)


def _data(recipe: Recipe, facts: DataFacts) -> str:
    return f"""## Data

| | |
|---|---|
| outcome | `{recipe.outcome}`, {recipe.ledger} ledger; the indeterminate teach nothing and count as not bad |
| maturity rule | {in_words(recipe.rule)} |
| portfolio up to | {facts.data_date} (content `{facts.content_hash[:12]}`) |
| training set | `{facts.fingerprint[:12]}`, lock `{facts.lock_sha256[:12]}` |
| requests with a final outcome | {facts.train_rows}, {facts.train_from:%Y-%m-%d} to {facts.train_to:%Y-%m-%d} |
| of them bad, indeterminate | {facts.train_bads}, {facts.train_indeterminate} |
| producer associations | {facts.train_clusters} |
| later answers, which are judged | {facts.first_test:%Y-%m-%d} to {facts.last_test:%Y-%m-%d} |"""


def _limits(recipe: Recipe, margin: ExpertMargin) -> str:
    entry = "; ".join(
        f"{one.title['en'].lower()}{'' if one.verified else ' (not verified)'}" for one in margin.scorecard.entry
    )
    return f"""## Limits

- {margin.belief.n} cases move a judgement; they do not make one. Read the interval, not the PD.
- The PD is read at the mode, where 50 points are the expert's own rate; the mean of the interval lies higher.
- The interval is of the next loan in a season nobody knows. In a season as bad as three times the odds it is too low.
- It knows only associations that were lent to.
- A low risk is no proof that a loan can be afforded: that is judged apart.
- The province stands for more than a place: it is also language and people. Its pool is kept small, and audited.
- Entry gates are the fund's own and no part of the PD: {entry}. What is missing neither passes nor fails.
- Grades by probability of bad: {", ".join(f"{one.name} below {one.below:g}" for one in recipe.grades)}."""
