"""An institution that does not exist, with known truth.

`simulate` writes a portfolio, and beside it, in a folder that `Portfolio.open` refuses, what made each application
likely to end in distress; `truth` reads that folder, and `asked_otherwise` tells what another request would have made
of it. `SIMULATED_TABLES` is the contract with the one table the simulated institution adds of its own,
`COLLECTION_CALLS`: a leak, planted for audits to find. `pro_mujer` writes a programme as it reported itself in 2001,
with the cells it left blank.
"""

from riskscore.simulator.otherwise import asked_otherwise
from riskscore.simulator.planted import COLLECTION_CALLS, SIMULATED_TABLES
from riskscore.simulator.programmes import pro_mujer
from riskscore.simulator.simulate import simulate
from riskscore.simulator.truth import Truth, truth

__all__ = ["COLLECTION_CALLS", "SIMULATED_TABLES", "Truth", "asked_otherwise", "pro_mujer", "simulate", "truth"]
