"""The officer and the branch: from outcomes known at the moment alone, and never those of her own communal bank.

None of it is a reason for her: she did not choose her officer. The recipe of members leaves the family out.
"""

from riskscore.catalog import Feature, FeatureSet, Formulas, days, latest, standing

from .sources import Branches, BranchSnapshots, OfficerBanks, Officers, OutcomesElsewhere


class Caseload(FeatureSet, source=OfficerBanks, subject="officer", family="staff"):
    """How many members the officer looks after."""

    officer_caseload = Feature(
        "count(DISTINCT stay.member_id)",
        window=standing(),
        risk="rises",
        es="Socias que atiende su asesor",
        en="Members the officer looks after",
        basis="FINCA Peru: distances make visits dear. Direction by design.",
        basis_es="FINCA Perú: las distancias encarecen las visitas. Sentido fijado por diseño.",
    )


class Service(FeatureSet, source=Officers, subject="officer", family="staff"):
    """How long the officer has been at it."""

    officer_months = Feature(
        "date_diff('day', max(hired_on), CAST(as_of AS DATE)) / 30.4375",
        window=standing(),
        risk="falls",
        es="Meses de servicio de su asesor",
        en="Months of service of the officer",
        basis="Schreiner 2004 (Bolivia): the officer's experience lowers risk [remembered, not verified].",
        basis_es="Schreiner 2004 (Bolivia): la experiencia del asesor baja el riesgo [de memoria, no verificado].",
    )


class OnRecord(FeatureSet, source=Officers, subject="officer", family="facts"):
    """That she has an officer."""

    officer_known = Feature(
        "count(*)",
        window=standing(),
        fact=True,
        es="Tiene asesor",
        en="An officer is on record",
    )


class BranchOnRecord(FeatureSet, source=Branches, subject="branch", family="facts"):
    """That she has a branch."""

    branch_known = Feature(
        "count(*)",
        window=standing(),
        fact=True,
        es="Tiene agencia",
        en="A branch is on record",
    )


class OfficerOutcomes(FeatureSet, source=OutcomesElsewhere, subject="officer", family="facts"):
    """The officer's other communal banks, 24 months."""

    officer_judged = Feature(
        "sum(judged)",
        window=days(730),
        fact=True,
        es="Préstamos terminados de su asesor, 24 meses",
        en="Loans of the officer with a known outcome, 24 months",
    )
    officer_bad = Feature(
        "sum(bad)",
        window=days(730),
        fact=True,
        es="Préstamos con problemas de su asesor, 24 meses",
        en="Troubled loans of the officer, 24 months",
    )


class BranchOutcomes(FeatureSet, source=OutcomesElsewhere, subject="branch", family="facts"):
    """The branch's other communal banks, 24 months."""

    branch_judged = Feature(
        "sum(judged)",
        window=days(730),
        fact=True,
        es="Préstamos terminados de la agencia, 24 meses",
        en="Loans of the branch with a known outcome, 24 months",
    )
    branch_bad = Feature(
        "sum(bad)",
        window=days(730),
        fact=True,
        es="Préstamos con problemas de la agencia, 24 meses",
        en="Troubled loans of the branch, 24 months",
    )


class Growth(FeatureSet, source=BranchSnapshots, subject="branch", family="facts"):
    """The branch's clients now and a year ago, as it reported them."""

    branch_clients = Feature(
        "clients",
        window=latest(max_age=days(120)),
        fact=True,
        es="Clientes de la agencia",
        en="Clients of the branch",
    )
    branch_clients_year_ago = Feature(
        "clients",
        window=latest(max_age=days(485), ago=days(365)),
        fact=True,
        es="Clientes de la agencia hace un año",
        en="Clients of the branch a year ago",
    )


class StaffFormulas(Formulas, family="staff"):
    """Shares of bad outcomes, drawn towards what is usual where there are few: (d + m p) / (n + m), m = 50.

    Without a single outcome it is what is usual; without an officer or a branch it is missing.
    """

    # Eight in a hundred is a starting point for an institution to replace by its own; it weighs as much as 50 loans.
    branch_bad_share = Feature(
        "CASE WHEN branch_known > 0 THEN (coalesce(branch_bad, 0) + 50 * 0.08) "
        "/ nullif(coalesce(branch_judged, 0) + 50, 0) END",
        risk="rises",
        es="Préstamos con problemas en la agencia",
        en="Troubled loans of the branch",
        basis="Schreiner 1999, 2004 (Bolivia): the branch weighs much. Shrunk as in empirical Bayes.",
        basis_es="Schreiner 1999, 2004 (Bolivia): la agencia pesa mucho. Acercada a la media, como en Bayes empírico.",
    )
    officer_bad_share = Feature(
        "CASE WHEN officer_known > 0 THEN (coalesce(officer_bad, 0) + 50 * branch_bad_share) "
        "/ nullif(coalesce(officer_judged, 0) + 50, 0) END",
        risk="rises",
        es="Préstamos con problemas de su asesor",
        en="Troubled loans of the officer",
        basis="Schreiner 1999, 2004 (Bolivia): the officer weighs much. Shrunk towards the branch.",
        basis_es="Schreiner 1999, 2004 (Bolivia): el asesor pesa mucho. Acercado a su agencia.",
    )
    branch_growth_12m = Feature(
        "branch_clients / nullif(branch_clients_year_ago, 0) - 1",
        risk="rises",
        es="Crecimiento de la agencia, 12 meses",
        en="Growth of the branch, 12 months",
        basis="Kappel, Krauss & Lontzek 2010: growth leads over-indebtedness; client protection: 50 % is dangerous.",
        basis_es="Kappel, Krauss y Lontzek 2010: el crecimiento lleva al sobreendeudamiento; protección al cliente: "
        "50 % es peligroso.",
    )
