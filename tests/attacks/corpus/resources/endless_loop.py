"""Never comes to an end.

Expects: outputs TIMEOUT
"""


def outputs(X, weights):
    while True:
        pass
