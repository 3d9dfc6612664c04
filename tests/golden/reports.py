"""Reports made by hand, one for each thing a terminal report has to cope with."""

from math import fsum

from msgspec.structs import replace

from grader.results import (
    SCHEMA_VERSION,
    CriterionResult,
    Diagnosis,
    Evidence,
    Feedback,
    FeedbackLevel,
    Finding,
    GradeReport,
    Location,
    Measurement,
    Override,
    PartInfo,
    Provenance,
    Score,
    Severity,
    SubmissionInfo,
    Table,
    Unreadable,
    Usage,
    Verdict,
    Visibility,
)

BACKPROP = PartInfo("backprop", "A two-layer network by hand")
PLOTS = PartInfo("plots", "First look at the images")

PASSED = Feedback("What was asked for is there.")


def result(
    criterion_id: str,
    title: str,
    verdict: Verdict = Verdict.PASS,
    awarded: float | None = None,
    possible: float = 2.0,
    feedback: Feedback = PASSED,
    **changes: object,
) -> CriterionResult:
    made = CriterionResult(
        criterion_id=criterion_id,
        part_id=criterion_id.split(".")[0],
        title=title,
        verdict=verdict,
        awarded=awarded if awarded is not None else (possible if verdict is Verdict.PASS else 0.0),
        possible=possible,
        evidence=Evidence.VERIFIED,
        feedback=feedback,
        feedback_level=FeedbackLevel.DIAGNOSIS,
        visibility=Visibility.VISIBLE,
        seed=7,
        rubric_line="reference/backprop_to_lenet/rubric.yaml:21",
        usage=Usage(0.02, 0.01, 3),
        duration_s=0.1,
    )
    return replace(made, **changes)


def report(
    *results: CriterionResult,
    student: str = "alice",
    title: str = "Backpropagation, MLP, LeNet",
    files: tuple[str, ...] = ("backprop.py",),
    findings: tuple[Finding, ...] = (),
    late_penalty: float = 0.0,
    seed: int | None = None,
    duration_s: float = 1.27,
) -> GradeReport:
    part_ids = {r.part_id for r in results}
    return GradeReport(
        schema_version=SCHEMA_VERSION,
        submission=SubmissionInfo(student, f"submissions/{student}", files),
        assignment="backprop_to_lenet",
        assignment_title=title,
        parts=tuple(p for p in (BACKPROP, PLOTS) if p.id in part_ids),
        results=results,
        score=Score(
            awarded=fsum(r.awarded for r in results),
            possible=fsum(r.possible for r in results),
            pending=fsum(r.possible for r in results if r.verdict.is_pending),
            late_penalty=late_penalty,
        ),
        findings=findings,
        provenance=Provenance(
            isolation="full",
            walls=("user namespace", "pid namespace", "no network", "empty environment", "rlimits"),
            isolation_note="",
            seed=seed,
            seed_source="from the course secret" if seed is None else "from --seed",
            versions={"python": "3.11.9", "numpy": "2.3.1", "grader": "0.1.0"},
            digests={"rubric": "sha256:1f", "submission": "sha256:2e"},
            host="grading-1",
            started_at="2026-03-02T09:30:00Z",
        ),
        duration_s=duration_s,
    )


def again(criterion_id: str, seed: int = 7, student: str = "alice") -> str:
    return f"grader run submissions/{student} --only {criterion_id} --seed {seed}"


OUTPUT = result("backprop.output", "The forward pass is right")
LOSS = result("backprop.loss", "The loss is right")
IMPORTS = result("backprop.imports", "NumPy is the only library", possible=1.0, evidence=Evidence.CLAIMED)

