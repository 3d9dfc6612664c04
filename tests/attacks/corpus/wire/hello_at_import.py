"""Says hello once more while it is loaded.

Expects: outputs CRASH
Says: did not keep to the protocol
"""

from _speaking import frame, say

say(frame({"type": "hello", "protocol": 1, "walls": [], "versions": {}}, [], b"", 0))


def outputs(X, weights):
    return 0.0
