"""Reports figures under names that a page or a sheet would act on.

Expects: layers PASS, parameters PASS, computes PASS, reported MISSING
"""

from tests.frameworks.attacks.course_of_networks import write_network


def prepare(folder, target):
    write_network(folder)
    (folder / "results.json").write_bytes(b'{"<script>alert(1)</script>": {"=1+1": 1}, "\\ud800\\u202e": {"x": 2}}')
