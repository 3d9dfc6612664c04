"""``grader reference`` as a user calls it, on a course whose trainings take no time and need no framework."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "from grader.cli.main import main; main()"

# an "oracle" whose accuracy follows from the seed, so that every figure below can be worked out by hand
EXPERIMENTS = """
import os, signal, time
from pathlib import Path
from grader.oracle.experiments import Experiment
from grader.oracle.training import Outcome


def learn(training):
    accuracies = []
    for epoch in range(1, training.epochs + 1):
        training.after_epoch(epoch, 1 / epoch)
        accuracies.append(training.oracle.ACCURACY + training.seed / 100 + epoch / 1000)
    print("chatter on standard output")
    metrics = {"parameters": 12.0, "test_accuracy": accuracies[-1]}
    return Outcome(metrics, {"validation_accuracy": accuracies})


def fail(training):
    raise ValueError("the loss is a banana")


def die(training):
    os.kill(os.getpid(), signal.SIGKILL)


def hang(training):
    training.after_epoch(1, 0.5)
    if training.seed > 0:
        Path(os.environ["HANGING"]).write_text(str(os.getpid()))
        time.sleep(600)
    return learn(training)


EXPERIMENTS = (
    Experiment(name="net", title="a network", data="mnist", epochs=3, train=learn),
    Experiment(name="other", title="another", data="mnist", epochs=3, train=learn, seeds=1),
)
BROKEN = (
    Experiment(name="fails", title="it raises", data="mnist", epochs=3, train=fail, seeds=1),
    Experiment(name="dies", title="it is killed", data="mnist", epochs=3, train=die, seeds=1),
    Experiment(name="hangs", title="it hangs", data="mnist", epochs=3, train=hang, seeds=2),
)
"""
PUBLISHED = """
source: one run
figures:
  net:
    - {metric: parameters, value: 12}
    - {metric: test_accuracy, value: 0.8, note: a lucky one}
