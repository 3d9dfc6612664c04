from pathlib import Path

import pytest

from grader.sandbox.bubblewrap import mount_arguments, namespace_arguments
from grader.sandbox.mounts import CODE, Bind, Cover, Link, Machine, PythonFolder, granted, look, nearest, plan

PROJECT = Path("/home/teacher/course/grader")


def machine(*python, package=PROJECT, executables=("/usr/bin/python3",)):
    """A Debian-like machine; ``python`` are folders that resolve to themselves, or pairs of name and target."""
    folders = [folder if isinstance(folder, tuple) else (folder, folder) for folder in python]
    return Machine(
        system=(Path("/usr"), Path("/etc/localtime")),
        links=((Path("/bin"), "usr/bin"), (Path("/lib64"), "usr/lib64")),
        python=tuple(PythonFolder(Path(at), Path(source), ("bin", "lib", "pyvenv.cfg")) for at, source in folders),
        executables=tuple(map(Path, executables)),
        package=package,
        code=("__init__.py", "sandbox/wire", "sandbox/worker"),
    )


def visible(mounts, path):
    """What of the machine is seen at ``path``: a path of the machine, or ``None``."""
    mount = nearest(mounts, Path(path))
    if isinstance(mount, Link):
        return visible(mounts, Path("/", mount.target) / Path(path).relative_to(mount.at))
    return mount.source / Path(path).relative_to(mount.at) if isinstance(mount, Bind) else None


def test_only_the_system_and_python_are_there():
    mounts = plan(machine("/usr"), hidden=[])
    assert visible(mounts, "/bin/true") == Path("/usr/bin/true")
    assert visible(mounts, "/etc/localtime") == Path("/etc/localtime")
    for path in ("/etc/passwd", "/home/teacher", "/root", "/tmp", "/var", PROJECT / "results.py"):
        assert visible(mounts, path) is None


def test_of_this_project_only_the_workers_files_are_there():
    mounts = plan(machine("/usr"), hidden=[])
    assert visible(mounts, CODE / "grader/sandbox/worker/main.py") == PROJECT / "sandbox/worker/main.py"
    assert visible(mounts, CODE / "grader/results.py") is None


def test_a_virtual_environment_in_a_private_home():
    mounts = plan(machine("/root/.venvs/x", "/root/.pyenv/versions/3.11", "/usr"), hidden=[])
    assert visible(mounts, "/root/.venvs/x/lib/numpy.py") == Path("/root/.venvs/x/lib/numpy.py")
    assert visible(mounts, "/root/.bashrc") is None
    # bwrap would make these 0700, closed to the worker's own user
    words = " ".join(mount_arguments(mounts, scratch=Path("/scratch"), scratch_bytes=1))
    assert "--perms 0755 --dir /root --perms 0755 --dir /root/.venvs" in words


def test_an_environment_in_the_course_leaves_the_course_out():
    course = Path("/home/teacher/course")
    mounts = plan(machine("/usr", f"{course}/.venv"), hidden=[course])
    assert visible(mounts, course / ".venv/bin/python") == course / ".venv/bin/python"
    assert visible(mounts, course / "reference/oracle.py") is None


def test_a_course_that_is_itself_the_environment():
    course = Path("/home/teacher/course")
    mounts = plan(machine("/usr", str(course)), hidden=[course])
    assert visible(mounts, course / "bin/python") == course / "bin/python"
    assert visible(mounts, course / "reference/oracle.py") is None


@pytest.mark.parametrize("course", ["/usr/share/course", "/usr/local/course"])
def test_a_course_in_a_system_folder_is_covered(course):
    mounts = plan(machine("/usr"), hidden=[Path(course)])
    assert Cover(Path(course)) in mounts
    assert visible(mounts, f"{course}/reference/oracle.py") is None
    assert visible(mounts, "/usr/lib/libc.so") == Path("/usr/lib/libc.so")
    words = mount_arguments(mounts, scratch=Path("/scratch"), scratch_bytes=1)
    assert f"--remount-ro {course}" in " ".join(words)


def test_an_environment_in_a_course_in_a_system_folder():
    mounts = plan(machine("/usr", "/usr/share/course/.venv"), hidden=[Path("/usr/share/course")])
    assert visible(mounts, "/usr/share/course/.venv/bin/python") == Path("/usr/share/course/.venv/bin/python")
    assert visible(mounts, "/usr/share/course/rubric.yaml") is None


def test_this_project_installed_beside_numpy_is_covered():
    package = Path("/opt/env/lib/site-packages/grader")
    mounts = plan(machine("/usr", "/opt/env", package=package), hidden=[])
    assert visible(mounts, package / "results.py") is None
    assert visible(mounts, package.parent / "numpy/__init__.py") == package.parent / "numpy/__init__.py"
    assert visible(mounts, CODE / "grader/sandbox/wire") == package / "sandbox/wire"


def test_a_hidden_folder_is_hidden_under_its_other_name_too():
    mounts = plan(machine("/usr", ("/opt/env", "/data/env")), hidden=[Path("/data/env/course")])
    assert visible(mounts, "/opt/env/lib/x") == Path("/data/env/lib/x")
    assert visible(mounts, "/opt/env/course/oracle.py") is None
    assert visible(mounts, "/data/env/course/oracle.py") is None


def test_an_interpreter_reached_through_links_elsewhere():
    chain = ("/opt/env/bin/python", "/home/x/.local/bin/python3.11", "/opt/python/bin/python3.11")
    mounts = plan(machine("/usr", "/opt/env", "/opt/python", executables=chain), hidden=[])
    assert visible(mounts, "/home/x/.local/bin/python3.11") == Path("/opt/python/bin/python3.11")


def test_parents_come_before_what_lies_in_them():
    mounts = plan(machine("/usr", "/usr/share/course/.venv"), hidden=[Path("/usr/share/course")])
    places = [mount.at for mount in mounts]
    assert all(
        not later.is_relative_to(first) or first == later or places.index(first) < places.index(later)
        for first in places
        for later in places
    )


def test_granted_leaves_out_what_is_hidden():
    tree = {"/usr": ["/usr/lib", "/usr/share"], "/usr/share": ["/usr/share/course", "/usr/share/zoneinfo"]}
    mounts = plan(machine("/usr"), hidden=[])
    found = granted(mounts, [Path("/usr/share/course")], lambda folder: map(Path, tree[str(folder)]))
    assert found == {Path("/usr/lib"), Path("/usr/share/zoneinfo"), Path("/etc/localtime")}


def test_the_super_user_gets_no_user_namespace():
    assert "--unshare-user" not in namespace_arguments(as_root=True)
    assert "--unshare-user" in namespace_arguments(as_root=False)
    for as_root in (True, False):
        words = " ".join(namespace_arguments(as_root=as_root))
        for needed in ("--unshare-net", "--unshare-pid", "--unshare-ipc", "--die-with-parent", "--cap-drop ALL"):
            assert needed in words


def test_this_machine_has_a_plan():
    found = look()
    mounts = plan(found, hidden=[])
    assert visible(mounts, found.executables[-1]) is not None
    assert visible(mounts, "/etc/shadow") is None
