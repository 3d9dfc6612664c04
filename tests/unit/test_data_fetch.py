"""Downloads, from a real server on this machine that behaves well and badly."""

import gzip
import hashlib
import os
import socket
import subprocess
import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import numpy as np
import pytest

from grader.data import files, idx
from grader.data.catalogue import ENTRIES, MNIST, File
from grader.data.errors import CorruptFile, FetchFailed
from grader.data.fetch import ROUNDS, fetch, mirrors
from grader.data.find import cache_folder

RNG = np.random.default_rng(4)
CONTENTS = {
    file.name: idx.encode(RNG.integers(0, 256, (40, *file.shape[1:]), np.uint8)) for file in MNIST.files
}  # 40 images each; the images take more than one chunk
FIRST = MNIST.files[0].name


class Server:
    """Serves ``CONTENTS`` under ``/good/``. ``answers`` gives other answers for a path, one after the other."""

    def __init__(self):
        self.asked = Counter()
        self.answers = {}
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                server.asked[self.path] += 1
                answers = server.answers.get(self.path, [])
                answer = answers.pop(0) if answers else whole
                answer(self, gzip.compress(CONTENTS[Path(self.path).stem]) if "good" in self.path else None)

            def log_message(self, *_):
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def stop(self):
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def send(handler, content, length=None, **headers):
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(content) if length is None else length))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(content)


def whole(handler, content):
    return send(handler, content) if content is not None else handler.send_error(404)


