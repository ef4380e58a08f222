"""How a champion is made: recipe, candidates, calibration, selection, artefact, tracking."""
