import shutil

import pytest

from grader.session import Job, grade


@pytest.fixture
def grade_file(course, tmp_path):
    """Grade one file, or a folder, as if it were somebody's submission."""

    def run(path, name="backprop.py", **options):
        folder = tmp_path / "somebody"
        if path.is_dir():
            shutil.copytree(path, folder)
        else:
            folder.mkdir()
            shutil.copy(path, folder / name)
        return grade(course, Job(folder, assignment="backprop_to_lenet", **{"only": ("backprop",), **options}))

    return run


@pytest.fixture
def grade_source(course, tmp_path):
    """Grade source text as somebody's backprop.py."""

    def run(source, name="backprop.py", **options):
        folder = tmp_path / "somebody"
        folder.mkdir()
        content = source if isinstance(source, bytes) else source.encode()
        (folder / name).write_bytes(content)
        return grade(course, Job(folder, assignment="backprop_to_lenet", **{"only": ("backprop",), **options}))

    return run
