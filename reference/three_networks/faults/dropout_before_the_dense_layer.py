"""Dropout stands before the large dense layer instead of behind it.

Base: torch
File: networks.py
Parts: lenet
Fails: lenet.dropout
"""

plain_lenet = build_lenet


def build_lenet():
    modules = list(plain_lenet())
    modules.insert(7, modules.pop(9))
    return nn.Sequential(*modules)
