"""Says hello once more, with walls of its own choice.

Expects: outputs CRASH
Says: with Hello
"""

from _speaking import frame, say_only


def outputs(X, weights):
    hello = {"type": "hello", "protocol": 1, "walls": ["everything"], "versions": {"python": "=1+1"}}
    say_only(frame(hello, [], b""))
