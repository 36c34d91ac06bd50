"""Both exporters of PyTorch, in the opsets that people use."""

from __future__ import annotations

import copy
import inspect
import pathlib
import tempfile
import warnings
from functools import partial

import torch
from torch.utils import _pytree as pytree

from case import Case, Run, write

# Names of exporters: ts is the one that traces to TorchScript (dynamo=False),
# dynamo the one of torch.export; a number is the opset, and static says that no
# axis is dynamic.
USUAL = ("ts17", "dynamo")
ALL = ("ts9", "ts11", "ts13", "ts17", "ts20", "dynamo", "dynamo18", "dynamo23", "dynamo-static", "dynamo-raw")


def exports(cases: list[Case]):
    """Lists a name and a function for each case and exporter."""
    for case in cases:
        for exporter in case.exporters or USUAL:
            yield f"{case.name}-{exporter}", partial(export, case, exporter)


def export(case: Case, exporter: str, folder: pathlib.Path) -> None:
    torch.manual_seed(0)
    model = lively(case.build())
    if case.parts:
        model = accepted(model, case, exporter)
    runs = []
    for i in range(1 if is_static(case, exporter) else 2):
        args = inputs(case, i)
        runs.append(Run(arrays(args), *evaluate(model, args)))
    about = {
        "framework": f"torch {torch.__version__.partition('+')[0]}", "exporter": exporter,
        "rounds": case.rounds, "stochastic": case.stochastic,
    }
    write(folder, partial(run, model, case, exporter), runs, about)


def evaluate(model, args: tuple) -> tuple:
    """The outputs, and the gradients of the first one, weighed by a seed, with respect to inputs that are floats, in float32 and float64.

    None stands for gradients that there are none of.
    """
    with torch.no_grad():
        made = arrays(model(*args))
    try:
        seed, grads = gradients(model, args, torch.float32)
        exact = gradients(copy.deepcopy(model).double(), args, torch.float64)[1]
    except (RuntimeError, TypeError):  # of what has no gradient, or insists on a type
        return made, None, None, None
    return made, seed.numpy(), arrays(grads), arrays(exact)


def gradients(model, args: tuple, dtype: torch.dtype) -> tuple:
    args = tuple(a.to(dtype).requires_grad_() if a.is_floating_point() else a for a in args)
    y = pytree.tree_leaves(model(*args))[0]
    torch.manual_seed(20)
    seed = torch.randn(y.shape)
    return seed, torch.autograd.grad(y, [a for a in args if a.is_floating_point()], seed.to(y.dtype), materialize_grads=True)


def inputs(case: Case, i: int) -> tuple:
    torch.manual_seed(10 + i)
    return case.inputs(i)


class Some(torch.nn.Module):
    """A few of the outputs of a module; what makes the others alone is not exported."""

    def __init__(self, model: torch.nn.Module, kept: list[int]):
        super().__init__()
        self.model, self.kept = model, kept

    def forward(self, *args):
        made = self.model(*args)
        return tuple(made[i] for i in self.kept)


def accepted(model: torch.nn.Module, case: Case, exporter: str) -> torch.nn.Module:
    """The module without the outputs that the exporter refuses; the module itself if it takes all."""

    def takes(model: torch.nn.Module) -> bool:
        with tempfile.TemporaryDirectory() as tmp:
            try:
                run(model, case, exporter, f"{tmp}/model.onnx")
                return True
            except Exception:  # an exporter's limits come as any
                return False

    made = model(*inputs(case, 0))
    if not isinstance(made, tuple) or takes(model):
        return model
    kept = [i for i in range(len(made)) if takes(Some(model, [i]))]
    print(f"  {case.name}-{exporter}: without outputs {sorted(set(range(len(made))) - set(kept))}")
    return Some(model, kept) if kept else model


def is_static(case: Case, exporter: str) -> bool:
    return "static" in exporter or case.dynamic is None


def run(model, case: Case, exporter: str, path: str) -> None:
    args, static = inputs(case, 0), is_static(case, exporter)
    opset = int("".join(filter(str.isdigit, exporter))) if any(map(str.isdigit, exporter)) else None
    names = [f"x{i}" for i in range(len(pytree.tree_leaves(args)))]
    options = {"opset_version": opset, "input_names": names, "verbose": False}
    if isinstance(model, torch.nn.Module) and model.training:
        options["training"] = torch.onnx.TrainingMode.TRAINING
    if exporter.startswith("ts"):
        options["dynamo"] = False
        if not static:
            options["dynamic_axes"] = {n: d for n, d in zip(names, case.dynamic) if d}
    else:
        options["dynamo"] = True
        if "raw" in exporter:
            options["optimize"] = False
        if not static:
            options["dynamic_shapes"] = (case.dynamic,) if takes_any(model) else case.dynamic
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(model, args, path, **options)


def lively(model):
    """Adds noise to parameters that are all alike, such as zeros and ones, which would hide what is done with them."""
    if isinstance(model, torch.nn.Module):
        for p in model.parameters():
            if p.is_floating_point() and p.numel() > 1 and not p.isnan().any() and p.float().std() == 0:
                p.data += 0.1 * torch.randn(p.shape).to(p.dtype)
    return model


def takes_any(model: torch.nn.Module) -> bool:
    """Whether forward takes *args, which is one argument in the eyes of torch.export."""
    return any(p.kind == p.VAR_POSITIONAL for p in inspect.signature(model.forward).parameters.values())


def arrays(tree) -> list:
    """The tensors of nested tuples and dictionaries, as arrays of NumPy; 16-bit floats of types it lacks are widened."""
    leaves = [t for t in pytree.tree_leaves(tree) if isinstance(t, torch.Tensor)]
    return [(t.float() if t.dtype == torch.bfloat16 else t).detach().cpu().numpy() for t in leaves]
