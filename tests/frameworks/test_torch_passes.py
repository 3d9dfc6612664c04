"""Which loader a batch came from, and which layers behaved as in training: recorded in this process."""

import numpy as np
import pytest

from grader.sandbox.worker.recorder.arrays import Origins
from grader.sandbox.worker.recorder.log import Log
from grader.sandbox.worker.recorder.torch_loaders import Drawn, Loaders
from grader.sandbox.worker.recorder.torch_passes import Activity, Course, Pass
from grader.sandbox.worker.replay.budget import BUDGETS, Spending

torch = pytest.importorskip("torch")

ONE, OTHER = Drawn(1, 10_000), Drawn(2, 50)


@pytest.fixture
def images():
    drawn = np.random.default_rng(4).integers(0, 256, (8, 28, 28), np.uint8)
    return torch.from_numpy(drawn)


def one(inputs=None, drawn=None, gradients=False):
    with torch.set_grad_enabled(gradients):
        return Pass(inputs, drawn, 3, 2, in_training_mode=True, in_loop=True)


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x,
        lambda x: x.float() / 255,
        lambda x: (x / 255 - 0.1307) / 0.3081,
        lambda x: x.reshape(8, -1).double(),
        lambda x: x[:, None],
    ],
)
def test_a_batch_is_known_however_it_was_prepared(images, change):
    loaders = Loaders(Log(), Spending(BUDGETS["quick"]))
    loaders.gave((torch.zeros(8, 2), torch.zeros(8)), OTHER)
    loaders.gave((images, torch.zeros(8)), ONE)
    assert loaders.came_from(change(images)) == ONE


def test_a_batch_that_no_loader_gave_last_is_of_none(images):
    loaders = Loaders(Log(), Spending(BUDGETS["quick"]))
    assert loaders.came_from(images) is None
    loaders.gave([images, torch.zeros(8)], ONE)
    assert loaders.came_from(images[:7]) is None
    assert loaders.came_from(images.flip(0)) is None
    assert loaders.came_from(torch.zeros(8)) is None
    for batch in (["a"] * 8, np.array(["a"] * 8), [], None, {"x": images}):
        loaders.gave(batch, OTHER)
        assert loaders.came_from(images) == (OTHER if isinstance(batch, dict) else None)


def test_layers_that_would_behave_otherwise_in_evaluation_mode_are_told():
    nn = torch.nn
    odd = nn.Dropout(0.5)
    odd.p = torch.tensor([0.5, 0.5])
    layers = [
        nn.Dropout(0.5), nn.Dropout2d(0.1), nn.BatchNorm1d(3), nn.Dropout(0.0), nn.Dropout(0.5).eval(), nn.Linear(2, 2),
        nn.BatchNorm2d(3, track_running_stats=False), nn.LayerNorm(3), odd,
    ]  # fmt: skip
    batch = one()
    for layer in layers:
        batch.goes_through(layer)
    assert batch.acting == {"Dropout", "Dropout2d", "BatchNorm1d"}


@pytest.mark.parametrize(("second", "gradients"), [(True, True), (False, False)])
def test_only_what_all_batches_without_gradients_went_through_is_told(second, gradients):
    activity = Activity()
    for acts, has_gradients in ((True, False), (second, gradients)):
        batch = one(torch.zeros(2, 784), gradients=has_gradients)
        if acts:
            batch.goes_through(torch.nn.Dropout(0.5))
        activity.add(batch, Origins({}))
    assert (activity.batches, activity.acting) == (2, [])


def test_rounds_end_with_a_step_and_are_kept_apart_by_loader(images):
    labels = np.arange(8, dtype=np.uint8)
    given = {f"{part}_images": images.numpy() for part in ("train", "test")}
    origins = Origins({"mnist": given | {f"{part}_labels": labels for part in ("train", "test")}})
    course = Course(0, {})
    for right in (3, 5):
        course.stepped()
        for drawn in (ONE, ONE, OTHER):
            batch = one(images / 255, drawn)
            batch.outputs = torch.eye(10)[[*range(right), *[9] * (8 - right)]]
            course.validated(batch, origins)
    told = {loader: watch.told() for loader, watch in course.watched.items()}
    assert told[1]["rounds"] == [{"right": 6, "examples": 16}, {"right": 10, "examples": 16}]
    assert told[2]["rounds"] == [{"right": 3, "examples": 8}, {"right": 5, "examples": 8}]
    assert [told[loader]["resumed"] for loader in (1, 2)] == [1, 1]
    assert (told[1]["inputs"]["of"], told[1]["batches"]) == (10_000, 4)
    assert (told[1]["line"], told[1]["code_cell"]) == (3, 2)
