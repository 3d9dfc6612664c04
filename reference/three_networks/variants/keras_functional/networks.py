"""Three networks in Keras with functional models and a subclass, whose outputs are logits."""

# plots, arrays, and the framework
import keras
import matplotlib.pyplot as plt
import numpy as np

# makes kernels with a deviation of 0.1; each layer gets a copy with a seed of its own
SEEDS = keras.random.SeedGenerator(7)
BIAS = keras.initializers.Constant(0.1)  # tf.constant(0.1)


def dense(units):
    """Return a dense layer that starts like those given."""
    kernel = keras.initializers.RandomNormal(stddev=0.1, seed=SEEDS)  # tf.random_normal
    return keras.layers.Dense(units, kernel_initializer=kernel, bias_initializer=BIAS)  # no activation


class SoftmaxRegression(keras.Model):
    """x W + b, from zeros."""

    def __init__(self):
        """Make the layer."""
        super().__init__()  # Keras' own bookkeeping
        # images may have a channel or not
        self.flat = keras.layers.Flatten()
        self.scores = keras.layers.Dense(10, kernel_initializer="zeros", bias_initializer="zeros")

    def call(self, x):
        """Return logits (N, 10)."""
        return self.scores(self.flat(x))  # the softmax is in the loss


def build_softmax_regression():
    """Return the first network."""
    return SoftmaxRegression()  # built when it sees its first images


def build_mlp():
    """Return the second network, which takes flat images."""
    inputs = keras.Input((784,))  # one image
    hidden = keras.activations.relu(dense(512)(inputs))  # tf.nn.relu
    return keras.Model(inputs, dense(10)(hidden))  # ten logits


def build_lenet():
    """Return the third network, which takes images without a channel."""
    inputs = keras.Input((28, 28))  # one image
    x = keras.layers.Reshape((28, 28, 1))(inputs)  # tf.reshape
    # convolution, pooling, ReLU: in this order there is less to rectify
    for filters in (32, 64):
        kernel = keras.initializers.RandomNormal(stddev=0.1, seed=SEEDS)  # tf.random_normal
        # the given strides are 1, which is the default
        layer = keras.layers.Conv2D(filters, 5, padding="same", kernel_initializer=kernel, bias_initializer=BIAS)
        x = keras.layers.MaxPooling2D()(layer(x))  # 2x2
        x = keras.layers.ReLU()(x)  # tf.nn.relu
    x = keras.layers.Flatten()(x)  # tf.layers.flatten
    x = keras.layers.Activation("relu")(dense(1024)(x))  # the large layer
    x = keras.layers.Dropout(rate=0.5)(x)  # rate is what is dropped
    return keras.Model(inputs, dense(10)(x))  # ten logits


def fit(model, x_train, y_train, x_validation, y_validation, epochs, name, optimizer, batch):
    """Train a network and keep its best weights."""
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)  # with the softmax
    model.compile(optimizer, loss, metrics=["accuracy"])  # accuracy for the history
    # the network of flat images
    if name == "mlp":
        x_train, x_validation = (x.reshape(len(x), 784) for x in (x_train, x_validation))  # flat
    # weights only: smaller, and loads into a fresh network
    best = keras.callbacks.ModelCheckpoint(
        f"checkpoints/{name}.weights.h5", save_best_only=True, save_weights_only=True
    )
    board = keras.callbacks.TensorBoard(log_dir=f"logs/{name}")  # curves
    validation = (x_validation, y_validation)  # after every epoch
    # the history is a dict of lists
    log = model.fit(x_train, y_train, batch, epochs, verbose=0, validation_data=validation, callbacks=[best, board])
    return log.history


def train_softmax_regression(model, x_train, y_train, x_validation, y_validation, epochs):
    """Gradient descent."""
    sets = (x_train, y_train, x_validation, y_validation)  # as they come
    return fit(model, *sets, epochs, "softmax_regression", keras.optimizers.SGD(learning_rate=0.5), 100)  # as given


def train_mlp(model, x_train, y_train, x_validation, y_validation, epochs):
    """Adam."""
    sets = (x_train, y_train, x_validation, y_validation)  # as they come
    return fit(model, *sets, epochs, "mlp", keras.optimizers.Adam(learning_rate=1e-4), 50)  # as given


def train_lenet(model, x_train, y_train, x_validation, y_validation, epochs):
    """Adam."""
    sets = (x_train, y_train, x_validation, y_validation)  # as they come
    return fit(model, *sets, epochs, "lenet", keras.optimizers.Adam(learning_rate=1e-4), 50)  # as given


def prepare(train_images, train_labels, test_images, test_labels):
    """Take every twelfth image for validation."""
    is_validation = np.arange(len(train_images)) % 12 == 0  # 0, 12, 24, …
    prepared = []  # six arrays in the end
    # the three sets
    for images, labels in (
        (train_images[~is_validation], train_labels[~is_validation]),
        (train_images[is_validation], train_labels[is_validation]),
        (test_images, test_labels),
    ):
        # from 0 to 1, with a channel
        prepared.append(images.reshape(-1, 28, 28, 1) / np.float32(255))
        prepared.append((labels[:, None] == np.arange(10)).astype("float32"))  # one-hot
    return tuple(prepared)  # in the order of the handout


def plot_digits(images, labels, predictions):
    """Show ten digits, five in a row."""
    figure, grid = plt.subplots(nrows=2, ncols=5)  # ten plots
    # row and column of each
    for number in range(10):
        ax = grid[number // 5, number % 5]  # from the left, then down
        ax.imshow(images[number].reshape(28, 28))  # in colours
        # both labels under the picture would be hidden, so above
        ax.set_title("GT %d, P %d" % (labels[number], predictions[number]), fontsize=8)
        ax.set_axis_off()
    figure.suptitle("Ten random test images")  # for the whole figure
