"""A long run: right, wrong and hostile submissions mixed, and every process watched while they are graded.

    python benchmarks/soak.py [--submissions 2000] [--jobs 2] [--seed N] [--every 100] [--isolation full]

The submissions go through grader.execute.run_all, as in `grader run submissions/`, in a process of their own (the
coordinator); this one looks at it and at everything below it from outside. A tenth of them is then graded once more in
another order. It fails if

- the memory of a process that lives long grows: more than 5 KiB for each submission that it could have been about,
  after the first fifth of the run. What counts is memory that belongs to no file (what leaks), and not the share of it
  (PSS, which is shown), because that moves with every process that shares a page and ends;
- descriptors, threads or children of such a process grow in number;
- a process is left when the coordinator has ended, or a file in the temporary folder;
- a kind of submission gets verdicts or points that differ between two of its copies, or in the other order, or other
  points than are known beforehand (none for an attack), or the grader itself fails for one.

Exit code: 0 all of it holds, 1 something does not.
"""

import argparse
import hashlib
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import soak_submissions
from measure import machine
from processes import Process, Usage, adopt_orphans, below, command_of, role, usage

ROOT = Path(__file__).resolve().parent.parent
MOST_KIB_EACH = 5.0
WARM_UP = 0.2
"""Share of a run after which a process has everything that it will ever need."""
LEAST_SAMPLES = 5
LEAST_SUBMISSIONS = 300
"""After the warm-up, before anything is said of a trend: imports and caches take longer than any bound for so few."""
OF_A_WORKER = {"descriptors": 12, "threads": 1, "children": 1}
"""What a session has more of while a worker is being made ahead, or is ending."""
SECOND_ORDER = 0.1
_SETTLES_S = 10.0


class Sample(NamedTuple):
    """What a process used when ``done`` submissions had been graded."""

    done: int
    usage: Usage


class Order(NamedTuple):
    """What one run over the submissions showed: the answers by kind, the samples by process, and what was left."""

    seed: int
    answers: dict[str, set[str]]
    samples: dict[Process, list[Sample]]
    left_processes: list[str]
    left_files: list[str]
    seconds: float


# --- one order --------------------------------------------------------------------------------------------------------


