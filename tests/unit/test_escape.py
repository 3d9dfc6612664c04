import pytest

from grader.text import encodable, safe


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x9b2J", r"\x9b2J"),
        ("bell\x07 null\x00 delete\x7f", r"bell\x07 null\x00 delete\x7f"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("pay\u200bpal", r"pay\u200bpal"),
        ("soft\u00adhyphen", r"soft\xadhyphen"),
        ("a\u2028b\u2029c\x85d", r"a\u2028b\u2029c\x85d"),
        ("tab\there", r"tab\there"),
        ("two\nlines\r\n", r"two\nlines\r\n"),
        ("\udcff.py", r"\udcff.py"),
        ("\U000e0041", r"\U000e0041"),
        ("blank \u3164", r"blank \u3164"),
        ("[bold]not markup[/bold] :fire:", "[bold]not markup[/bold] :fire:"),
        ("محمد 山田　花子 Zoë 🦊 ❤️", "محمد 山田　花子 Zoë 🦊 ❤️"),
        (r"C:\new", r"C:\new"),
        ("", ""),
    ],
)
def test_one_line(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_newlines_stay_where_lines_are_allowed() -> None:
    assert safe("a\r\nb\nc\rd", lines=3) == "a\nb\nc\\rd"


def test_more_lines_than_allowed_are_cut_and_it_says_so() -> None:
    assert safe("a\nb\nc\nd", lines=2) == "a\nb … (cut: 7 characters in all)"


def test_a_long_text_is_cut_and_says_how_long_it_was() -> None:
    shown = safe("x" * 1_000_000, limit=80)
    assert shown.endswith("xx … (cut: 1,000,000 characters in all)")
    assert len(shown) == 80


def test_escapes_count_towards_the_limit() -> None:
    assert len(safe("\U000e0041" * 100, limit=100)) <= 100


def test_a_text_of_exactly_the_limit_is_not_cut() -> None:
    assert safe("x" * 80, limit=80) == "x" * 80


def test_a_limit_too_small_for_its_note_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 60 characters, got 59"):
        safe("text", limit=59)


def test_no_lines_are_refused() -> None:
    with pytest.raises(ValueError, match="lines must be at least 1, got 0"):
        safe("text", lines=0)


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "✓ 5×5 → 6 – Zoë 🦊"),
        ("ascii", r"+ 5x5 -> 6 - Zo\xeb \U0001f98a"),
        ("cp1252", r"+ 5x5 -> 6 - Zoë \U0001f98a"),
    ],
)
def test_other_encodings(encoding: str, shown: str) -> None:
    assert encodable("✓ 5×5 → 6 – Zoë 🦊", encoding) == shown


def test_signs_an_encoding_has_are_kept() -> None:
    assert encodable("5×5 – Zoë", "cp1252") == "5×5 – Zoë"
