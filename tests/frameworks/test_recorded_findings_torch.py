"""What is seen in PyTorch notebooks while they run: loops in functions, which the source alone leaves open."""

import pytest

from tests.frameworks.replays import findings_of, notebook

pytest.importorskip("torch")
pytest.importorskip("torchvision")

SETUP = """\
import torch
from torch import nn
from torch.utils.data import DataLoader, Subset, TensorDataset
from torchvision import datasets
whole = datasets.MNIST('data', train=True, download=True)
rest = datasets.MNIST('data', train=False, download=True)
scale = {scale}
def loader(part, start, end, size=100):
    images = part.data[start:end].float().reshape(-1, 784) / scale
    return DataLoader(TensorDataset(images, part.targets[start:end]), batch_size=size, shuffle=True)
train_loader, valid_loader = loader(whole, 0, 50000), loader(whole, 50000, 60000)
test_loader = loader(rest, 0, 10000)
class Net(nn.Module):
    def __init__(self, *between):
        super().__init__()
        self.hidden, self.between, self.out = nn.Linear(784, 16), nn.Sequential(*between), nn.Linear(16, 10)
    def forward(self, x):
        return self.out(self.between(torch.relu(self.hidden({inside}))))
def accuracy(model, data):
    right = 0
    with torch.no_grad():
        for x, y in data:
            right += (model(x).argmax(1) == y).sum().item()
    return right / len(data.dataset)
def epoch(model, optimizer, data):
    for x, y in data:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
"""

SELECTED = notebook(
    SETUP.format(scale="255", inside="x"),
    """\
def fit(model, optimizer, epochs, check):
    best = 0.0
    for n in range(epochs):
        model.train()
        epoch(model, optimizer, train_loader)
        model.eval()
        score = accuracy(model, check)
        print(n, accuracy(model, valid_loader), score)
        if score > best:
            best = score
            torch.save({'weights': model.state_dict(), 'epoch': n}, 'best.pt')
net = Net(nn.Dropout(0.2))
fit(net, torch.optim.Adam(net.parameters(), lr=0.002), 5, test_loader)""",
    "print(accuracy(net, test_loader))",
    """\
def again(model, optimizer):
    model.train()
    for n in range(3):
        epoch(model, optimizer, train_loader)
again(net, torch.optim.SGD(net.parameters(), lr=0.1))""",
)

SWITCHED = notebook(
    SETUP.format(scale="1", inside="x"),
    """\
mine = Net(nn.Dropout(0.5))
optimizer = torch.optim.Adam(mine.parameters())
for n in range(3):
    epoch(mine, optimizer, train_loader)
print(accuracy(mine, test_loader))""",
    """\
def scored(model, data):
    model.eval()
    return accuracy(model, data)
yours = Net(nn.BatchNorm1d(16))
optimizer = torch.optim.Adam(yours.parameters())
for n in range(3):
    epoch(yours, optimizer, train_loader)
    print(scored(yours, valid_loader))""",
    """\
other = Net()
optimizer = torch.optim.Adam(other.parameters())
for n in range(2):
    epoch(other, optimizer, test_loader)
print(scored(other, test_loader))""",
    """\
plain = Net()
optimizer = torch.optim.Adam(plain.parameters())
for n in range(3):
    epoch(plain, optimizer, train_loader)
    print(scored(plain, test_loader))""",
)

NEAR_MISSES = notebook(
    # pixels go in as they are, and the network scales them
    SETUP.format(scale="1", inside="x / 255"),
    """\
def scored(model, data):
    model.eval()
    found = accuracy(model, data)
    model.train()
    return found
best = 0.0
for rate in (0.1, 0.01, 0.001):
    net = Net(nn.Dropout(0.5))
    optimizer = torch.optim.SGD(net.parameters(), lr=rate)
    for n in range(2):
        epoch(net, optimizer, train_loader)
    score = scored(net, test_loader)
    if score > best:
        best = score
        torch.save(net.state_dict(), 'best.pt')""",
    """\
half = loader(rest, 0, 5000)
def fit(model, optimizer, data, name):
    for n in range(3):
        epoch(model, optimizer, train_loader)
        print(scored(model, data))
        torch.save(model.state_dict(), f'{name}.pt')
net = Net(nn.Dropout(0.5))
fit(net, torch.optim.Adam(net.parameters(), lr=0.01), half, 'half')
fit(net, torch.optim.Adam(net.parameters(), lr=0.001), valid_loader, 'lower')
print(scored(net, loader(rest, 5000, 10000)), scored(net, test_loader))""",
    """\
both = Net(nn.Dropout(0.0), nn.BatchNorm1d(16, track_running_stats=False))
first = torch.optim.Adam([both.hidden.weight])
second = torch.optim.SGD(both.parameters(), lr=0.1)
for n in range(2):
    epoch(both, first, train_loader)
    epoch(both, second, train_loader)
print(accuracy(both, test_loader))""",
    """\
look = Net(nn.Dropout(0.5))
epoch(look, torch.optim.Adam(look.parameters()), train_loader)
x, y = next(iter(test_loader))
with torch.no_grad():
    print(look(x[:10]).argmax(1))""",
)


def seen(folder, text):
    return {(finding.kind, finding.where.cell): finding for finding in findings_of(folder, text, {})}


def test_the_best_epoch_by_the_test_set_is_kept_and_never_loaded(tmp_path):
    found = seen(tmp_path, SELECTED)
    assert set(found) == {("test-for-selection", 2), ("checkpoint-never-loaded", 2), ("training-continued", 4)}
    selection = found["test-for-selection", 2]
    assert "Its weights are kept when 'score > best' holds; 'score' was 0." in selection.text
    assert "right of 1,000 of these images" in selection.text
    assert "once by the steps of the same optimizer" in selection.text
    assert "of a loader's 10,000" in selection.quote
    assert "cell 3 measured it with the test images" in found["checkpoint-never-loaded", 2].text
    assert "now: SGD, learning rate 0.1" in found["training-continued", 4].quote


def test_layers_in_the_wrong_mode_pixels_and_the_test_set_in_training(tmp_path):
    found = seen(tmp_path, SWITCHED)
    assert set(found) == {
        ("inputs-not-scaled", 2), ("evaluated-in-training-mode", 2), ("trained-in-evaluation-mode", 3),
        ("train-test-overlap", 4), ("test-as-validation", 5),
    }  # fmt: skip
    assert "its first layer is a dense layer" in found["inputs-not-scaled", 2].text
    measured = found["evaluated-in-training-mode", 2]
    assert "without gradients, while Dropout behaved as in training" in measured.text
    assert measured.where.line == 5
    assert "10 of the 20 batches that 'yours'" in found["trained-in-evaluation-mode", 3].text
    assert not any(finding.costs_points for finding in found.values())


def test_what_looks_like_it_and_is_not_raises_nothing(tmp_path):
    assert seen(tmp_path, NEAR_MISSES) == {}
