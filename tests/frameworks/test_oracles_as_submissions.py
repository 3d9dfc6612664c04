"""A submission that hands out the references' own code has full marks: in every assignment, in both frameworks.

``wrapped/`` has the handout's functions around them. What the references do not bring, plots and answers in words,
comes from there and from ``variants/``; weights are trained here, where that takes seconds. :data:`SHORT` names every
criterion that falls short all the same, how far, and why: a criterion that joins them fails the test.

One framework of each assignment is graded, unless both are asked for: ``GRADER_ALL=1``. cnn_in_numpy, whose
handout has the references' own names, is in ``test_cnn_in_numpy.py``.
"""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from grader.data.load import load
from grader.oracle.run import load_module
from grader.results import Verdict
from grader.session import Job, grade
from grader.transplant.transplant import trace, transplant

pytest.importorskip("torch")
pytest.importorskip("keras")

WRAPPED = Path(__file__).parent / "wrapped"
ENDINGS = {"torch": ".pt", "keras": ".weights.h5"}
IN_CI = [("backprop_to_lenet", "torch"), ("weight_decay", "torch"), ("regularization", "keras"),
         ("three_networks", "torch")]  # fmt: skip
EVERY = [(assignment, framework) for assignment, _ in IN_CI for framework in ENDINGS]

ON_THE_SUBSET = "trained here on the embedded subset; what is asked is what the full data gives"
NO_LENET = "the LeNet variant of three_networks trains for twenty minutes, so one of three models has no weights"
SHORT = {
    "weight_decay": {
        "trained.accuracy": (None, ON_THE_SUBSET),
    },
    "three_networks": {
        "trained.accuracy": (None, f"{NO_LENET}; the others are {ON_THE_SUBSET}"),
        "trained.reported": (2 / 3, NO_LENET),
        "trained.records": (2 / 3, NO_LENET),
        "comments.statements": (None, "the references explain themselves in docstrings, not line by line"),
    },
}
"""By assignment and criterion: the share of the points that is left (``None``: any below all of them), and why."""


class Trainer:
    """Trains an oracle's networks into a submission's folder, and keeps what they reach for its results.json."""

    def __init__(self, assignment, framework, folder):
        self.oracle = load_module(assignment.folder / f"oracle_{framework}.py")
        preparation = load_module(assignment.folder / "preparation.py")
        self.ending, self.folder = ENDINGS[framework], folder
        data = load({"backprop_to_lenet": "fashion-mnist"}.get(assignment.id, "mnist"))
        self.sets = preparation.prepare(data.train_images, data.train_labels, data.test_images, data.test_labels)
        self.results = {}

    def hand_in(self, name, network):
        """Save the weights of a network that has been trained."""
        path = self.folder / "weights" / f"{name}{self.ending}"
        path.parent.mkdir(exist_ok=True)
        save(network, path)
        loss, accuracy = self.oracle.evaluate(network, self.sets["test"])
        self.results[name] = {"test_loss": loss, "test_accuracy": accuracy}
        (self.folder / "results.json").write_text(json.dumps(self.results))

    def train(self, name, **settings):
        """Build and train a network as the handout says, and hand it in; return its history."""
        network = getattr(self.oracle, f"build_{name}")(seed=0)
        function = getattr(self.oracle, f"train_{name}")
        history = function(network, self.sets["training"], self.sets["validation"], **settings)
        self.hand_in(name, network)
        return history


def save(network, path):
    if path.suffix == ".pt":
        import torch

        torch.save(network.state_dict(), path)
    else:
        network.save_weights(path)


def train_backprop_to_lenet(trainer, root):
    """Move alice's weights into the oracle's networks: they were trained for as long as the handout asks."""
    import torch

    alice = load_module(root / "submissions" / "alice" / "networks.py")
    for name in ("mlp", "lenet", "lenet_dropout", "lenet_batch_norm"):
        source = getattr(alice, f"build_{name}")()
        source.load_state_dict(torch.load(root / f"submissions/alice/weights/{name}.pt", weights_only=True))
        network = getattr(trainer.oracle, f"build_{name}")()
        transplant(trace(source, (28, 28, 1)).network, trace(network, (28, 28, 1)))
        trainer.hand_in(name, network)


def train_weight_decay(trainer, root):
    trainer.train("mlp")
    # not for as long as the handout asks, but for long enough
    trainer.train("wide_mlp", epochs=20)
    trainer.train("cnn", epochs=4)


