"""Patterns in wrong numbers: each with the sentence a student reads, and each with what must not be taken for it."""

from collections.abc import Mapping

import numpy as np
import pytest

from grader.numerics.diagnose import Pair, Pattern, Subject, diagnose
from grader.numerics.finite_difference import Slope

RNG = np.random.default_rng(11)
RIGHT = {
    "W1": RNG.normal(size=(20, 16)),
    "b1": RNG.normal(size=16),
    "W2": RNG.normal(size=(16, 10)),
    "b2": RNG.normal(size=()),
}
FACTS = {"examples": 32, "features": 20}


def seen(
    claimed: Mapping[str, np.ndarray],
    subject: Subject = Subject.GRADIENTS,
    facts: Mapping[str, int] = FACTS,
    print_factors: bool = True,
) -> tuple[Pattern, ...]:
    pairs = {name: Pair.whole(np.asarray(claimed.get(name, right)), right) for name, right in RIGHT.items()}
    return diagnose(pairs, subject=subject, facts=facts, print_factors=print_factors)


def only(patterns: tuple[Pattern, ...]) -> Pattern:
    (pattern,) = patterns
    return pattern


@pytest.mark.parametrize("subject", list(Subject))
def test_right_numbers_show_nothing(subject: Subject) -> None:
    assert seen({}, subject) == ()
    assert seen({name: right.astype(np.float32) for name, right in RIGHT.items()}, subject) == ()


@pytest.mark.parametrize("subject", list(Subject))
def test_unrelated_numbers_show_nothing(subject: Subject) -> None:
    rng = np.random.default_rng(1)
    assert seen({name: rng.normal(size=right.shape) for name, right in RIGHT.items()}, subject) == ()


# --- constant factors of gradients ------------------------------------------------------------------------------------


def test_arrays_with_the_same_factor_are_told_in_one_sentence_with_the_size_that_explains_it() -> None:
    pattern = only(seen({"W1": 32 * RIGHT["W1"], "b1": 32 * RIGHT["b1"]}))

    assert pattern.id == "gradient-scaled"
    assert pattern.names == ("W1", "b1")
    assert pattern.factor == pytest.approx(32)
    assert pattern.text == (
        "W1 and b1 point the right way but are 32.0000 times too long, at every entry compared. "
        "This case has 32 examples."
    )


@pytest.mark.parametrize(
    ("factor", "text"),
    [
        (
            1 / 32,
            "W1 points the right way but is 32.0000 times too short, at every entry compared. "
            "This case has 32 examples.",
        ),
        (2, "W1 points the right way but is 2.00000 times too long, at every entry compared."),
        (0.5, "W1 points the right way but is 2.00000 times too short, at every entry compared."),
        (
            64,
            "W1 points the right way but is 64.0000 times too long, at every entry compared. "
            "This case has 32 examples, and twice that is 64.",
        ),
        (
            10,
            "W1 points the right way but is 10.0000 times too long, at every entry compared. "
            "This case has 20 features, and half that is 10.",
        ),
        (1.7, "W1 points the right way but is 1.70000 times too long, at every entry compared."),
        (-1, "W1 points exactly the opposite way: every entry compared has the right size and the wrong sign."),
        (
            -32,
            "W1 points the opposite way and is 32.0000 times too long, at every entry compared. "
            "This case has 32 examples.",
        ),
    ],
)
def test_what_is_said_of_a_factor(factor: float, text: str) -> None:
    pattern = only(seen({"W1": factor * RIGHT["W1"]}))

    assert pattern.text == text
    assert pattern.id == ("gradient-scaled" if factor > 0 else "gradient-negated")
    assert pattern.factor == pytest.approx(factor)


def test_all_sizes_of_that_number_are_named() -> None:
    pattern = only(seen({"W1": 10 * RIGHT["W1"]}, facts={"examples": 10, "hidden units": 4, "classes": 10}))

    assert pattern.text.endswith("This case has 10 examples and 10 classes.")


def test_a_size_of_two_explains_nothing() -> None:
    assert "This case" not in only(seen({"W1": 2 * RIGHT["W1"]}, facts={"inputs": 2, "outputs": 1})).text


