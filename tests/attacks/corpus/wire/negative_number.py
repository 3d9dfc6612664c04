"""Answers question number minus one.

Expects: outputs CRASH
Says: answered request -1
"""

from _speaking import frame, say_only


def outputs(X, weights):
    say_only(frame(seq=-1))
