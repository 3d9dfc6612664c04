"""Everything that the kinds of findings look at, read once for each notebook, when the first of them needs it."""

from decimal import Decimal
from functools import cached_property
from itertools import islice

import msgspec

from grader.audit.facts import Cell, Notebook
from grader.audit.readers.calls import Evaluation, Fit, evaluations, fits
from grader.audit.readers.curves import Curves, read_curves
from grader.audit.readers.loaders import Loader, loaders
from grader.audit.readers.logs import Log, read_logs
from grader.audit.readers.loops import Training, trainings
from grader.audit.readers.numbers import numbers
from grader.audit.readers.prose import Claim, Sentence, claims, sentences
from grader.audit.readers.scores import Score, read_scores
from grader.audit.readers.summaries import Summary, read_summaries
from grader.results import Finding, Location, Severity
from grader.text import safe

MAX_QUOTE = 600
MAX_CLAIMS = 100
"""Figures of one text that are looked for in the outputs: a long report has some dozens."""
MAX_SENTENCES = 2_000
"""Sentences that are read; a long report has some hundreds."""


class Material(msgspec.Struct, frozen=True, dict=True):
    """A notebook and what is read in it. ``headings`` are those that the rubric asks for."""

    notebook: Notebook
    headings: tuple[str, ...] = ()

    @cached_property
    def fits(self) -> tuple[Fit, ...]:
        """Calls of ``fit`` of Keras."""
        return fits(self.notebook)

    @cached_property
    def trainings(self) -> tuple[Training, ...]:
        """Training loops of PyTorch."""
        return trainings(self.notebook)

    @cached_property
    def loaders(self) -> tuple[Loader, ...]:
        """Loaders of PyTorch."""
        return loaders(self.notebook)

    @cached_property
    def evaluations(self) -> tuple[Evaluation, ...]:
        """Calls that evaluate a network."""
        return evaluations(self.notebook)

    @cached_property
    def scores(self) -> tuple[Score, ...]:
        """What they gave."""
        return read_scores(self.evaluations)

    @cached_property
    def outputs(self) -> dict[int, str]:
        """Stored text by the number of the cell."""
        return {cell.number: cell.output for cell, _ in self.notebook.code_cells if cell.outputs}

    @cached_property
    def logs(self) -> dict[int, tuple[Log, ...]]:
        """Logs of Keras by the number of the cell."""
        return {number: found for number, text in self.outputs.items() if (found := read_logs(text))}

    @cached_property
    def curves(self) -> dict[int, Curves]:
        """What each cell printed epoch by epoch, where it trained once."""
        return {number: found for number, text in self.outputs.items() if (found := read_curves(text))}

    @cached_property
    def summaries(self) -> dict[int, tuple[Summary, ...]]:
        """Summaries of Keras by the number of the cell."""
        return {number: found for number, text in self.outputs.items() if (found := read_summaries(text))}

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """Sentences of the text cells."""
        return tuple(islice(sentences(self.notebook), MAX_SENTENCES))

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """Figures that they state."""
        return tuple(islice(claims(self.sentences), MAX_CLAIMS))

    @cached_property
    def printed(self) -> frozenset[Decimal]:
        """All numbers in stored text outputs."""
        return frozenset().union(*(numbers(text) for text in self.outputs.values()))

    @cached_property
    def source(self) -> str:
        """The code of all cells."""
        return "\n".join(cell.text for cell, _ in self.notebook.code_cells)

    @cached_property
    def written(self) -> frozenset[Decimal]:
        """All numbers in the code."""
        return numbers(self.source)

    @cached_property
    def is_opaque(self) -> bool:
        """Whether code that cannot be seen may take part."""
        return self.notebook.is_cut or any(code.is_opaque for _, code in self.notebook.code_cells)

    @cached_property
    def has_whole_outputs(self) -> bool:
        """Whether every cell that does something has been run and its outputs are stored whole."""
        code_cells = [(cell, code) for cell, code in self.notebook.code_cells if not code.is_empty]
        return not self.notebook.is_cut and all(
            not cell.is_cut and (cell.execution_count is not None or cell.outputs or cell.images)
            for cell, _ in code_cells
        )

    def finding(
        self, kind: str, severity: Severity, cell: Cell, line: int | None, text: str, *, quote: str, settles: str
    ) -> Finding:
        """Return a finding about a line (from 1) of the source of ``cell``."""
        return Finding(
            kind=kind,
            severity=severity,
            text=text,
            where=Location(self.notebook.path, line, cell.number),
            quote=safe(quote, limit=MAX_QUOTE, lines=12),
            settles=settles,
        )
