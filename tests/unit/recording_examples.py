"""Made-up recordings."""

from grader.recording.events import (
    ArrayFacts,
    CallbackFacts,
    CellRecord,
    Failure,
    Measured,
    ModelBinding,
    ModelSeen,
    OptimizerFacts,
    Recording,
    Trained,
    Validation,
    WeightsMoved,
)

NOTHING = Validation("none", 0.0, None, None)


def images(part: str = "train", unknown: int = 0, rows: int = 100, fingerprint: str = "ab") -> ArrayFacts:
    origins = {"rows": 32, f"mnist {part}": 32 - unknown} | ({"unknown": unknown} if unknown else {})
    return ArrayFacts((rows, 28, 28), "float32", 0.0, 1.0, fingerprint, origins)


def failure(kind: str, *, name: str = "", bases: tuple[str, ...] = ("Exception",)) -> Failure:
    return Failure(kind, bases, "a message", 1, "a line", name)


def cell(number: int, *events, defines=(), uses=(), status="ran", **more) -> CellRecord:
    more = {"heading": "", "is_given": False} | more
    return CellRecord(number=number, defines=defines, uses=uses, status=status, events=events, **more)


def model(number: int = 1, **more) -> ModelSeen:
    facts = {
        "framework": "keras", "class_name": "Sequential", "names": ("lenet",), "layers": (), "parameters": 10,
        "trainable": 10, "structure": "", "shapes": (), "why_not": "",
    }  # fmt: skip
    return ModelSeen(line=0, model=number, **(facts | more))


def trained(number: int = 1, **more) -> Trained:
    facts = {
        "by": "fit", "inputs": images(), "targets": None, "batch_size": 128,
        "optimizer": OptimizerFacts("Adam", {"learning_rate": "0.001"}), "loss": "categorical_crossentropy",
        "epochs_asked": 20, "epochs_run": 2, "initial_epoch": 0, "steps_asked": 400, "steps_run": 20,
        "steps_before": 0, "is_cut": True, "validation": NOTHING, "callbacks": (), "history": {},
    }  # fmt: skip
    return Trained(line=3, model=number, **(facts | more))


def measured(number: int = 1, part: str = "test") -> Measured:
    return Measured(
        line=1, model=number, by="evaluate", inputs=images(part), targets=None, batch_size=32, is_cut=True, values={}
    )


def moved(action: str, number: int = 1, by: str = "call") -> WeightsMoved:
    return WeightsMoved(line=1, model=number, action=action, by=by, path="best.h5", place="file")


def callback(kind: str, **settings: str) -> CallbackFacts:
    return CallbackFacts(kind, settings)


def recording(*cells: CellRecord, numbers=(1,), problem: str = "") -> Recording:
    bindings = (ModelBinding("nets", "lenet", tuple(numbers), ("structure",)),) if numbers else ()
    return Recording("hw.ipynb", "quick", cells, bindings, problem)
