"""Names of folders made from hostile names, and how files are written."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.report.files import FORMATS, Folder, OutputError, folder_names
from grader.results import SCHEMA_VERSION, ReportFile
from tests.golden.reports import HOSTILE_NAME, OUTPUT, REPORTS, report


def names(tmp_path, *given):
    paths = [tmp_path / name for name in given]
    return [folder_names(paths)[path] for path in paths]


def test_a_plain_name_stays(tmp_path):
    assert names(tmp_path, "alice", "Zoë_1", "山田花子", "b.c-d") == ["alice", "Zoë_1", "山田花子", "b.c-d"]


@pytest.mark.parametrize(
    "name",
    [
        HOSTILE_NAME, ".hidden", "...", "-rf", "a b", "a\nb", "=1+1", "<b>", "CON", "nul.txt", "x" * 300, "é" * 200,
        "a.", "\udcff", "\u202e", "e\u0301",
    ],
)  # fmt: skip
def test_another_name_is_changed_and_says_whose_it_is(tmp_path, name):
    (made,) = names(tmp_path, name)
    stem, _, digits = made.rpartition("-")
    assert len(digits) == 8
    assert len(made.encode()) <= 80
    assert not stem.startswith((".", "-"))
    assert stem.casefold() not in ("con", "nul.txt")


@given(
    st.lists(
        st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=80),
        min_size=1,
        unique=True,
    )
)
def test_no_two_submissions_share_a_folder(given):
    made = folder_names(Path("/class") / name for name in given if name not in (".", ".."))
    assert len({name.casefold() for name in made.values()}) == len(made)
    assert all(name and "/" not in name and name not in (".", "..") for name in made.values())


def test_names_that_differ_by_case_or_folder_are_told_apart(tmp_path):
    made = names(tmp_path, "alice", "Alice", "bob")
    assert made[2] == "bob"
    assert len({name.casefold() for name in made}) == 3
    one, two = names(tmp_path, "a/carol", "b/carol")
    assert one != two
    assert one.startswith("carol-")


def test_the_name_does_not_depend_on_the_others_order(tmp_path):
    assert names(tmp_path, "alice", "a b") == list(reversed(names(tmp_path, "a b", "alice")))


def test_a_single_file_is_named_without_its_suffix(tmp_path):
    (tmp_path / "dora.py").write_text("")
    (tmp_path / "erin.v2").mkdir()
    assert names(tmp_path, "dora.py", "erin.v2") == ["dora", "erin.v2"]


def test_every_format_writes_its_own_file(tmp_path):
    folder = Folder(tmp_path / "new" / "out", FORMATS)
    folder.add_student("a", report(OUTPUT))
    folder.add_all(ReportFile(SCHEMA_VERSION, (report(OUTPUT),)), {})
    assert len({path.name for path in (tmp_path / "new/out/students/a").iterdir()}) == len(FORMATS)
    assert len({form.all_file for form in FORMATS.values()}) == len(FORMATS)


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path):
    folder = Folder(tmp_path, FORMATS)
    for made in (REPORTS["hostile"], report(OUTPUT)):
        folder.add_student("a", made)
    assert not list(tmp_path.rglob(".*"))
    assert "2 of 2 points" in (tmp_path / "students" / "a" / "report.md").read_text()


def test_a_folder_in_place_of_a_file(tmp_path):
    (tmp_path / "students" / "a" / "report.md").mkdir(parents=True)
    with pytest.raises(OutputError, match=r"report\.md cannot be written"):
        Folder(tmp_path, FORMATS).add_student("a", report(OUTPUT))
