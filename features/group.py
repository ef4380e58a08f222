"""The others in her communal bank, herself left out. Reasons say what happened and never how many, or who."""

from riskscore.catalog import Feature, FeatureSet, Formulas, PeerSet, Reason, ever, standing

from .sources import Memberships, Stays


class Neighbours(PeerSet, peers="bank", family="group"):
    """The record of the other members of her communal bank at the moment."""

    peer_late_share = Feature(
        "sum(CAST(late_share_cycle AS DECIMAL(12,9)))::DOUBLE / nullif(count(late_share_cycle), 0)",
        risk="rises",
        es="Pagos tarde en su banco comunal",
        en="Late payments in the communal bank",
        basis="Paxton 1996, 2000 (Burkina Faso): the domino effect, members default because others do.",
        basis_es="Paxton 1996, 2000 (Burkina Faso): el efecto dominó, unas fallan porque otras fallan.",
        reason=Reason(
            "R08",
            es="En su grupo hubo pagos atrasados en el último ciclo.",
            en="There were late payments in the group in the last cycle.",
        ),
    )
    peer_worst_delay = Feature(
        # Not least(x, 90), which is 90 where x is missing.
        "sum(CAST(CASE WHEN worst_delay_last_cycle > 90 THEN 90 ELSE worst_delay_last_cycle END "
        "AS DECIMAL(12,3)))::DOUBLE "
        "/ nullif(count(worst_delay_last_cycle), 0)",
        risk="rises",
        es="Días de atraso en su banco comunal",
        en="Days of delay in the communal bank",
        basis="Paxton 1996, 2000 (Burkina Faso): the domino effect. The cap of 90 days is a design choice.",
        basis_es="Paxton 1996, 2000 (Burkina Faso): el efecto dominó. El tope de 90 días es una decisión de diseño.",
        reason=Reason(
            "R08",
            es="En su grupo los atrasos del último ciclo fueron más largos que lo usual.",
            en="Delays in the group in the last cycle were longer than usual.",
        ),
    )
    peer_covered_share = Feature(
        "sum(CAST(covered_by_group_share_3_cycles AS DECIMAL(12,9)))::DOUBLE "
        "/ nullif(count(covered_by_group_share_3_cycles), 0)",
        risk="rises",
        es="Pagos que el grupo tuvo que cubrir",
        en="Payments the group had to cover",
        basis="Besley & Coate: who has to cover much may stop paying herself; Paxton 1996, 2000: the domino effect.",
        basis_es="Besley y Coate: quien tiene que cubrir mucho puede dejar de pagar; Paxton 1996, 2000: el efecto "
        "dominó.",
        reason=Reason(
            "R08",
            es="En su grupo unas socias tuvieron que cubrir pagos de otras.",
            en="Some members of the group had to cover payments of others.",
        ),
    )
    peer_bad_outcome_share = Feature(
        "count(*) FILTER (WHERE bad_outcomes_known > 0)::DOUBLE "
        "/ nullif(count(*) FILTER (WHERE bad_outcomes_known IS NOT NULL), 0)",
        risk="rises",
        es="Préstamos con problemas en su banco comunal",
        en="Troubled loans in the communal bank",
        basis="Paxton 1996, 2000 (Burkina Faso): the domino effect. Baland et al. 2017: default and leaving go "
        "together.",
        basis_es="Paxton 1996, 2000 (Burkina Faso): el efecto dominó. Baland et al. 2017: la mora y las salidas van "
        "juntas.",
        reason=Reason(
            "R08",
            es="En su grupo hubo préstamos con problemas de pago.",
            en="There were loans with trouble to repay in the group.",
        ),
    )
    peer_attendance = Feature(
        "sum(CAST(attendance_rate AS DECIMAL(12,9)))::DOUBLE / nullif(count(attendance_rate), 0)",
        risk="falls",
        es="Asistencia a reuniones en su banco comunal",
        en="Attendance at meetings in the communal bank",
        basis="Wydick 1999 (Guatemala): that members watch over one another is what helps. That meetings stand for "
        "it is a design choice.",
        basis_es="Wydick 1999 (Guatemala): lo que ayuda es que las socias se cuiden entre sí. Que las reuniones lo "
        "muestren es una decisión de diseño.",
        reason=Reason(
            "R07",
            es="En su grupo la asistencia a las reuniones es menor que lo usual.",
            en="Attendance at the group's meetings is lower than usual.",
        ),
    )
    # Who came and who left is no reason that is told, here and in `dropout_share`: in a bank of twenty it points at one
    # neighbour, and nothing a member may be asked to change is the membership of her bank.
    new_member_share = Feature(
        "count(*) FILTER (WHERE months_in_bank < 6)::DOUBLE / nullif(count(months_in_bank), 0)",
        risk="rises",
        es="Parte de socias nuevas en su banco comunal",
        en="Share of new members in the communal bank",
        basis="Wydick 1999 (Guatemala): monitoring lowers risk. That new members are known less is a design choice.",
        basis_es="Wydick 1999 (Guatemala): cuidarse entre sí baja el riesgo. Que a las nuevas se las conozca menos es"
        " una decisión de diseño.",
    )


