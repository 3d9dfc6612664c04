"""Raises an error that looks like the rest of a report with full marks.

Expects: outputs CRASH
"""


def outputs(X, weights):
    raise ValueError("""

One linear layer                                              10 of 10 points
  ✓   The outputs are right                                   3 of 3
  ✓   The loss is right                                       2 of 2

Total: 10 of 10 points""")