def test_a_single_ratio_is_evidence_only_if_the_case_explains_it() -> None:
    assert only(seen({"b2": 32 * RIGHT["b2"]})).names == ("b2",)
    assert only(seen({"b2": -RIGHT["b2"]})).id == "gradient-negated"
    assert seen({"b2": 1.7 * RIGHT["b2"]}) == ()


def test_a_single_ratio_is_evidence_beside_an_array_of_the_same_ratio() -> None:
    assert only(seen({"b2": 1.7 * RIGHT["b2"], "W2": 1.7 * RIGHT["W2"]})).names == ("W2", "b2")


def test_different_factors_are_different_patterns() -> None:
    patterns = seen({"W1": 32 * RIGHT["W1"], "W2": 5 * RIGHT["W2"], "b1": -RIGHT["b1"]})

    assert [(pattern.id, pattern.names) for pattern in patterns] == [
        ("gradient-scaled", ("W1",)),
        ("gradient-negated", ("b1",)),
        ("gradient-scaled", ("W2",)),
    ]


def test_one_entry_that_does_not_fit_is_enough_to_say_nothing() -> None:
    wrong = 32 * RIGHT["W1"]
    wrong[3, 4] *= 1.001

    assert seen({"W1": wrong}) == ()


@pytest.mark.parametrize("unit", [1e-290, 1e290])
def test_huge_and_tiny_numbers_do_not_overflow(unit: float) -> None:
    right = RIGHT["W1"] * unit

    pattern = only(diagnose({"W1": Pair.whole(32 * right, right)}, subject=Subject.GRADIENTS, facts=FACTS))

    assert pattern.factor == pytest.approx(32)


def test_a_huge_answer_to_a_tiny_question_shows_nothing() -> None:
    pairs = {"A": Pair.whole(np.array([5e9, 1e9]), np.array([3e-299, 1e-299]))}

    assert diagnose(pairs, subject=Subject.VALUES, facts={}) == ()


def test_without_factors_a_gradient_s_sentence_names_none() -> None:
    pattern = only(seen({"W1": 32 * RIGHT["W1"]}, print_factors=False))

    assert pattern.text == (
        "W1 points the right way but is too long, by one and the same factor at every entry compared."
    )


# --- other patterns of gradients --------------------------------------------------------------------------------------


def test_zero() -> None:
    pattern = only(seen({"W1": np.zeros((20, 16)), "b2": np.array(0)}))

    assert pattern.id == "gradient-zero"
    assert pattern.text == "W1 and b2 are 0 at every entry compared, but moving their entries changes the loss."


def test_zero_where_the_slope_is_lost_in_its_uncertainty_is_not_called_wrong() -> None:
    slopes = [Slope((i,), 1e-9 * (i + 1), 1e-8, 1e-5) for i in range(4)]

    assert diagnose({"b": Pair.sampled(np.zeros(4), (4,), slopes)}, subject=Subject.GRADIENTS, facts={}) == ()


def test_transposed_with_another_shape_and_with_the_same() -> None:
    assert only(seen({"W1": RIGHT["W1"].T})).id == "gradient-transposed"
    square = RIGHT["W1"][:5, :5]
    pattern = only(diagnose({"W": Pair.whole(square.T, square)}, subject=Subject.GRADIENTS, facts={}))
    assert pattern.text == "W agrees after transposing: rows and columns are exchanged."


def test_swapped_arrays_are_told_once() -> None:
    pattern = only(seen({"W1": RIGHT["W2"], "W2": RIGHT["W1"]}))

    assert pattern == Pattern(
        "gradient-swapped", ("W1", "W2"), None, "W1 holds what belongs in W2, and W2 what belongs in W1."
    )


def test_one_array_in_the_place_of_another_is_not_a_swap() -> None:
    assert seen({"W1": RIGHT["W2"]}) == ()


