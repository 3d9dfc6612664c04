"""Notebooks for Keras 2 and TensorFlow 1, the data they download, and the other modes of a replay."""

from importlib.util import find_spec

import pytest

from grader.recording.events import Measured, Note, Trained, WeightsMoved
from tests.frameworks.replays import notebook, replayed

pytest.importorskip("keras")
pytest.importorskip("tensorflow")

OLD = notebook(
    """\
import tensorflow as tf, numpy as np
from tensorflow.python.keras.models import Sequential
from tensorflow.python.keras.layers import Dense, Dropout, MaxPooling2D
from tensorflow.keras.optimizers import SGD
from tensorflow.examples.tutorials.mnist import input_data
mnist = input_data.read_data_sets('MNIST_data', one_hot=True)
batch = mnist.train.next_batch(7)
print(mnist.train.images.shape, mnist.validation.labels.shape, mnist.test.num_examples, batch[0].shape)
print(mnist.train.images.dtype, float(mnist.train.images.max()), np.zeros(2, dtype=np.float).dtype)""",
    """\
model = Sequential([Dense(16, activation='relu', input_dim=784), Dropout(0.2), Dense(10, activation='softmax')])
model.compile(optimizer=SGD(lr=0.1, decay=1e-6, momentum=0.9), loss='categorical_crossentropy', metrics=['accuracy'])
history = model.fit(mnist.train.images, mnist.train.labels, nb_epoch=30, batch_size=200, validation_split=0.2,
                    callbacks=[tf.keras.callbacks.TensorBoard(batch_size=32, write_grads=True)], verbose=0)
print(sorted(history.history), len(history.history['val_acc']))""",
    """\
model.save_weights('weights.hdf5'); model.load_weights('weights.hdf5'); model.save('whole.h5')
again = tf.keras.models.load_model('whole.h5')
print(again.predict_classes(mnist.test.images).shape, again.evaluate(mnist.test.images, mnist.test.labels)[1] >= 0)
print(MaxPooling2D().pool_size)""",
    """\
import tensorflow_datasets as tfds
(train, test), info = tfds.load('fashion_mnist', split=['train[:80%]', 'test'], as_supervised=True, with_info=True)
print(len(train), info.splits['test'].num_examples, train.element_spec[0].shape, train.element_spec[1].dtype.name)
whole = tfds.load('mnist', split='test', batch_size=-1)
print(tfds.as_numpy(whole)['image'].shape)""",
    """\
net = tf.keras.Sequential([tf.keras.layers.Flatten(input_shape=(28, 28, 1)), tf.keras.layers.Dense(10)])
net.compile('adam', tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=['accuracy'])
net.fit(train.batch(100), epochs=6, validation_data=test.batch(100), verbose=0)""",
    "images = tf.keras.preprocessing.image.ImageDataGenerator(rotation_range=5).flow(\n"
    "    mnist.train.images.reshape(-1, 28, 28, 1), mnist.train.labels, batch_size=50)\n"
    "net2 = tf.keras.Sequential([tf.keras.layers.Flatten(), tf.keras.layers.Dense(10, activation='softmax')])\n"
    "net2.compile('adam', 'categorical_crossentropy')\n"
    "net2.fit_generator(images, steps_per_epoch=1100, epochs=5, verbose=0, workers=4)",
    "session = tf.Session()",
    """\
for step in range(500):
    model.train_on_batch(*mnist.train.next_batch(40))
print(step)""",
    """\
optimizer = tf.keras.optimizers.SGD(0.05)
for epoch in range(30):
    for start in range(0, 20000, 100):
        x, y = mnist.train.images[start:start + 100], mnist.train.labels[start:start + 100]
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.keras.losses.categorical_crossentropy(y, model(x)))
        optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
print(epoch, start)""",
    """\
optimizer = tf.keras.optimizers.Adam(0.01)
@tf.function
def total(data):
    found = tf.constant(0)
    for part in data:
        found += part
    return found
@tf.function
def step(x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.keras.losses.categorical_crossentropy(y, model(x)))
    optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
for epoch in range(30):
    for start in range(0, 20000, 100):
        step(mnist.train.images[start:start + 100], mnist.train.labels[start:start + 100])
print(epoch, start, int(total(tf.data.Dataset.range(5).map(lambda n: tf.cast(n, tf.int32)))))""",
)


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    recording = replayed(tmp_path_factory.mktemp("old"), OLD)
    assert recording.problem == ""
    return {cell.number: cell for cell in recording.cells}


def events(cell, kind):
    return [event for event in cell.events if isinstance(event, kind)]


def notes(cell):
    return " | ".join(note.text for note in events(cell, Note))


