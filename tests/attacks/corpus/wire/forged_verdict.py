"""Sends a verdict instead of an answer.

Expects: outputs CRASH
Says: did not keep to the protocol
"""

from _speaking import frame, say_only


def outputs(X, weights):
    say_only(frame({"type": "judgement", "verdict": "PASS", "fraction": 1.0}))