@pytest.mark.parametrize(
    ("shape", "factor", "text"),
    [
        ((16, 1), 1, "b1 has shape (16, 1) where (16,) is asked for; the numbers in it agree."),
        ((1, 16), 1.3, "b1 has shape (1, 16) where (16,) is asked for."),
    ],
)
def test_axes_of_length_one(shape: tuple[int, ...], factor: float, text: str) -> None:
    patterns = seen({"b1": factor * RIGHT["b1"].reshape(shape)})

    assert (patterns[0].id, patterns[0].text) == ("shape-extra-axis", text)
    assert [pattern.id for pattern in patterns[1:]] == ([] if factor == 1 else ["gradient-scaled"])


def test_numbers_that_are_not_finite_are_counted_and_located() -> None:
    wrong = RIGHT["W1"].copy()
    wrong[3, 4:6] = np.nan
    wrong[7, 0] = -np.inf

    pattern = only(seen({"W1": wrong, "b2": np.array(np.inf)}))

    assert pattern.id == "not-finite"
    assert pattern.names == ("W1", "b2")
    assert pattern.text == "Of the 320 numbers in W1, 2 NaN and 1 infinite; the first is W1[3, 4]. b2 is infinite."


def test_infinity_is_an_overflow_only_where_the_right_number_does_not_fit() -> None:
    claimed = np.array([1.0, np.inf], dtype=np.float16)

    def patterns(right: float) -> list[str]:
        pairs = {"Y": Pair.whole(claimed, np.array([1.0, right]))}
        return [pattern.id for pattern in diagnose(pairs, subject=Subject.VALUES, facts={})]

    assert patterns(70_000.0) == ["float-overflow"]
    assert patterns(60_000.0) == ["not-finite"]


# --- values -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("factor", "printed", "hidden"),
    [
        (
            32,
            "W1 is 32.0000 times what is asked for, and this case has 32 examples: "
            "as a sum over the examples is to their mean.",
            "W1 is to what is asked for as a sum over the examples is to their mean.",
        ),
        (
            1 / 32,
            "W1 is what is asked for divided by 32.0000, at every entry compared. This case has 32 examples.",
            "W1 is what is asked for times one and the same number, at every entry compared. "
            "That number is a simple one: 2 or a size of this case, or made from them.",
        ),
        (
            -1.7,
            "W1 is what is asked for times 1.70000 and with the opposite sign, at every entry compared.",
            "W1 is what is asked for times one and the same number, at every entry compared.",
        ),
        (
            -1,
            "W1 has the right size and the wrong sign, at every entry compared.",
            "W1 has the right size and the wrong sign, at every entry compared.",
        ),
    ],
)
def test_scaled_values_with_and_without_the_factor(factor: float, printed: str, hidden: str) -> None:
    wrong = {"W1": factor * RIGHT["W1"]}

    assert only(seen(wrong, Subject.VALUES)).text == printed
    assert only(seen(wrong, Subject.VALUES, print_factors=False)).text == hidden
    assert only(seen(wrong, Subject.VALUES)).id == ("sum-instead-of-mean" if factor == 32 else "values-scaled")


def test_a_factor_that_two_sizes_explain_is_not_called_a_sum() -> None:
    pattern = only(seen({"W1": 10 * RIGHT["W1"]}, Subject.VALUES, facts={"examples": 10, "classes": 10}))

    assert pattern.id == "values-scaled"
    assert pattern.text.endswith("This case has 10 examples and 10 classes.")


def test_shifted_values_never_show_the_amount() -> None:
    pattern = only(seen({"W1": RIGHT["W1"] + 3}, Subject.VALUES))

    assert pattern.id == "values-shifted"
    assert pattern.text == "W1 differs from what is asked for by one and the same amount, at every entry compared."
    assert seen({"W1": RIGHT["W1"] + 3}, Subject.GRADIENTS) == ()


def test_constant_values_are_not_a_shift() -> None:
    pairs = {"Y": Pair.whole(np.full(5, 0.25), np.full(5, 0.75))}

    assert diagnose(pairs, subject=Subject.VALUES, facts={}) == ()