def run_order(kinds, folder, seed, jobs, every, isolation):
    """Grade ``kinds`` in the order of ``seed`` in a new process and watch it; return an :class:`Order`."""
    place = folder / f"order-{seed}"
    temporary = place / "temporary"
    temporary.mkdir(parents=True)
    course = soak_submissions.write_course(place / "course")
    written = soak_submissions.write_submissions(place / "submissions", kinds, seed)
    (place / "list.json").write_text(json.dumps([str(path) for _, path in written]))
    kind_of = {str(path): kind for kind, path in written}
    command = [
        sys.executable, __file__, "--one-order", str(course), str(place / "list.json"), str(jobs), str(every),
        isolation or "",
    ]  # fmt: skip
    started = time.perf_counter()
    answers, samples = defaultdict(set), defaultdict(list)
    environment = {**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as coordinator:
        for line in coordinator.stdout:
            told = json.loads(line)
            if "done" not in told:
                answers[kind_of[told["path"]]].add(told["answer"])
                continue
            take_samples(samples, told["done"])
            show_progress(told["done"], len(written), samples, time.perf_counter() - started)
            coordinator.stdin.write("\n")
            coordinator.stdin.flush()
    if coordinator.returncode:
        raise SystemExit(f"the coordinator ended with exit code {coordinator.returncode}")
    seconds = time.perf_counter() - started
    return Order(seed, dict(answers), dict(samples), left_processes(), left_files(temporary), seconds)


def take_samples(samples, done):
    """Add what every process below this one uses now."""
    all_below = below(os.getpid())
    for process in all_below:
        if (found := usage(process, all_below)) is not None:
            samples[process].append(Sample(done, found))


def left_processes():
    """Return what is still below this process when all should have ended. The kernel may need a moment for that."""
    deadline = time.monotonic() + _SETTLES_S
    while (left := below(os.getpid())) and time.monotonic() < deadline:
        time.sleep(0.1)
    return [f"{role(command_of(process))} ({process.number})" for process in left]


def left_files(folder):
    """Return what lies in the temporary folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def one_order(course, listed, jobs, every, isolation):
    """The coordinator: grade, say each answer in a line, and wait after every few of them until one has looked."""
    from grader.execute import run_all
    from grader.sandbox.levels import Level
    from grader.session import Job

    demanded = Level(isolation) if isolation else None
    paths = [Path(path) for path in json.loads(Path(listed).read_text())]
    chosen = [Job(path, assignment=soak_submissions.ASSIGNMENT, demanded=demanded) for path in paths]
    say({"done": 0})
    for number, (job, outcome) in enumerate(run_all(Path(course), chosen, jobs), 1):
        say({"path": str(job.submission), "answer": answer(outcome, job.submission)})
        if number % every == 0 or number == len(chosen):
            say({"done": number})


def say(message):
    """Write a line to the watching process; wait for its leave where it looks at us."""
    print(json.dumps(message), flush=True)
    if "done" in message:
        sys.stdin.readline()


def answer(outcome, path):
    """Return the verdicts and points of an outcome as a short text that is the same for the same result."""
    from grader.results import Unreadable

    if isinstance(outcome, Unreadable):
        fault = "GRADER_FAULT " if outcome.is_fault else ""
        return f"{fault}{outcome.message.replace(str(path), 'PATH')}"
    verdicts = [f"{r.criterion_id.partition('.')[2]} {r.verdict} {r.awarded:.9g}" for r in outcome.results]
    said = repr([(r.seed, r.feedback) for r in outcome.results]).replace(str(path), "PATH")
    return f"{outcome.score.awarded:.9g} points: {', '.join(verdicts)}; said {short_digest(said)}"


# --- what it comes to -------------------------------------------------------------------------------------------------


def grown(samples, jobs_done):
    """Return what grew in one process, as sentences."""
    late = [sample for sample in samples if sample.done >= WARM_UP * jobs_done]
    if len(late) < LEAST_SAMPLES:
        return []
    found = []
    if late[-1].done - late[0].done >= LEAST_SUBMISSIONS and (kib_each := slope(late)) > MOST_KIB_EACH:
        found.append(f"memory by {kib_each:.1f} KiB for each submission, more than {MOST_KIB_EACH:g}")
    third = max(1, len(late) // 3)
    is_short = late[-1].done - late[0].done < LEAST_SUBMISSIONS
    for name, of_a_worker in OF_A_WORKER.items():
        # in the middle of its work a process has more of each, so the least of each third is what stays
        first, last = (min(getattr(sample.usage, name) for sample in part) for part in (late[:third], late[-third:]))
        # a template always has one or two copies; a short run may never be seen with as few descriptors as it can have
        if last > first + (0 if name == "descriptors" and not is_short else of_a_worker):
            found.append(f"{name} from {first} to {last}")
    return found


def slope(samples):
    """Return by how many KiB a process's own memory grew for each submission that was graded meanwhile."""
    graded = [sample.done for sample in samples]
    if len(set(graded)) < 2:
        return float("nan")
    return statistics.linear_regression(graded, [sample.usage.anonymous_kib for sample in samples]).slope


def failures(orders, kinds):
    """Return every reason why the run is not as it should be, as sentences."""
    found = []
    points = {kind.name: kind.points for kind in kinds}
    for order in orders:
        where = f"order {order.seed}"
        total = max((sample.done for samples in order.samples.values() for sample in samples), default=0)
        for process, samples in order.samples.items():
            who = f"{samples[-1].usage.role} ({process.number})"
            found += [f"{where}: the {who} has grown: {what}" for what in grown(samples, total)]
        found += [f"{where}: a process is left: {name}" for name in order.left_processes]
        found += [f"{where}: a file is left: {name}" for name in order.left_files[:20]]
        for kind, answers in order.answers.items():
            faults = [text for text in answers if "GRADER_FAULT" in text]
            found += [f"{where}: the grader failed for '{kind}': {text[:300]}" for text in faults]
    for kind in sorted({kind for order in orders for kind in order.answers}):
        answers = set().union(*(order.answers.get(kind, set()) for order in orders))
        if len(answers) > 1:
            found.append(f"'{kind}' was graded in {len(answers)} ways: {' | '.join(sorted(answers))}")
        expected = points[kind]
        wrong = [text for text in answers if expected is not None and not text.startswith(f"{expected:g} points: ")]
        found += [f"'{kind}' should have {expected:g} points, got {text}" for text in wrong]
    return found


def short_digest(text):
    """Return twelve characters that differ for different texts."""
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:12]


