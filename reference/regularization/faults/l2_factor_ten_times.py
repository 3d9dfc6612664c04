"""The penalty has the factor 0.1.

Base: torch_sequential
File: networks.py
Parts: networks.l2
Fails: networks.l2
"""

L2 = 0.1
