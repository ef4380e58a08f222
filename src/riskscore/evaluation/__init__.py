"""Ranking, calibration and their intervals, clustered by group."""
