"""The four others in her group, herself left out: what they answered and asked for, never what became of them.

All five loans of a group are made together. When hers is asked for, nobody's outcome is known, so no outcome is here.
"""

from riskscore.catalog import Feature, PeerSet


def _mean(name: str, es: str, en: str) -> Feature:
    # A decimal sum does not depend on the order of rows.
    total = f"sum(CAST({name} AS DECIMAL(18, 6)))::DOUBLE"
    return Feature(f"{total} / nullif(count({name}), 0)", es=es, en=en)


class Others(PeerSet, peers="bank", family="group"):
    """Means over the others."""

    others_literate = _mean("literate", "Las demás: saben leer", "The others: can read")
    others_schooling = _mean("years_of_schooling", "Las demás: años de escuela", "The others: years of schooling")
    others_business = _mean("has_business", "Las demás: negocio en el hogar", "The others: household business")
    others_run_business = _mean("runs_business", "Las demás: llevan un negocio", "The others: run a business")
    others_decide = _mean("decides_on_money", "Las demás: deciden sobre dinero", "The others: decide on money")
    others_own_home = _mean("owns_home", "Las demás: casa propia", "The others: own home")
    others_no_drain = _mean("no_drain", "Las demás: sin desagüe", "The others: no drain")
    others_wage = _mean("household_wage", "Las demás: sueldo en el hogar", "The others: household wage")
    others_belongings = _mean("belongings", "Las demás: índice de bienes", "The others: index of belongings")
    others_other_loan = _mean("other_loan", "Las demás: otra entidad", "The others: loan of another lender")
    others_asked = _mean("asked", "Las demás: monto pedido", "The others: amount asked for")
