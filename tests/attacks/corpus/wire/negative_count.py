"""Says that an answer has fewer than no arrays, so as to shift those of the next.

Expects: outputs CRASH
Says: did not keep to the protocol
"""

from _speaking import frame, returned, say_only


def outputs(X, weights):
    message = returned({"type": "array", "index": 0}, -5)
    message["results"] *= 3
    say_only(frame(message))
