"""Producer associations: what they harvest, deliver and sell, and whether their year carries a loan."""

from riskscore.catalog import Feature, FeatureSet, Formulas, Reason, days, standing

from .producer_sources import Certificates, Contracts, Delivered, Harvests, Machines, Promised, Sales, SalesAndProducts


class Crops(FeatureSet, source=Harvests, subject="organisation", family="facts"):
    """Harvests under way and ahead, and what a hectare gave."""

    # While one goes on there is nothing to wait for.
    days_to_harvest = Feature(
        "min(greatest(0, date_diff('day', CAST(as_of AS DATE), starts_on))) "
        "FILTER (WHERE ends_on >= CAST(as_of AS DATE))",
        window=standing(),
        fact=True,
        es="Días hasta la próxima cosecha",
        en="Days to the next harvest",
    )
    expected_kg_ahead = Feature(
        "sum(CAST(expected_kg AS DECIMAL(18,3))) FILTER (WHERE ends_on >= CAST(as_of AS DATE) "
        "AND starts_on < CAST(as_of AS DATE) + 365)",
        window=standing(),
        fact=True,
        es="Kilos que espera cosechar en un año",
        en="Kilograms it expects to harvest in a year",
    )
    yield_last_year = Feature(
        "sum(CAST(harvested_kg AS DECIMAL(18,3))) FILTER (WHERE hectares > 0 AND ends_on > CAST(as_of AS DATE) - 365)"
        "::DOUBLE / nullif(sum(CAST(hectares AS DECIMAL(18,3))) FILTER (WHERE harvested_kg IS NOT NULL "
        "AND ends_on > CAST(as_of AS DATE) - 365), 0)",
        window=standing(),
        fact=True,
        es="Kilos por hectárea, último año",
        en="Kilograms a hectare, last year",
    )
    yield_before = Feature(
        "sum(CAST(harvested_kg AS DECIMAL(18,3))) FILTER (WHERE hectares > 0 AND ends_on <= CAST(as_of AS DATE) - 365 "
        "AND ends_on > CAST(as_of AS DATE) - 1095)::DOUBLE / nullif(sum(CAST(hectares AS DECIMAL(18,3))) "
        "FILTER (WHERE harvested_kg IS NOT NULL AND ends_on <= CAST(as_of AS DATE) - 365 "
        "AND ends_on > CAST(as_of AS DATE) - 1095), 0)",
        window=standing(),
        fact=True,
        es="Kilos por hectárea, los dos años anteriores",
        en="Kilograms a hectare, the two years before",
    )


class Contracted(FeatureSet, source=Contracts, subject="organisation", family="facts"):
    """What buyers have agreed to take in the year ahead."""

    contracted_kg_ahead = Feature(
        "sum(CAST(quantity_kg AS DECIMAL(18,3))) FILTER (WHERE valid_to >= CAST(as_of AS DATE) "
        "AND valid_from < CAST(as_of AS DATE) + 365)",
        window=standing(),
        fact=True,
        es="Kilos con contrato para el año que viene",
        en="Kilograms under contract for the year ahead",
    )


class Commitments(FeatureSet, source=Promised, subject="organisation", family="facts"):
    """What was promised for two years."""

    committed_kg_2y = Feature(
        "sum(CAST(quantity_kg AS DECIMAL(18,3)))",
        window=days(730),
        fact=True,
        es="Kilos comprometidos, 2 años",
        en="Kilograms committed, 2 years",
    )


class Deliveries(FeatureSet, source=Delivered, subject="organisation", family="facts"):
    """What came in."""

    delivered_kg_2y = Feature(
        "sum(CAST(quantity_kg AS DECIMAL(18,3)))",
        window=days(730),
        fact=True,
        es="Kilos entregados, 2 años",
        en="Kilograms delivered, 2 years",
    )


