"""Her business: its age, its sector, the season and shocks that reach it."""

from riskscore.catalog import Feature, FeatureSet, Reason, standing

from .sources import Members, Shocks


class Business(FeatureSet, source=Members, subject="member", family="business"):
    """What the register says of her business."""

    business_age_months = Feature(
        "date_diff('day', max(business_started_on), CAST(as_of AS DATE)) / 30.4375",
        window=standing(),
        risk="falls",
        es="Meses de su negocio",
        en="Months of the business",
        basis="Design choice: years in business stand on lenders' own sheets (a village bank's policy in Guatemala).",
        basis_es="Decisión de diseño: los años de negocio figuran en las hojas de las propias entidades (la política "
        "de un banco comunal de Guatemala).",
        reason=Reason(
            "R06",
            es="Su negocio tiene {value} {mes|meses}.",
            en="The business is {value} {month|months} old.",
        ),
    )
    sector_agricultural = Feature(
        "max(CASE WHEN sector.agricultural THEN 1 WHEN sector.agricultural IS NOT NULL THEN 0 END)",
        window=standing(),
        risk="free",
        es="Negocio agropecuario",
        en="Farming business",
        basis="Free: sectors differ (Schreiner 2004, recalled), and farming's risk turns with season, price and shock.",
        basis_es="Libre: los rubros difieren (Schreiner 2004, de memoria), y el riesgo del campo cambia con estación,"
        " precio y choques.",
    )
    sector_commerce = Feature(
        "max(CASE WHEN sector_id = 'commerce' THEN 1 WHEN sector_id IS NOT NULL THEN 0 END)",
        window=standing(),
        risk="free",
        es="Negocio de comercio",
        en="Trading business",
        basis="Free: trade was safer than manufacture and services in Schreiner 2004 (recalled); elsewhere it need "
        "not be.",
        basis_es="Libre: en Schreiner 2004 (de memoria) el comercio fue más seguro que manufactura y servicios; en "
        "otra parte no tiene por qué.",
    )
    lean_season = Feature(
        "max(CASE WHEN in_lean_month THEN 1 WHEN in_lean_month IS NOT NULL THEN 0 END)",
        window=standing(),
        risk="rises",
        es="Meses de poco ingreso en su rubro",
        en="Months of little income in her line of business",
        basis="ASFI, Recopilación de Normas: a plan of repayment follows the productive cycle. The direction is a "
        "design choice.",
        basis_es="ASFI, Recopilación de Normas: el plan de pagos sigue el ciclo productivo. El sentido es una "
        "decisión de diseño.",
        reason=Reason(
            "R12",
            es="En su rubro estos son meses de poco ingreso.",
            en="These are months of little income in this line of business.",
            at_least=1,
        ),
    )


class Surroundings(FeatureSet, source=Shocks, subject="member", family="business"):
    """What reaches her from outside and is nobody's doing."""

    # Missing where no shock was ever recorded, and where one may reach her that is not known to.
    shock_active = Feature(
        "CASE WHEN bool_or(reaches_her) THEN 1 WHEN count(*) FILTER (WHERE reaches_her IS NULL) = 0 THEN 0 END",
        window=standing(),
        risk="rises",
        es="Alerta de clima, precios o economía en su zona",
        en="Alert of climate, prices or the economy in her area",
        basis="Collier, Katchova & Skees 2011 (El Niño 1997-98, Piura); Pro Mujer Bolivia: recession and new laws "
        "raised delinquency.",
        basis_es="Collier, Katchova y Skees 2011 (El Niño 1997-98, Piura); Pro Mujer Bolivia: la recesión y nuevas "
        "leyes subieron la mora.",
        reason=Reason(
            "R14",
            es="En su zona o rubro hay una alerta de clima, precios o economía.",
            en="There is an alert of climate, prices or economy in this area or trade.",
            at_least=1,
        ),
    )
    # Apart from the one that lasts: what is over may weigh on her still, or not at all; the record has to say which.
    shock_over_90d = Feature(
        "CASE WHEN bool_or(reached_her_lately) THEN 1 "
        "WHEN count(*) FILTER (WHERE reached_her_lately IS NULL) = 0 THEN 0 END",
        window=standing(),
        risk="rises",
        es="Alerta que terminó hace menos de 90 días en su zona",
        en="Alert in her area that ended under 90 days ago",
        basis="Collier, Katchova & Skees 2011 (El Niño 1997-98, Piura): schedules were rewritten after the event too. "
        "The 90 days are a design choice.",
        basis_es="Collier, Katchova y Skees 2011 (El Niño 1997-98, Piura): también se reescribieron planes de pago "
        "después del evento. Los 90 días son una decisión de diseño.",
        reason=Reason(
            "R14",
            es="En su zona o rubro hubo hace poco una alerta de clima, precios o economía.",
            en="There was an alert of climate, prices or economy in this area or trade a short time ago.",
            at_least=1,
        ),
    )
