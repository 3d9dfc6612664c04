"""Weight files read without a framework: what is in them, and what becomes of files that claim too much."""

import io
import json
import struct
import zipfile

import numpy as np
import pytest

from grader.checks.weight_file import choose
from grader.course.model import ModelSpec
from grader.sandbox.worker.operations import weight_files
from grader.sandbox.worker.operations.weight_files import UnusableFile, matched, read_npz, read_safetensors


def safetensors(header, body=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def entry(shape, start, end, dtype="F32"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


def npy(array):
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


def zipped(members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.fixture
def saved(tmp_path):
    def write(content, name="weights"):
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return write


# --- safetensors ------------------------------------------------------------------------------------------------------


def test_safetensors_gives_the_arrays_that_were_saved(saved):
    a, b = np.arange(6, dtype="<f4").reshape(2, 3) / 7, np.array([1.5, -2.25], "<f2")
    half = (np.array([0.5, -3.0], "<f4").view(np.uint32) >> 16).astype("<u2")
    body = a.tobytes() + b.tobytes() + half.tobytes() + b"\1\0\0\0\0\0\0\0"
    header = {
        "__metadata__": {"format": "pt"},
        "a": entry([2, 3], 0, 24),
        "b": entry([2], 24, 28, "F16"),
        "half": entry([2], 28, 32, "BF16"),
        "steps": entry([], 32, 40, "I64"),
    }
    found = read_safetensors(saved(safetensors(header, body)))
    assert list(found) == ["a", "b", "half"]
    np.testing.assert_array_equal(found["a"], a)
    np.testing.assert_array_equal(found["b"], b)
    np.testing.assert_array_equal(found["half"], [0.5, -3.0])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (safetensors({"w": entry([2_684_354_560], 0, 10_737_418_240)}), r"claims 10,737,418,240 bytes for w, but does"),
        (safetensors({"w": entry([4], 0, 8)}, b"\0" * 8), r"claims 16 bytes for w, but does not hold them: 8 in all"),
        (safetensors({"w": entry([2], 8, 0)}, b"\0" * 8), r"claims 8 bytes for w"),
        (safetensors({"w": entry([-2], 0, 8)}, b"\0" * 8), r"a shape or a place that is none"),
        (safetensors({"w": entry([2.0], 0, 8)}, b"\0" * 8), r"a shape or a place that is none"),
        (safetensors({"w": entry(2, 0, 8)}, b"\0" * 8), r"a shape or a place that is none"),
        (safetensors({"w": entry([1], 0, 1, "F4")}, b"\0"), r"w has the type F4, which is not one of F64, F32"),
        (safetensors({"w": {"dtype": "F32"}}), r"says of w neither type, shape nor place"),
        (safetensors({"w": 3}), r"says of w neither type, shape nor place"),
        (safetensors(b"[" * 100_000), r"its header is not JSON"),
        (safetensors(b"[1]"), r"its header is not a mapping"),
        (struct.pack("<Q", 10**10) + b"{}", r"or is cut off: its header claims 10,000,000,000 bytes"),
        (b"abc", r"or is cut off"),
    ],
)
def test_safetensors_that_is_none_or_claims_too_much(saved, content, message):
    with pytest.raises(UnusableFile, match=message):
        read_safetensors(saved(content))


# --- npz --------------------------------------------------------------------------------------------------------------


def test_npz_gives_the_arrays_that_were_saved_and_leaves_out_whole_numbers(tmp_path):
    a = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    np.savez(tmp_path / "w.npz", **{"fc.weight": a, "steps": np.array(3), "bias": np.float32([1, 2])})
    found = read_npz(tmp_path / "w.npz")
    assert list(found) == ["fc.weight", "bias"]
    np.testing.assert_array_equal(found["fc.weight"], a)


def huge_npy():
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "<f4", "fortran_order": False, "shape": (2_684_354_560,)})
    return stream.getvalue()


def bomb():
    """A zip archive whose directory says that it unpacks to 4 GB."""
    content = bytearray(zipped({"w.npy": b"\0" * 2**20}))
    directory = content.rindex(b"PK\1\2")
    content[directory + 24 : directory + 28] = struct.pack("<I", 4_000_000_000)
    return bytes(content)


