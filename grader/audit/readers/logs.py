"""Training logs as Keras prints them, in all of its versions, and what ``ModelCheckpoint`` adds to them."""

import re

import msgspec

_HEADER = re.compile(r"Epoch (\d+)/(\d+)\s*$")
_PROGRESS = re.compile(r"\s*(\d+)/(\d+)\s+(?:\[|[-━]|\d+s\b)")
_METRIC = re.compile(r"\b([A-Za-z_]\w*): (-?\d+(?:\.\d+)?(?:e[-+]?\d+)?)(?=\s|$|%)")
_CHECKPOINT = re.compile(
    r"Epoch (?P<epoch>\d+): (?P<metric>\w+) "
    r"(?:improved from (?P<before>-?[\d.e+-]+|-?inf|None) to (?P<after>-?[\d.e+-]+)"
    r"|did not improve from (?P<kept>-?[\d.e+-]+))"
)
ACCURACY_NAMES = ("accuracy", "acc", "categorical_accuracy", "sparse_categorical_accuracy", "binary_accuracy")


class Epoch(msgspec.Struct):
    """One epoch: its number, how many were announced, what its progress bar counted to (0: none), the last figures."""

    number: int
    announced: int
    total: int = 0
    metrics: dict[str, str] = msgspec.field(default_factory=dict)

    @property
    def accuracy(self) -> float | None:
        """The training accuracy, under any of its names."""
        return next((float(self.metrics[name]) for name in ACCURACY_NAMES if name in self.metrics), None)


class Note(msgspec.Struct, frozen=True):
    """A line of ``ModelCheckpoint``: ``after`` is empty if nothing improved, ``before`` what was best until then."""

    epoch: int
    metric: str
    before: str
    after: str
    line: str


class Log(msgspec.Struct, frozen=True):
    """The epochs of one call of ``fit``, in order."""

    epochs: tuple[Epoch, ...]
    notes: tuple[Note, ...]


def read_logs(text: str) -> tuple[Log, ...]:
    """Return the logs in a cell's output. A new one begins where the numbers of the epochs do not go on."""
    logs: list[tuple[list[Epoch], list[Note]]] = []
    for line in text.split("\n"):
        if header := _HEADER.match(line):
            epoch = Epoch(int(header[1][:9]), int(header[2][:9]))
            if not logs or epoch.number != logs[-1][0][-1].number + 1 or epoch.announced != logs[-1][0][-1].announced:
                logs.append(([], []))
            logs[-1][0].append(epoch)
        elif logs:
            _add(line, *logs[-1])
    # a header without any progress was printed by the student's own loop
    return tuple(Log(tuple(epochs), tuple(notes)) for epochs, notes in logs if any(epoch.total for epoch in epochs))


def _add(line: str, epochs: list[Epoch], notes: list[Note]) -> None:
    if found := _CHECKPOINT.search(line):
        before = found["before"] or found["kept"]
        notes.append(Note(int(found["epoch"][:9]), found["metric"], before, found["after"] or "", line.strip()))
    elif (progress := _PROGRESS.match(line)) and _belongs_to(epochs[-1], line):
        epochs[-1].total = int(progress[2][:12])
        epochs[-1].metrics.update(_METRIC.findall(line))


def _belongs_to(epoch: Epoch, line: str) -> bool:
    """Whether a bar is of this epoch: after the last one, another bar may be of ``evaluate`` or ``predict``. A callback
    that prints makes Keras draw an epoch's bar again, with what was measured on the validation set."""
    return not epoch.total or epoch.number < epoch.announced or "val_" in line
