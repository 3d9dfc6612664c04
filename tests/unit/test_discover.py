"""Finding the files of a submission in a folder that a hostile hand has filled."""

import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.submission import beneath, discover
from grader.submission.discover import SubmissionError, discover_all

NOBODY = 65534


def fill(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


@pytest.fixture
def alice(tmp_path: Path) -> Path:
    return fill(tmp_path / "alice", {"hw.py": "x = 1\n", "data/W.npy": b"\0\1"})


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder that an ordinary user may enter; the test goes on as one, even where it was started by root."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        was_root = os.geteuid() == 0
        yield Path(folder)
        if was_root:
            os.seteuid(0)


def drop_privileges() -> None:
    if os.geteuid() == 0:
        os.seteuid(NOBODY)


def texts(submission: discover.Submission) -> list[str]:
    return [finding.text for finding in submission.findings]


def test_a_folder_gives_its_files_in_order(alice: Path) -> None:
    submission = discover.discover(alice)
    assert submission.student == "alice"
    assert [(file.path, file.size_bytes, file.absolute) for file in submission.files] == [
        ("data/W.npy", 2, alice / "data" / "W.npy"),
        ("hw.py", 6, alice / "hw.py"),
    ]
    assert [file.path for file in submission.sources] == ["hw.py"]
    assert submission.findings == ()
    assert [submission.read(file) for file in submission.files] == [b"\0\1", b"x = 1\n"]


def test_a_single_file_is_a_submission(alice: Path) -> None:
    submission = discover.discover(alice / "hw.py")
    assert submission.student == "hw"
    assert [file.path for file in submission.files] == ["hw.py"]
    assert submission.read(submission.files[0]) == b"x = 1\n"


def test_hidden_files_and_caches_are_ignored_without_a_word(alice: Path) -> None:
    (alice / ".DS_Store").write_text("")
    fill(alice / ".git", {"config.py": ""})
    fill(alice / "__pycache__", {"hw.pyc": ""})
    fill(alice / ".ipynb_checkpoints", {"hw.ipynb": ""})
    submission = discover.discover(alice)
    assert len(submission.files) == 2
    assert submission.findings == ()


def test_the_digest_depends_on_names_and_contents_only(tmp_path: Path) -> None:
    one = fill(tmp_path / "one", {"a.py": "1", "b.py": "2"})
    two = fill(tmp_path / "two", {"b.py": "2", "a.py": "1"})
    assert discover.discover(one).digest == discover.discover(two).digest
    others = [
        fill(tmp_path / "content", {"a.py": "1", "b.py": "3"}),
        fill(tmp_path / "name", {"a.py": "1", "c.py": "2"}),
        fill(tmp_path / "swapped", {"a.py": "2", "b.py": "1"}),
        fill(tmp_path / "more", {"a.py": "1", "b.py": "2", "c.py": ""}),
        fill(tmp_path / "folder", {"a.py": "1", "d/b.py": "2"}),
    ]
    digests = {discover.discover(path).digest for path in [one, *others]}
    assert len(digests) == 1 + len(others)


# --- what is left out -------------------------------------------------------------------------------------------------


def test_symbolic_links_are_not_followed(alice: Path, tmp_path: Path) -> None:
    secret = fill(tmp_path / "secret", {"oracle.py": "secret"})
    (alice / "a.py").symlink_to(secret / "oracle.py")
    (alice / "b").symlink_to(secret)
    (alice / "c.py").symlink_to("/no/such/file")
    submission = discover.discover(alice)
    assert [file.path for file in submission.files] == ["data/W.npy", "hw.py"]
    assert texts(submission) == [
        f"{name} was not read: it is a symbolic link; hand in the file itself" for name in ("a.py", "b", "c.py")
    ]
    assert [str(finding.where) for finding in submission.findings] == ["a.py", "b", "c.py"]


def test_a_hard_link_is_a_file_like_any_other(alice: Path) -> None:
    (alice / "again.py").hardlink_to(alice / "hw.py")
    assert "again.py" in [file.path for file in discover.discover(alice).files]


def test_pipes_and_sockets_are_not_opened(alice: Path) -> None:
    os.mkfifo(alice / "pipe.py")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(alice / "socket.py"))
    submission = discover.discover(alice)
    assert texts(submission) == [f"{name}.py was not read: it is not a regular file" for name in ("pipe", "socket")]


@pytest.mark.parametrize("name", ["a\nb.py", "a\x1b[31m.py", "a\u202epy.exe", b"a\xff.py"])
def test_names_that_do_not_print_are_left_out_and_shown_escaped(alice: Path, name: str | bytes) -> None:
    with open(os.path.join(os.fsencode(alice), os.fsencode(name)), "wb"):  # noqa: PTH118, PTH123
        pass
    submission = discover.discover(alice)
    assert len(submission.files) == 2
    assert "its name has characters that do not print" in texts(submission)[0]
    assert texts(submission)[0].isprintable()


