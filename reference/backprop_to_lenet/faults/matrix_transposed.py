"""Predicted classes stand down and true ones across.

Base: torch
File: networks.py
Parts: evaluation
Fails: evaluation.matrix
"""

right_matrix = confusion_matrix


def confusion_matrix(labels, predictions):
    return right_matrix(labels, predictions).T
