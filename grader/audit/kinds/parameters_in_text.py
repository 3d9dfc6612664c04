"""Numbers of parameters in the text that no summary and no other output has."""

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations

from grader.audit.material import Material
from grader.audit.readers.prose import speaks_of_elsewhere
from grader.results import Finding, Severity

KIND = "parameters-not-in-outputs"
MAX_TOTALS = 60

_COUNT = re.compile(
    r"(?P<number>\d{1,3}(?:[,. ]\d{3})+|\d{4,9})\s+(?:(?:trainable|learnable|free|total)\s+)*param(?:eter)?s\b",
    re.IGNORECASE,
)
_ABOUT_ALL = re.compile(r"\b(network|model|total|altogether|in all|overall|lenet|mlp|cnn)\b", re.IGNORECASE)
_ABOUT_A_PART = re.compile(
    r"\b(layer|layers|kernel|filter|weights|biases|per|each|conv\d*|fc\d*|dense)\b", re.IGNORECASE
)


def find(material: Material) -> Iterator[Finding]:
    """Look for each number among all numbers printed and the differences and sums of two totals."""
    totals = [total for tables in material.summaries.values() for table in tables for total in table.totals.values()]
    del totals[MAX_TOTALS:]
    if not totals or not material.has_whole_outputs:
        return
    derived = {Decimal(value) for one, other in combinations(totals, 2) for value in (abs(one - other), one + other)}
    for sentence in material.sentences:
        text = sentence.text
        if speaks_of_elsewhere(sentence) or not _ABOUT_ALL.search(text) or _ABOUT_A_PART.search(text):
            continue
        for match in _COUNT.finditer(text):
            number = Decimal(re.sub(r"\D", "", match["number"]))
            if number in material.printed or number in derived:
                continue
            yield material.finding(
                KIND,
                Severity.NOTE,
                sentence.cell,
                sentence.line,
                f"The text gives {number:,} parameters. No stored output has this number; the summaries say "
                f"{', '.join(f'{total:,}' for total in dict.fromkeys(totals[:6]) if total)}.",
                quote=text,
                settles="the summary that the number was read from",
            )
