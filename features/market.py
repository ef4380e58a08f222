"""What surrounds her and is nobody's doing: the region's market for loans, the weather, prices."""

from riskscore.catalog import Feature, FeatureSet, Formulas, Reason, days, latest

from .sources import Ocean, Prices, RegionClimate, Regions


class Region(FeatureSet, source=Regions, subject="region", family="market"):
    """The region as official sources describe it."""

    region_penetration = Feature(
        "CAST(loans AS DOUBLE) / nullif(households, 0)",
        window=latest(),
        risk="free",
        es="Microcréditos por hogar en su región",
        en="Microloans a household in the region",
        basis="Liv 2013: above one loan a household a market is saturated. Vogelgesang: more supply, better repayment. "
        "Free.",
        basis_es="Liv 2013: con más de un préstamo por hogar el mercado está saturado. Vogelgesang: más oferta, mejor"
        " pago. Libre.",
    )
    region_early_warning = Feature(
        "early_warning",
        window=latest(),
        risk="rises",
        es="Señales de sobreendeudamiento en su región",
        en="Signals of over-indebtedness in the region",
        basis="Kappel, Krauss & Lontzek 2010: early warning index.",
        basis_es="Kappel, Krauss y Lontzek 2010: índice de alerta temprana.",
        reason=Reason(
            "R42",
            es="En su región hay más señales de sobreendeudamiento que lo usual.",
            en="There are more signals of over-indebtedness in the region than usual.",
        ),
    )


class Exposure(FeatureSet, source=Regions, subject="region", family="facts"):
    """Whether El Niño reaches the region."""

    el_nino_exposed = Feature(
        "CASE WHEN el_nino_exposed THEN 1 WHEN NOT el_nino_exposed THEN 0 END",
        window=latest(),
        fact=True,
        es="Región expuesta a El Niño",
        en="Region exposed to El Niño",
    )


class Weather(FeatureSet, source=RegionClimate, subject="region", family="market"):
    """The last half year in the region, as it had been published."""

    # The standardised index alone: an anomaly in millimetres has no unit in common with it.
    rain_anomaly_6m = Feature(
        "max(abs(value)) FILTER (WHERE indicator = 'spi')",
        window=days(183),
        risk="rises",
        es="Lluvias fuera de lo normal en su región, 6 meses",
        en="Unusual rain in the region, 6 months",
        basis="Collier, Katchova & Skees 2011 (Piura): floods show in restructured loans. Drought counts like flood. "
        "Standardised precipitation index (spi) alone.",
        basis_es="Collier, Katchova y Skees 2011 (Piura): las inundaciones se ven en préstamos reprogramados. La "
        "sequía cuenta como la inundación. Solo el índice de precipitación (spi).",
        reason=Reason(
            "R14",
            es="En 6 meses las lluvias de su región estuvieron fuera de lo normal.",
            en="In 6 months rain in the region was unusual.",
            at_least=1,
        ),
    )
    frost_days_6m = Feature(
        "sum(CAST(value AS DECIMAL(18,3))) FILTER (WHERE indicator = 'frost_days')",
        window=days(183),
        risk="rises",
        es="Días de helada en su región, 6 meses",
        en="Days of frost in the region, 6 months",
        basis="Practice of the altiplano: frost takes maize. Direction by design.",
        basis_es="Práctica del altiplano: la helada se lleva el maíz. Sentido fijado por diseño.",
        reason=Reason(
            "R14",
            es="En 6 meses hubo {value} {día|días} de helada en su región.",
            en="In 6 months there {was|were} {value} {day|days} of frost in the region.",
            at_least=0.5,
        ),
    )


class Pacific(FeatureSet, source=Ocean, subject="institution", family="facts"):
    """The ocean's index as of three months ago."""

    oni_3_months_ago = Feature(
        "value",
        window=latest(max_age=days(185), ago=days(90)),
        fact=True,
        es="Índice del Pacífico hace 3 meses",
        en="Index of the Pacific 3 months ago",
    )


