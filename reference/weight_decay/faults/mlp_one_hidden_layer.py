"""The second hidden layer is missing.

Base: torch_subclass
File: networks.py
Parts: mlp
Fails: mlp.layers, mlp.parameters
Blocks: mlp.computes
"""


class OneHiddenLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(784, 64)
        self.out = nn.Linear(64, 10)

    def forward(self, x):
        return F.log_softmax(self.out(F.relu(self.hidden(x.flatten(1)))), dim=1)


def build_mlp():
    return OneHiddenLayer().double()
