"""PyTorch notebooks as students hand them in: loops written by hand, loaders, state dicts."""

import numpy as np
import pytest

from grader.checks.registry import KINDS
from grader.course.load import load
from grader.recording.events import Made, Measured, ModelSeen, Note, Seeded, Trained, WeightsMoved
from grader.results import Verdict
from grader.session import Job, grade
from grader.transplant.architecture import Activation, Dense, Dropout, Flatten, Network
from tests.frameworks.replays import ASKS, course, notebook, replayed

pytest.importorskip("torch")
pytest.importorskip("torchvision")

NOTEBOOK = notebook(
    """\
import torch, numpy as np, copy
from torch import nn
from torch.nn import functional as F
from torchvision import datasets, transforms
from tqdm.notebook import tqdm, trange
torch.manual_seed(5)
device = torch.device('cuda')
change = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
whole = datasets.MNIST('data', train=True, download=True, transform=change)
test = datasets.MNIST('data', train=False, download=True, transform=change)
train, held_out = torch.utils.data.random_split(whole, [50000, 10000])
train_loader = torch.utils.data.DataLoader(train, batch_size=64, shuffle=True, num_workers=2)
held_out_loader = torch.utils.data.DataLoader(held_out, batch_size=100)
test_loader = torch.utils.data.DataLoader(test, batch_size=100)
print(len(whole), whole[0][0].shape, type(whole[0][1]).__name__, test.targets.dtype)""",
    """\
class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2, self.out = nn.Linear(784, 16), nn.Linear(16, 12), nn.Linear(12, 10)
        self.drop = nn.Dropout(0.5)
    def forward(self, x):
        x = torch.flatten(x, 1)
        x = self.drop(F.relu(self.fc1(x)))
        return self.out(self.drop(F.relu(self.fc2(x))))
mlp = MLP().to(device)""",
    """\
def measure(model, loader):
    model.eval()
    right = 0
    with torch.no_grad():
        for x, y in loader:
            right += (model(x.to(device)).argmax(1) == y.to(device)).sum().item()
    return right / len(loader.dataset)

def fit(model, loader, epochs, check, lr=0.002):
    optimizer, criterion = torch.optim.Adam(model.parameters(), lr=lr), nn.CrossEntropyLoss()
    losses, best, kept = [], -1, None
    for epoch in trange(epochs):
        model.train()
        for x, y in tqdm(loader):
            optimizer.zero_grad()
            loss = criterion(model(x.to(device)), y.to(device))
            loss.backward()
            optimizer.step()
        losses.append(loss.item())
        score = measure(model, check)
        if score > best:
            best, kept = score, copy.deepcopy(model.state_dict())
            torch.save(model.state_dict(), 'best.pt')
    return losses
losses = fit(mlp, train_loader, 12, held_out_loader)
print(len(losses))""",
    "mlp.load_state_dict(torch.load('best.pt'))\nprint(measure(mlp, test_loader))",
    """\
rates = [0.1, 0.01, 0.001]
curves = {lr: fit(MLP(), train_loader, 3, held_out_loader, lr) for lr in rates}
len(curves)""",
    """\
step, optimizer = 0, torch.optim.SGD(mlp.parameters(), lr=0.1, momentum=0.9)
mlp.eval()
while step < 500:
    x, y = next(iter(train_loader))
    optimizer.zero_grad(); F.cross_entropy(mlp(x), y).backward(); optimizer.step()
    step += 1
step""",
    "found = torch.cat([mlp(x).argmax(1) for x, _ in test_loader])\n(found == test.targets).float().mean()",
    "total = 0\nfor n in range(1000):\n    total += n\ntotal",
    "losses[5]",
    """\
torch.save(mlp, 'whole.pt')
again = torch.load('whole.pt')
images, labels = iter(test_loader).next()
print(type(again).__name__, images.shape, len(iter(test_loader)), again(images).shape)""",
)


