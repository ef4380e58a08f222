"""The others in her communal bank, herself left out. Reasons say what happened and never how many, or who."""

from riskscore.catalog import Feature, FeatureSet, PeerSet, Reason, ever, standing

from .sources import Memberships


class Neighbours(PeerSet, peers="bank", family="group"):
    """The record of the other members of her communal bank at the moment."""

    peer_late_share = Feature(
        "sum(CAST(late_share_cycle AS DECIMAL(12,9)))::DOUBLE / nullif(count(late_share_cycle), 0)",
        risk="rises",
        es="Pagos tarde en su banco comunal",
        en="Late payments in the communal bank",
        basis="Paxton 1996, 2000 (Burkina Faso): the domino effect, members default because others do.",
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
        reason=Reason(
            "R08",
            es="En su grupo hubo atrasos largos en el último ciclo.",
            en="There were long delays in the group in the last cycle.",
        ),
    )
    peer_covered_share = Feature(
        "sum(CAST(covered_by_group_share_3_cycles AS DECIMAL(12,9)))::DOUBLE "
        "/ nullif(count(covered_by_group_share_3_cycles), 0)",
        risk="rises",
        es="Pagos que el grupo tuvo que cubrir",
        en="Payments the group had to cover",
        basis="Besley & Coate: who has to cover much may stop paying herself; Paxton 1996, 2000: the domino effect.",
        reason=Reason(
            "R08",
            es="En su grupo se cubrieron pagos entre socias.",
            en="Members of the group had to cover payments for one another.",
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
        reason=Reason(
            "R07",
            es="En su grupo la asistencia a las reuniones es baja.",
            en="Attendance at the group's meetings is low.",
        ),
    )
    new_member_share = Feature(
        "count(*) FILTER (WHERE months_in_bank < 6)::DOUBLE / nullif(count(months_in_bank), 0)",
        risk="rises",
        es="Parte de socias nuevas en su banco comunal",
        en="Share of new members in the communal bank",
        basis="Wydick 1999 (Guatemala): monitoring lowers risk. That new members are known less is a design choice.",
        reason=Reason(
            "R10",
            es="En su grupo entraron socias nuevas hace poco.",
            en="New members joined the group a short time ago.",
        ),
    )


class HerPlace(FeatureSet, source=Memberships, subject="member", family="facts"):
    """Her own time in the bank, which the bank's share of new members rests on."""

    months_in_bank = Feature(
        "date_diff('day', min(valid_from) FILTER (WHERE here_now), CAST(as_of AS DATE)) / 30.4375",
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
        reason=Reason(
            "R10",
            es="En su grupo salieron socias durante el último año.",
            en="Members left the group during the last year.",
        ),
    )