def long_lived(order):
    """Return the processes that were there in at least half of the samples, with these."""
    looks = len({sample.done for samples in order.samples.values() for sample in samples})
    return {p: samples for p, samples in order.samples.items() if len(samples) >= max(2, looks / 2)}


def show_progress(done, total, samples, seconds):
    """Print one line of the table: totals over every process that is there now."""
    now = [taken[-1].usage for taken in samples.values() if taken[-1].done == done]
    pss_mib, anonymous_mib = (sum(getattr(u, name) for u in now) / 1024 for name in ("pss_kib", "anonymous_kib"))
    descriptors, threads = (sum(getattr(u, name) for u in now) for name in ("descriptors", "threads"))
    print(
        f"  {done:6,} of {total:,}  {seconds:6.0f} s  {pss_mib:8.1f} MiB PSS  {anonymous_mib:8.1f} MiB anonymous"
        f"  {descriptors:5} descriptors  {threads:4} threads  {len(now):3} processes",
        flush=True,
    )


def show_processes(order):
    """Print what each long-lived process had after the warm-up and at the end."""
    print(f"  {'process':24}{'PSS MiB':>16}{'anonymous MiB':>18}{'descriptors':>14}{'threads':>10}  KiB a submission")
    total = max(sample.done for samples in order.samples.values() for sample in samples)
    for process, samples in sorted(long_lived(order).items()):
        late = [sample for sample in samples if sample.done >= WARM_UP * total] or samples
        first, last = late[0].usage, late[-1].usage
        print(
            f"  {f'{last.role} {process.number}':24}"
            f"{f'{first.pss_kib / 1024:.1f} → {last.pss_kib / 1024:.1f}':>16}"
            f"{f'{first.anonymous_kib / 1024:.1f} → {last.anonymous_kib / 1024:.1f}':>18}"
            f"{f'{first.descriptors} → {last.descriptors}':>14}{f'{first.threads} → {last.threads}':>10}"
            f"  {slope(late):+.2f}"
        )


def soak(submissions, jobs, seed, every, isolation):
    """Run both orders, print what was seen, and return what is not as it should be."""
    kinds = soak_submissions.drawn(submissions)
    repeated = soak_submissions.drawn(max(len({kind.name for kind in kinds}), round(SECOND_ORDER * submissions)))
    adopt_orphans()
    orders = []
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        for chosen, order_seed in ((kinds, seed), (repeated, seed + 1)):
            names = {kind.name for kind in chosen}
            print(f"{len(chosen):,} submissions of {len(names)} kinds, order {order_seed}", flush=True)
            order = run_order(chosen, Path(folder), order_seed, jobs, every, isolation)
            show_processes(order)
            distinct = sum(map(len, order.answers.values()))
            each_s = order.seconds / len(chosen)
            print(f"  {each_s * 1000:.0f} ms each; {len(order.answers)} kinds in {distinct} ways", flush=True)
            orders.append(order)
    return failures(orders, [*kinds, *repeated])


def main():
    """Run what the command line says; return the exit code."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--submissions", type=int, default=2000)
    options.add_argument("--jobs", type=int, default=2, help="graded at the same time (2)")
    options.add_argument("--seed", type=int, help="of the order (drawn, and printed)")
    options.add_argument("--every", type=int, default=100, help="submissions between two looks (100)")
    options.add_argument(
        "--isolation", choices=("full", "strong", "reduced"), help="grade at exactly this level (the best there is)"
    )
    given = options.parse_args()
    print(machine())
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    print(f"seed {seed}, {given.jobs} jobs")
    found = soak(given.submissions, given.jobs, seed, given.every, given.isolation)
    print("\n".join(["NOT as it should be:", *(f"  {text}" for text in found)]) if found else "all of it holds")
    return 1 if found else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one-order"]:
        course_at, list_at, job_count, look_every, level = sys.argv[2:]
        one_order(course_at, list_at, int(job_count), int(look_every), level)
        sys.exit(0)
    sys.exit(main())
