"""What she answered before the loan, and what she asked for. No direction is imposed: 40 bads could not refute one."""

from riskscore.catalog import Feature, FeatureSet, Formulas, ever, latest

from .sources import Answers, Requests


def _answer(question: str, es: str, en: str, *, protected: bool = False) -> Feature:
    return Feature(
        f"max(answer) FILTER (WHERE question = '{question}')", window=ever(), es=es, en=en, protected=protected
    )


class Survey(FeatureSet, source=Answers, subject="member", family="her own"):
    """The baseline survey; an answer that is missing stays missing."""

    literate = _answer("literate", "Sabe leer", "Can read")
    years_of_schooling = _answer("years_of_schooling", "Años de escuela", "Years of schooling")
    has_business = _answer("has_business", "El hogar tiene un negocio", "The household has a business")
    runs_business = _answer("runs_business", "Ella lleva un negocio", "She runs a business")
    decides_on_money = _answer("decides_on_money", "Decide sobre dinero", "Decides on money")
    owns_home = _answer("owns_home", "Casa propia", "Own home")
    no_drain = _answer("no_drain", "Barrio sin desagüe", "No drain in the neighbourhood")
    household_wage = _answer("household_wage", "Alguien del hogar gana sueldo", "Somebody earns a wage")
    belongings = _answer("belongings", "Índice de bienes", "Index of belongings")
    other_loan = _answer("other_loan", "Préstamo de otra entidad", "Loan of another lender")
    # A proxy of family status: it is looked at, and weighs on nobody.
    household_size = _answer("household_size", "Personas en el hogar", "People in the household", protected=True)


class Request(FeatureSet, source=Requests, subject="member", family="her own"):
    """Her request as the others' peers see it: known to all when the group's loans are asked for."""

    asked = Feature("amount::DOUBLE", window=latest(), es="Monto pedido", en="Amount asked for")


class Terms(Formulas, family="her own"):
    """The lottery's arm: in this file the only thing that differs in the terms."""

    grace = Feature("CASE WHEN term_days > 308 THEN 1 ELSE 0 END", es="Dos meses de gracia", en="Two months of grace")
