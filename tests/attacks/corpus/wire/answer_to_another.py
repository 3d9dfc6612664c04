"""Answers a question that was not asked.

Expects: outputs CRASH
Says: when request
"""

from _speaking import asked, frame, say_only


def outputs(X, weights):
    say_only(frame(seq=asked() + 7))
