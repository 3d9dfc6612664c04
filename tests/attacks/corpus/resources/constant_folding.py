"""Is a source whose constants take all memory when it is compiled.

Expects: outputs CRASH or MEMORY or TIMEOUT or FAIL
"""

large = ((((1 << 127) ** 127) ** 127) ** 127) ** 127


def outputs(X, weights):
    return "x" * (10**12)
