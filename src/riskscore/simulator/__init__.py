"""An institution that does not exist, with known truth."""
