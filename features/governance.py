"""How a communal bank is run: its age, its board, what its committee cuts, and what stands for its loans.

All but the last is the whole bank's: the family is the group's, whose weight on one member has a cap.
"""

from riskscore.catalog import Feature, FeatureSet, Formulas, Reason, days, standing

from .sources import BankMembers, Banks, Decisions, Guarantees, Offices


class BankAge(FeatureSet, source=Banks, subject="bank", family="group"):
    """The communal bank itself."""

    bank_age_months = Feature(
        "date_diff('day', max(formed_on), CAST(as_of AS DATE)) / 30.4375",
        window=standing(),
        risk="falls",
        es="Meses de su banco comunal",
        en="Months of the communal bank",
        basis="Pro Mujer Bolivia: weekly instalments until a bank is consolidated. Paxton 1996, 2000 finds terms that "
        "fit worse as cycles go on, which cycles_completed leaves open.",
        basis_es="Pro Mujer Bolivia: cuotas semanales hasta que el banco se consolida. Paxton 1996, 2000 halla plazos"
        " que calzan peor con los ciclos; cycles_completed lo deja abierto.",
        reason=Reason(
            "R40",
            es="Su banco comunal es más nuevo que lo usual.",
            en="The communal bank is younger than usual.",
        ),
    )
    bank_consolidated = Feature(
        "max(CASE WHEN consolidated_on <= CAST(as_of AS DATE) THEN 1 ELSE 0 END)",
        window=standing(),
        risk="falls",
        es="Su banco comunal está consolidado",
        en="The communal bank is consolidated",
        basis="Pro Mujer Bolivia: instalments fall due less often once a bank is consolidated.",
        basis_es="Pro Mujer Bolivia: las cuotas vencen con menos frecuencia cuando el banco se consolida.",
        reason=Reason(
            "R40",
            es="Su banco comunal todavía no está consolidado.",
            en="The communal bank is not consolidated yet.",
            at_most=0,
        ),
    )


class Board(FeatureSet, source=Offices, subject="bank", family="group"):
    """President, secretary and treasurer at the moment."""

    board_complete = Feature(
        "CASE WHEN count(DISTINCT role) FILTER (WHERE on_board) = 3 THEN 1 ELSE 0 END",
        window=standing(),
        risk="falls",
        es="La directiva de su banco comunal está completa",
        en="The communal bank's board is complete",
        basis="Paxton 1996, 2000 (Burkina Faso): leadership helps.",
        basis_es="Paxton 1996, 2000 (Burkina Faso): la dirigencia ayuda.",
        reason=Reason(
            "R11",
            es="En la directiva de su banco comunal hay algún cargo vacante.",
            en="Some office of the communal bank's board is vacant.",
            at_most=0,
        ),
    )
    board_tenure_months = Feature(
        "date_diff('day', min(valid_from) FILTER (WHERE on_board), CAST(as_of AS DATE)) / 30.4375",
        window=standing(),
        risk="free",
        es="Meses de la directiva de su banco comunal",
        en="Months of the communal bank's board",
        basis="Experience and entrenchment pull apart; no study gives the direction.",
        basis_es="La experiencia y el apego al cargo tiran en sentidos opuestos; ningún estudio da el sentido.",
    )
    board_overrun_share = Feature(
        "count(*) FILTER (WHERE on_board AND term_ends_on < CAST(as_of AS DATE))::DOUBLE "
        "/ nullif(count(*) FILTER (WHERE on_board AND term_ends_on IS NOT NULL), 0)",
        window=standing(),
        risk="rises",
        es="Cargos de la directiva con el mandato vencido",
        en="Offices of the board whose term has run out",
        basis="Practice of cooperatives: a board that stays past its term answers to nobody. Direction by design.",
        basis_es="Práctica de las cooperativas: una directiva que pasa su plazo no responde a nadie. Sentido fijado "
        "por diseño.",
        reason=Reason(
            "R33",
            es="En la directiva de su banco comunal hay algún cargo con el mandato vencido.",
            en="Some office of the communal bank's board is held past its term.",
        ),
    )


class Committee(FeatureSet, source=Decisions, subject="bank", family="group"):
    """What the communal bank's own committee did with earlier requests; never with this one."""

    committee_cut_share_18m = Feature(
        "1 - sum(granted)::DOUBLE / nullif(sum(asked) FILTER (WHERE granted IS NOT NULL), 0)",
        window=days(540),
        risk="falls",
        es="Parte de lo pedido que el comité recortó, 18 meses",
        en="Share of what was asked that the committee cut, 18 months",
        basis="Pro Mujer: members do a large part of the work in the approval. A committee that cuts screens.",
        basis_es="Pro Mujer: las socias hacen gran parte de la aprobación. Un comité que recorta selecciona.",
        reason=Reason(
            "R41",
            es="El comité de su banco comunal recorta los pedidos menos que lo usual.",
            en="The communal bank's committee cuts requests less than usual.",
        ),
    )


class LinesOfBusiness(FeatureSet, source=BankMembers, subject="bank", family="group", by="member.sector_id"):
    """Whether the members live off the same trade. Its direction depends on how their incomes move together."""

    bank_sector_concentration = Feature(
        "sum(count(DISTINCT member_id) FILTER (WHERE here_now) * count(DISTINCT member_id) FILTER (WHERE here_now))"
        "::DOUBLE / nullif(sum(count(DISTINCT member_id) FILTER (WHERE here_now)) "
        "* sum(count(DISTINCT member_id) FILTER (WHERE here_now)), 0)",
        window=standing(),
        risk="free",
        es="Concentración de rubros en su banco comunal",
        en="Concentration of lines of business in the communal bank",
        basis="Klein 2015: diversification helps. Ahlin & Townsend 2007: correlated returns raise repayment. Free.",
        basis_es="Klein 2015: diversificar ayuda. Ahlin y Townsend 2007: rendimientos correlacionados elevan el pago."
        " Libre.",
    )


class GuaranteesGiven(FeatureSet, source=Guarantees, subject="member", family="facts"):
    """What she stands for."""

    # Who stands for a whole debt stands for an amount that is not told: the sum is unknown.
    guaranteed = Feature(
        "CASE WHEN count(*) FILTER (WHERE for_others AND amount IS NULL) = 0 "
        "THEN coalesce(sum(amount) FILTER (WHERE for_others), 0) END",
        window=standing(),
        fact=True,
        es="Deudas ajenas que garantiza",
        en="Debts of others she guarantees",
    )


class GuaranteesAgainstLoan(Formulas, family="resilience"):
    """What she stands for beside what she asks for."""

    guaranteed_to_amount = Feature(
        "guaranteed / nullif(amount, 0)",
        risk="rises",
        es="Deudas ajenas que garantiza frente al préstamo pedido",
        en="Debts of others she guarantees against the loan asked for",
        basis="Maurer & Pytkowska 2010 (Bosnia): over a third of borrowers were guarantors for others.",
        basis_es="Maurer y Pytkowska 2010 (Bosnia): más de un tercio de los prestatarios garantizaba a otros.",
        reason=Reason(
            "R22",
            es="Por cada 100 que pide, responde por {value} de deudas de otras personas.",
            en="For every 100 asked for, {value} of debts of others {is|are} guaranteed.",
            unit="of_100",
            at_least=0.1,
        ),
    )