def reference() -> Network:
    def dense(n: int, m: int) -> Dense:
        return Dense(kernel=np.zeros((n, m)), bias=np.zeros(m))

    relu, dropout = Activation(function="relu"), Dropout(rate=0.5)
    return Network(
        (28, 28, 1),
        (Flatten(), dense(784, 16), relu, dropout, dense(16, 12), relu, dropout, dense(12, 10)),
    )


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("torch_replay")
    root = course(folder / "course", ASKS, reference())
    submission = folder / "somebody"
    submission.mkdir()
    (submission / "hw.ipynb").write_text(NOTEBOOK)
    return grade(load(root, KINDS), Job(submission, assignment="two", replay="quick"))


@pytest.fixture(scope="module")
def cells(report):
    (recording,) = report.recordings
    assert recording.problem == ""
    return {cell.number: cell for cell in recording.cells}


def events(cell, kind):
    return [event for event in cell.events if isinstance(event, kind)]


def test_each_cell_is_told_with_whose_failure_it_is(cells):
    told = {number: (cell.status, cell.cause) for number, cell in cells.items()}
    ran = dict.fromkeys((1, 2, 3, 4, 5, 6, 8, 10), ("ran", ""))
    assert told == {**ran, 7: ("failed", "budget"), 9: ("failed", "budget")}, [c.failure for c in cells.values()]


def test_data_come_as_torchvision_has_them(cells):
    assert cells[1].printed.strip() == "60000 torch.Size([1, 28, 28]) int torch.int64"
    assert [(seed.what, seed.value) for seed in events(cells[1], Seeded)] == [("torch", "5")]
    first = events(cells[1], Made)[0]
    assert (first.name, first.settings["batch_size"], first.settings["length"]) == ("Subset", "64", "50000")


def test_what_is_not_there_is_noted(cells):
    notes = {(number, note.text) for number, cell in cells.items() for note in events(cell, Note)}
    assert (2, ".to('cuda'): there is no graphics card") in notes
    assert (1, "the loader's processes: batches are made in this one") in notes


def test_a_training_loop_in_a_function_is_told_and_ended(cells):
    (training,) = events(cells[3], Trained)
    assert (training.by, training.batch_size, training.epochs_asked, training.epochs_run) == ("loop", 64, 12, 2)
    assert (training.optimizer.kind, training.optimizer.settings["learning_rate"]) == ("Adam", "0.002")
    assert training.loss == "CrossEntropyLoss"
    assert (training.steps_run, training.in_evaluation_mode) == (20, 0)
    assert training.inputs.share_from("train") == 1.0
    assert (training.inputs.low, training.inputs.high) == (-1.0, 1.0)
    assert training.validation.source == "loop"
    assert training.validation.inputs.share_from("train") == 1.0
    (watched,) = training.watched
    assert (watched.batches, watched.resumed, len(watched.rounds), watched.inputs.of) == (20, 1, 2, 10_000)
    assert {score.examples for score in watched.rounds} == {1_000}
    assert cells[3].printed.strip() == "2"


def test_saving_loading_and_measuring_are_told_in_order(cells):
    saved = events(cells[3], WeightsMoved)
    assert {(event.action, event.path, event.place) for event in saved} == {
        ("saved", "", "memory"), ("saved", "best.pt", "file"),
    }  # fmt: skip
    assert {event.condition for event in saved} == {"score > best"}
    assert set(saved[0].compared) == {"score", "best"}
    (loaded,) = events(cells[4], WeightsMoved)
    assert (loaded.action, loaded.path, loaded.place, loaded.model) == ("loaded", "best.pt", "file", saved[0].model)
    kinds = [type(event) for event in cells[4].events if not isinstance(event, Note)]
    assert kinds == [WeightsMoved, Measured]
    (measured,) = events(cells[4], Measured)
    assert measured.inputs.share_from("test") == 1.0
    assert measured.in_training_mode == 0
    # called in line 2 of this cell, and written in cell 3
    assert (measured.batches, measured.inputs.of, measured.line, measured.code_cell) == (10, 10_000, 2, 3)
    # the printed share is of all that the loader has, the counted one of what went through
    assert cells[4].printed.strip().endswith(str(measured.values["right"] / 10_000))
    assert measured.values["examples"] == 1_000