GRADIENT_FEEDBACK = Feedback(
    summary="Two of your four gradients disagree with the slope of your own loss.",
    table=Table(
        columns=("gradient", "shape", "worst relative error", "allowed", "points", ""),
        rows=(
            ("W2", "(16, 10)", "2.8e-08", "1e-06", "2 of 2", "ok"),
            ("b2", "(10,)", "2.4e-09", "1e-06", "1 of 1", "ok"),
            ("W1", "(20, 16)", "0.97", "1e-06", "0 of 2", "differs"),
            ("b1", "(16,)", "0.97", "1e-06", "0 of 1", "differs"),
        ),
        numeric=("worst relative error", "allowed", "points"),
    ),
    facts=(
        "Where it differs most: W1[15, 3]",
        "  your gradient says                 -6.060630\n  your own loss changes at the rate  -0.189395",
        "  (we moved W1[15, 3] by 1e-5 each way and called your loss; you can do the same)",
    ),
    diagnoses=(
        Diagnosis(
            "gradient-scaled",
            "W1 and b1 point the right way but are 32.0000 times too long, at every entry compared. "
            "This case has 32 examples.",
        ),
    ),
    expected=("The gradient of W1[15, 3] is -0.189394557.",),
    seen_on='case "batch" (32 examples, 20 features, 16 hidden, 10 classes)',
    again=again("backprop.gradients"),
)
GRADIENTS = result(
    "backprop.gradients",
    "Every gradient is right",
    Verdict.PARTIAL,
    awarded=3.0,
    possible=6.0,
    feedback=GRADIENT_FEEDBACK,
    measurements=(Measurement("W1 worst relative error", 0.97, bound=1e-6),),
)

KEEPDIMS = Finding(
    kind="bias-shape",
    severity=Severity.NOTE,
    text="gradients['b1'] has the shape (1, 3) where the handout has (3,). The values agree, so it costs nothing.",
    where=Location("backprop.py", line=31),
    quote="b1 = dZ1.sum(axis=0, keepdims=True)",
    settles="leave keepdims out, or call ravel() on the result.",
    criterion_id="backprop.gradients",
)
FORBIDDEN = Finding(
    kind="forbidden-import",
    severity=Severity.WARNING,
    text="torch is imported, and this part is to be written with NumPy alone.",
    where=Location("hw4.ipynb", cell=3, line=2),
    quote="import numpy as np\nimport torch",
    settles="remove the import; if a later part needs it, put it in a cell of that part.",
    criterion_id="backprop.imports",
    costs_points=True,
)

NO_FILE = Feedback(
    summary="backprop.py stops while it is loaded: SyntaxError, so nothing in it can be called.",
    facts=(
        "backprop.py, line 12\n    def forward_propagation(X, weights)\n                                       ^",
        "Python says: expected ':'",
    ),
    again=again("backprop.output", student="dave"),
)

HOSTILE_NAME = "\x1b[2Jroot\u202e\u200b\x9b31m"

_MISSING = Feedback(
    summary="No function called forward_propagation is defined in backprop.py.",
    facts=(
        "Functions found: forward_prop, back_propagation, sigmoid",
        "The nearest name is forward_prop, line 8. Rename it, or name it in submission.yaml.",
    ),
    again=again("backprop.output"),
)
_BLOCKED = Feedback('Not run, because "The forward pass is right" was not met.')


def blocked(criterion_id: str, title: str, possible: float) -> CriterionResult:
    return result(criterion_id, title, Verdict.BLOCKED, possible=possible, feedback=_BLOCKED)