def test_large_files_are_left_out(alice: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (alice / "big.png").open("wb") as stream:
        stream.truncate(discover.MAX_FILE_BYTES + 1)
    assert texts(discover.discover(alice)) == ["big.png was not read: it has 33,554,433 bytes, at most 32 MiB are read"]
    monkeypatch.setattr(discover, "MAX_FILE_BYTES", 2**40)
    monkeypatch.setattr(discover, "MAX_TOTAL_BYTES", 2**20)
    assert texts(discover.discover(alice)) == ["big.png was not read: at most 1 MiB are read in all"]


def test_weights_may_be_larger_than_other_files(alice: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discover, "MAX_FILE_BYTES", 2**10)
    monkeypatch.setattr(discover, "MAX_WEIGHTS_BYTES", 2**20)
    for name, size in (("lenet.keras", 2**20), ("mlp.pt", 2**20 + 1)):
        with (alice / name).open("wb") as stream:
            stream.truncate(size)
    assert texts(discover.discover(alice)) == ["mlp.pt was not read: it has 1,048,577 bytes, at most 1 MiB are read"]


def test_many_files_do_not_push_out_the_code(alice: Path) -> None:
    for number in range(discover.MAX_FILES + 70):
        fill(alice / "a", {f"{number:03}.png": ""})
    submission = discover.discover(alice)
    assert len(submission.files) == discover.MAX_FILES
    assert "hw.py" in [file.path for file in submission.files]
    assert len(submission.findings) == discover.MAX_FINDINGS + 1
    assert texts(submission)[0] == "a/199.png was not read: at most 200 files are read"
    assert texts(submission)[-1] == "22 more files were not read"


def test_too_many_entries_are_not_walked(alice: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discover, "MAX_ENTRIES", 3)
    fill(alice, {"a.py": "", "b.py": "", "i.py": ""})
    submission = discover.discover(alice)
    assert [file.path for file in submission.files] == ["a.py", "b.py"]
    assert texts(submission) == ["the submission has more than 3 files; the rest was not read"]


def test_deep_folders_are_not_entered(alice: Path) -> None:
    fill(alice, {"d/" * 7 + "in.py": "", "e/" * 8 + "out.py": ""})
    submission = discover.discover(alice)
    assert "d/" * 7 + "in.py" in [file.path for file in submission.files]
    assert texts(submission) == ["e/e/e/e/e/e/e/e was not read: it is a folder more than 7 levels deep"]


def test_a_file_that_may_not_be_read_is_a_finding(unprivileged: Path) -> None:
    alice = fill(unprivileged / "alice", {"a.py": "1", "b.py": "2", "c/d.py": "3"})
    for name in ("b.py", "c"):
        (alice / name).chmod(0)
    drop_privileges()
    submission = discover.discover(alice)
    assert [file.path for file in submission.files] == ["a.py"]
    assert sorted(texts(submission)) == [
        "b.py was not read: permission denied",
        "c was not read: permission denied",
    ]


# --- files that change ------------------------------------------------------------------------------------------------


def test_a_file_that_changed_is_not_graded(alice: Path) -> None:
    submission = discover.discover(alice)
    file = submission.file("hw.py")
    assert file is not None
    for content in ("x = 2\n", "x = 11\n", ""):
        (alice / "hw.py").write_text(content)
        with pytest.raises(SubmissionError, match=r"chang.*grade it again"):
            submission.read(file)


def test_a_folder_replaced_by_a_link_is_not_followed(alice: Path, tmp_path: Path) -> None:
    submission = discover.discover(alice)
    (alice / "data").rename(tmp_path / "elsewhere")
    (alice / "data").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SubmissionError, match=r"W\.npy cannot be read any more"):
        submission.read(submission.files[0])


@pytest.mark.skipif(os.geteuid() != 0, reason="only the super-user can give a file away")
@pytest.mark.parametrize(("owner", "reads"), [(NOBODY, ["hw.py"]), (0, ["answer.py", "hw.py"])])
def test_a_second_name_of_a_file_of_somebody_else(tmp_path: Path, alice: Path, owner: int, reads: list[str]) -> None:
    (tmp_path / "answer.py").write_text("the answer\n")
    os.link(tmp_path / "answer.py", alice / "answer.py")
    for path in (alice, alice / "hw.py"):
        os.chown(path, owner, owner)
    submission = discover.discover(alice)
    assert [file.path for file in submission.sources] == reads
    told = "answer.py was not read: it is a hard link to a file that belongs to somebody else; hand in a copy"
    assert (told in [finding.text for finding in submission.findings]) == (owner != 0)


