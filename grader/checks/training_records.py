"""PURE: what the records of a training say. Each question answers with an :class:`~grader.checks.questions.Answer`."""

import math
from collections.abc import Sequence

import msgspec
import numpy as np

from grader.checks.histories import Events, History, Key, find_series
from grader.checks.questions import Answer, no, unclear, yes
from grader.checks.words import count_of
from grader.numerics.diagnosis_text import listed
from grader.numerics.intervals import deviations_at

LEVEL = 0.999
"""How surely a measured loss has to differ from the history's before that counts."""
VALIDATION_IMAGES = 5000
"""How many images a student's validation loss is taken to come from, where chance is reckoned with."""


class Measured(msgspec.Struct, frozen=True):
    """What a checkpoint reaches on ``count`` test images. ``loss_deviation`` is that of a single image's loss;
    ``is_returned`` says that the outputs are the worker's word and not the trusted side's."""

    path: str
    loss: float
    loss_deviation: float
    accuracy: float
    count: int
    is_returned: bool = False


def judge_history(path: str, history: History, keys: Sequence[Key], epochs: int | None) -> Answer:
    """Every series asked for is there, has one finite and possible number for each epoch."""
    if history.problem:
        return no(f"{path} cannot be read: {history.problem}.")
    found = {key: find_series(history.series, key) for key in keys}
    if absent := [key for key, values in found.items() if values is None]:
        return no(f"{path} has no {listed(absent)}.", f"It has {listed(sorted(history.series)[:10])}.")
    series = {key: values for key, values in found.items() if values is not None}
    lengths = {key: len(values) for key, values in series.items()}
    wanted = epochs if epochs is not None else max(lengths.values())
    if short := [key for key, length in lengths.items() if length != wanted]:
        seen = listed([f"{lengths[key]} of {key}" for key in short])
        return no(f"{path} should have {count_of(wanted, 'number')} of each, one for each epoch; it has {seen}.")
    for key, values in series.items():
        if not np.isfinite(values).all():
            epoch = int(np.flatnonzero(~np.isfinite(values))[0]) + 1
            return no(f"{path}: {key} of epoch {epoch} is not a finite number.")
        upper = 100.0 if key.endswith("accuracy") else math.inf
        if values.min() < 0 or values.max() > upper:
            epoch = int(np.flatnonzero((values < 0) | (values > upper))[0]) + 1
            return no(f"{path}: {key} of epoch {epoch} is {values[epoch - 1]:.4g}, which it cannot be.")
    return yes(f"{path} has {listed(list(series))} of {count_of(wanted, 'epoch')}.")


def judge_events(files: Sequence[Events], keys: Sequence[Key], epochs: int | None, model: str) -> Answer:
    """Every scalar asked for is there, at one step for each epoch at least."""
    problems = tuple(f"{file.path}: {file.problem}." for file in files if file.problem)
    names = {_curve_name(file.path, scalars.tag, model): scalars for file in files for scalars in file.series}
    steps = {name: np.unique(scalars.steps[np.isfinite(scalars.values)]) for name, scalars in names.items()}
    found = {key: find_series(steps, key) for key in keys}
    absent = [key for key, values in found.items() if values is None]
    seen = f"The event files hold {listed(sorted(names)[:10]) if names else 'no scalars'}."
    if absent:
        return no(f"For TensorBoard there is no curve of {listed(absent)}.", seen, *problems)
    wanted = epochs or 1
    short = {key: len(values) for key, values in found.items() if values is not None and len(values) < wanted}
    if short:
        counts = listed([f"{count} of {key}" for key, count in short.items()])
        return no(f"For TensorBoard there should be {wanted} steps of each curve; there are {counts}.", *problems)
    return yes(f"TensorBoard shows {listed(list(found))} over at least {count_of(wanted, 'step')}.")


def _curve_name(path: str, tag: str, model: str) -> str:
    """Return a curve's tag with the folders below the model's own, which tell training and validation apart."""
    folders = path.split("/")[:-1]
    own = folders[folders.index(model) + 1 :] if model in folders else folders[-1:]
    return " ".join((*own, tag))


def judge_checkpoint(measured: Measured, history: History) -> Answer:
    """The checkpoint is that of the epoch with the lowest validation loss.

    Its loss on test images is compared with the history's. An epoch that chance cannot tell from the best one is as
    good. It is another one's only if it is worse, and a later epoch has just its loss; where the loss is reckoned
    otherwise (with a penalty, say), the accuracy is compared instead.
    """
    losses = None if history.problem else find_series(history.series, "val_loss")
    if losses is None or not len(losses) or not np.isfinite(losses).all():
        return no("Without a history of the validation loss there is no telling which epoch was the best.")
    best = int(losses.argmin())
    about = f"{measured.path} has a loss of {measured.loss:.4f} on {measured.count:,} test images"
    lowest = f"the lowest validation loss in the history is {losses[best]:.4f}, in epoch {best + 1}"
    spread = measured.loss_deviation * math.sqrt(1 / measured.count + 1 / VALIDATION_IMAGES)
    allowed = deviations_at(LEVEL) * spread
    if abs(measured.loss - losses[best]) <= allowed:
        return yes(f"{about}; {lowest}: they agree.")
    later = best + 1 + np.flatnonzero(np.abs(losses[best + 1 :] - measured.loss) <= allowed)
    if measured.loss > losses[best] and len(later):
        nearest = int(later[np.abs(losses[later] - measured.loss).argmin()])
        last = ", the last one" if nearest == len(losses) - 1 else ""
        return no(
            f"The checkpoint is not that of the best epoch: {about}, and {lowest}.",
            f"It is nearest to epoch {nearest + 1}{last}, with {losses[nearest]:.4f}.",
        )
    accuracies = find_series(history.series, "val_accuracy")
    if accuracies is not None and len(accuracies) == len(losses) and _agrees(measured, float(accuracies[best])):
        return yes(f"{measured.path} has an accuracy of {measured.accuracy:.2%}, as the best epoch, {best + 1}, has.")
    return unclear(f"{about}; {lowest}. Neither that epoch nor a later one agrees, so a person will look at it.")


def _agrees(measured: Measured, accuracy: float) -> bool:
    share = accuracy / 100 if accuracy > 1 else accuracy
    error = math.sqrt(max(share * (1 - share), 0.0) * (1 / measured.count + 1 / VALIDATION_IMAGES))
    return abs(measured.accuracy - share) <= deviations_at(LEVEL) * error