def test_a_loop_over_settings_is_not_ended(cells):
    trainings = events(cells[5], Trained)
    assert [training.optimizer.settings["learning_rate"] for training in trainings] == ["0.1", "0.01", "0.001"]
    assert len({training.model for training in trainings}) == 3
    assert len(events(cells[5], ModelSeen)) == 3
    assert cells[5].printed.strip() == "3"


def test_training_with_dropout_off_and_from_trained_weights_shows(cells):
    (training,) = events(cells[6], Trained)
    assert training.in_evaluation_mode == training.steps_run == 10
    assert training.steps_before == 20
    assert cells[6].printed.strip() == "10"


def test_a_loop_that_trains_nothing_runs_to_its_end(cells):
    assert cells[8].printed.strip() == "499500"
    assert cells[8].cuts == ()


def test_a_whole_model_in_a_file_and_other_old_spellings(cells):
    assert cells[10].printed == "MLP torch.Size([100, 1, 28, 28]) 100 torch.Size([100, 10])\n"
    saved, loaded = events(cells[10], WeightsMoved)
    assert (saved.model, loaded.action, loaded.path) == (1, "loaded", "whole.pt")
    assert loaded.model != saved.model
    notes = {note.text for note in events(cells[10], Note) if note.kind == "old-spelling"}
    assert notes == {
        "torch.load of a whole model needs weights_only=False today",
        "iter(loader).next() is next(iter(loader)) today",
    }


def test_loops_of_imported_files_are_watched_too(tmp_path):
    helper = """\
def fit(net, optimizer, epochs):
    for epoch in range(epochs):
        for batch in range(99):
            optimizer.zero_grad(); net(torch.ones(3, 4)).sum().backward(); optimizer.step()
    return epoch, batch
import torch
"""
    text = """\
import torch
from helper import fit
net = torch.nn.Linear(4, 1)
print(fit(net, torch.optim.SGD(net.parameters(), lr=0.1), 8))"""
    (cell,) = replayed(tmp_path, notebook(text), beside={"helper.py": helper}).cells
    assert (cell.status, cell.printed) == ("ran", "(1, 9)\n"), cell.failure
    (training,) = events(cell, Trained)
    assert (training.epochs_asked, training.epochs_run, training.line) == (8, 2, 4)
    broken = replayed(tmp_path / "other", notebook("x = 1\nimport helper"), beside={"helper.py": "x = 1\n1 / 0\n"})
    assert (broken.cells[0].failure.kind, broken.cells[0].failure.line) == ("ZeroDivisionError", 2)


def test_definitions_train_nothing(tmp_path):
    text = """\
import torch
net = torch.nn.Linear(4, 1)
before = net.weight.detach().clone()
optimizer = torch.optim.SGD(net.parameters(), lr=1.0)
for epoch in range(5):
    for batch in range(9):
        optimizer.zero_grad(); net(torch.ones(3, 4)).sum().backward(); optimizer.step()
print(epoch, batch, bool((net.weight == before).all()))"""
    (cell,) = replayed(tmp_path, notebook(text), "definitions").cells
    assert (cell.status, cell.printed) == ("ran", "0 0 True\n")
    (training,) = events(cell, Trained)
    assert (training.steps_run, training.batch_size, training.is_cut) == (1, 3, True)


def test_the_recording_answers_what_the_rubric_asks(report):
    results = {result.criterion_id.split(".")[1]: result for result in report.results}
    verdicts = {name: result.verdict for name, result in results.items()}
    assert verdicts == dict.fromkeys(ASKS, Verdict.PASS), [result.feedback for result in report.results]
    (binding,) = report.recordings[0].bindings
    assert (binding.model, binding.how[:2]) == ("mlp", ("structure", "name"))
