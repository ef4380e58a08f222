"""Joint liability: correlated members and the waterfall of losses. Arithmetic only."""
