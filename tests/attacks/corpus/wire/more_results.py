"""Sends more results than were asked for.

Expects: outputs CRASH
Says: did not keep to the protocol
"""

from _speaking import RETURNED, SCALAR, frame, say_only


def outputs(X, weights):
    say_only(frame({**RETURNED, "results": RETURNED["results"] * 50}, [SCALAR] * 50, bytes(400)))
