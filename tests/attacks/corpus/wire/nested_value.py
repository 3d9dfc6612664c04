"""Returns a value nested in more levels than anybody follows.

Expects: outputs CRASH
Says: did not keep to the protocol
"""

from _speaking import frame, returned, say_only


def outputs(X, weights):
    value = {"type": "nothing"}
    for _ in range(150):
        value = {"type": "sequence", "items": [value]}
    say_only(frame(returned(value), [], b""))
