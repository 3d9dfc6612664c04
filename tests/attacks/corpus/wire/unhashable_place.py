"""Says that its error happened in line minus 2^63 of a file that is none.

Expects: outputs CRASH
"""

from _speaking import frame, say_only


def outputs(X, weights):
    where = {"path": "../" * 1000, "line": -(2**63), "cell": -1, "function": "f" * 10**5, "quote": "q" * 10**5}
    say_only(frame({"type": "raised", "type_name": "E" * 10**5, "message": "m" * 10**6, "where": [where] * 5}, [], b""))
