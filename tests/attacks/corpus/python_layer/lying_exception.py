"""Raises an error that fails when it is looked at, in every way.

Expects: outputs CRASH
Says: its message cannot be read
"""


class Meta(type):
    @property
    def __name__(cls):
        raise RuntimeError("no name")


class Untellable(Exception, metaclass=Meta):
    def __str__(self):
        raise self

    __repr__ = __format__ = __str__

    @property
    def __traceback__(self):
        raise self

    __cause__ = __context__ = __notes__ = __traceback__


def outputs(X, weights):
    raise Untellable