class PricesSeen(FeatureSet, source=Prices, subject="sector", family="facts"):
    """What her product fetched."""

    price_now = Feature(
        "price", window=latest(max_age=days(45)), fact=True, es="Precio de su rubro", en="Price in her line of business"
    )
    price_3_months_ago = Feature(
        "price",
        window=latest(max_age=days(135), ago=days(90)),
        fact=True,
        es="Precio de su rubro hace 3 meses",
        en="Price in her line of business 3 months ago",
    )
    price_12_months_ago = Feature(
        "price",
        window=latest(max_age=days(410), ago=days(365)),
        fact=True,
        es="Precio de su rubro hace 12 meses",
        en="Price in her line of business 12 months ago",
    )


class PriceSwings(FeatureSet, source=Prices, subject="sector", family="market"):
    """How far the price went in a year. No standard deviation: its last digits depend on the order of rows."""

    price_range_12m = Feature(
        "max(price) / nullif(min(price), 0) - 1",
        window=days(365),
        risk="rises",
        es="Vaivén del precio de su rubro, 12 meses",
        en="Swing of the price in her line of business, 12 months",
        basis="Price volatility of cacao, banana and maize. Direction by design.",
        basis_es="Variación del precio de cacao, banano y maíz. Sentido fijado por diseño.",
        reason=Reason(
            "R29",
            es="En 12 meses el precio de su rubro varió hasta {value} por cada 100 del más bajo.",
            en="In 12 months prices in this line of business varied by {value} for every 100 of the lowest.",
            unit="of_100",
            at_least=0.005,
        ),
    )


class MarketFormulas(Formulas, family="market"):
    """The ocean where it reaches, and how prices moved."""

    oni_where_exposed = Feature(
        "CASE WHEN el_nino_exposed = 1 THEN oni_3_months_ago WHEN el_nino_exposed = 0 THEN 0 END",
        risk="rises",
        es="El Niño en su región, con 3 meses de anticipación",
        en="El Niño in the region, three months ahead",
        basis="Collier, Katchova & Skees 2011 (Piura): 3.6 % more of the portfolio restructured after 1997-98.",
        basis_es="Collier, Katchova y Skees 2011 (Piura): 3.6 % más de la cartera reprogramada después de 1997-98.",
        reason=Reason(
            "R14",
            es="Hace tres meses el Pacífico estaba más caliente de lo normal: puede venir El Niño a su región.",
            en="Three months ago the Pacific was warmer than normal: El Niño may come to the region.",
            at_least=0.5,
        ),
    )
    price_change_3m = Feature(
        "price_now / nullif(price_3_months_ago, 0) - 1",
        risk="falls",
        es="Cambio del precio de su rubro, 3 meses",
        en="Change of the price in her line of business, 3 months",
        basis="Terms of trade of the products lent on. Direction by design.",
        basis_es="Precios de los productos a los que se presta. Sentido fijado por diseño.",
        reason=Reason(
            "R13",
            es="En 3 meses el precio de su rubro bajó {value} por cada 100.",
            en="In 3 months the price in this line of business fell by {value} in every 100.",
            unit="fall_of_100",
            at_most=-0.005,
        ),
    )
    price_change_12m = Feature(
        "price_now / nullif(price_12_months_ago, 0) - 1",
        risk="falls",
        es="Cambio del precio de su rubro, 12 meses",
        en="Change of the price in her line of business, 12 months",
        basis="The same season a year before: a seasonal price is not compared with last month's.",
        basis_es="La misma estación un año antes: un precio de temporada no se compara con el del mes pasado.",
        reason=Reason(
            "R13",
            es="En 12 meses el precio de su rubro bajó {value} por cada 100.",
            en="In 12 months the price in this line of business fell by {value} in every 100.",
            unit="fall_of_100",
            at_most=-0.005,
        ),
    )