def damaged(content):
    """Change a byte in the packed content of an archive."""
    return content[:120] + bytes([content[120] ^ 0xFF]) + content[121:]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (zipped({"w.npy": huge_npy()}), r"it claims 10,737,418,240 bytes for w, but holds 128"),
        (bomb(), r"it unpacks to 4,000,000,000 bytes; at most 512 MiB are read"),
        (
            zipped({"w.npy": npy(np.array([print], object))}),
            r"w in it is a pickled Python object, which is never loaded",
        ),
        (zipped({"w.npy": npy(np.zeros(3))[:-4]}), r"it is cut off in w"),
        (damaged(zipped({"w.npy": npy(np.arange(300.0))})), r"w in it is not an array that NumPy saved"),
        (zipped({"readme.txt": b"hello"}), r"readme.txt in it is not an array that NumPy saved"),
        (zipped({"w.npy": npy(np.zeros(300))})[:-40], r"it is not an npz file, or is damaged"),
        (b"\x89PNG\r\n\x1a\n" * 9, r"it is not an npz file, or is damaged"),
    ],
)
def test_npz_that_is_none_or_claims_too_much(saved, content, message):
    with pytest.raises(UnusableFile, match=message):
        read_npz(saved(content))


def test_an_archive_of_too_many_files(saved, monkeypatch):
    monkeypatch.setattr(weight_files, "MAX_ARRAYS", 2)
    with pytest.raises(UnusableFile, match=r"an archive of 3 files; at most 2 are read"):
        read_npz(saved(zipped({f"{number}.npy": npy(np.zeros(1)) for number in range(3)})))


# --- names ------------------------------------------------------------------------------------------------------------

OWN = {"conv.weight": (6, 1, 5, 5), "conv.bias": (6,)}


@pytest.mark.parametrize("front", ["", "module.", "model.", "_orig_mod."])
def test_names_agree_also_with_one_word_in_front(front):
    given = {front + name: shape for name, shape in reversed(OWN.items())}
    assert matched(OWN, given) == {name: front + name for name in OWN}


def test_numbered_arrays_are_in_order():
    given = {"arr_10": (6,), "arr_2": (6, 1, 5, 5)}
    assert matched(OWN, given) == {"conv.weight": "arr_2", "conv.bias": "arr_10"}


@pytest.mark.parametrize(
    ("given", "problem", "details"),
    [
        (
            {"conv.weight": (6, 1, 5, 5), "fc.bias": (10,)},
            "its 2 arrays are not the 2 of the network",
            ("missing in the file: conv.bias", "not in the network: fc.bias"),
        ),
        ({"arr_0": (6, 1, 5, 5)}, "its 1 arrays are not the 2 of the network", ("missing in the file: conv.bias",)),
        (
            {"arr_0": (6, 1, 5, 5), "arr_1": (6,), "arr_2": (6,)},
            "its 3 arrays are not the 2 of the network",
            ("not in the network: arr_2",),
        ),
        (
            {"conv.weight": (32, 1, 5, 5), "conv.bias": (6,)},
            "1 of its arrays have another shape than the network's",
            ("conv.weight: 6×1×5×5 in the network, 32×1×5×5 in the file",),
        ),
        ({}, "its 0 arrays are not the 2 of the network", ("missing in the file: conv.weight, conv.bias",)),
    ],
)
def test_what_does_not_fit_is_named(given, problem, details):
    with pytest.raises(UnusableFile) as caught:
        matched(OWN, given)
    assert (str(caught.value), caught.value.details) == (problem, details)


def test_a_long_list_of_names_is_cut():
    with pytest.raises(UnusableFile) as caught:
        matched({f"w{number}": () for number in range(15)}, {})
    assert caught.value.details[0].endswith("w11 and 3 more")


# --- which file -------------------------------------------------------------------------------------------------------

SPEC = ModelSpec("lenet", "build_lenet", (28, 28, 1), "build_lenet", weights=("weights/lenet.*",))


@pytest.mark.parametrize(
    ("framework", "paths", "chosen", "others"),
    [
        ("torch", ["weights/lenet.keras", "weights/lenet.pt"], "weights/lenet.pt", ("weights/lenet.keras",)),
        ("keras", ["weights/lenet.keras", "weights/lenet.pt"], "weights/lenet.keras", ("weights/lenet.pt",)),
        ("keras", ["hw/weights/lenet.weights.h5"], "hw/weights/lenet.weights.h5", ()),
        ("torch", ["weights/lenet.txt"], "weights/lenet.txt", ()),
    ],
)
def test_the_file_whose_ending_suits_the_framework_counts(framework, paths, chosen, others):
    file = choose(SPEC, framework, paths)
    assert file is not None
    assert (file.path, file.others) == (chosen, others)


def test_other_files_do_not_count():
    assert choose(SPEC, "torch", ["weights/mlp.pt", "lenet.pt", "weights/lenet_dropout.pt"]) is None
