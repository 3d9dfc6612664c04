"""A fifth is dropped instead of half.

Base: torch
File: networks.py
Parts: lenet
Fails: lenet.dropout
"""

plain_lenet = build_lenet


def build_lenet():
    modules = list(plain_lenet())
    modules[9] = nn.Dropout(0.2)
    return nn.Sequential(*modules)
