"""The sections of the whole page of a score, each from the score, the words and the form of a country's numbers."""
