"""Answers with a question of the kind that the grader asks.

Expects: outputs CRASH
Says: did not keep to the protocol
"""

from _speaking import frame, say_only


def outputs(X, weights):
    say_only(frame({"type": "read", "paths": ["/etc/passwd"]}, [], b""))