def train_three_networks(trainer, root):
    for folder in ("checkpoints", "history"):
        (trainer.folder / folder).mkdir()
    for name in ("softmax_regression", "mlp"):
        checkpoint = trainer.folder / "checkpoints" / f"{name}{trainer.ending}"
        history = trainer.train(name, checkpoint=str(checkpoint), log_folder=str(trainer.folder / "logs" / name))
        (trainer.folder / "history" / f"{name}.json").write_text(json.dumps(history))


TRAIN = {
    "backprop_to_lenet": train_backprop_to_lenet,
    "weight_decay": train_weight_decay,
    "three_networks": train_three_networks,
}


def write_networks(assignment, wrapper, folder):
    """Write networks.py with the handout's names, and say that it is the file that counts: the oracle beside it has
    many of these names, too."""
    folder.mkdir()
    for name in ("examples.py", "plots.py"):
        shutil.copy(WRAPPED / name, folder)
    shutil.copy(WRAPPED / f"{wrapper}.py", folder / "networks.py")
    lines = [f"  {part.id}: networks.py\n" for part in assignment.parts if "networks.py" in part.files]
    (folder / "submission.yaml").write_text(f"assignment: {assignment.id}\nparts:\n{''.join(lines)}")


def hand_in(assignment, framework, folder, root):
    """Write a submission made of the references: the handout's names in networks.py, their code beside it."""
    write_networks(assignment, assignment.id, folder)
    shutil.copy(assignment.folder / f"oracle_{framework}.py", folder / "oracle.py")
    for name in ("preparation.py", "evaluation.py"):
        if (assignment.folder / name).is_file():
            shutil.copy(assignment.folder / name, folder)
    shutil.copy(assignment.folder / "variants" / "common" / "answers.md", folder)
    if (assignment.folder / "oracle_numpy.py").is_file():
        shutil.copy(assignment.folder / "oracle_numpy.py", folder / "backprop.py")
    if assignment.id in TRAIN:
        TRAIN[assignment.id](Trainer(assignment, framework, folder), root)
    return folder


@pytest.mark.parametrize(("name", "framework"), EVERY if os.environ.get("GRADER_ALL") else IN_CI)
def test_an_oracle_wrapped_as_a_submission_has_full_marks(name, framework, course, root, tmp_path):
    assignment = assignment_called(name, course)
    report = grade(course, Job(hand_in(assignment, framework, tmp_path / "oracle", root)))
    of = {r.criterion_id: r for r in report.results}
    assert (report.assignment, list(of)) == (name, [criterion.id for criterion in assignment.criteria])
    short = SHORT.get(name, {})
    by_person = {criterion.id for criterion in assignment.criteria if is_read_by_a_person(criterion)}
    lost = {key for key, result in of.items() if result.verdict is not Verdict.PASS}
    assert lost == by_person | short.keys(), [
        (of[key].feedback, of[key].private) for key in lost ^ (by_person | short.keys())
    ]
    assert {of[key].verdict for key in by_person} <= {Verdict.NEEDS_REVIEW}
    for key, (share, why) in short.items():
        assert of[key].verdict is Verdict.PARTIAL, of[key]
        assert share is None or np.isclose(of[key].awarded, share * of[key].possible), (why, of[key])
    for key in of.keys() - lost:
        assert of[key].awarded == of[key].possible, of[key]


def test_two_frameworks_in_one_file_are_graded_as_two_files_would_be(course, tmp_path):
    assignment = assignment_called("weight_decay", course)
    folder = tmp_path / "mixed"
    write_networks(assignment, "weight_decay_mixed", folder)
    for framework in ENDINGS:
        shutil.copy(assignment.folder / f"oracle_{framework}.py", folder)
    parts = ("mlp", "training", "wide_mlp", "weight_decay.penalty", "cnn")
    report = grade(course, Job(folder, only=parts))
    lost = [(r.criterion_id, r.feedback, r.private) for r in report.results if r.verdict is not Verdict.PASS]
    assert not lost
    assert {r.part_id for r in report.results} == {name.partition(".")[0] for name in parts}


def assignment_called(name, course):
    return next(one for one in course.assignments if one.id == name)


def is_read_by_a_person(criterion):
    return criterion.kind == "text" and criterion.options.graded_by == "a person"