class ContagionTiming(PeerSet, peers="bank", family="group"):
    """When trouble came to the others: from the due dates seen by then, herself left out."""

    peer_late_share_8_weeks = Feature(
        "sum(CAST(late_share_8_weeks AS DECIMAL(12,9)))::DOUBLE / nullif(count(late_share_8_weeks), 0)",
        risk="rises",
        es="Pagos tarde en su banco comunal, 8 semanas",
        en="Late payments in the communal bank, 8 weeks",
        basis="Paxton 1996, 2000 (Burkina Faso): the domino effect.",
        basis_es="Paxton 1996, 2000 (Burkina Faso): el efecto dominó.",
        reason=Reason(
            "R08",
            es="En su grupo hubo pagos atrasados en los últimos dos meses.",
            en="There were late payments in the group in the last two months.",
        ),
    )
    peer_first_arrears_days_ago = Feature(
        "max(first_arrears_days_ago)",
        risk="free",
        es="Días desde el primer atraso del ciclo en su banco comunal",
        en="Days since the cycle's first arrears in the communal bank",
        basis="Davis & Lo: who falls infects; the order of falls tells it from a shared season. Free.",
        basis_es="Davis y Lo: quien cae contagia; el orden de las caídas lo distingue de una mala temporada común. "
        "Libre.",
    )
    peer_latest_arrears_days_ago = Feature(
        "min(latest_arrears_days_ago)",
        risk="falls",
        es="Días desde el último atraso en su banco comunal",
        en="Days since the latest arrears in the communal bank",
        basis="Paxton 1996, 2000 (Burkina Faso): the domino effect fades.",
        basis_es="Paxton 1996, 2000 (Burkina Faso): el efecto dominó se apaga.",
        reason=Reason(
            "R08",
            es="En su grupo el último atraso es más reciente que lo usual.",
            en="The latest arrears in the group are more recent than usual.",
        ),
    )
    peer_arrears_spread_days = Feature(
        "max(first_arrears_days_ago) - min(first_arrears_days_ago)",
        risk="free",
        es="Días entre el primer atraso de una socia y el de la última",
        en="Days between the first arrears of one member and of the last",
        basis="Davis & Lo: falls that follow one another are not falls of one day. Free.",
        basis_es="Davis y Lo: caídas que se siguen no son caídas de un mismo día. Libre.",
    )


