"""``grader data`` as a user calls it: a process, its exit code and what it prints."""

import gzip
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from grader.data.catalogue import ENTRIES
from grader.data.errors import DataError
from grader.data.find import find

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "from grader.cli.main import main; main()"


def environment(folder, **more):
    """Where no data is anywhere, and no proxy between here and a server of the test."""
    kept = {name: value for name, value in os.environ.items() if not re.search("proxy|^GRADER_DATA", name, re.I)}
    return {**kept, "XDG_CACHE_HOME": str(folder / "cache"), "COLUMNS": "200", "PYTHONPATH": str(ROOT), **more}


def data(folder, *arguments, **more):
    command = [sys.executable, "-c", PROGRAM, "data", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, cwd=folder, env=environment(folder, **more)
    )


def rows(done):
    """The table as {(data set, source): state}."""
    lines = [line.split() for line in done.stdout.splitlines()]
    return {(line[0], line[1]): line[2] for line in lines if len(line) >= 4 and line[0] in ENTRIES}


@pytest.fixture(scope="module")
def full_mnist():
    """The full MNIST files on this machine."""
    try:
        found = find(ENTRIES["mnist"])
    except DataError as error:
        pytest.skip(f"needs the full data: {str(error).partition(' Looked')[0]}")
    return found.paths


@pytest.fixture
def site(full_mnist, tmp_path):
    """A folder as GRADER_DATA names it, and a URL as GRADER_DATA_MIRROR does, with the full MNIST files, packed."""
    folder = tmp_path / "site" / "mnist"
    folder.mkdir(parents=True)
    for path in full_mnist:
        if path.suffix == ".gz":
            shutil.copy(path, folder)
        else:
            (folder / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), 1))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=folder.parent))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield folder.parent, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_status_where_only_the_subset_is(tmp_path):
    done = data(tmp_path, "status", "mnist")
    assert done.returncode == 1
    assert rows(done) == {("mnist", "subset"): "right", ("mnist", "full"): "missing"}
    assert "grader data fetch mnist" in done.stdout
    assert "no such folder" in done.stdout
    assert done.stderr == ""


def test_status_without_names_is_about_both(tmp_path):
    done = data(tmp_path, "status")
    assert {name for name, _ in rows(done)} == set(ENTRIES)
    assert {state for (_, source), state in rows(done).items() if source == "subset"} == {"right"}


def test_status_says_where_and_check_reads_it(tmp_path, site):
    folder, _ = site
    done = data(tmp_path, "status", "mnist", GRADER_DATA=str(folder))
    assert done.returncode == 0
    assert rows(done)["mnist", "full"] == "found"
    assert "$GRADER_DATA" in done.stdout
    assert f"mnist, full: {folder}/mnist\n" in done.stdout
    assert "--check" in done.stdout
    done = data(tmp_path, "status", "--check", "mnist", GRADER_DATA=str(folder))
    assert done.returncode == 0
    assert rows(done)["mnist", "full"] == "right"


def test_status_fits_a_narrow_terminal_and_leaves_paths_whole(tmp_path, site):
    folder, _ = site
    done = data(tmp_path, "status", "mnist", GRADER_DATA=str(folder), COLUMNS="60")
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    assert f"mnist, full: {folder}/mnist" in lines
    assert all(len(line) <= 60 for line in lines if "/" not in line)
    assert rows(done)["mnist", "full"] == "found"


def test_status_check_names_a_damaged_file(tmp_path, site):
    folder, _ = site
    path = folder / "mnist" / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-1000])
    done = data(tmp_path, "status", "--check", "mnist", GRADER_DATA=str(folder))
    assert done.returncode == 1
    assert rows(done)["mnist", "full"] == "damaged"
    assert f"{path}: cut off" in done.stdout


def test_fetch_downloads_once(tmp_path, site):
    _, url = site
    done = data(tmp_path, "fetch", "mnist", GRADER_DATA_MIRROR=url)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"mnist: fetched: {tmp_path}/cache/grader/data/mnist\n")
    assert ENTRIES["mnist"].licence in done.stdout
    again = data(tmp_path, "fetch", "mnist", GRADER_DATA_MIRROR="http://127.0.0.1:9")
    assert again.returncode == 0
    assert again.stdout == f"mnist: already here, and right: {tmp_path}/cache/grader/data/mnist\n"
    status = data(tmp_path, "status", "--check", "mnist")
    assert rows(status)["mnist", "full"] == "right"


def test_fetch_where_nobody_answers_fails_for_each_and_says_why(tmp_path):
    done = data(tmp_path, "fetch", GRADER_DATA_MIRROR="http://127.0.0.1:9")
    assert done.returncode == 1
    for name in ENTRIES:
        if f"{name}: already here" not in done.stdout:
            assert f"http://127.0.0.1:9/{name}/train-images-idx3-ubyte.gz: Connection refused" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.rglob("*ubyte*")) == []


def test_fetch_stops_at_control_c(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, "data", "fetch", "mnist"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(tmp_path, GRADER_DATA_MIRROR=f"http://127.0.0.1:{silent.getsockname()[1]}"),
        )
        silent.settimeout(60)
        asking, _ = silent.accept()
        with asking:
            asking.recv(1000)
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "mnist: interrupted" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("arguments", [("status", "cifar"), ("fetch", "cifar"), ("fetch", "--all"), ("get",)])
def test_a_wrong_call_is_exit_code_2(tmp_path, arguments):
    done = data(tmp_path, *arguments)
    assert done.returncode == 2
    assert "Error: " in done.stderr


def test_help_imports_nothing_heavy():
    code = (
        "import sys\n"
        "from grader.cli.main import main\n"
        "try: main(['data', '--help'])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('numpy', 'rich', 'msgspec', 'pooch', 'requests', 'platformdirs') if m in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]", done.stdout + done.stderr
    assert "fetch" in done.stdout