class Quality(FeatureSet, source=Delivered, subject="organisation", family="organisation"):
    """What of it was refused."""

    rejection_share_2y = Feature(
        "sum(CAST(rejected_kg AS DECIMAL(18,3)))::DOUBLE "
        "/ nullif(sum(CAST(quantity_kg AS DECIMAL(18,3))) FILTER (WHERE rejected_kg IS NOT NULL), 0)",
        window=days(730),
        risk="rises",
        es="Parte de lo entregado que se rechazó, 2 años",
        en="Share of deliveries that was refused, 2 years",
        basis="Root Capital (Protection): quality keeps buyers. Direction by design.",
        basis_es="Root Capital (Protection): la calidad conserva compradores. Sentido fijado por diseño.",
        reason=Reason(
            "R38",
            es="De cada 100 kilos que entregó en 2 años, {se rechazó|se rechazaron} {value}.",
            en="Of every 100 kilos delivered in 2 years {value} {was|were} refused.",
            unit="of_100",
            at_least=0.005,
        ),
    )


class Collecting(FeatureSet, source=Sales, subject="organisation", family="organisation"):
    """How buyers pay."""

    buyer_days_late = Feature(
        "sum(late) FILTER (WHERE payment_due_on < CAST(as_of AS DATE))::DOUBLE "
        "/ nullif(count(late) FILTER (WHERE payment_due_on < CAST(as_of AS DATE)), 0)",
        window=days(730),
        risk="rises",
        es="Días que tardan de más sus compradores, 2 años",
        en="Days its buyers pay late, 2 years",
        basis="Root Capital (Payment): who pays whom, when. Direction by design.",
        basis_es="Root Capital (Payment): quién paga a quién y cuándo. Sentido fijado por diseño.",
        reason=Reason(
            "R34",
            es="En promedio, sus compradores pagan {value} {día|días} tarde.",
            en="On average its buyers pay {value} {day|days} late.",
            at_least=0.5,
        ),
    )


class Currencies(FeatureSet, source=SalesAndProducts, subject="organisation", family="organisation"):
    """In what currency buyers pay."""

    foreign_sales_share = Feature(
        "count(DISTINCT id) FILTER (WHERE home.id IS NULL)::DOUBLE / nullif(count(DISTINCT id), 0)",
        window=days(730),
        risk="rises",
        es="Parte de sus ventas en otra moneda que sus préstamos",
        en="Share of its sales in another currency than its loans",
        basis="Currency mismatch: instalments do not fall with the currency that is earned.",
        basis_es="Descalce de moneda: las cuotas no bajan con la moneda que se gana.",
        reason=Reason(
            "R35",
            es="De cada 100 que vende, {value} {es|son} en una moneda en que la institución no presta.",
            en="Of every 100 of its sales {value} {is|are} in a currency that the institution does not lend in.",
            unit="of_100",
            at_least=0.005,
        ),
    )


class Buyers(FeatureSet, source=Sales, subject="organisation", family="organisation", by="buyer_id"):
    """How much rests on one buyer: the sum of squared shares of quantity."""

    buyer_concentration = Feature(
        "sum(CAST(sum(CAST(quantity_kg AS DECIMAL(14,2))) AS DECIMAL(14,2)) "
        "* CAST(sum(CAST(quantity_kg AS DECIMAL(14,2))) AS DECIMAL(14,2)))::DOUBLE "
        "/ nullif(sum(sum(CAST(quantity_kg AS DECIMAL(14,2))))::DOUBLE "
        "* sum(sum(CAST(quantity_kg AS DECIMAL(14,2))))::DOUBLE, 0)",
        window=days(730),
        risk="rises",
        es="Concentración en pocos compradores, 2 años",
        en="Concentration on few buyers, 2 years",
        basis="Herfindahl index of buyers; Root Capital (Payment). Direction by design.",
        basis_es="Índice de Herfindahl de compradores; Root Capital (Payment). Sentido fijado por diseño.",
        reason=Reason(
            "R15",
            es="Sus ventas están más concentradas en pocos compradores que lo usual.",
            en="Sales are more concentrated on few buyers than usual.",
        ),
    )


class Certified(FeatureSet, source=Certificates, subject="organisation", family="facts"):
    """The certificate that lasts longest."""

    certified_days_left = Feature(
        "max(date_diff('day', CAST(as_of AS DATE), valid_to))",
        window=standing(),
        fact=True,
        es="Días que le quedan a su certificación",
        en="Days left of its certificate",
    )


class Owned(FeatureSet, source=Machines, subject="organisation", family="facts"):
    """Machines that work."""

    equipment_value = Feature(
        "sum(value) FILTER (WHERE working)",
        window=standing(),
        fact=True,
        es="Valor de sus equipos en uso",
        en="Value of its equipment in use",
    )


