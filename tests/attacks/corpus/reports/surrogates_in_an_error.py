"""Raises an error whose text is none.

Expects: outputs CRASH
"""


def outputs(X, weights):
    raise ValueError("\ud800\udc00 \udfff" + bytes(range(256)).decode("utf-8", "surrogateescape") + "\U0010ffff\ufdd0")
