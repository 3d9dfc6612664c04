"""Makes a file of an exabyte without a byte in it.

Expects: outputs CRASH
Says: File too large
"""


def outputs(X, weights):
    with open("large", "wb") as file:
        file.truncate(2**60)