REPORTS: dict[str, GradeReport] = {
    "full_marks": report(OUTPUT, LOSS, replace(GRADIENTS, verdict=Verdict.PASS, awarded=6.0, feedback=PASSED), IMPORTS),
    "partial": report(OUTPUT, LOSS, GRADIENTS, IMPORTS, findings=(KEEPDIMS,), seed=7),
    "missing_function": report(
        result("backprop.output", "The forward pass is right", Verdict.MISSING, feedback=_MISSING),
        blocked("backprop.loss", "The loss is right", 2.0),
        blocked("backprop.gradients", "Every gradient is right", 6.0),
        IMPORTS,
    ),
    "does_not_load": report(
        *(
            result(
                f"backprop.{name}",
                title,
                Verdict.CRASH,
                possible=points,
                feedback=replace(NO_FILE, again=again(f"backprop.{name}", student="dave")),
            )
            for name, title, points in (
                ("output", "The forward pass is right", 2.0),
                ("loss", "The loss is right", 2.0),
                ("gradients", "Every gradient is right", 6.0),
            )
        ),
        student="dave",
    ),
    "crash": report(
        result(
            "backprop.output",
            "The forward pass is right",
            Verdict.CRASH,
            feedback=Feedback(
                summary="forward_propagation raised ValueError.",
                facts=(
                    "ValueError: operands could not be broadcast together with shapes (1000,3) (2,)",
                    "In your code, the last call at the bottom:\n"
                    "  hw4.ipynb, cell 4, line 9, in forward_propagation\n"
                    "    H = sigmoid(Z1 + b)\n"
                    "  hw4.ipynb, cell 2, line 3, in sigmoid\n"
                    "    return 1 / (1 + np.exp(-z)) + offset_somebody_forgot_to_remove_before_handing_it_in",
                ),
                seen_on='case "handout" (1000 examples, 2 features)',
                again=again("backprop.output", 0),
            ),
            seed=0,
            evidence=Evidence.OBSERVED,
        ),
        IMPORTS,
        files=("hw4.ipynb",),
    ),
    "timeout": report(
        OUTPUT,
        result(
            "backprop.loss",
            "The loss is right",
            Verdict.TIMEOUT,
            feedback=Feedback(
                summary="back_propagation had not returned after 10 s.",
                facts=("The limit is 3 times what the reference takes, and at least 10 s.",),
                diagnoses=(
                    Diagnosis("slow-loop", "The time grows with the square of the number of examples: 0.1 s for 100."),
                ),
                seen_on='case "many_rows" (100,000 examples, 2 features)',
                again=again("backprop.loss", 81234567890123),
            ),
            seed=81234567890123,
            evidence=Evidence.OBSERVED,
        ),
        result(
            "backprop.gradients",
            "Every gradient is right",
            Verdict.MEMORY,
            possible=6.0,
            feedback=Feedback(
                summary="back_propagation asked for more than the 2 GiB it may use.",
                again=again("backprop.gradients"),
            ),
            evidence=Evidence.OBSERVED,
        ),
        duration_s=83.4,
    ),
    "needs_review": report(
        OUTPUT,
        result(
            "backprop.loss",
            "The loss is right",
            Verdict.NEEDS_REVIEW,
            feedback=Feedback(
                summary="Two functions of the notebook could be the one that is meant.",
                facts=("cell 4, line 1: def back_propagation(X, Y_T, weights)", "cell 9, line 1: back_propagation = f"),
                again=again("backprop.loss"),
            ),
        ),
        result(
            "plots.titles",
            "Titles and axes",
            Verdict.GRADER_FAULT,
            possible=1.0,
            feedback=Feedback("The reference for this criterion failed. It is not your fault and costs nothing."),
            private="oracle_numpy.py, line 44: FloatingPointError: overflow encountered in exp",
        ),
        result(
            "plots.grid",
            "25 images in a 5×5 grid",
            Verdict.PARTIAL,
            awarded=1 / 3,
            possible=1.0,
            feedback=Feedback(summary="8 of the 25 images are there."),
        ),
    ),
    "long_titles": report(
        result(
            "backprop.output",
            "The forward pass agrees with the handout's worked example on every one of its thousand rows, "
            "and on a batch of one, and on inputs so large that a careless sigmoid overflows",
            Verdict.FAIL,
            possible=10.0,
            feedback=Feedback(
                summary="Every output is 0.5, whatever the input is; a network whose weights take part in the result "
                "gives different outputs for different inputs, and the handout's example shows which.",
                table=Table(
                    columns=("your layer", "input → output", "parameters", "remark"),
                    rows=(
                        ("conv1  Conv2d 5×5", "1×28×28 → 6×24×24", "156", ""),
                        ("fc1  Linear", "256 → 120", "30,840", "← first difference"),
                        (
                            "a_layer_with_a_name_that_does_not_end_before_the_line_does",
                            "84 → 10",
                            "850",
                            "this row is here to be wrapped",
                        ),
                    ),
                    numeric=("parameters",),
                ),
                facts=("a_single_word_" * 12,),
                again=again("backprop.output"),
            ),
        ),
        result(
            "backprop.loss",
            "LossIsRightWithoutAnySpaceInItsTitleAndStillMuchTooLongForOneLine",
            awarded=0.1 + 0.2,
            verdict=Verdict.PARTIAL,
            feedback=Feedback("Off by a factor."),
        ),
        title="An assignment whose title goes on for longer than any terminal is wide, because someone wanted it so",
        files=tuple(f"a_rather_long_file_name_number_{n}.py" for n in range(9)),
    ),
    "arabic": report(OUTPUT, LOSS, student="محمد الأمين", files=("الانتشار العكسي.py",)),
    "japanese": report(
        replace(OUTPUT, title="順伝播が正しい"),
        result(
            "backprop.gradients",
            "すべての勾配が正しい、そしてこの題名は一行に収まらないほど長いので折り返される必要がある",
            Verdict.FAIL,
            possible=6.0,
            feedback=Feedback(
                summary="勾配が一致しません。",
                table=Table(
                    columns=("勾配", "形", "誤差"),
                    rows=(("重み一", "(3, 2)", "0.97"), ("b1", "(3,)", "12.5")),
                    numeric=("誤差",),
                ),
            ),
        ),
        student="山田　花子",
    ),
    "emoji": report(OUTPUT, student="🦊 Zoë", files=("🚀.py",)),
    "hostile": report(
        replace(
            OUTPUT,
            verdict=Verdict.CRASH,
            awarded=0.0,
            feedback=Feedback(
                summary="forward_propagation raised Exception.",
                facts=(
                    "Exception: \x1b]0;owned\x07\x1b[1A\x1b[2KTotal: 100 of 100 points",
                    "\nTotal: 100 of 100 points\r\n[bold red]:fire:[/bold red]\u2028Total",
                    "x" * 5_000,
                    "\n" * 300,
                ),
                table=Table(
                    ("name\x1b[5m", "value"), (("\u202eevil\u202c", "\x00"), ("[link=file:///etc]x[/link]", "1"))
                ),
                diagnoses=(Diagnosis("zero-width", "pay\u200bpal and paypal\u00ad are two names."),),
                seen_on="case \x9b2J",
                again="grader run submissions/\x1b[0m",
            ),
        ),
        student=HOSTILE_NAME,
        title="Backpropagation",
        files=("\x1b[8mhidden.py", "a\nb.py", "\udcff.py"),
        findings=(
            Finding("quoted", Severity.WARNING, "It ends here.\x1b[0m", Location("a\nb.py", 3), "\x07" * 3 + "\nEND"),
        ),
    ),
    "late": report(OUTPUT, LOSS, GRADIENTS, IMPORTS, late_penalty=2.2),
    "pending": report(
        OUTPUT,
        result(
            "backprop.loss",
            "The loss is right",
            Verdict.NEEDS_REVIEW,
            feedback=Feedback("The loss is right on 99 of 100 draws, and not a number on one."),
        ),
        late_penalty=0.4,
    ),
    "findings": report(
        OUTPUT,
        result(
            "backprop.imports",
            "NumPy is the only library",
            Verdict.FAIL,
            possible=1.0,
            feedback=Feedback("A library other than NumPy is imported."),
            evidence=Evidence.CLAIMED,
        ),
        findings=(FORBIDDEN, KEEPDIMS),
        files=("hw4.ipynb",),
    ),
    "hidden": report(
        OUTPUT,
        replace(GRADIENTS, feedback_level=FeedbackLevel.EXPECTED),
        result(
            "backprop.secret",
            "Holds for random biases",
            Verdict.FAIL,
            possible=3.0,
            feedback=Feedback("Wrong when the biases are not zero.", facts=("seed 99",)),
            visibility=Visibility.HIDDEN,
            private="fails for b2 only",
        ),
        result("plots.later", "Comes to light later", visibility=Visibility.AFTER_DUE_DATE),
    ),
    "by_hand": report(
        OUTPUT,
        result(
            "backprop.answer",
            "The loss is explained",
            Verdict.PARTIAL,
            1.5,
            feedback=Feedback("Loss has 41 words; a person reads them.", facts=("  It is the mean of the squares.",)),
            evidence=Evidence.JUDGED,
            override=Override(
                "KT",
                "2026-03-04",
                "Says what it is, not why.",
                Verdict.NEEDS_REVIEW,
                0.0,
                Evidence.CLAIMED,
                "overrides.yaml:4",
            ),
        ),
        result(
            "backprop.loss",
            "The loss is right",
            feedback=Feedback("The loss differs on 3 of 20 draws."),
            evidence=Evidence.JUDGED,
            override=Override(
                "M. Öz",
                "2026-03-05",
                "The handout's sign was wrong until Monday; agreed with the course's head.",
                Verdict.FAIL,
                0.0,
                Evidence.VERIFIED,
                "overrides.yaml:9",
                is_stale=True,
            ),
        ),
    ),
}

UNREADABLE = (
    Unreadable("submissions/zed", "no file that any rubric declares; found: notes.txt, photo.jpg. Add backprop.py"),
    Unreadable(
        "submissions/\x1b[31mzoë", "hw4.ipynb is not JSON: line 1, column 2. Save it again from Jupyter\nand hand it in"
    ),
)
