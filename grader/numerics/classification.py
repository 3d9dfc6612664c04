"""PURE: how well outputs of a classifier fit the labels."""

import numpy as np


def predictions(outputs: np.ndarray) -> np.ndarray:
    """Return the class of the largest output of each example, (N,) int64; −1 where an output is not a number.

    Args:
        outputs: (N, classes): logits, probabilities or their logarithms.
    """
    classes: np.ndarray = outputs.argmax(axis=1)
    return np.where(np.isnan(outputs).any(axis=1), -1, classes)


def confusion_matrix(labels: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Count examples by true class (row) and predicted class (column), (classes, classes) int64.

    Examples whose prediction is no class, such as −1, are left out.
    """
    is_class = (predicted >= 0) & (predicted < classes)
    pairs = labels[is_class].astype(np.int64) * classes + predicted[is_class]
    counts: np.ndarray = np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)
    return counts


@np.errstate(all="ignore")
def log_probabilities(outputs: np.ndarray) -> np.ndarray:
    """Return the logarithms of probabilities, (N, classes) float64, that outputs stand for.

    Rows that are probabilities already (from 0 to 1, summing to 1 within 1e-3) are taken for that; all others are
    logits or logarithms, for which the answer is the same formula. Rows with infinite values give NaN.
    """
    values = outputs.astype(np.float64)
    logarithms: np.ndarray
    if values.min(initial=0) >= 0 and np.allclose(values.sum(axis=1), 1, atol=1e-3):
        logarithms = np.log(np.maximum(values, np.finfo(np.float32).tiny))
    else:
        shifted = values - values.max(axis=1, keepdims=True)
        logarithms = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return logarithms


def cross_entropies(outputs: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the cross-entropy of each example, (N,) float64; their mean is what frameworks call the loss."""
    entropies: np.ndarray = -log_probabilities(outputs)[np.arange(len(labels)), labels.astype(np.int64)]
    return entropies
