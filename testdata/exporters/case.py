"""What is exported, and how it is written down.

A case is one model with its inputs. Each exporter that takes it makes a folder

    NAME-EXPORTER/model.onnx    the model, with model.onnx.data beside it if the exporter puts weights there
                 /0.npz, 1.npz  inputs "in.I" and the framework's outputs "out.I", in the graph's order; 1 in other extents;
                                perhaps gradients "grad.I" of the first output, weighed by "seed", for the inputs that are floats,
                                and the same computed in float64, "exact.I"
                 /case.json     who made it, and how ONNX Runtime's outputs compare with the framework's
"""

from __future__ import annotations

import json
import pathlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import onnx
import onnxruntime


@dataclass
class Case:
    """A model of a framework.

    build makes the model, inputs the tuple of its arguments: inputs(0) is what
    it is exported with, inputs(1) has other extents along the dynamic axes.
    dynamic names these axes, for each input: ({0: "batch"}, None).
    """

    name: str
    build: Callable
    inputs: Callable
    dynamic: tuple | None = None
    exporters: tuple = ()
    rounds: bool = False  # to 8 bits, or computes in 16
    stochastic: bool = False  # has no outputs to compare
    parts: bool = False  # the outputs have nothing to do with each other: those that an exporter refuses are left out


class Run(NamedTuple):
    """Arrays that went in and came out."""

    given: list
    made: list
    seed: np.ndarray | None = None
    grads: list | None = None
    exact: list | None = None

    def arrays(self) -> dict:
        named = {f"in.{i}": x for i, x in enumerate(self.given)} | {f"out.{i}": x for i, x in enumerate(self.made)}
        if self.seed is not None:
            named |= {"seed": self.seed} | {f"grad.{i}": x for i, x in enumerate(self.grads)} | {f"exact.{i}": x for i, x in enumerate(self.exact)}
        return named


def write(folder: pathlib.Path, export: Callable[[str], None], runs: list[Run], about: dict) -> None:
    """Writes one folder, or none at all if anything fails.

    export writes the model to the path that it is given.
    """
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    path = part / "model.onnx"
    export(str(path))
    model = onnx.load(path, load_external_data=False)
    weights = {i.name for i in model.graph.initializer}
    names = [i.name for i in model.graph.input if i.name not in weights]
    for i, r in enumerate(runs):
        if len(r.given) != len(names):
            raise ValueError(f"the graph has inputs {names} where {len(r.given)} are given")
        np.savez(part / f"{i}.npz", **r.arrays())
    about |= {
        "opset": {o.domain or "ai.onnx": o.version for o in model.opset_import},
        "functions": len(model.functions),
        "nodes": len(model.graph.node),
        "runtime": compare(path, names, runs),
    }
    (part / "case.json").write_text(json.dumps(about, indent=1))
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)


def compare(path: pathlib.Path, names: list, runs: list) -> list:
    """Says for each run how far ONNX Runtime is from the framework, relative to each output's greatest magnitude, or why it fails."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as e:  # what the library says is the finding
        return [failure(e)] * len(runs)
    return [compare_run(session, dict(zip(names, r.given)), r.made) for r in runs]


def compare_run(session: onnxruntime.InferenceSession, given: dict, made: list) -> str | float:
    try:
        results = session.run(None, given)
    except Exception as e:
        return failure(e)
    worst = 0.0
    for x, y in zip(results, made, strict=True):
        if x.shape != y.shape:
            return f"fails: shape {list(x.shape)} where the framework has {list(y.shape)}"
        if x.dtype == bool or x.dtype.kind in "US":
            worst = max(worst, float((x != y).any()))
            continue
        x, y = x.astype(np.float64), y.astype(np.float64)
        off = np.where((x == y) | (np.isnan(x) & np.isnan(y)), 0, np.abs(x - y))
        finite = np.abs(y[np.isfinite(y)])
        worst = max(worst, float(off.max(initial=0) / max(finite.max(initial=0), 1e-7)))
    return float(f"{worst:.2g}")


def failure(e: Exception) -> str:
    return "fails: " + " ".join(str(e).split())[:300]
