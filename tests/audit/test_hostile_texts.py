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
    "epoch 1 train loss 0.4\nepoch 2 train loss 0.3\nepoch 3 train loss 1e99\n",
    "9/9 [==] - loss: 0.1 - val_accuracy: 1.0e99999999\n",
    "100%|##| 5/٣ [00:01<00:00]\n",
    "Step [3/600], loss 0.1\n",
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
    "The training loss rises. ",
    "The network overfits. There is no overfitting. ",
    "Model 1 has a higher test accuracy than model 2. ",
    "The test accuracy improved from 97.1 % to 97.2 %. ",
    "It has 5x5 kernels, ٣ filters and a learning rate of 1e-9. ",
    "Why?\nPlot it.\n",
    "accuracy: ____\n",
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
    "train_set = MNIST('d', train=True)\na, b = random_split(train_set, [55000, 5000])\n",
    "loader = DataLoader(a, batch_size=64)\ntest_loader = DataLoader(b)\n",
    "for x, y in loader:\n    loss = criterion(m(x), y)\n    loss.backward()\n",
    "def train(net, data):\n    for i, (x, y) in enumerate(data):\n        f(net(x), y).backward()\ntrain(m, loader)\n",
    "class Net(nn.Module):\n    def forward(self, x):\n        return F.softmax(x, 1)\nm = Net()\n",
    "criterion = nn.CrossEntropyLoss()\n",
    "p = np.random.permutation(9)\nx, x_test = x[p[:5]], x[p[5:]]\n",
    "ok = m.predict(x) == y_test\n",
    "c = Conv2D(32, (3, 3))  # 64 filters, 5x5 kernel, stride 2, 20 epochs\n",
    "for lr in (1, 2):\n    r[lr] = m.evaluate(x_test, y_test)\nmax(r)\n",
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
