"""Returns a text whose methods are code, and which says that it has no length.

Expects: outputs FAIL or CRASH
"""


class Text(str):
    def encode(self, *arguments):
        return b"\xff" * 100

    def __getitem__(self, key):
        return self

    def __len__(self):
        return 0


def outputs(X, weights):
    return Text("Y")
