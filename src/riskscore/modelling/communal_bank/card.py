"""The model card of a structural model of communal banks, and what a learnt one's says of its outlooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from riskscore.evaluation import Evaluation
from riskscore.liability import Estimate
from riskscore.modelling.card import DataFacts
from riskscore.modelling.communal_bank.gates import order_judged, unjudged_order
from riskscore.modelling.communal_bank.settings import LiabilitySettings
from riskscore.modelling.communal_bank.structural import Structural
from riskscore.modelling.gates import Gate
from riskscore.modelling.maturity import in_words
from riskscore.modelling.recipe import Recipe
from riskscore.modelling.selection import Choice

_TESTS = {
    "later": "All later loans",
    "same_groups": "Same communal banks, later (as in service)",
    "other_groups": "Other communal banks, later (as in a new branch)",
}


def structural_card(
    recipe: Recipe,
    settings: LiabilitySettings,
    model: Structural,
    facts: DataFacts,
    evaluations: Mapping[str, Evaluation],
    gates: Sequence[Gate],
    choice: Choice,
) -> str:
    """Return the card as Markdown."""
    sections = [
        _purpose(recipe),
        _data(recipe, settings, facts),
        _structure(model),
        _level(model),
        _assumptions(settings),
        _gates(gates),
        _order(recipe, evaluations["later"], gates),
        f"## Choice\n\n{choice.words}",
        *(one.to_markdown(_TESTS[name]) for name, one in evaluations.items()),
        _limits(recipe),
    ]
    return "\n\n".join(section.strip() for section in sections) + "\n"


def outlook_section(model: Structural, settings: LiabilitySettings) -> str:
    """Return what the card of a learnt model says of where its outlooks come from."""
    return (
        "\n\n".join(
            [
                """## Outlook

The PD is this model's. It says nothing of falls, cover and loss: the outlook comes from the structure of the same
training run, kept beside it. Falls stay as members' PDs have them; worlds that reach the lender are made likelier or
rarer in one proportion, until the chance of an external default is this PD, and what is lost in them stays. Where no
such worlds can be, a bank has a PD and no outlook.""",
                _structure(model).replace("## Structure", "### Structure"),
                _assumptions(settings).replace("## Assumptions", "### Assumptions of the outlook"),
            ]
        )
        + "\n"
    )


def _purpose(recipe: Recipe) -> str:
    es, en = recipe.words["es"], recipe.words["en"]
    return f"""# {en.title} (`{recipe.name}`)

*{es.title}.* {es.question}

**Question.** {en.question}

**For.** A recommendation and the bank's own outlook, laid before the people who decide on its loan. **People decide.**

**Model.** `structural`: members' PDs, how they fall together, who brings down whom, and who bears it, before anything
reaches the lender. It holds no list of members, and none of who could pay can be made from it."""


def _data(recipe: Recipe, settings: LiabilitySettings, facts: DataFacts) -> str:
    return f"""## Data

| | |
|---|---|
| outcome | `{recipe.outcome}`, external ledger; indeterminate loans count as not bad |
| maturity rule | {in_words(recipe.rule)} |
| maturity rule of members' loans | {in_words(settings.members.maturity)} |
| portfolio up to | {facts.data_date} (content `{facts.content_hash[:12]}`), lock `{facts.lock_sha256[:12]}` |
| training loans of communal banks | {facts.train_rows}, {facts.train_from:%Y-%m-%d} to {facts.train_to:%Y-%m-%d} |
| of them bad, indeterminate | {facts.train_bads}, {facts.train_indeterminate} |
| later loans | {facts.first_test:%Y-%m-%d} to {facts.last_test:%Y-%m-%d} |
| left out: outcome not yet known at the first test moment | {facts.embargoed} |
| communal banks held out of training | {facts.held_out} |"""


def _gates(gates: Sequence[Gate]) -> str:
    lines = ["## Gates", "", "| gate | | found and asked |", "|---|---|---|"]
    lines += [f"| {gate.name} | {'passed' if gate.passed else '**failed**'} | {gate.words} |" for gate in gates]
    return "\n".join(lines)


def _order(recipe: Recipe, later: Evaluation, gates: Sequence[Gate]) -> str:
    if order_judged([gate.to_dict() for gate in gates]):
        return f"## Order of banks\n\nJudged on later loans: AUC {later.figures['auc']}."
    return (
        f"## Order of banks\n\n**Never judged.** {unjudged_order(recipe.gates, later)} Until it is, a grade says what "
        "the structure and its assumptions make of a bank, not what such banks did."
    )


def _structure(model: Structural) -> str:
    found, shares = model.structure, model.structure.shares
    rows = [
        ("correlation of *defaults*, one solidarity group", found.correlations.in_group),
        ("correlation of *defaults*, one communal bank, two groups", found.correlations.in_bank),
        ("correlation of *defaults*, one period and region, two banks", found.correlations.of_all),
        ("contagion q, from the timing of falls", found.infection),
        ("severity: share of a fallen member's loan that was missing", found.severity),
        ("of what was missing, paid by her savings", found.by_savings),
        ("of what was missing, paid by her solidarity group", found.by_group),
    ]
    lines = ["## Structure", "", "| | estimate (90 % interval) | rests on |", "|---|---|---|"]
    lines += [f"| {name} | {_shown(one)} | {_cases(one)} |" for name, one in rows]
    lines += [
        "",
        f"Shares of hidden *fortune* behind them, contagion taken out: of all {shares.of_all:.3f}, of the bank "
        f"{shares.in_bank:.3f}, of the solidarity group {shares.in_group:.3f}. They are not correlations of defaults.",
        "",
        f"Members' PDs: a scorecard of {len(model.member.features)} features, learnt in the same run from members' "
        "loans that were final before the first test moment.",
    ]
    return "\n".join(lines)


def _level(model: Structural) -> str:
    one = model.level
    return f"""## Level

The structure alone expects an external default in {one.structural:.2%} of loans. The record holds {one.bads} bads among
{one.loans} training loans, worth {one.effective:.0f} of strangers. Credibility Z = {1 - one.prior_share:.2f}: the level
is {one.mean:.2%} ({one.low:.2%} to {one.high:.2%}), {one.prior_share:.0%} of it the structure's."""


def _assumptions(settings: LiabilitySettings) -> str:
    lines = ["## Assumptions", "", "| | value | checked by the institution | source |", "|---|---|---|---|"]
    lines += [
        f"| {name} | {one.value:g} | {'yes' if one.verified else '**no**'} | {one.source} |"
        for name, one in settings.assumptions.items()
    ]
    return "\n".join(lines)


def _limits(recipe: Recipe) -> str:
    return f"""## Limits

- Contagion is read from the timing of falls: a shock that strikes one solidarity group alone and on one day looks like
  it, and what takes longer than the window or crosses groups is missed.
- Correlations hold what members' PDs do not explain, unseen traits of a bank included: better PDs would lower them.
- Savings and groups count as far as payments of earlier falls show that they paid; where none tells, as far as the
  assumptions above say. The bank's own fund is an assumption.
- The order of banks rests on the structure alone; the record moves the level and nothing else.
- In a recession or an El Niño year the level can be wrong while the order still holds.
- Grades by probability: {", ".join(f"{one.name} below {one.below:g}" for one in recipe.grades)}."""


def _shown(one: Estimate) -> str:
    if one.low != one.low:
        return f"{one.value:.3f}"
    return f"{one.value:.3f} ({one.low:.3f} to {one.high:.3f})"


def _cases(one: Estimate) -> str:
    return f"{one.cases:,} cases" if one.cases else "the recipe's assumption"
