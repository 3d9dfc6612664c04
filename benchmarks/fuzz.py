"""A campaign of every fuzzer: what reads a student's or an instructor's bytes, against damaged and hostile ones.

    python benchmarks/fuzz.py [--minutes 10] [--only wire-replies,rubric] [--seed N] [--out FOLDER]
    python benchmarks/fuzz.py --again FOLDER/manifests-0123abcd.txt

The minutes are shared equally. Each target runs in a process of its own, within 1 GiB of memory and 30 s of processor
time for an example; one that dies or hangs is a finding too. The smallest counterexample of a target is written into
FOLDER (fuzz-found) as a text that ``--again`` runs once more. Exit code: 0 nothing found, 1 something found, 2 usage.

The strategies lie in tests/fuzzing/, and tests/property/test_fuzz.py runs a sample of the same ones in CI.
"""

import argparse
import secrets
import sys
import time
from pathlib import Path

from measure import machine

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def main():
    """Run what the command line says; return the exit code."""
    from tests.fuzzing.targets import TARGETS

    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--minutes", type=float, default=10.0, help="for all targets together (10)")
    options.add_argument("--only", help=f"targets, separated by commas: {', '.join(TARGETS)}")
    options.add_argument("--seed", type=int, help="of an earlier campaign (drawn, and printed)")
    options.add_argument("--out", type=Path, default=Path("fuzz-found"), help="folder for counterexamples")
    options.add_argument("--again", type=Path, help="run the counterexample in this file, and nothing else")
    given = options.parse_args()
    names = given.only.split(",") if given.only else list(TARGETS)
    if unknown := set(names) - set(TARGETS):
        options.error(f"no target is called {', '.join(sorted(unknown))}; there is {', '.join(TARGETS)}")
    if given.again:
        return again(given.again)
    seed = secrets.randbelow(2**32) if given.seed is None else given.seed
    return campaign(names, given.minutes * 60 / len(names), seed, given.out)


def campaign(names, seconds, seed, out):
    """Run the targets one after another; print a table; return the exit code."""
    from tests.fuzzing import campaign as running
    from tests.fuzzing.targets import TARGETS, find

    print(machine())
    print(f"seed {seed}, {seconds:.0f} s for each of {len(names)} targets", flush=True)
    found = []
    for name in names:
        started = time.perf_counter()

        def show(outcome, name=name, started=started):
            if sys.stdout.isatty():
                text = f"\r  {name:16} {outcome.examples:9,} examples  {time.perf_counter() - started:5.0f} s"
                print(text, end="", flush=True)

        outcome = running.run(name, seed, seconds, find, show)
        took_s = time.perf_counter() - started
        start = "\r" if sys.stdout.isatty() else ""
        result = "nothing found" if outcome.found is None else "FOUND SOMETHING"
        print(
            f"{start}  {name:16} {outcome.examples:9,} examples  {took_s:5.0f} s  {result:16} {TARGETS[name].about}",
            flush=True,
        )
        if outcome.found is not None:
            path = running.save(outcome.found, out)
            found.append(path)
            print("\n".join(f"    {line}" for line in outcome.found.error.strip().splitlines()[-12:]))
            print(f"    the example: {outcome.found.example[:300]}")
            print(f"    again: python benchmarks/fuzz.py --again {path}", flush=True)
    print(f"{len(found)} of {len(names)} targets found something" if found else "nothing was found")
    return 1 if found else 0


def again(path):
    """Run one counterexample in this process; return the exit code."""
    from tests.fuzzing import campaign as running
    from tests.fuzzing.targets import TARGETS

    try:
        name, example = running.read(path)
        target = TARGETS[name]
    except (OSError, ValueError, KeyError) as error:
        print(f"{path} cannot be run again: {error}", file=sys.stderr)
        return 2
    try:
        target.run(example)
    except Exception as error:
        print(f"{name}: still so. {type(error).__name__}: {error}")
        return 1
    print(f"{name}: this example passes now")
    return 0


if __name__ == "__main__":
    sys.exit(main())
