"""The optimizer was made once, for a network that is no longer the one that is trained.

Base: torch_module
File: networks.py
Parts: training
Fails: training.trains
"""

right_train, optimizer_for = train_network, make_optimizer
earlier = build_network(1, "l2")


def train_network(model, x_train, y_train, x_validation, y_validation, epochs=5):
    x, y = to_tensors(x_train, y_train)
    optimizer = optimizer_for(earlier)
    model.train()
    for _ in range(epochs):
        for batch in torch.randperm(len(x)).split(100):
            optimizer.zero_grad()
            F.nll_loss(model(x[batch]), y[batch]).backward()
            optimizer.step()
    return right_train(earlier, x_train, y_train, x_validation, y_validation, epochs)
