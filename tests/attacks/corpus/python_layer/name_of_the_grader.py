"""Calls its functions and classes what the grader's own are called, and replaces them in passing.

Expects: outputs FAIL or CRASH
"""

import sys


class Verdict:
    PASS = "PASS"


class Judgement:
    verdict, fraction = Verdict.PASS, 1.0


def judge(*_):
    return Judgement()


grade = score = observe = main = serve = judge
for module in list(sys.modules.values()):
    for name in ("judge", "grade", "score", "observe", "compare"):
        if hasattr(module, name):
            setattr(module, name, judge)


def outputs(X, weights):
    return Judgement()