def cut_off(handler, content):
    send(handler, content[: len(content) // 2], len(content))


def cut_off_without_a_length(handler, content):
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(content[: len(content) // 2])


def unpacked_on_the_way(handler, content):
    send(handler, content, Content_Encoding="gzip")


def another_file(handler, content):
    send(handler, gzip.compress(idx.encode(np.zeros((40, 28, 28), np.uint8))))


def a_log_in_page(handler, content):
    send(handler, b"<html>Welcome to our wireless network</html>")


def endless(handler, content):
    send(handler, b"\x1f\x8b" + bytes(2 * MNIST.files[0].size_bytes), 10**12)


def overloaded(handler, content):
    handler.send_error(503)


@pytest.fixture
def server():
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def entry(server, tmp_path, monkeypatch):
    """A data set in the place of MNIST, on the server and nowhere else."""
    for variable in ("GRADER_DATA", "GRADER_DATA_MIRROR", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    contents = [CONTENTS[file.name] for file in MNIST.files]
    catalogued = tuple(
        File(file.name, idx.decode(content, "").shape, hashlib.sha256(content).hexdigest())
        for file, content in zip(MNIST.files, contents, strict=True)
    )
    entry = msgspec.structs.replace(MNIST, files=catalogued, mirrors=(f"{server.url}/good/",), packaged_in="")
    monkeypatch.setitem(ENTRIES, "mnist", entry)
    return entry


class Pauses(list):
    """Stands in for waiting."""

    def __call__(self, seconds):
        self.append(seconds)


def quick(entry, **options):
    return fetch(entry, pause=Pauses(), **options)


def stored(entry):
    folder = cache_folder(entry)
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def test_a_fetch_stores_the_unpacked_files_and_a_second_one_asks_nobody(entry, server):
    fetched = quick(entry)
    assert fetched.downloaded
    assert fetched.found.place.title == "user cache"
    assert stored(entry) == CONTENTS
    assert sorted(server.asked.values()) == [1, 1, 1, 1]
    again = quick(entry)
    assert not again.downloaded
    assert again.found == fetched.found
    assert sum(server.asked.values()) == 4


def test_progress_is_told_up_to_the_end(entry):
    told = {}

    def watch(file, received_bytes, all_bytes):
        told.setdefault(file.name, []).append((received_bytes, all_bytes))

    quick(entry, watch=watch)
    assert set(told) == set(CONTENTS)
    for name, steps in told.items():
        size = len(gzip.compress(CONTENTS[name]))
        assert steps[-1] == (size, size)
        assert all(received <= size for received, _ in steps)


@pytest.mark.parametrize("bad", [cut_off, overloaded])
def test_a_passing_failure_is_tried_again(entry, server, bad):
    path = f"/good/{FIRST}.gz"
    server.answers[path] = [bad, bad]
    pauses = Pauses()
    assert fetch(entry, pause=pauses).downloaded
    assert server.asked[path] == 3
    assert len(pauses) == 2
    assert stored(entry) == CONTENTS


def test_a_server_that_unpacks_on_the_way_does_no_harm(entry, server):
    server.answers[f"/good/{FIRST}.gz"] = [unpacked_on_the_way]
    quick(entry)
    assert stored(entry) == CONTENTS


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (cut_off, "IncompleteRead"),
        (cut_off_without_a_length, "cut off"),
        (overloaded, "HTTP 503 Service Unavailable"),
        (another_file, "SHA-256 of its unpacked content is"),
        (a_log_in_page, "starts with 3c 68 74 6d, where 00 00 08"),
        (endless, "sends more than"),
    ],
)
def test_a_lasting_failure_says_what_came_from_where_and_stores_nothing(entry, server, bad, said):
    path = f"/good/{FIRST}.gz"
    server.answers[path] = [bad] * 10
    with pytest.raises(FetchFailed) as caught:
        quick(entry)
    assert f"{server.url}{path}: " in str(caught.value)
    assert said in str(caught.value)
    assert server.asked[path] <= ROUNDS
    assert stored(entry) == {}


def test_a_wrong_file_is_reported_with_both_digests(entry, server):
    server.answers[f"/good/{FIRST}.gz"] = [another_file] * 10
    with pytest.raises(FetchFailed) as caught:
        quick(entry)
    zeros = idx.encode(np.zeros((40, 28, 28), np.uint8))
    assert f"is {hashlib.sha256(zeros).hexdigest()}, expected was {entry.files[0].sha256}" in str(caught.value)


def test_another_mirror_is_asked_when_one_has_not_got_it(entry, server):
    both = msgspec.structs.replace(entry, mirrors=(f"{server.url}/empty/", f"{server.url}/good/"))
    pauses = Pauses()
    assert fetch(both, pause=pauses).downloaded
    assert server.asked[f"/empty/{FIRST}.gz"] == 1
    assert pauses == []


def test_all_mirrors_that_failed_are_named(entry, server):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        refusing = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        both = msgspec.structs.replace(entry, mirrors=(f"{server.url}/empty/", refusing))
        with pytest.raises(FetchFailed) as caught:
            quick(both)
    text = str(caught.value)
    assert f"{server.url}/empty/{FIRST}.gz: HTTP 404 Not Found" in text
    assert f"{refusing}{FIRST}.gz: Connection refused" in text
    assert "GRADER_DATA_MIRROR" in text
    assert "Traceback" not in text
    assert "urllib3" not in text
    assert server.asked[f"/empty/{FIRST}.gz"] == 1, "a server that says 404 is not asked again"


@pytest.mark.parametrize("url", ["nonsense", "ftp://127.0.0.1/", "http://", "http://[::1", "http://host.invalid/"])
def test_a_mirror_that_is_no_address_is_said(entry, url, monkeypatch):
    monkeypatch.setenv("GRADER_DATA_MIRROR", url)
    with pytest.raises(FetchFailed) as caught:
        quick(entry)
    assert url.rstrip("/") in str(caught.value)


def test_the_variable_takes_the_place_of_the_official_mirrors(entry, server, monkeypatch):
    for url in (f"{server.url}/good", f"{server.url}/good/"):
        monkeypatch.setenv("GRADER_DATA_MIRROR", url)
        assert mirrors(entry) == (f"{server.url}/good/mnist/",)
    quick(msgspec.structs.replace(entry, mirrors=("http://127.0.0.1:9/",)))
    assert server.asked[f"/good/mnist/{FIRST}.gz"] == 1


def test_an_interrupted_fetch_goes_on_with_the_missing_files(entry, server):
    third = f"/good/{entry.files[2].name}.gz"
    server.answers[third] = [cut_off] * ROUNDS
    with pytest.raises(FetchFailed):
        quick(entry)
    assert set(stored(entry)) == {file.name for file in entry.files[:2]}
    assert quick(entry).downloaded
    assert stored(entry) == CONTENTS
    assert server.asked[f"/good/{FIRST}.gz"] == 1


def test_control_c_leaves_nothing_half_done(entry):
    def watch(file, received_bytes, all_bytes):
        if file == entry.files[1]:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        quick(entry, watch=watch)
    assert set(stored(entry)) == {FIRST}


def test_a_damaged_file_in_the_cache_is_downloaded_again(entry, server):
    quick(entry)
    path = cache_folder(entry) / FIRST
    path.write_bytes(path.read_bytes()[:-1])
    assert quick(entry).downloaded
    assert stored(entry) == CONTENTS
    assert sum(server.asked.values()) == 5


def test_packed_files_that_somebody_put_into_the_cache_are_enough(entry, server):
    for file in entry.files:
        files.write(gzip.compress(CONTENTS[file.name]), cache_folder(entry) / f"{file.name}.gz")
    assert not quick(entry).downloaded
    assert not server.asked


def test_files_elsewhere_are_enough_and_damaged_ones_are_an_error(entry, server, tmp_path, monkeypatch):
    monkeypatch.setenv("GRADER_DATA", str(tmp_path))
    for name, content in CONTENTS.items():
        (tmp_path / name).write_bytes(content)
    fetched = quick(entry)
    assert not fetched.downloaded
    assert fetched.found.place.folder == tmp_path
    (tmp_path / FIRST).write_bytes(b"damaged")
    with pytest.raises(CorruptFile, match=f"^{tmp_path}/{FIRST}: "):
        quick(entry)
    assert not server.asked


@pytest.mark.parametrize("unwritable", ["/sys", "a file"])
def test_a_cache_that_cannot_be_written_is_said_with_what_to_do(entry, tmp_path, monkeypatch, unwritable):
    (tmp_path / "a file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / unwritable))
    with pytest.raises(FetchFailed, match=r"cannot be stored: .*; set XDG_CACHE_HOME"):
        quick(entry)


def test_no_http_client_is_imported_before_a_download():
    code = (
        "import sys, grader.data.fetch, grader.data.load\n"
        "print([m for m in ('pooch', 'requests', 'urllib3', 'rich', 'click') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, env={**os.environ, "GRADER_DATA": ""}
    )
    assert done.stdout == "[]\n", done.stderr