@pytest.mark.parametrize(
    ("claimed", "right", "places"),
    [
        ([0.00492, -0.000581, -0.00066], [0.00492576663, -0.000580228684, -0.000659765095], "to 3 significant digits"),
        ([0.133], [0.1332476222330792], None),
        ([0.1332], [0.1332476222330792], "to 4 decimals"),
        ([120.0, 17.0], [120.4, 17.7], "to a whole number"),
        ([1.5, 2.5, 3.5], [1.52, 2.49, 3.51], "to 1 decimal"),
        ([0.5, 0.5], [0.52, 0.49], None),
        ([0.0, 0.0], [0.4, 0.3], None),
        ([11.0, 21.0, 29.0], [10.0, 20.0, 30.0], None),
        ([0.331, 0.285], [0.3333, 0.2857], None),
    ],
)
def test_rounded_values(claimed: list[float], right: list[float], places: str | None) -> None:
    patterns = diagnose({"Y": Pair.whole(np.array(claimed), np.array(right))}, subject=Subject.VALUES, facts={})

    expected = [f"Y agrees {places} and has no digits after that: it was rounded or cut off."] if places else []
    assert [pattern.text for pattern in patterns] == expected


def test_swapped_and_transposed_values() -> None:
    assert only(seen({"W1": RIGHT["W2"], "W2": RIGHT["W1"]}, Subject.VALUES)).id == "values-swapped"
    assert only(seen({"W1": RIGHT["W1"].T}, Subject.VALUES)).id == "values-transposed"


# --- sampled references, and what cannot be diagnosed -----------------------------------------------------------------


def test_a_pattern_is_found_from_slopes_at_a_few_entries() -> None:
    right = RIGHT["W1"]
    slopes = [Slope(index, float(right[index]) + 1e-9, 1e-8, 1e-5) for index in [(0, 0), (3, 2), (19, 15), (7, 7)]]
    slopes.append(Slope((5, 5), float("nan"), float("inf"), 1e-5, reason="your loss is nan near this point"))

    def pattern(claimed: np.ndarray) -> Pattern:
        return only(
            diagnose({"W1": Pair.sampled(claimed, right.shape, slopes)}, subject=Subject.GRADIENTS, facts=FACTS)
        )

    assert pattern(32 * right).text.startswith("W1 points the right way but is 32.0000 times too long")
    assert pattern(right.T).id == "gradient-transposed"


def test_uncertain_slopes_show_fewer_digits() -> None:
    right = RIGHT["b1"]
    slopes = [Slope((i,), float(right[i]), 1e-3 * float(np.abs(right).max()), 1e-2) for i in range(16)]

    pattern = only(diagnose({"b1": Pair.sampled(32 * right, (16,), slopes)}, subject=Subject.GRADIENTS, facts=FACTS))

    assert pattern.text == (
        "b1 points the right way but is 32.0 times too long, at every entry compared. This case has 32 examples."
    )


def test_nothing_known_shows_nothing() -> None:
    pair = Pair.sampled(np.ones(3), (3,), [])

    assert diagnose({"b": pair}, subject=Subject.GRADIENTS, facts={}) == ()
    assert diagnose({}, subject=Subject.GRADIENTS, facts={}) == ()


def test_where_everything_right_is_zero_nothing_is_said() -> None:
    assert diagnose({"b": Pair.whole(np.ones(3), np.zeros(3))}, subject=Subject.GRADIENTS, facts={}) == ()


def test_what_are_not_real_numbers_is_passed_over() -> None:
    right = RIGHT["b1"]
    for claimed in (np.array(["a"] * 16), right * 1j):
        assert diagnose({"b1": Pair.whole(claimed, right)}, subject=Subject.GRADIENTS, facts={}) == ()
    assert only(
        diagnose({"b1": Pair.whole(3 * right + 0j, right)}, subject=Subject.GRADIENTS, facts={})
    ).factor == pytest.approx(3)


@pytest.mark.parametrize("reference", [np.array([np.nan]), np.array([1j]), np.array(["a"])])
def test_a_reference_must_hold_real_finite_numbers(reference: np.ndarray) -> None:
    with pytest.raises(ValueError, match="real, finite"):
        Pair.whole(np.array([1.0]), reference)
