"""Epochs and batch sizes in the text that neither the code nor an output has."""

import re
from collections.abc import Iterator

from grader.audit.material import Material
from grader.audit.readers.calls import KERAS_BATCH
from grader.audit.readers.prose import Sentence, speaks_of_elsewhere
from grader.results import Finding, Severity

KIND = "text-against-code"

_EPOCHS = re.compile(
    r"\btrain(?:ed|ing)?\b[^.\d]{0,60}\b(?:for|over|in)\s+(?P<number>\d{1,4})\s+epochs\b", re.IGNORECASE
)
_BATCH = re.compile(r"\b(?:mini-?)?batch[ -]size\s*(?:of|is|was|=|:)\s*(?P<number>\d{1,5})\b", re.IGNORECASE)
_COMPUTED = re.compile(r"(?:epochs?|batch(?:_size)?)\s*=\s*[^,)\n#]{0,80}[*+/]", re.IGNORECASE)
_TRAINS = frozenset({"fit", "backward", "apply_gradients", "minimize"})


def find(material: Material) -> Iterator[Finding]:
    """Look for each number anywhere in the code and the outputs: what occurs there may be meant."""
    if (
        material.notebook.is_cut
        or not _trains(material)
        or any(code.is_opaque for _, code in material.notebook.code_cells)
    ):
        return
    code = "\n".join(cell.text for cell, _ in material.notebook.code_cells)
    outputs = "\n".join(cell.output for cell, _ in material.notebook.code_cells)
    if _COMPUTED.search(code) or "**" in code + outputs:
        # 2**6 is a number too; whoever writes it gets no finding
        return
    in_code, in_outputs = _numbers(code), _numbers(outputs)
    for sentence in material.sentences:
        if speaks_of_elsewhere(sentence):
            continue
        for pattern, what, known in ((_EPOCHS, "epochs", in_code | in_outputs), (_BATCH, "batch size", in_code)):
            match = pattern.search(sentence.text)
            if match and match["number"] not in known:
                if what == "batch size" and (int(match["number"]) == KERAS_BATCH or "batch_size" not in code):
                    continue
                yield _finding(material, sentence, what, match["number"])


def _trains(material: Material) -> bool:
    return any(call.name in _TRAINS for _, code in material.notebook.code_cells for call in code.calls)


def _numbers(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"(?<![\d.])\d+(?![\d.])", text))


def _finding(material: Material, sentence: Sentence, what: str, number: str) -> Finding:
    claim = f"training for {number} epochs" if what == "epochs" else f"a batch size of {number}"
    return material.finding(
        KIND,
        Severity.NOTE,
        sentence.cell,
        sentence.line,
        f"The text speaks of {claim}. The number {number} stands nowhere in the code"
        + (", nor in any stored output." if what == "epochs" else "."),
        quote=sentence.text,
        settles="changing the text or the code, whichever is out of date",
    )
