import pytest

pytest.register_assert_rewrite("tests.attacks.beside_honest_work")

# what is handed in, not tests
collect_ignore_glob = ["corpus/*"]
