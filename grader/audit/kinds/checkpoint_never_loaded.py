"""The best weights are saved, and the last ones evaluated."""

import re
from collections.abc import Iterator

from grader.audit.material import Material
from grader.results import Finding, Severity

KIND = "checkpoint-never-loaded"

_LOADS = re.compile(r"load|restore|from_pretrained|set_weights|swap_weights|deepcopy")
_USES = frozenset({"evaluate", "predict", "evaluate_generator", "predict_classes"})


def find(material: Material) -> Iterator[Finding]:
    """Look for a checkpoint of the best epoch, an evaluation after the training, and nothing that loads weights."""
    cells = list(material.notebook.code_cells)
    calls = [(cell, call) for cell, code in cells for call in code.calls]
    if material.notebook.is_cut or any(code.is_opaque for _, code in cells):
        return
    data_loaders = re.compile(
        r"load_data|loadtxt|DataLoader|load_dataset|load_digits|load_iris|data_?loader", re.IGNORECASE
    )
    if any(_LOADS.search(call.name) and not data_loaders.search(call.name) for _, call in calls):
        return
    if any(call.argument("restore_best_weights") == "True" for _, call in calls):
        return
    for cell, call in calls:
        kept = _keeps_best(call.name, call.receiver, call.condition, call.in_loop, call.argument("save_best_only"))
        trained = [fit for fit in material.fits if fit.cell.number >= cell.number and fit.call.argument("callbacks")]
        if not kept or (kept == "keras" and not trained):
            continue
        last = max((fit.cell.number, fit.call.line) for fit in trained) if kept == "keras" else (cell.number, call.line)
        models = {fit.model for fit in trained} if kept == "keras" else {(call.argument("obj", 0) or "").split(".")[0]}
        used = [
            (other, use)
            for other, use in calls
            if (other.number, use.line) > last
            and not use.scope
            and not use.in_loop
            and (use.name in _USES or _is_test(use.name))
            and (use.receiver in models or use.argument("model", 0) in models)
        ]
        if used:
            below, use = used[0]
            yield material.finding(
                KIND,
                Severity.WARNING,
                cell,
                call.line,
                f"The weights of the best epoch are saved here, and nothing in the notebook loads them. Cell "
                f"{below.number} evaluates the network as the last epoch left it.",
                quote=f"{cell.line(call.line)}\ncell {below.number}: {below.line(use.line)}",
                settles="loading the saved weights before the evaluation, or saying that the last epoch is meant",
            )
            return


def _keeps_best(name: str, receiver: str, condition: str, in_loop: bool, save_best_only: str | None) -> str:
    if name.rpartition(".")[2] == "ModelCheckpoint" and save_best_only == "True":
        return "keras"
    if (
        name == "save"
        and receiver == "torch"
        and in_loop
        and re.search(r"[<>].*best|best.*[<>]|[<>].*min_|max_.*[<>]", condition)
    ):
        return "torch"
    return ""


def _is_test(name: str) -> bool:
    return re.fullmatch(r"(evaluate|test|accuracy|eval)(_model|_net|_network)?", name) is not None
