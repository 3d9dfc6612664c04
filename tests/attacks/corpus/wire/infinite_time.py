"""Says that it took forever.

Expects: outputs CRASH
Says: did not keep to the protocol
"""

from _speaking import RETURNED, frame, say_only


def outputs(X, weights):
    say_only(frame({**RETURNED, "cpu_s": float("inf")}))
