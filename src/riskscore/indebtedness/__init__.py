"""Net indebtedness, headroom and the largest affordable amount: arithmetic only."""
