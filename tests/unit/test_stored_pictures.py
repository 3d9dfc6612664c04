"""What the trusted side takes of pictures that a worker tells of, and for which cells it asks."""

import numpy as np
import pytest
from msgspec.structs import replace

from grader.audit.facts import Cell, Notebook
from grader.checks.registry import KINDS
from grader.course.load import load
from grader.grading.pictures import (
    MAX_BYTES,
    MAX_CELLS,
    MAX_PICTURES,
    MAX_SIDE_PX,
    Room,
    pictures_from,
    places_of_pictures,
    read_pictures,
    wanted_pictures,
)
from grader.results import Finding, Location, Severity
from grader.sandbox.lease import IsolationBroken

RUBRIC = """\
assignment: Doubling
due: 2026-11-20T23:59+01:00
parts:
  - id: first
    functions: {double: {accepts: [x], returns: [doubled]}}
    oracle: oracle.py
    criteria:
      - {id: seen, title: Seen, points: 1, check: values, of: doubled, cases: [numbers]}
      - {id: brief, title: Brief, points: 1, check: values, of: doubled, cases: [numbers], feedback: summary}
      - {id: hidden, title: Hidden, points: 1, check: values, of: doubled, cases: [numbers], visible: never}
      - {id: late, title: Late, points: 1, check: values, of: doubled, cases: [numbers], visible: after due date}
"""
ITSELF = {number: number for number in range(1, 500)}
WHITE = np.array([[255, 255, 255]], np.uint8)


@pytest.fixture
def assignment(tmp_path):
    folder = tmp_path / "reference" / "doubling"
    folder.mkdir(parents=True)
    (tmp_path / "rubric.yaml").write_text("course: A course\n")
    (folder / "rubric.yaml").write_text(RUBRIC)
    (folder / "oracle.py").write_text("def double(x):\n    return 2 * x\n")
    (folder / "cases.py").write_text("def numbers(rng):\n    return {'x': rng.normal(size=5)}\n")
    (found,) = load(tmp_path, KINDS).assignments
    return found


def finding(where, criterion=""):
    return Finding("kind", Severity.NOTE, "text", where=where, criterion_id=criterion)


def picture(height=4, width=6, **changes):
    told = {
        "number": np.array(1),
        "height_px": np.array(480),
        "width_px": np.array(640),
        "pixels": np.zeros((height, width), np.uint8),
        "palette": WHITE,
    }
    return told | changes


def cell(*pictures, **left_out):
    counts = {reason.replace("_", " "): np.array(count) for reason, count in left_out.items()}
    return {"pictures": pictures, "left_out": counts}


def taken(*cells, room=None):
    asked = {number: (number,) for number in range(3, 3 + len(cells))}
    return pictures_from(tuple(cells), "work.ipynb", asked, room or Room())


# --- which cells are asked for ----------------------------------------------------------------------------------------


def test_a_text_belongs_to_the_pictures_right_above_it():
    kinds = [("code", 1), ("markdown", 0), ("markdown", 0), ("code", 0), ("markdown", 0), ("code", 2), ("code", 0)]
    cells = tuple(Cell(number, kind, "", images=images) for number, (kind, images) in enumerate(kinds, start=1))
    assert places_of_pictures(Notebook("a.ipynb", cells=cells)) == {1: 1, 2: 1, 6: 6}


def test_only_cells_with_findings_are_asked_for(assignment):
    places = {"a.ipynb": {7: 7, 8: 7, 2: 2}, "b.ipynb": {}, "c.ipynb": {1: 1}}
    findings = [
        finding(Location("a.ipynb", 1, 8)),
        finding(Location("a.ipynb", 1, 7)),
        finding(Location("a.ipynb", 2, 7)),
        finding(Location("b.ipynb", cell=1)),
        finding(Location("gone.ipynb", cell=1)),
        finding(Location("c.py", 3)),
        finding(Location("a.ipynb")),
        finding(None),
        finding(Location("c.ipynb", cell=1)),
        finding(Location("a.ipynb", cell=5)),
    ]
    assert wanted_pictures(findings, places, assignment) == {"a.ipynb": {7: (8, 7)}, "c.ipynb": {1: (1,)}}


def test_findings_that_a_student_does_not_see_ask_for_nothing(assignment):
    names = ("first.hidden", "first.late", "first.brief", "first.gone", "first.seen")
    findings = [finding(Location("a.ipynb", cell=number), name) for number, name in enumerate(names, start=1)]
    assert wanted_pictures(findings, {"a.ipynb": ITSELF}, assignment) == {"a.ipynb": {5: (5,)}}


def test_the_number_of_cells_is_bounded(assignment):
    findings = [finding(Location("a.ipynb", cell=number)) for number in ITSELF]
    (cells,) = wanted_pictures(findings, {"a.ipynb": ITSELF}, assignment).values()
    assert list(cells) == list(range(1, MAX_CELLS + 1))


# --- what is taken ----------------------------------------------------------------------------------------------------


