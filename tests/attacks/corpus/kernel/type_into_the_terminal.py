"""Types into the terminal of whoever grades.

Expects: outputs CRASH
Says: OSError
"""


def outputs(X, weights):
    __import__("fcntl").ioctl(0, 0x5412, b"x")
    raise RuntimeError("got through")
