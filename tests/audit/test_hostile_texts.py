"""Texts made of what the readers look for, in no order: nothing of it may end the audit."""

import random

import pytest
from audit_notebooks import Cell, audited

PIECES = (
    "Epoch 1/3\n",
    "Epoch 2/2\n",
    "9/9 [==] - loss: 0.1 - accuracy: 0.9876\n",
    "loss: 1e999999 accuracy: 1e-400\n",
    "[[1 2 3]\n",
    " [4 5 6]\n [7 8 9]]\n",
    "[[999999999999999999999 0 0] [0 1 0] [0 0 1]]",
    "Layer (type)\n",
    " dense (Dense) (None, 1) 12\n",
    "│ a (B) │ c │ ,, │\n",
    "Total params: ,\nTrainable params: 1\nNon-trainable params: 2\n",
    "[0.1, 0.9]\n",
    "accuracy: 0.9876\n",
    "Epoch 00001: val_loss improved from inf to 1.e.2, saving\n",
    "9" * 5_000,
    "1e99999999999999999999 ",
    "-0.0 nan inf\n",
    "\x1b[31m\r\b",
)
WORDS = (
    "# Title\n",
    "The accuracy is 98.76 %. ",
    "A loss of 0.123, ",
    "1,234,567 parameters in the network. ",
    "trained for 9999 epochs. ",
    "The first is better than the second. ",
    "TODO\n",
    "*Your answer here*\n",
    "> ",
    "| a | b |\n",
    "```\n",
    "$x$ `y` ",
    "\u202e\ud800",
)
CODE = (
    "(x, y), (x_test, y_test) = mnist.load_data()\n",
    "x = x[0] / 255\n",
    "m = n = Sequential()\n",
    "h = m.fit(x, y, epochs=3)\n",
    "m.compile('adam')\n",
    "s = m.evaluate(x_test, y_test, verbose=0)\n",
    "for e in range(2):\n    m.fit(x)\n",
    "print(s, f'{s[0]:.{3}f}')\n",
    "keep = ModelCheckpoint('a', save_best_only=True)\n",
    "np.allclose(s, s, atol=None)\n",
    "np.argmax(np.round(m.predict(x)))\n",
    "m.fit(x, y, validation_data=(x_test, y_test), callbacks=[keep], **more)\n",
    "x, *y = z\n",
    "x[0] = 1\n",
    "a.b: int = 3\n",
    "def evaluate(m):\n    return m\n",
    "t = evaluate(m)\n",
    "%%time\n",
    "n.fit(*x, epochs=1e9)\n",
    "lambda: q\n",
)


@pytest.mark.parametrize("seed", range(60))
def test_no_text_ends_the_audit(tmp_path, seed):
    draw = random.Random(seed)

    def text(pieces):
        return "".join(draw.choices(pieces, k=draw.randrange(1, 12)))

    cells = []
    for _ in range(draw.randrange(1, 8)):
        outputs = tuple(
            (draw.choice(("stream", "result", "display", "error")), text(PIECES)) for _ in range(draw.randrange(3))
        )
        cells.append(Cell("code", text(CODE), draw.choice((None, 1, 2, 3)), outputs))
        cells.append(Cell("markdown", text(WORDS)))
    for finding in audited(tmp_path, cells):
        assert finding.text.isprintable(), finding
        assert finding.where.cell, finding