def test_a_second_name_that_appears_later(alice: Path) -> None:
    submission = discover.discover(alice)
    os.link(alice / "hw.py", alice / "copy.py")
    assert submission.read(submission.files[-1]) == b"x = 1\n"


@pytest.mark.parametrize("length", [0, 5, 7])
def test_a_file_has_to_end_where_it_said(tmp_path: Path, length: int) -> None:
    (tmp_path / "a").write_bytes(b"x" * length)
    with pytest.raises(beneath.NotReadError, match="its size changed"):
        beneath.read(tmp_path, ("a",), 6)


# --- what cannot be graded at all -------------------------------------------------------------------------------------


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="bob does not exist"):
        discover.discover(tmp_path / "bob")


@pytest.mark.parametrize("hidden", [[], [".hidden"], ["__pycache__"]])
def test_an_empty_folder(tmp_path: Path, hidden: list[str]) -> None:
    for name in hidden:
        (tmp_path / name).mkdir()
    with pytest.raises(SubmissionError, match=r"is an empty folder; it should hold a \.py file or a notebook"):
        discover.discover(tmp_path)


def test_a_folder_without_code(tmp_path: Path) -> None:
    fill(tmp_path, {"report.pdf": "", "README.md": ""})
    (tmp_path / "hw.py").symlink_to("/etc/passwd")
    with pytest.raises(SubmissionError) as caught:
        discover.discover(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path} holds no .py file and no notebook (it holds README.md, report.pdf; "
        "hw.py was not read: it is a symbolic link; hand in the file itself)"
    )


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    fill(tmp_path, {"hw.zip": ""})
    os.mkfifo(tmp_path / "pipe.py")
    with pytest.raises(SubmissionError, match=r"hw\.zip is a file of another kind; give a folder, a \.py file"):
        discover.discover(tmp_path / "hw.zip")
    with pytest.raises(SubmissionError, match=r"pipe\.py is neither a file nor a folder"):
        discover.discover(tmp_path / "pipe.py")


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    with (tmp_path / "hw.py").open("wb") as stream:
        stream.truncate(discover.MAX_FILE_BYTES + 1)
    with pytest.raises(SubmissionError, match=r"hw\.py cannot be graded: hw\.py was not read: it has 33,554,433 bytes"):
        discover.discover(tmp_path / "hw.py")


def test_a_folder_that_may_not_be_read(unprivileged: Path) -> None:
    alice = fill(unprivileged / "alice", {"hw.py": ""})
    alice.chmod(0)
    drop_privileges()
    with pytest.raises(SubmissionError, match=r"alice cannot be read \(permission denied\)"):
        discover.discover(alice)


def test_a_link_that_leads_to_itself(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(SubmissionError, match="loop cannot be read"):
        discover.discover(tmp_path / "loop")


# --- folders of submissions -------------------------------------------------------------------------------------------


def test_a_folder_of_submissions_gives_one_for_each(tmp_path: Path) -> None:
    fill(
        tmp_path,
        {"README.md": "", "bob/hw.py": "", "alice/src/hw.py": "", ".hidden/hw.py": "", "__pycache__/hw.py": ""},
    )
    (tmp_path / "carol").mkdir()
    assert discover_all([tmp_path], []) == [tmp_path / "alice", tmp_path / "bob", tmp_path / "carol"]


def test_a_folder_named_after_an_assignment_belongs_to_its_student(tmp_path: Path) -> None:
    fill(tmp_path, {"alice/weights/hw.py": "", "bob/hw.py": ""})
    alice = tmp_path / "alice"
    assert discover_all([tmp_path], ["weights"]) == [alice, tmp_path / "bob"]
    assert discover_all([alice], ["weights"]) == [alice]
    assert discover_all([alice], []) == [alice / "weights"]


@pytest.mark.parametrize("own", ["hw.py", "hw.ipynb", "submission.yaml"])
def test_a_folder_with_files_of_its_own_is_a_submission(tmp_path: Path, own: str) -> None:
    fill(tmp_path, {"data/x.npy": "", own: ""})
    assert discover_all([tmp_path], []) == [tmp_path]


def test_what_is_no_folder_stays_and_each_path_counts_once(tmp_path: Path) -> None:
    fill(tmp_path, {"hw.py": "", "alice/hw.py": ""})
    missing = tmp_path / "missing"
    paths = [tmp_path / "hw.py", missing, tmp_path / "alice", tmp_path / "alice", missing]
    assert discover_all(paths, []) == [tmp_path / "hw.py", missing, tmp_path / "alice"]
