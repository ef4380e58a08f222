"""What came of loans like hers: of 100, so many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from riskscore.words import Format, Words


@dataclass(frozen=True, slots=True)
class FrequencySection:
    """The sentence, its range, and how many of 100 dots to fill; None where nobody was like her."""

    sentence: str
    range: str
    dots: int | None = None


def frequency_section(interval: Mapping[str, float] | None, words: Words, form: Format) -> FrequencySection:
    """Return the sentence of natural frequency; where the request is unlike what was seen, no number is given."""
    if interval is None:
        return FrequencySection(words("frequency_of_trouble.unlike"), words("frequency_of_trouble.no_range"))
    count = round(100 * interval["rate"])
    if 100 * interval["rate"] < 1:
        sentence = words("frequency_of_trouble.less_than_one")
    elif count == 1:
        sentence = words("frequency_of_trouble.one")
    else:
        sentence = words("frequency_of_trouble.sentence", count=form.number(count))
    low, high = (form.number(round(100 * interval[name])) for name in ("low", "high"))
    if low == high:
        return FrequencySection(sentence, words("frequency_of_trouble.alike"), count)
    return FrequencySection(sentence, words("frequency_of_trouble.range", low=low, high=high), count)
