"""The driver sees what it looks for: without this, attacks that succeed would pass."""

import os
import socket
import subprocess
import sys

import pytest

from tests.attacks.corpus import read
from tests.attacks.course import GROUND
from tests.attacks.harmless import complaints_of_file, complaints_of_text
from tests.attacks.surroundings import Doors, adopt_orphans, changes, children, contents, processes_left
from tests.ordinary_user import interpreter


def test_a_process_that_is_left_is_seen_and_ended():
    adopt_orphans()
    known = children()
    orphan = "import subprocess; subprocess.Popen(['sleep', '600'])"
    subprocess.run([sys.executable, "-c", orphan], check=True)
    (told,) = processes_left(*known, grace_s=0.1)
    assert "sleep 600" in told
    assert processes_left(*known, grace_s=0.1) == []


def test_somebody_who_knocks_is_seen(tmp_path):
    with Doors(tmp_path / "door") as doors:
        assert doors.entered() == []
        with socket.create_connection(doors.tcp.getsockname()), socket.socket(socket.AF_UNIX) as knocking:
            knocking.connect("\0" + doors.name)
            assert sorted(doors.entered()) == [
                "somebody reached the TCP socket",
                "somebody reached the abstract socket",
            ]


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "kept").write_text("another"),
        lambda folder: (folder / "new").touch(),
        lambda folder: (folder / "kept").unlink(),
        lambda folder: (folder / "kept").chmod(0o777),
    ],
)
def test_what_changes_is_seen(tmp_path, change):
    (tmp_path / "kept").write_text("content")
    before = contents(tmp_path)
    assert changes(before, contents(tmp_path), set()) == []
    change(tmp_path)
    assert len(changes(before, contents(tmp_path), set())) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '{"points": NaN}'),
        ("a.json", '{"name": "\x1b[2J"}'),
        ("a.html", "<p><script>alert(1)</script></p>"),
        ("a.html", '<p onclick="alert(1)">x</p>'),
        ("a.html", '<a href=" javascript:alert(1)">x</a>'),
        ("a.html", '<img src="//evil.example/x.png">'),
        ("a.md", "![x](http://evil.example/x.png)\n"),
        ("a.md", "<script>alert(1)</script>\n"),
        ("a.csv", "name,points\r\n=1+1,3\r\n"),
        ("a.csv", "name,points\r\naaron,3\r\nx,1\r\n"),
        ("a.xml", "<testsuites><testsuite><testcase/><testcase/></testsuite></testsuites>"),
        ("a.xml", "<testsuites><testsuite><testcase/><passed/></testsuite></testsuites>"),
        ("a.txt", "::set-output name=grade::100\n"),
        ("a.txt", "Traceback (most recent call last)\n"),
    ],
)
def test_what_does_something_to_its_reader_is_seen(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    try:
        seen = list(complaints_of_file(tmp_path / name, 1))
    except ValueError as error:
        seen = [str(error)]
    assert len(seen) >= 1


def test_harmless_text_is_not_complained_about():
    assert list(complaints_of_text("Größe: 3 × 4 → 12 ✓\n\tπ")) == []


@pytest.mark.parametrize(
    "text",
    [
        '"""Wants nothing."""',
        '"""Wants.\n\nExpects: nothing FAIL\n"""',
        '"""W.\n\nExpects: loss FAIL\nHopes: x\n"""',
        "",
    ],
)
def test_an_attack_has_to_say_what_it_expects(tmp_path, text):
    (tmp_path / "attack.py").write_text(text)
    with pytest.raises(ValueError, match=r"attack\.py"):
        read(tmp_path / "attack.py", "area", GROUND)


@pytest.mark.skipif(os.geteuid() != 0, reason="nobody but the super-user starts tests for another user")
def test_libraries_that_an_ordinary_user_cannot_read_are_named(tmp_path, monkeypatch):
    tmp_path.chmod(0o700)
    (tmp_path / "library_of_one.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(pytest.skip.Exception, match=r"cannot read .*library_of_one\.py: make the environment"):
        interpreter("library_of_one")
