"""Keras models by model.export(format="onnx"), on the backend that KERAS_BACKEND names.

TensorFlow goes by tf2onnx, JAX by jax2onnx, Torch by torch.onnx.
"""

from __future__ import annotations

import pathlib
from functools import partial

import keras
import numpy as np
from keras import layers, ops

from case import Case, Run, write


def cnn():
    return keras.Sequential([
        layers.Input((28, 28, 1)), layers.Conv2D(8, 3, activation="relu"), layers.MaxPooling2D(), layers.SeparableConv2D(12, 3, padding="same", activation="elu"), layers.BatchNormalization(),
        layers.DepthwiseConv2D(3, strides=2, padding="same"), layers.AveragePooling2D(2, padding="same"), layers.Dropout(0.5), layers.Flatten(), layers.Dense(10, activation="softmax"),
    ])


def residual(x, width: int, stride: int = 1):
    y = layers.Conv2D(width, 3, stride, padding="same", use_bias=False)(x)
    y = layers.ReLU()(layers.BatchNormalization()(y))
    y = layers.BatchNormalization()(layers.Conv2D(width, 3, padding="same", use_bias=False)(y))
    if stride > 1:
        x = layers.Conv2D(width, 1, stride)(x)
    return layers.ReLU()(layers.Add()([x, y]))


def resnet():
    x = inputs = layers.Input((32, 32, 3), name="image")
    x = layers.Rescaling(1 / 127.5, offset=-1)(x)
    x = layers.Conv2D(8, 3, padding="same")(x)
    x = residual(residual(residual(x, 8), 16, 2), 16)
    return keras.Model(inputs, layers.Dense(10, name="logits")(layers.GlobalAveragePooling2D()(x)), name="resnet")


def unet():
    x = inputs = layers.Input((32, 32, 3))
    a = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
    b = layers.Conv2D(16, 3, padding="same", activation="relu")(layers.MaxPooling2D()(a))
    c = layers.Conv2D(24, 3, 2, padding="same", activation="gelu")(b)
    y = layers.Concatenate()([layers.Conv2DTranspose(16, 3, 2, padding="same")(c), b])
    y = layers.Concatenate()([layers.UpSampling2D(interpolation="bilinear")(y), a])
    y = layers.GroupNormalization(4)(layers.Conv2D(8, 3, padding="same")(y))
    return keras.Model(inputs, layers.Conv2D(2, 1, activation="sigmoid")(layers.LeakyReLU()(y)))


def recurrent(layer, **options):
    def build():
        return keras.Sequential([layers.Input((9,), dtype="int32"), layers.Embedding(30, 8, mask_zero=False), layer(12, return_sequences=True, **options), layers.Dense(4)])

    return build


def bidirectional():
    return keras.Sequential([layers.Input((9, 6)), layers.Bidirectional(layers.LSTM(8, return_sequences=True)), layers.Bidirectional(layers.GRU(6)), layers.Dense(3)])


def convlstm():
    return keras.Sequential([layers.Input((4, 8, 8, 2)), layers.ConvLSTM2D(4, 3, padding="same"), layers.GlobalMaxPooling2D()])


def transformer():
    x = inputs = layers.Input((9, 16))
    for _ in range(2):
        y = layers.MultiHeadAttention(4, 4)(x, x, use_causal_mask=True)
        x = layers.LayerNormalization()(x + y)
        x = layers.LayerNormalization()(x + layers.Dense(16)(layers.Dense(32, activation="gelu")(x)))
    return keras.Model(inputs, layers.Dense(5)(layers.GlobalAveragePooling1D()(x)))


def mixed():
    """Several inputs and outputs, operators of keras.ops."""
    a, b = layers.Input((6, 5), name="left"), layers.Input((6, 5), name="right")
    d = layers.Dot(2)([a, b])
    y = ops.softmax(ops.einsum("bij,bkj->bik", a, b) * 0.3)
    z = layers.Permute((2, 1))(layers.Subtract()([a, b]))
    z = layers.Cropping1D(1)(layers.ZeroPadding1D(2)(z))
    return keras.Model([a, b], [d, y, layers.Reshape((-1,))(layers.Maximum()([z, layers.RepeatVector(7)(layers.Flatten()(z[:, 0])) * 0.5]))])


