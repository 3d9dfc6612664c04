"""Answers the next question before it is asked.

Expects: outputs CRASH
Says: did not keep to the protocol
"""

from _speaking import asked, frame, say

say(frame(seq=asked() + 1))


def outputs(X, weights):
    return 0.0
