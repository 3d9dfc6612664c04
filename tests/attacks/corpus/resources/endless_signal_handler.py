"""Never comes to the end of a signal handler that is called again and again.

Expects: outputs TIMEOUT
"""

import signal


def again(*_):
    signal.setitimer(signal.ITIMER_REAL, 0.001)
    while True:
        pass


def outputs(X, weights):
    signal.signal(signal.SIGALRM, again)
    signal.setitimer(signal.ITIMER_REAL, 0.001)
    while True:
        pass