def volumes():
    return keras.Sequential([
        layers.Input((8, 8, 8, 2)), layers.Conv3D(4, 3, padding="same", activation="swish"), layers.MaxPooling3D(), layers.Conv3DTranspose(3, 2, 2), layers.SpatialDropout3D(0.1), layers.GlobalAveragePooling3D(), layers.UnitNormalization(),
    ])


def waves():
    return keras.Sequential([
        layers.Input((40, 3)), layers.Conv1D(8, 5, dilation_rate=2, padding="causal", activation="tanh"), layers.SeparableConv1D(8, 3, padding="same"), layers.MaxPooling1D(), layers.Conv1DTranspose(6, 4, 2, padding="same"), layers.PReLU(), layers.LayerNormalization(),
    ])


def application(name: str, size: int, **options):
    return lambda: getattr(keras.applications, name)(weights=None, input_shape=(size, size, 3), classes=10, **options)


def noise(*shapes, integers=0, gain=1.0):
    def inputs(i: int) -> tuple:
        random = np.random.default_rng(i)
        if integers:
            return tuple(random.integers(1, integers, (1 + i, *s)).astype(np.int32) for s in shapes)
        return tuple((gain * random.standard_normal((1 + i, *s))).astype(np.float32) for s in shapes)

    return inputs


CASES = [
    Case("cnn", cnn, noise((28, 28, 1))),
    Case("resnet", resnet, noise((32, 32, 3), gain=100)),
    Case("unet", unet, noise((32, 32, 3))),
    Case("lstm", recurrent(layers.LSTM), noise((9,), integers=30)),
    Case("gru", recurrent(layers.GRU), noise((9,), integers=30)),
    Case("gru_before", recurrent(layers.GRU, reset_after=False, go_backwards=True), noise((9,), integers=30)),
    Case("simple_rnn", recurrent(layers.SimpleRNN), noise((9,), integers=30)),
    Case("bidirectional", bidirectional, noise((9, 6))),
    Case("convlstm", convlstm, noise((4, 8, 8, 2))),
    Case("transformer", transformer, noise((9, 16))),
    Case("mixed", mixed, noise((6, 5), (6, 5))),
    Case("volumes", volumes, noise((8, 8, 8, 2))),
    Case("waves", waves, noise((40, 3))),
    Case("mobilenet", application("MobileNet", 64, alpha=0.25), noise((64, 64, 3))),
    Case("mobilenet_v2", application("MobileNetV2", 64, alpha=0.35), noise((64, 64, 3))),
    Case("mobilenet_v3", application("MobileNetV3Small", 64, minimalistic=False), noise((64, 64, 3), gain=80)),
    Case("efficientnet", application("EfficientNetV2B0", 64), noise((64, 64, 3), gain=80)),
    Case("densenet", application("DenseNet121", 64), noise((64, 64, 3))),
    Case("xception", application("Xception", 96), noise((96, 96, 3))),
    Case("convnext", application("ConvNeXtTiny", 64), noise((64, 64, 3))),
    Case("nasnet", application("NASNetMobile", 64), noise((64, 64, 3))),
]


def exports(_):
    backend = keras.backend.backend()
    for case in CASES:
        yield f"keras_{case.name}-{backend}", partial(export, case, backend)


def export(case: Case, backend: str, folder: pathlib.Path) -> None:
    keras.utils.set_random_seed(0)
    model = case.build()
    lively(model)
    runs = []
    for i in range(1 if backend == "torch" else 2):  # exported for one batch size there
        given = case.inputs(i)
        made = model(list(given) if len(given) > 1 else given[0], training=False)
        runs.append(Run(given, [keras.ops.convert_to_numpy(y) for y in (made if isinstance(made, list | tuple) else [made])]))
    about = {"framework": f"keras {keras.__version__}", "exporter": backend, "rounds": False, "stochastic": False}
    write(folder, lambda path: model.export(path, format="onnx", verbose=False), runs, about)


def lively(model: keras.Model) -> None:
    """Adds noise to weights that are all alike, such as means, variances and offsets."""
    random = np.random.default_rng(0)
    for w in model.weights:
        x = keras.ops.convert_to_numpy(w)
        if x.dtype == np.float32 and x.size > 1 and x.std() == 0:
            w.assign(x + 0.1 * np.abs(random.standard_normal(x.shape)).astype(np.float32))