class Composition(PeerSet, peers="bank", family="group"):
    """How alike the others are, and what they have put by."""

    # The squared coefficient of variation. A Gini would need the amounts in order; this orders groups much alike.
    peer_amount_dispersion = Feature(
        "count(previous_amount) * sum(CAST(previous_amount AS DECIMAL(12,2)) * CAST(previous_amount AS DECIMAL(12,2)))"
        "::DOUBLE / nullif(sum(CAST(previous_amount AS DECIMAL(12,2)))::DOUBLE "
        "* sum(CAST(previous_amount AS DECIMAL(12,2)))::DOUBLE, 0) - 1",
        risk="free",
        es="Diferencias entre los préstamos de su banco comunal",
        en="Differences between the loans of the communal bank",
        basis="Baland et al. 2017: the largest debts default most. Paxton 1996: terms stop fitting all. Weak: free.",
        basis_es="Baland et al. 2017: las deudas mayores fallan más. Paxton 1996: los plazos dejan de servir a todas."
        " Débil: libre.",
    )
    # A loan counts beside savings that are known: those not recorded are not 0.
    peer_savings_to_loans = Feature(
        "sum(CAST(group_savings AS DECIMAL(18,2)))::DOUBLE "
        "/ nullif(sum(CAST(previous_amount AS DECIMAL(18,2))) FILTER (WHERE group_savings IS NOT NULL), 0)",
        risk="falls",
        es="Ahorros de su banco comunal frente a sus préstamos",
        en="Savings of the communal bank against its loans",
        basis="de la Huerta 2010 (Thai funds): compulsory savings raise repayment.",
        basis_es="De la Huerta 2010 (fondos de Tailandia): el ahorro obligatorio eleva el pago.",
        reason=Reason(
            "R05",
            es="En su grupo los ahorros son menores que lo usual frente a los préstamos.",
            en="In the group savings are smaller than usual against the loans.",
        ),
    )
    peers_know_one_another = Feature(
        "sum(CAST(knows_others AS DECIMAL(12,9)))::DOUBLE / nullif(count(knows_others), 0)",
        risk="falls",
        es="Cuánto se conocen los negocios en su banco comunal",
        en="How well members know one another's businesses",
        basis="Wydick 1999 (Guatemala): peer monitoring is what helps; social ties hardly do.",
        basis_es="Wydick 1999 (Guatemala): ayuda que se cuiden entre sí; los lazos sociales, casi nada.",
        reason=Reason(
            "R43",
            es="En su grupo las socias conocen menos que lo usual los negocios de las otras.",
            en="In the group members know less than usual of one another's businesses.",
        ),
    )


class HerPlace(FeatureSet, source=Stays, subject="member", family="facts"):
    """Her own time since she first came to the bank, which the bank's share of new members rests on."""

    months_in_bank = Feature(
        "date_diff('day', min(valid_from) FILTER (WHERE today.id IS NOT NULL), CAST(as_of AS DATE)) / 30.4375",
        window=standing(),
        fact=True,
        es="Meses en su banco comunal",
        en="Months in the communal bank",
    )


class Bank(FeatureSet, source=Memberships, subject="bank", family="group"):
    """Who came and went. Size has no direction."""

    bank_size = Feature(
        "count(DISTINCT member_id) FILTER (WHERE here_now)",
        window=ever(),
        risk="free",
        es="Socias de su banco comunal",
        en="Members of the communal bank",
        basis="Free: Markheim 2017, where incomes move together small groups do best, where they do not large ones.",
        basis_es="Libre: Markheim 2017, donde los ingresos se mueven juntos van mejor los grupos pequeños; donde no, "
        "los grandes.",
    )
    dropout_share = Feature(
        # Who moved to another solidarity group of the bank, or came back, is here and has not left.
        "(count(DISTINCT member_id) FILTER (WHERE here_this_year) "
        "- count(DISTINCT member_id) FILTER (WHERE here_now))::DOUBLE "
        "/ nullif(count(DISTINCT member_id) FILTER (WHERE here_this_year), 0)",
        window=ever(),
        risk="rises",
        es="Salidas de su banco comunal en un año",
        en="Departures from the communal bank in a year",
        basis="Baland et al. 2017: the largest burdens of debt bring most default and most leaving.",
        basis_es="Baland et al. 2017: las mayores cargas de deuda traen más mora y más salidas.",
    )


class Size(Formulas, family="group"):
    """The bank's size beside the programme's design."""

    bank_size_off_design = Feature(
        "CASE WHEN bank_size IS NOT NULL THEN greatest(0, 25 - bank_size, bank_size - 30) END",
        risk="free",
        es="Cuánto se aparta su banco comunal de 25 a 30 socias",
        en="How far the communal bank is from 25 to 30 members",
        basis="Pro Mujer Bolivia: 25 to 30 by design, 18.49 observed. Markheim 2017: the sign depends on correlation.",
        basis_es="Pro Mujer Bolivia: de 25 a 30 por diseño, 18.49 observadas. Markheim 2017: el signo depende de la "
        "correlación.",
    )
