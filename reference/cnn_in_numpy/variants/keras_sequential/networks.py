"""Both networks as keras.Sequential, activations as arguments, softmax at the end, as the handout writes them."""

from keras import Input, Sequential, layers


def build_cnn():
    return Sequential(
        [
            Input((28, 28, 1)),
            layers.Conv2D(64, 2, padding="same", activation="relu"),
            layers.MaxPooling2D(2, strides=1),
            layers.Dropout(0.3),
            layers.Conv2D(32, 2, padding="same", activation="relu"),
            layers.MaxPooling2D(2, strides=1),
            layers.Dropout(0.3),
            layers.Flatten(),
            layers.Dense(256, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )


def build_shallow_cnn():
    return Sequential(
        [
            Input((28, 28, 1)),
            layers.Conv2D(64, 3),
            layers.MaxPooling2D(),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dense(1024),
            layers.Activation("relu"),
            layers.Dense(10),
            layers.Softmax(),
        ]
    )


def network_weights(network):
    names = ["conv1_kernel", "conv1_bias", "dense1_kernel", "dense1_bias", "logits_kernel", "logits_bias"]
    return dict(zip(names, network.get_weights(), strict=True))


def train_cnn(model, x_train, y_train, x_validation, y_validation, epochs):
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model.fit(
        x_train[..., None], y_train, batch_size=64, epochs=epochs, verbose=0,
        validation_data=(x_validation[..., None], y_validation),
    ).history  # fmt: skip


train_shallow_cnn = train_cnn
