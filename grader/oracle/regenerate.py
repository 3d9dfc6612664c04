"""Turns what was asked for into trainings, and finished trainings into records."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from grader.data.catalogue import ENTRIES
from grader.data.load import Source, load
from grader.oracle.experiments import Selected
from grader.oracle.frameworks import FRAMEWORKS, Framework, FrameworkMissing, FrameworkName, versions
from grader.oracle.job import Job, make_jobs
from grader.oracle.record import RESULTS_FILE, Record, Results, Run, encode, read, summarise
from grader.oracle.store import Store


class Plan(msgspec.Struct, frozen=True):
    """All trainings that were asked for, in order, and the results of those that were done before."""

    jobs: tuple[Job, ...]
    done: dict[Job, Run]

    @property
    def missing(self) -> tuple[Job, ...]:
        """The trainings that are still to be done."""
        return tuple(job for job in self.jobs if job not in self.done)


def installed_frameworks(wanted: FrameworkName | None) -> tuple[tuple[Framework, ...], str]:
    """Return the frameworks to train in, and a remark about one that is left out because it is not installed.

    Raises:
        FrameworkMissing: the wanted one, or every one, is not installed.
    """
    if wanted is not None:
        versions(FRAMEWORKS[wanted])
        return (FRAMEWORKS[wanted],), ""
    found, missing = [], []
    for framework in FRAMEWORKS.values():
        try:
            versions(framework)
            found.append(framework)
        except FrameworkMissing as error:
            missing.append(str(error))
    if not found:
        raise FrameworkMissing("\n".join(missing))
    return tuple(found), "\n".join(missing)


def require_data(selected: Sequence[Selected], source: Source) -> None:
    """Check that the data of all experiments is on this machine, before anything is trained.

    Raises:
        DataError: it is not, or is damaged; the text says what to do.
    """
    for name in dict.fromkeys(item.experiment.data for item in selected):
        load(ENTRIES[name].name, source)


def plan(
    selected: Sequence[Selected],
    frameworks: Sequence[Framework],
    source: Source,
    store: Store,
    *,
    seeds: int | None = None,
    epochs: int | None = None,
    images: int = 0,
) -> Plan:
    """Return what has to be trained; see :func:`grader.oracle.job.make_jobs` for the arguments.

    Raises:
        OracleError: a file of an experiment cannot be read.
        FrameworkMissing: a framework is not installed.
    """
    jobs = tuple(
        job
        for item in selected
        for framework in frameworks
        for job in make_jobs(item, framework.name, source, seeds=seeds, epochs=epochs, images=images)
    )
    found = {job: store.get(job) for job in jobs}
    return Plan(jobs, {job: run for job, run in found.items() if run is not None})


def make_records(jobs: Sequence[Job], runs: Mapping[Job, Run]) -> dict[Path, tuple[Record, ...]]:
    """Return the records of each assignment, by its folder. An experiment of which a seed is missing is left out."""
    groups: dict[tuple[str, str, str, str], list[Job]] = defaultdict(list)
    for job in jobs:
        groups[job.folder, job.experiment, job.framework, job.source].append(job)
    records: dict[Path, list[Record]] = defaultdict(list)
    for group in groups.values():
        if all(job in runs for job in group):
            records[Path(group[0].folder)].append(_make_record(group, [runs[job] for job in group]))
    return {folder: tuple(found) for folder, found in records.items()}


def _make_record(jobs: Sequence[Job], runs: Sequence[Run]) -> Record:
    job = jobs[0]
    kept = [msgspec.structs.replace(run, metrics={}, arrays=run.arrays if run is runs[0] else {}) for run in runs]
    return Record(
        experiment=job.experiment,
        framework=job.framework,
        source=job.source,
        epochs=job.epochs,
        data_digest=job.data_digest,
        sources_digest=job.sources_digest,
        metrics=summarise([run.metrics for run in runs]),
        runs=tuple(kept),
    )


def write(folder: Path, records: Sequence[Record]) -> Path:
    """Put ``records`` into the results of the assignment in ``folder`` and return the file's path.

    Raises:
        DamagedResults: what was recorded before cannot be used.
        OSError: the file cannot be written.
    """
    path = folder / RESULTS_FILE
    results: Results = read(folder).replaced(records)
    path.parent.mkdir(exist_ok=True)
    temporary = path.with_suffix(".json.new")
    temporary.write_bytes(encode(results))
    temporary.replace(path)
    return path