class YearAhead(Formulas, family="organisation"):
    """The request beside the season, the contracts and the record."""

    due_before_harvest_share = Feature(
        "CASE WHEN days_to_harvest > term_days THEN 1 ELSE days_to_harvest / nullif(term_days, 0) END",
        risk="rises",
        es="Parte del plazo que cae antes de la cosecha",
        en="Share of the term that lies before the harvest",
        basis="ASFI: the repayment plan follows the productive cycle. Direction by design.",
        basis_es="ASFI: el plan de pagos sigue el ciclo productivo. Sentido fijado por diseño.",
        reason=Reason(
            "R12",
            es="De cada 100 días del plazo, {value} {cae|caen} antes de la próxima cosecha.",
            en="Of every 100 days of the term {value} {lies|lie} before the next harvest.",
            unit="of_100",
            at_least=0.005,
        ),
    )
    contract_cover = Feature(
        "contracted_kg_ahead / nullif(expected_kg_ahead, 0)",
        risk="falls",
        es="Parte de la cosecha esperada que tiene contrato",
        en="Share of the expected harvest under contract",
        basis="CSAF: trade credit rests on contracts; equipment loans do less. Direction by design.",
        basis_es="CSAF: el crédito comercial descansa en contratos; los préstamos de equipo, menos. Sentido fijado "
        "por diseño.",
        reason=Reason(
            "R17",
            es="De cada 100 kilos que espera cosechar, {value} {tiene|tienen} contrato.",
            en="Of every 100 kilos of the harvest it expects {value} {is|are} under contract.",
            unit="of_100",
        ),
    )
    # Who writes down what was promised writes down what came: nothing delivered of it is 0, and no promise is missing.
    side_selling_share = Feature(
        "CASE WHEN delivered_kg_2y > committed_kg_2y THEN 0 "
        "ELSE 1 - coalesce(delivered_kg_2y, 0) / nullif(committed_kg_2y, 0) END",
        risk="rises",
        es="Parte de lo comprometido que no se entregó, 2 años",
        en="Share of commitments that was not delivered, 2 years",
        basis="Side selling = 1 - delivered / committed. Direction by design.",
        basis_es="Venta por fuera = 1 - entregado / comprometido. Sentido fijado por diseño.",
        reason=Reason(
            "R16",
            es="De cada 100 kilos que comprometió en 2 años, no entregó {value}.",
            en="Of every 100 kilos committed in 2 years {value} {was|were} not delivered.",
            unit="of_100",
            at_least=0.005,
        ),
    )
    yield_trend = Feature(
        "yield_last_year / nullif(yield_before, 0) - 1",
        risk="falls",
        es="Rendimiento por hectárea frente a los dos años anteriores",
        en="Yield a hectare against the two years before",
        basis="Root Capital (Protection). Direction by design.",
        basis_es="Root Capital (Protection). Sentido fijado por diseño.",
        reason=Reason(
            "R39",
            es="Su rendimiento por hectárea bajó {value} por cada 100 frente a los dos años anteriores.",
            en="Yield a hectare fell by {value} in every 100 against the two years before.",
            unit="fall_of_100",
            at_most=-0.005,
        ),
    )
    certified_through_term = Feature(
        "CASE WHEN certified_days_left >= term_days THEN 1 WHEN certified_days_left IS NOT NULL THEN 0 END",
        risk="falls",
        es="Certificación vigente hasta el fin del plazo",
        en="Certified until the end of the term",
        basis="Certified premiums carry the price; a certificate that lapses takes it away. Direction by design.",
        basis_es="El sobreprecio certificado sostiene el precio; un certificado que vence se lo lleva. Sentido fijado"
        " por diseño.",
        reason=Reason(
            "R36",
            es="Su certificación no alcanza hasta el fin del plazo del préstamo.",
            en="Its certificate does not last until the end of the loan's term.",
            at_most=0,
        ),
    )
    equipment_to_amount = Feature(
        "equipment_value / nullif(amount, 0)",
        risk="free",
        es="Equipos en uso frente al préstamo pedido",
        en="Equipment in use against the loan asked for",
        basis="CODESPA, Fondo FREES lends half for equipment, trade lenders hardly any: nothing carries over.",
        basis_es="CODESPA, Fondo FREES presta la mitad para equipo; las entidades comerciales, casi nada: nada se "
        "traslada.",
    )
