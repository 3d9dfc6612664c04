import msgspec

from grader.grading.seeds import criterion_seed
from grader.session import Job, grade


def comparable(report):
    return [
        msgspec.structs.replace(r, usage=msgspec.structs.replace(r.usage, wall_s=0, cpu_s=0), duration_s=0)
        for r in report.results
    ]


def test_the_same_submission_gets_the_same_report(course, root):
    job = Job(root / "submissions" / "bob")
    assert comparable(grade(course, job)) == comparable(grade(course, job))


def test_one_criterion_alone_is_graded_as_it_is_among_all(course, root):
    whole = grade(course, Job(root / "submissions" / "bob"))
    for result in whole.results:
        alone = grade(course, Job(root / "submissions" / "bob", only=(result.criterion_id,), seed=result.seed))
        (found,) = comparable(alone)
        assert found == next(r for r in comparable(whole) if r.criterion_id == result.criterion_id)


def test_seeds_differ_between_criteria_submissions_and_secrets():
    seeds = {
        criterion_seed(secret, submission, criterion)
        for secret in (b"", b"one", b"two")
        for submission in ("aa", "bb")
        for criterion in ("p.a", "p.b")
    }
    assert len(seeds) == 12
