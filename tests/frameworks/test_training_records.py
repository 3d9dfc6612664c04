"""Records of real trainings: what the frameworks write is read, and the best checkpoint told from the last."""

import json

import numpy as np
import pytest

from grader.data.load import load
from grader.session import Job, grade
from tests.frameworks.small_course import KERAS, ORACLE, as_inputs, by_id, make_course

pytest.importorskip("torch")
pytest.importorskip("tensorboard")

EPOCHS = 30
CRITERIA = {
    "history": f"check: training, of: history, epochs: {EPOCHS}",
    "curves": f"check: training, of: tensorboard, epochs: {EPOCHS}",
    "best": "check: training, of: best_checkpoint, dataset: mnist",
    "reload": "check: training, of: reload",
}


@pytest.fixture(scope="module")
def training():
    """Overfit the small network in PyTorch on 250 images, some with a wrong label; return its history, and its weights
    at the best and at the last epoch."""
    import torch

    data = load("mnist", "subset")
    inputs, labels = as_inputs(data.train_images[:1250]), torch.from_numpy(data.train_labels[:1250].astype(np.int64))
    torch.manual_seed(0)
    labels[:250:5] = torch.randint(0, 10, (50,))
    namespace: dict = {}
    exec(ORACLE, namespace)
    network = namespace["build_small"]()
    optimizer = torch.optim.Adam(network.parameters(), 2e-2)
    history: dict = {"train_loss": [], "train_acc": [], "val_loss": [], "val_acc": []}
    weights: list = []
    for _ in range(EPOCHS):
        for batch in torch.arange(250).split(50):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(network(inputs[batch]), labels[batch]).backward()
            optimizer.step()
        for split, part in (("train", slice(250)), ("val", slice(250, None))):
            with torch.no_grad():
                logits = network(inputs[part])
            loss = float(torch.nn.functional.cross_entropy(logits, labels[part]))
            history[f"{split}_loss"].append(loss)
            history[f"{split}_acc"].append(float((logits.argmax(1) == labels[part]).float().mean()))
        weights.append({name: tensor.clone() for name, tensor in network.state_dict().items()})
    best = int(np.argmin(history["val_loss"]))
    assert history["val_loss"][-1] > history["val_loss"][best] + 0.6, history["val_loss"]
    return history, weights[best], weights[-1]


@pytest.fixture
def hand_in(tmp_path, training):
    """Grade a submission with these weights as its checkpoint, and the records of the training if ``whole``."""
    import torch
    from torch.utils.tensorboard import SummaryWriter

    def run(weights, *, whole=True):
        history = training[0]
        alice = tmp_path / "alice"
        for folder in ("checkpoints", "history"):
            (alice / folder).mkdir(parents=True)
        (alice / "networks.py").write_text(ORACLE)
        torch.save(weights, alice / "checkpoints" / "small.pt")
        if whole:
            (alice / "history" / "small.json").write_text(json.dumps(history))
            with SummaryWriter(alice / "logs" / "small") as writer:
                for name, values in history.items():
                    for step, value in enumerate(values):
                        writer.add_scalar(name.replace("_", "/"), value, step)
        course = make_course(tmp_path / "course", {"small": ""}, CRITERIA)
        return by_id(grade(course, Job(alice, assignment="small")))

    return run


def test_right_records_get_full_marks(hand_in, training):
    found = hand_in(training[1])
    assert {name: (one.verdict, one.text, one.private) for name, one in found.items() if one.verdict != "PASS"} == {}
    assert found["best"].evidence == "VERIFIED"
    assert found["history"].evidence == "CLAIMED"


def test_the_last_epoch_as_best_costs_the_checkpoint_only(hand_in, training):
    found = hand_in(training[2])
    assert {name: one.verdict for name, one in found.items()} == {
        "history": "PASS",
        "curves": "PASS",
        "best": "FAIL",
        "reload": "PASS",
    }
    assert "not that of the best epoch" in found["best"].text


def test_missing_records_and_a_checkpoint_of_another_network(hand_in, training):
    found = hand_in({"other": training[1]["0.weight"]}, whole=False)
    assert {name: one.verdict for name, one in found.items()} == {
        "history": "MISSING",
        "curves": "MISSING",
        "best": "FAIL",
        "reload": "FAIL",
    }
    assert "cannot be loaded again" in found["reload"].text


def test_what_keras_writes_is_read(tmp_path, training):
    pytest.importorskip("keras")
    import keras

    data = load("mnist", "subset")
    inputs, labels = data.train_images[:200, ..., None] / np.float32(255), data.train_labels[:200]
    namespace: dict = {}
    exec(KERAS, namespace)
    network = namespace["build_small"]()
    network.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    alice = tmp_path / "alice"
    for folder in ("checkpoints", "history"):
        (alice / folder).mkdir(parents=True)
    path = alice / "checkpoints" / "small.weights.h5"
    callbacks = [
        keras.callbacks.TensorBoard(alice / "logs" / "small"),
        keras.callbacks.ModelCheckpoint(path, save_best_only=True, save_weights_only=True),
    ]
    fitted = network.fit(inputs, labels, validation_split=0.5, epochs=2, verbose=0, callbacks=callbacks)
    (alice / "history" / "small.json").write_text(json.dumps(fitted.history))
    (alice / "networks.py").write_text(KERAS)
    criteria = {name: check.replace(str(EPOCHS), "2") for name, check in CRITERIA.items()}
    course = make_course(tmp_path / "course", {"small": ""}, criteria)
    found = by_id(grade(course, Job(alice, assignment="small")))
    assert {name: (one.verdict, one.text, one.private) for name, one in found.items() if one.verdict != "PASS"} == {}
