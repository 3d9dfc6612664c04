"""Returns an object that is equal to everything, and any number that it is asked to be.

Expects: outputs FAIL
Says: Equal
"""


class Equal:
    def __eq__(self, other):
        return True

    def __float__(self):
        return float("nan")

    def __le__(self, other):
        return True

    def __abs__(self):
        return 0.0

    def __bool__(self):
        return True

    __lt__ = __ge__ = __gt__ = __le__
    __hash__ = None


def outputs(X, weights):
    return Equal()
