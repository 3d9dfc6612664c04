import pytest

pytest.register_assert_rewrite("tests.attacks.beside_honest_work")

# what is handed in, some of it under the names of pytest's own files
collect_ignore_glob = ["corpus/*"]
