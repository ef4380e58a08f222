"""Traits that may weigh on nobody: kept to find out whether a score does so all the same."""

from riskscore.catalog import Feature, FeatureSet, standing

from .sources import Members


class Audit(FeatureSet, source=Members, subject="member", family="audit"):
    """Protected traits and known proxies; out of every fit."""

    age_years = Feature(
        "floor(date_diff('day', max(born_on), CAST(as_of AS DATE)) / 365.25)",
        window=standing(),
        protected=True,
        es="Edad, en años",
        en="Age, years",
    )
    lives_rural = Feature(
        "max(CASE WHEN rural THEN 1 WHEN rural IS NOT NULL THEN 0 END)",
        window=standing(),
        protected=True,
        es="Zona rural",
        en="Rural area",
    )
    speaks_spanish = Feature(
        "max(CASE WHEN language = 'spanish' THEN 1 WHEN language IS NOT NULL THEN 0 END)",
        window=standing(),
        protected=True,
        es="Lengua materna castellana",
        en="Spanish as mother tongue",
    )
    sex_female = Feature(
        "max(CASE WHEN sex = 'female' THEN 1 WHEN sex IS NOT NULL THEN 0 END)",
        window=standing(),
        protected=True,
        es="Sexo femenino",
        en="Female",
    )
    travel_minutes = Feature(
        "max(travel_minutes)",
        window=standing(),
        protected=True,
        es="Minutos de viaje a la reunión",
        en="Minutes of travel to the meeting",
    )
    # One flag for each district that is to be watched; the codes are the institution's.
    district_d001 = Feature(
        "max(CASE WHEN district = 'D001' THEN 1 WHEN district IS NOT NULL THEN 0 END)",
        window=standing(),
        protected=True,
        es="Vive en el distrito D001",
        en="Lives in district D001",
    )
