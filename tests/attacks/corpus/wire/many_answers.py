"""Sends answers without end.

Expects: outputs CRASH
Says: more than one answer
"""

from _speaking import frame, say


def outputs(X, weights):
    answers = frame() * 1000
    while True:
        say(answers)
