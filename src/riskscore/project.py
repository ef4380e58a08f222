"""Where an institution's definitions are: `features/`, `training/` and `serving/` of one folder, loaded by path."""
