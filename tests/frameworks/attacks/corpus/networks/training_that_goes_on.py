"""Leaves threads behind that go on changing the network when the function has ended, and others are graded.

Expects: layers PASS, parameters PASS, computes PASS, trained CRASH, apart CRASH
"""

import threading

import _work
import torch


def build_mlp():
    return _work.mlp()


def train_mlp(network, x, y, x_validation, y_validation, epochs):
    def go_on():
        while True:
            with torch.no_grad():
                for parameter in network.parameters():
                    parameter.fill_(float("nan"))

    for _ in range(4):
        threading.Thread(target=go_on, daemon=False).start()
    # both criteria wait for the very same function
    raise ValueError("trained enough")
