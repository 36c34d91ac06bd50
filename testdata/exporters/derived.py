"""What ONNX Runtime's own tools make of exported models: 8-bit numbers, 16-bit floats, fused transformers.

The reference is ONNX Runtime on the result, since the framework has no such
model.
"""

from __future__ import annotations

import pathlib
import tempfile
from functools import partial

import numpy as np
import onnx
import onnxruntime
from onnxruntime import quantization

from case import Run, write


def exports(out: pathlib.Path):
    for source, name, convert, rounds in CASES:
        yield f"{source}-{name}", partial(export, out / source, convert, rounds)


def export(source: pathlib.Path, convert, rounds: bool, folder: pathlib.Path) -> None:
    path = source / "model.onnx"
    if not path.exists():
        raise FileNotFoundError(f"{source.name} is exported first")
    given = [inputs(np.load(f)) for f in sorted(source.glob("[0-9].npz"))]
    with tempfile.TemporaryDirectory() as tmp:
        made = f"{tmp}/made.onnx"
        convert(path, made, given)
        session = onnxruntime.InferenceSession(made, providers=["CPUExecutionProvider"])
        names = [i.name for i in session.get_inputs()]
        runs = [Run(x, session.run(None, dict(zip(names, x)))) for x in given]
        model = onnx.load(made)
    about = {"framework": f"onnxruntime {onnxruntime.__version__}", "exporter": source.name, "rounds": rounds, "stochastic": False}
    write(folder, partial(onnx.save, model), runs, about)


def inputs(npz) -> list:
    return [npz[f"in.{i}"] for i in range(sum(k.startswith("in.") for k in npz))]


class Samples(quantization.CalibrationDataReader):
    """The inputs of the runs, for calibration."""

    def __init__(self, path: pathlib.Path, given: list):
        names = [i.name for i in onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).get_inputs()]
        self.samples = iter([dict(zip(names, x)) for x in given])

    def get_next(self):
        return next(self.samples, None)


def dynamic(path, made, given, **options):
    quantization.quantize_dynamic(path, made, **options)


def static(path, made, given, **options):
    quantization.quantize_static(path, made, Samples(path, given), **options)


def preprocessed(path, made, given, **options):
    """With what quantization wants first: shapes inferred and nodes fused."""
    with tempfile.TemporaryDirectory() as tmp:
        quantization.quant_pre_process(str(path), f"{tmp}/pre.onnx")
        static(pathlib.Path(f"{tmp}/pre.onnx"), made, given, **options)


def weights_only(path, made, given):
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

    q = MatMulNBitsQuantizer(onnx.load(path), block_size=16, is_symmetric=True)
    q.process()
    q.model.save_model_to_file(made)


def fused(path, made, given, model_type: str, apart: bool = False, **options):
    """What the optimizer of transformers writes; apart says that projections stay apart from attention."""
    from onnxruntime.transformers import fusion_options, optimizer

    fusions = fusion_options.FusionOptions(model_type)
    fusions.use_multi_head_attention = apart
    optimizer.optimize_model(str(path), model_type, opt_level=0, use_gpu=False, optimization_options=fusions, **options).save_model_to_file(made)


def halved(path, made, given):
    from onnxruntime.transformers.float16 import convert_float_to_float16

    onnx.save(convert_float_to_float16(onnx.load(path), keep_io_types=True), made)


def optimized(level: str, path, made, given):
    """The graph that ONNX Runtime itself makes of a model when it opens it."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, level)
    options.optimized_model_filepath = made
    onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


Q = quantization
OPERATORS = {"quant_format": Q.QuantFormat.QOperator}
CHANNELS = {"per_channel": True, "weight_type": Q.QuantType.QInt8, "activation_type": Q.QuantType.QInt8}
SIZE = {"num_heads": 4, "hidden_size": 32}
BERT = {"model_type": "bert"} | SIZE
CASES = [
    ("smallresnet-ts17", "int8_dynamic", dynamic, True),
    ("smallresnet-ts17", "int8_qdq", static, True),
    ("smallresnet-ts17", "int8_qdq_channels", partial(preprocessed, **CHANNELS), True),
    ("smallresnet-ts17", "int8_operators", partial(static, **OPERATORS), True),
    ("smallresnet-dynamo", "int8_qdq", partial(preprocessed, **CHANNELS), True),
    ("smallresnet-ts17", "fp16", halved, True),
    ("mobilenet_v2-dynamo", "int8_qdq", partial(preprocessed, **CHANNELS), True),
    ("encoder-dynamo", "int8_dynamic", partial(dynamic, per_channel=True), True),
    ("lstm_tagger-ts17", "int8_dynamic", dynamic, True),
    ("hf_bert-ts17", "int8_dynamic", dynamic, True),
    ("hf_bert-ts17", "int8_qdq", static, True),
    ("hf_bert-ts17", "int4", weights_only, True),
    ("hf_bert-ts17", "fused", partial(fused, **BERT), False),
    ("hf_bert-dynamo", "fused", partial(fused, **BERT), False),
    ("hf_bert_eager-ts17", "fused", partial(fused, **BERT), False),
    ("hf_bert_eager-ts17", "fused_apart", partial(fused, apart=True, **BERT), False),
    ("hf_distilbert_eager-ts17", "fused", partial(fused, **BERT), False),
    ("hf_gpt2-ts17", "fused", partial(fused, model_type="gpt2", **SIZE), False),
    ("hf_llama-ts17", "fused", partial(fused, model_type="gpt2", **SIZE), False),
    ("hf_qwen3-ts17", "fused", partial(fused, model_type="qwen3", **SIZE), False),
    ("hf_vit-ts17", "fused", partial(fused, model_type="vit", **SIZE), False),
    ("swin-ts17", "fused", partial(fused, model_type="swin"), False),
    ("hf_bert-ts17", "basic", partial(optimized, "ORT_ENABLE_BASIC"), False),
    ("hf_bert-ts17", "extended", partial(optimized, "ORT_ENABLE_EXTENDED"), False),
    ("smallresnet-ts17", "extended", partial(optimized, "ORT_ENABLE_EXTENDED"), False),
    ("unet_bilinear-ts17", "extended", partial(optimized, "ORT_ENABLE_EXTENDED"), False),
]
