"""From past applications to a training set that never saw the future."""
