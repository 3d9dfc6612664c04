"""Runs one fuzzer for some time, in a process of its own, and catches what it finds: also a process that dies or hangs.

Examples come in rounds. The seed of a round is made of the campaign's seed, the target's name and the round's number,
so a campaign with the same seed tries the same examples, however long it lasts.
"""

import ast
import hashlib
import multiprocessing
import resource
import tempfile
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings

from tests.fuzzing.target import LIMIT_CPU_S, Target

ROUND = 200
"""Examples. A new round starts with new small ones, so that no campaign spends itself on variants of one."""
MEMORY_BYTES = 2**30
"""Address space that a target may take beyond what its process has at the start."""
SILENT_S = 4 * LIMIT_CPU_S
"""A process that says nothing for so long hangs where no signal reaches it."""
STARTS_S = 300.0
"""A process that has not begun by then never will, even on a machine with far too much to do."""
_TELL_EVERY_S = 1.0


class Found(NamedTuple):
    """A counterexample: the smallest that was found, as a Python literal, and the error that it causes."""

    target: str
    example: str
    error: str


class Outcome(NamedTuple):
    """What running one target came to."""

    examples: int
    rounds: int
    found: Found | None = None


def run(
    name: str,
    campaign_seed: int,
    seconds: float,
    find: Callable[[str], Target],
    on_progress: Callable[[Outcome], None],
    silent_s: float = SILENT_S,
) -> Outcome:
    """Run the target ``name`` until ``seconds`` have passed or it finds something. ``find`` is looked up by name in the
    new process, and returns the target."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    with tempfile.NamedTemporaryFile(prefix="fuzz-") as current:
        process = context.Process(
            target=_run_there, args=(theirs, find, name, campaign_seed, seconds, current.name), daemon=True
        )
        process.start()
        theirs.close()
        last = Outcome(0, 0)
        try:
            allowed_s = STARTS_S
            while ours.poll(allowed_s):
                allowed_s = silent_s
                last, is_over = ours.recv()
                on_progress(last)
                if is_over:
                    return last
            why = f"no answer for {allowed_s:g} s"
        except EOFError:
            process.join()
            why = f"the process ended with exit code {process.exitcode}"
        finally:
            process.kill()
            process.join()
            ours.close()
        example = Path(current.name).read_text(encoding="utf-8", errors="surrogateescape")
    return last._replace(found=Found(name, example, why))


def _run_there(
    parent: Connection, find: Callable[[str], Target], name: str, campaign_seed: int, seconds: float, current: str
) -> None:
    """Run rounds in this process. The example that is being run stands in the file ``current``."""
    target = find(name)
    _limit_memory()
    deadline = time.monotonic() + seconds
    outcome, told_s = Outcome(0, 0), time.monotonic()
    parent.send((outcome, False))
    with Path(current).open("w", encoding="utf-8", errors="surrogateescape") as file:

        def check(example: Any) -> None:
            nonlocal outcome, told_s
            if time.monotonic() > deadline and not failing:
                return
            if time.monotonic() - told_s > _TELL_EVERY_S:
                told_s = time.monotonic()
                parent.send((outcome, False))
            file.seek(0)
            file.write(repr(example))
            file.truncate()
            file.flush()
            outcome = outcome._replace(examples=outcome.examples + 1)
            try:
                target.run(example)
            except Exception:
                # the last one that Hypothesis tries is the smallest
                failing[:] = [Found(name, repr(example), traceback.format_exc())]
                raise

        while time.monotonic() < deadline:
            failing: list[Found] = []
            try:
                one_round(target, check, round_seed(campaign_seed, name, outcome.rounds))
            except Exception:
                if not failing:  # the strategy is at fault
                    raise
            outcome = outcome._replace(rounds=outcome.rounds + 1, found=failing[0] if failing else None)
            if failing:
                break
    parent.send((outcome, True))


def one_round(target: Target, check: Callable[[Any], None], number: int) -> None:
    """Run ``check`` on a round of examples.

    Raises:
        Exception: what ``check`` raised for the smallest example that makes it fail.
    """

    @seed(number)
    @settings(
        max_examples=ROUND,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    @given(target.examples)
    def test(example: Any) -> None:
        check(example)

    test()


def round_seed(campaign_seed: int, name: str, number: int) -> int:
    """Return the seed of a round."""
    return int.from_bytes(hashlib.sha256(f"{campaign_seed}\0{name}\0{number}".encode()).digest()[:8], "big")


def _limit_memory() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    allowed = pages * resource.getpagesize() + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (allowed, allowed))


# --- counterexamples as files -----------------------------------------------------------------------------------------


def save(found: Found, folder: Path) -> Path:
    """Write a counterexample into ``folder`` and return its path: comments, then the example as a Python literal."""
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(found.example.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    path = folder / f"{found.target}-{digest}.txt"
    error = "".join(f"# {line}\n" for line in found.error.splitlines()[-30:])
    text = f"# target: {found.target}\n{error}{found.example}\n"
    path.write_text(text, encoding="utf-8", errors="backslashreplace")
    return path


def read(path: Path) -> tuple[str, Any]:
    """Return the target's name and the example of a file that :func:`save` wrote.

    Raises:
        ValueError: it is not such a file.
    """
    text = path.read_text(encoding="utf-8")
    first, _, rest = text.partition("\n")
    if not first.startswith("# target: "):
        raise ValueError(f"{path} does not begin with '# target: NAME'")
    try:
        return first.removeprefix("# target: "), ast.literal_eval(rest.strip())
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"{path} does not hold one Python literal: {error}") from None
