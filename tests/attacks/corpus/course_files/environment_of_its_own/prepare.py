"""Brings settings along that shells, tools and continuous integration read from the folder they are in.

Expects: outputs FAIL
"""

NAMES = (".env", ".envrc", "tox.ini", "setup.cfg", "setup.py", "noxfile.py", ".coveragerc", "pytest.toml", ".pytest.ini",
         "requirements.txt", "action.yml", "matplotlibrc", ".condarc", "pip.conf", "sitecustomize.pth")
SETTING = "GRADER_SECRET=known\nGRADER_COURSE=.\nPYTHONSTARTUP=layer.py\n"


def prepare(folder, target):
    for name in NAMES:
        (folder / name).write_text(SETTING)
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("[core]\n\tfsmonitor = touch /tmp/attack-was-here\n\trepositoryformatversion = 0\n")
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