def test_what_is_told_is_taken():
    answer = (cell(picture(number=np.array(2)), other_kind=2, unreadable=1),)
    (found,) = pictures_from(answer, "work.ipynb", {2: (3, 4)}, Room())
    assert (found.where, found.beside) == (Location("work.ipynb", cell=2), (3, 4))
    (shown,) = found.pictures
    assert (shown.number, shown.width_px, shown.height_px) == (2, 640, 480)
    assert shown.png.startswith(b"\x89PNG")
    assert found.left_out == (
        "Not shown of the pictures stored in cell 2: 2 neither PNG nor JPEG, "
        "1 not readable as the PNG or JPEG that it should be."
    )


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "text",
        np.zeros(3),
        ({"cell": np.array(1)},),
        (cell(picture(pixels=np.zeros((4, 6, 3), np.uint8))),),
        (cell(picture(pixels=np.zeros((0, 6), np.uint8))),),
        (cell(picture(pixels=np.zeros((4, 6)))),),
        (cell(picture(pixels=np.full((4, 6), np.nan))),),
        (cell(picture(pixels=b"AAAA")),),
        (cell(picture(pixels=np.ones((4, 6), np.uint8))),),
        (cell(picture(palette=np.zeros((0, 3), np.uint8))),),
        (cell(picture(palette=np.zeros((300, 3), np.uint8))),),
        (cell(picture(palette=np.zeros((1, 4), np.uint8))),),
        (cell(picture(height=MAX_SIDE_PX + 1)),),
        (cell(picture(width=MAX_SIDE_PX + 1)),),
        (cell(picture(number=np.array(0))),),
        (cell(picture(width_px=np.array(-5))),),
        (cell(picture(height_px=np.array(2**40))),),
        (cell(picture(height_px=np.array(4.5))),),
        (cell(*[picture()] * (MAX_PICTURES + 1)),),
        (),
        (cell(picture()), cell(picture())),
        (cell(made_up_reason=1),),
        (cell(unreadable=-1),),
    ],
)
def test_a_forged_answer_is_refused_with_a_reason(answer):
    with pytest.raises(ValueError, match=r"[a-z]{3}"):
        pictures_from(answer, "work.ipynb", {3: (3, 4)}, Room())


def test_the_room_is_for_all_pictures_of_a_submission():
    random = np.random.default_rng(20260310)
    palette = random.integers(0, 256, (256, 3), dtype=np.uint8)
    room = Room()
    cells = [
        cell(*[picture(pixels=random.integers(0, 256, (200, 200), dtype=np.uint8), palette=palette)] * 5)
        for _ in range(2)
    ]
    found = taken(*cells, room=room)
    sizes = [len(shown.png) for each in found for shown in each.pictures]
    assert sum(sizes) <= MAX_BYTES < sum(sizes) + sizes[0]
    assert found[1].left_out == "Not shown of the pictures stored in cell 4: 3 for want of room."
    assert taken(cell(picture()), room=room)[0].pictures, "what is small enough still fits"


def test_a_picture_that_was_not_shrunk_as_asked_is_left_out():
    random = np.random.default_rng(20260310)
    noise = random.integers(0, 256, (MAX_SIDE_PX, MAX_SIDE_PX), dtype=np.uint8)
    (found,) = taken(cell(picture(pixels=noise, palette=random.integers(0, 256, (256, 3), dtype=np.uint8))))
    assert found.pictures == ()
    assert "1 for want of room" in found.left_out


def test_a_worker_that_does_not_start_costs_nothing():
    def start():
        raise IsolationBroken("a worker did not start")

    (said,) = read_pictures(start, {"work.ipynb": b""}, {"work.ipynb": {3: (3, 4)}})
    assert (said.where, said.beside, said.pictures) == (Location("work.ipynb"), (3, 4), ())
    assert said.left_out == (
        "The pictures that work.ipynb stores are not shown: "
        "the grader itself failed (IsolationBroken: a worker did not start)."
    )


def test_nothing_is_started_where_nothing_is_asked_for():
    def start():
        raise AssertionError

    assert read_pictures(start, {}, {}) == ()


def test_a_report_without_pixels_keeps_the_places():
    from grader.report.view import without_pixels
    from tests.pages.material import full_report

    whole = full_report()
    bare = without_pixels(whole)
    assert [p.png for each in bare.pictures for p in each.pictures] == [b""] * 5
    assert [replace(each, pictures=()) for each in bare.pictures] == [
        replace(each, pictures=()) for each in whole.pictures
    ]


@pytest.mark.parametrize("several", [False, True])
def test_the_pictures_of_a_class_are_not_kept_once_they_are_written(course, tmp_path, capsys, several):
    from grader.cli.output import Output, Wanted
    from grader.session import Job
    from tests.pages.material import full_report

    jobs = [Job(tmp_path / name) for name in ("alice", "bob")][: 1 + several]
    output = Output(Wanted(out=tmp_path / "out"), course, jobs)
    for job in jobs:
        output.add(job, full_report())
    reports, _ = output.finish()
    kept = [bool(picture.png) for report in reports for each in report.pictures for picture in each.pictures]
    assert kept == [not several] * 5 * len(jobs)
    for job in jobs:
        page = (tmp_path / "out" / "graders" / job.submission.name / "report.html").read_text()
        assert page.count("data:image/png;base64,") == 5
    assert "data:image" not in (tmp_path / "out" / "reports.json").read_text()
    assert capsys.readouterr().out