"""


@pytest.fixture
def course(tmp_path):
    folder = tmp_path / "course" / "reference" / "tiny"
    folder.mkdir(parents=True)
    (tmp_path / "course" / "rubric.yaml").write_text("course: Tiny\n")
    (folder / "experiments.py").write_text(EXPERIMENTS)
    (folder / "published.yaml").write_text(PUBLISHED)
    (folder / "preparation.py").write_text("")
    (folder / "oracle_torch.py").write_text("ACCURACY = 0.8\n")
    (folder / "oracle_keras.py").write_text("ACCURACY = 0.7\n")
    install(tmp_path, "torch", "9.8")
    install(tmp_path, "keras", "9.7")
    install(tmp_path, "tensorflow", "9.6")
    return folder


def install(tmp_path, package, version):
    """Make it look as if ``package`` were installed: nothing of it is imported here."""
    metadata = tmp_path / "packages" / f"{package}-{version}.dist-info" / "METADATA"
    metadata.parent.mkdir(parents=True)
    metadata.write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")


def environment(course, **more):
    """No data but the subset, an empty cache, and the packages of :func:`install` before all others."""
    here = course.parents[2]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GRADER_")}
    paths = os.pathsep.join([str(ROOT), str(here / "packages")])
    return {**kept, "XDG_CACHE_HOME": str(here / "cache"), "COLUMNS": "80", "PYTHONPATH": paths, **more}


def reference(course, *arguments, **more):
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, "reference", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=course.parents[1],
        env=environment(course, **more),
    )


def recorded(course):
    return json.loads((course / "recorded" / "results.json").read_bytes())["records"]


def lines(done):
    return [" ".join(line.split()) for line in done.stdout.splitlines()]


def replace(path, old, new):
    content = path.read_text()
    assert old in content
    path.write_text(content.replace(old, new))


def test_regenerate_shows_the_results_and_writes_only_if_asked(course):
    done = reference(course, "regenerate", "tiny/net", "--framework", "torch")
    assert done.returncode == 0, done.stderr
    assert "test accuracy – 0.8130 ± 0.0100 (3)" in lines(done)
    assert "Nothing was written; --write records this." in done.stdout
    assert "tiny/net torch subset seed 0: epoch 1 of 3, loss 1.0000, about" in done.stderr
    assert "chatter" not in done.stdout + done.stderr
    assert not (course / "recorded").exists()
    done = reference(course, "regenerate", "tiny/net", "--framework", "torch", "--write")
    assert "3 of 3 trainings were finished before" in done.stderr
    assert f"written: {course}/recorded/results.json" in done.stdout
    (record,) = recorded(course)
    assert (record["experiment"], record["framework"], record["source"], record["epochs"]) == (
        "net",
        "torch",
        "subset",
        3,
    )
    assert record["metrics"]["test_accuracy"] == {"mean": 0.813, "deviation": 0.01, "values": [0.803, 0.813, 0.823]}
    assert [run["seed"] for run in record["runs"]] == [0, 1, 2]
    assert record["runs"][1]["history"] == {"validation_accuracy": [0.811, 0.812, 0.813]}
    made = record["runs"][0]["made"]
    assert made["versions"]["torch"] == "9.8"
    assert made["device"] == "CPU"
    assert len(record["data_digest"]) == len(record["sources_digest"]) == 64


def test_regenerate_trains_in_both_frameworks_and_keeps_what_else_is_recorded(course):
    assert reference(course, "regenerate", "tiny/other", "--write").returncode == 0
    assert reference(course, "regenerate", "tiny/net", "--framework", "keras", "--write").returncode == 0
    assert [(r["experiment"], r["framework"]) for r in recorded(course)] == [
        ("net", "keras"),
        ("other", "keras"),
        ("other", "torch"),
    ]


def test_regenerate_says_what_changed(course):
    reference(course, "regenerate", "tiny/other", "--framework", "torch", "--write")
    done = reference(course, "regenerate", "tiny/other", "--framework", "torch")
    assert "everything the same the same" in lines(done)
    replace(course / "oracle_torch.py", "0.8", "0.9")
    done = reference(course, "regenerate", "tiny/other", "--framework", "torch")
    assert "test accuracy 0.8030 (1) 0.9030 (1)" in lines(done)
    assert not [line for line in lines(done) if line.startswith("parameters")]


def test_more_seeds_train_only_those_that_are_new(course):
    reference(course, "regenerate", "tiny/net", "--framework", "torch", "--seeds", "1")
    done = reference(course, "regenerate", "tiny/net", "--framework", "torch", "--seeds", "2")
    assert "1 of 2 trainings were finished before" in done.stderr
    assert "seed 0: epoch" not in done.stderr
    assert "seed 1: finished (1 of 1)" in done.stderr


def test_a_trial_is_neither_written_nor_taken_for_the_real_thing(course):
    done = reference(course, "regenerate", "tiny/other", "--framework", "torch", "--epochs", "1")
    assert "test accuracy – 0.8010 (1)" in lines(done)
    assert "--write" not in done.stdout
    done = reference(course, "regenerate", "tiny/other", "--epochs", "1", "--write")
    assert done.returncode == 2
    assert "cannot be recorded" in done.stderr
    done = reference(course, "regenerate", "tiny/other", "--framework", "torch")
    assert "finished before" not in done.stderr


def test_a_training_that_raises_is_named_and_does_not_stop_the_others(course):
    replace(course / "experiments.py", "BROKEN = (", "EXPERIMENTS += (")
    replace(course / "experiments.py", "seeds=2", "seeds=1")
    done = reference(course, "regenerate", "tiny", "--framework", "torch", "--write")
    assert done.returncode == 1
    assert (
        "tiny/fails torch subset seed 0: failed: ValueError: the loss is a banana (experiments.py, line" in done.stderr
    )
    assert "tiny/dies torch subset seed 0: failed: its process was ended by SIGKILL; perhaps" in done.stderr
    assert "Traceback" not in done.stderr
    assert [record["experiment"] for record in recorded(course)] == ["hangs", "net", "other"]


def test_control_c_keeps_what_has_finished_and_ends_what_runs(course):
    replace(course / "experiments.py", "BROKEN = (", "EXPERIMENTS += (")
    hanging = course.parents[2] / "pid"
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "reference", "regenerate", "tiny/hangs", "--framework", "torch", "--jobs", "1"],
        stderr=subprocess.PIPE,
        text=True,
        cwd=course.parents[1],
        env=environment(course, HANGING=str(hanging)),
    )
    said = ""
    while "seed 1: epoch 1" not in said:
        line = process.stderr.readline()
        assert line, said
        said += line
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Interrupted: 1 of 2 trainings are finished and kept" in rest
    assert "Traceback" not in rest
    # it may have been ended before it could say its number
    if hanging.exists() and (number := hanging.read_text()):
        with pytest.raises(ProcessLookupError):
            os.kill(int(number), 0)
    again = reference(course, "regenerate", "tiny/hangs", "--framework", "torch", "--seeds", "1")
    assert "1 of 1 trainings were finished before" in again.stderr


def test_list_says_what_is_recorded_and_whether_it_is_fresh(course):
    done = reference(course, "list")
    assert done.returncode == 1
    assert "net – – – – – not recorded" in lines(done)
    reference(course, "regenerate", "--write", "--seeds", "1")
    done = reference(course, "list")
    assert done.returncode == 0, done.stdout
    day = recorded(course)[0]["runs"][0]["made"]["finished"][:10]
    assert f"net torch 9.8 subset 1 of 3 {day} CPU fresh" in lines(done)
    assert f"net keras 9.7 subset 1 of 3 {day} CPU fresh" in lines(done)
    replace(course / "oracle_keras.py", "0.7", "0.6")
    done = reference(course, "list")
    assert done.returncode == 1
    assert f"net torch 9.8 subset 1 of 3 {day} CPU fresh" in lines(done)
    assert f"net keras 9.7 subset 1 of 3 {day} CPU stale: code" in lines(done)


def test_a_comment_makes_nothing_stale(course):
    reference(course, "regenerate", "tiny/other", "--framework", "torch", "--write")
    replace(course / "oracle_torch.py", "0.8\n", "0.8  # measured once\n")
    assert reference(course, "list", "tiny/other").returncode == 0


def test_verify_repeats_the_beginning_of_a_recorded_training(course):
    reference(course, "regenerate", "--write", "--seeds", "1")
    done = reference(course, "verify")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The recorded results hold." in done.stdout
    assert (
        len([line for line in lines(done) if line.startswith("val accuracy, epoch 1") and line.endswith("holds")]) == 2
    )
    assert "epoch 2" not in done.stdout


def test_verify_finds_what_the_code_no_longer_does(course):
    reference(course, "regenerate", "tiny/net", "--framework", "torch", "--seeds", "1", "--write")
    replace(course / "oracle_torch.py", "0.8", "0.79")
    done = reference(course, "verify", "--framework", "torch")
    assert done.returncode == 1
    assert "val accuracy, epoch 1 0.8010 0.7910 8.0e-05 differs" in lines(done)
    assert "tiny/net torch subset: stale: code" in done.stdout
    assert "do not hold" in done.stdout


def test_verify_without_anything_recorded_says_how_to_record(course):
    done = reference(course, "verify", "tiny")
    assert done.returncode == 2
    assert "grader reference regenerate tiny --write" in done.stderr


def test_what_computes_the_same_with_other_code_can_be_called_fresh_again(course):
    reference(course, "regenerate", "--seeds", "2", "--write")
    replace(course / "oracle_torch.py", "0.8", "0.4 + 0.4")
    replace(course / "oracle_keras.py", "0.7", "0.6")
    before = recorded(course)
    done = reference(course, "confirm", "tiny/net")
    assert done.returncode == 1
    assert "net torch the same" in lines(done)
    assert "net keras validation_accuracy, epoch 1: 0.701 before, 0.601 now" in lines(done)
    assert recorded(course) == before

    done = reference(course, "confirm", "--write")
    assert done.returncode == 1
    assert "fresh again: 2 records in" in done.stdout
    states = lines(reference(course, "list"))
    assert len([line for line in states if " torch " in line and line.endswith("fresh")]) == 2
    assert len([line for line in states if " keras " in line and line.endswith("stale: code")]) == 2
    # nothing but the digest of the code is another
    now = recorded(course)
    changed = [old["framework"] for old, new in zip(before, now, strict=True) if old != new]
    assert changed == ["torch", "torch"]
    for record in (*before, *now):
        record.pop("sources_digest")
    assert now == before

    done = reference(course, "confirm", "--framework", "torch")
    assert (done.returncode, done.stdout) == (0, "Nothing is stale because of its code alone.\n")


@pytest.mark.parametrize("command", ["list", "show", "verify", "confirm"])
def test_results_changed_by_hand_are_refused(course, command):
    reference(course, "regenerate", "tiny/other", "--framework", "torch", "--write")
    replace(course / "recorded" / "results.json", "0.803", "0.903")
    done = reference(course, command)
    assert done.returncode == 2
    assert "results.json: changed by hand" in done.stderr
    assert "Traceback" not in done.stderr


def test_show_puts_our_figures_beside_the_published_ones(course):
    done = reference(course, "show")
    assert "test accuracy 0.8000 PyTorch not recorded" in lines(done)
    assert "tiny: published figures: one run" in done.stdout
    assert "tiny/net: test accuracy 0.8: a lucky one" in done.stdout
    reference(course, "regenerate", "tiny/net", "--write")
    done = reference(course, "show", "--data", "subset", "tiny/net")
    assert "test accuracy PyTorch 0.8130 ± 0.0100 (3)" in lines(done)
    assert "Keras 0.7130 ± 0.0100 (3)" in lines(done)
    # what was measured on the subset is not held against figures from all images
    assert "test accuracy 0.8000 PyTorch not recorded" in lines(reference(course, "show"))


def test_show_writes_a_page_too(course, tmp_path):
    reference(course, "regenerate", "tiny/net", "--write")
    replace(course / "oracle_keras.py", "0.7", "0.6")
    file = tmp_path / "page.html"
    done = reference(course, "show", "--html", str(file))
    assert done.returncode == 0, done.stderr
    assert f"written: {file}" in done.stdout
    assert "tiny/net: test accuracy 0.8: a lucky one" in done.stdout, "the table is shown as well"
    page = file.read_text(encoding="utf-8")
    assert "Accuracy by epoch</figcaption>" in page
    assert "a network in Keras on the embedded subset. The code or the data has changed since." in page
    assert "a network (PyTorch and Keras) on the full data" not in page, "nothing is recorded of it"
    assert "<strong>Not recorded:</strong> everything on the full data." in page
    assert "a lucky one" in page


def test_a_page_that_cannot_be_written_is_explained(course, tmp_path):
    done = reference(course, "show", "--html", str(tmp_path / "nowhere" / "page.html"))
    assert done.returncode == 2
    assert "page.html: cannot be written: No such file or directory" in done.stderr
    assert "Traceback" not in done.stderr


def test_full_data_that_is_not_here_is_explained_before_anything_is_trained(course):
    done = reference(course, "regenerate", "--data", "full")
    assert done.returncode == 2
    assert "grader data fetch mnist" in done.stderr
    assert "epoch" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["regenerate", "tiny/nett"], "no part 'nett' in tiny: did you mean 'net'?"),
        (["list", "tinny"], "no assignment 'tinny' with experiments: did you mean 'tiny'?"),
        (["show", "--data", "half"], "'half' is not one of"),
        (["regenerate", "--framework", "jax"], "'jax' is not one of"),
        (["regenerate", "--seeds", "0"], "0 is not in the range"),
        (["list", "--course", "/nowhere"], "This course has no experiments"),
    ],
)
def test_a_wrong_call_is_exit_code_2(course, arguments, said):
    done = reference(course, *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_framework_that_is_not_installed_is_left_out_or_named(course):
    code = (
        "import importlib.metadata as m\n"
        "known = m.version\n"
        "def version(name):\n"
        "    if name == 'keras': raise m.PackageNotFoundError(name)\n"
        "    return known(name)\n"
        "m.version = version\n"
    )
    command = [sys.executable, "-c", code + PROGRAM, "reference", "regenerate", "tiny/other"]
    settings = {"capture_output": True, "text": True, "timeout": 120, "cwd": course.parents[1]}
    done = subprocess.run(command, env=environment(course), **settings)
    assert done.returncode == 0, done.stderr
    assert "Keras is not installed here" in done.stderr
    assert "other torch subset" in " ".join(lines(done))
    assert "other keras subset" not in " ".join(lines(done))
    done = subprocess.run([*command, "--framework", "keras"], env=environment(course), **settings)
    assert done.returncode == 2
    assert "python -m pip install 'grader[keras]'" in done.stderr


def test_help_imports_nothing_heavy():
    code = (
        "import sys\n"
        "from grader.cli.main import main\n"
        "try: main(['reference', '--help'])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('numpy', 'rich', 'msgspec', 'torch', 'tensorflow') if m in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]", done.stdout + done.stderr
    assert "regenerate" in done.stdout
