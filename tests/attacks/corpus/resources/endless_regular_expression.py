"""Has the regular expressions of Python count for longer than the universe is old.

Expects: outputs TIMEOUT
"""

import re


def outputs(X, weights):
    re.match("(a*)*b", "a" * 60)
