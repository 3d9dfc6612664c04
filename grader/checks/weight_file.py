"""Which of the files handed in holds the trained weights of a network, and loading it inside the worker."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

import msgspec

from grader.checks.student import StudentError
from grader.checks.student_models import Built, StudentModels
from grader.course.model import ModelSpec
from grader.results import Feedback, Verdict

PREFERRED = {
    "torch": (".pt", ".pth", ".safetensors", ".npz"),
    "keras": (".keras", ".weights.h5", ".h5", ".hdf5", ".npz", ".safetensors"),
}
"""The endings that a framework's weights have, the most usual first."""


class WeightFile(msgspec.Struct, frozen=True):
    """The file that counts, and ``others`` that fit the rubric's patterns as well."""

    path: str
    others: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """What a report says about the others; empty if there are none."""
        return f"{self.path} was used, and not {', '.join(self.others)}." if self.others else ""


def load_weight_file(models: StudentModels, built: Built, paths: Iterable[str]) -> WeightFile:
    """Load the file with trained weights into a network.

    Args:
        paths: of the files that were handed in.

    Raises:
        StudentError: there is none (MISSING), or it cannot be used (FAIL).
    """
    file = choose(built.spec, built.framework, paths)
    if file is None:
        patterns = " or ".join(built.spec.weights)
        raise StudentError(
            Verdict.MISSING,
            Feedback(
                f"There are no trained weights of '{built.spec.name}': no file handed in is called {patterns}.",
                facts=("A file that is too large to be read is named among the findings.",),
            ),
        )
    problem, details = models.load_weights(built, file.path)
    if problem:
        facts = (*details, f"It was to be loaded into the network of {built.place}.", *filter(None, [file.note]))
        raise StudentError(Verdict.FAIL, Feedback(f"{file.path} cannot be used: {problem}.", facts=facts))
    return file


def choose(spec: ModelSpec, framework: str, paths: Iterable[str]) -> WeightFile | None:
    """Return which of ``paths`` holds the weights of a model, or ``None``.

    A pattern of the rubric is meant from the submission's folder or from any folder in it. Of several files the one
    counts whose ending is most usual for the framework; of equal ones the first by name.
    """
    found = sorted(path for path in paths if any(_fits(path, pattern) for pattern in spec.weights))
    endings = PREFERRED.get(framework, ())

    def rank(path: str) -> int:
        return next((number for number, ending in enumerate(endings) if path.endswith(ending)), len(endings))

    ordered = sorted(found, key=rank)
    return WeightFile(ordered[0], tuple(ordered[1:])) if ordered else None


def _fits(path: str, pattern: str) -> bool:
    return fnmatchcase(path, pattern) or fnmatchcase(path, f"*/{pattern}")
