"""Rewrites the code of the function that packs results, without replacing the function.

Expects: outputs FAIL or CRASH
"""

from grader.sandbox.wire import messages, values


def packed(value, arrays, depth=0):
    return Text("PASS")


values.Text = messages.Text
values.pack.__code__ = packed.__code__


def outputs(X, weights):
    return 0.0