def test_old_code_runs(cells):
    told = {number: (cell.status, cell.cause) for number, cell in cells.items()}
    # Keras moves images with SciPy, which nothing else here needs
    generated = ("ran", "") if find_spec("scipy") else ("failed", "surroundings")
    expected = {**dict.fromkeys(range(1, 11), ("ran", "")), 6: generated, 7: ("failed", "surroundings")}
    assert told == expected, [cell.failure for cell in cells.values()]
    assert "tensorflow.Session belongs to TensorFlow 1" in notes(cells[7])


def test_the_reader_of_the_tutorial(cells):
    assert cells[1].printed == "(55000, 784) (5000, 10) 10000 (7, 784)\nfloat32 1.0 float64\n"
    assert "tensorflow.python.keras.models is tensorflow.keras.models today" in notes(cells[1])
    assert "np.float is gone from NumPy: float" in notes(cells[1])


def test_old_arguments_keep_their_meaning(cells):
    (training,) = events(cells[2], Trained)
    assert (training.optimizer.kind, training.optimizer.settings["learning_rate"]) == ("SGD", "0.1")
    assert (training.epochs_asked, training.batch_size, training.steps_asked) == (30, 200, 220)
    assert (training.validation.source, training.validation.share) == ("split", 0.2)
    assert training.inputs.share_from("train") == 1.0
    assert cells[2].printed.endswith("2\n")
    for old in ("SGD(lr=…)", "SGD(decay=…)", "fit(nb_epoch=…)", "TensorBoard(batch_size=…)", "history['val_acc']"):
        assert old in notes(cells[2])


def test_files_of_weights_with_old_names(cells):
    moved = events(cells[3], WeightsMoved)
    assert [(event.action, event.model) for event in moved] == [
        ("saved", 1), ("loaded", 1), ("saved", 1), ("loaded", 2),
    ]  # fmt: skip
    assert {event.model for event in events(cells[3], Measured)} == {2}
    assert "(10000,) True" in cells[3].printed
    assert "(2, 2)" in cells[3].printed


def test_tensorflow_datasets(cells):
    lines = cells[4].printed.splitlines()
    assert lines == ["48000 10000 (28, 28, 1) int64", "(10000, 28, 28, 1)"]
    (training,) = events(cells[5], Trained)
    assert (training.batch_size, training.steps_asked, training.steps_run) == (100, 480, 20)
    assert training.inputs.share_from("train") == 1.0
    assert training.validation.inputs.share_from("test") == 1.0


def test_a_generator_of_images_is_cut(cells):
    pytest.importorskip("scipy")
    (training,) = events(cells[6], Trained)
    assert (training.batch_size, training.steps_asked, training.epochs_asked, training.steps_run) == (50, 1100, 5, 20)
    assert "fit_generator is gone from Keras 3: fit" in notes(cells[6])


def test_steps_one_by_one_are_counted_and_ended(cells):
    (training,) = events(cells[8], Trained)
    assert (training.by, training.batch_size, training.steps_run) == ("train_on_batch", 40, 10)
    assert training.inputs.share_from("train") == 1.0
    assert cells[8].printed == "9\n"


def test_a_loop_around_a_gradient_tape_is_counted_and_ended(cells):
    (training,) = events(cells[9], Trained)
    assert (training.by, training.model, training.steps_run) == ("loop", events(cells[8], Trained)[0].model, 20)
    assert (training.optimizer.kind, training.optimizer.settings["learning_rate"]) == ("SGD", "0.05")
    assert (training.epochs_asked, training.epochs_run) == (30, 2)
    assert cells[9].printed == "1 900\n"


def test_steps_inside_a_graph_are_counted_and_ended(cells):
    (training,) = events(cells[10], Trained)
    assert (training.optimizer.kind, training.steps_run, training.epochs_run) == ("Adam", 20, 2)
    assert cells[10].printed == "1 900 10\n"


SMALL = notebook(
    """\
import keras, numpy as np
x, y = np.random.default_rng(0).random((200, 4)), np.zeros(200)
model = keras.Sequential([keras.layers.Dense(1)])
model.compile('sgd', 'mse')
history = model.fit(x, y, epochs=4, batch_size=10, verbose=0)
print(len(history.history.get('loss', [])))""",
    "history.history['loss'][0]",
)


@pytest.mark.parametrize(
    ("mode", "epochs", "steps", "second"),
    [("definitions", 0, 0, ("failed", "budget")), ("full", 4, 80, ("ran", ""))],
)
def test_the_other_modes(tmp_path, mode, epochs, steps, second):
    first, last = replayed(tmp_path, SMALL, mode).cells
    (training,) = events(first, Trained)
    assert (training.epochs_asked, training.epochs_run, training.steps_run) == (4, epochs, steps)
    assert training.is_cut is (mode == "definitions")
    assert first.printed == f"{epochs}\n"
    assert (last.status, last.cause) == second
