"""Exports models of current PyTorch, Keras and Transformers to ONNX, for tests of the engine.

    python export.py [--out DIR] [--list] [PATTERN ...]

writes a folder for each model and exporter (see case.py), with random seeded
weights and small sizes. What is there already stays. PATTERNs are regular
expressions for the names of folders. Each family runs in a process of its own,
because Keras takes one backend for a process. What an exporter refuses is
listed in DIR/refused.txt.
"""

from __future__ import annotations

import argparse
import importlib
import os
import pathlib
import re
import subprocess
import sys
import traceback

FAMILIES = {
    "vision": {},
    "zoo": {},
    "layers": {},
    "sequence": {},
    "hub": {},
    "diffusion": {},
    "derived": {},
    "keras_models": {"KERAS_BACKEND": "torch"},
    "keras_models:tensorflow": {"KERAS_BACKEND": "tensorflow"},
    "keras_models:jax": {"KERAS_BACKEND": "jax"},
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parents[2] / ".exports")
    parser.add_argument("--family", choices=FAMILIES, help="only this one, in this process")
    parser.add_argument("--list", action="store_true", help="name what would be exported")
    parser.add_argument("patterns", nargs="*")
    args = parser.parse_args()
    if args.family:
        family(args)
        return 0
    args.out.mkdir(parents=True, exist_ok=True)
    failed = 0
    for name, env in FAMILIES.items():
        command = [sys.executable, __file__, "--family", name, "--out", str(args.out), *["--list"] * args.list, *args.patterns]
        failed += subprocess.run(command, env=os.environ | env | {"TF_CPP_MIN_LOG_LEVEL": "3"}).returncode != 0
    return min(failed, 1)


def family(args: argparse.Namespace) -> None:
    module = importlib.import_module(args.family.partition(":")[0])
    for name, export in module.exports(args.out):
        if args.patterns and not any(re.search(p, name) for p in args.patterns):
            continue
        folder = args.out / name
        if folder.exists():
            continue
        if args.list:
            print(name)
            continue
        try:
            export(folder)
            print(name, flush=True)
        except Exception as e:  # an exporter's limits are no fault of the script
            if os.environ.get("TRACE"):
                traceback.print_exc()
            while e.__cause__:
                e = e.__cause__
            reason = " ".join(str(e).split())[:300]
            print(f"{name}: refused: {reason}", flush=True)
            with open(args.out / "refused.txt", "a") as f:
                print(f"{name}\t{type(e).__name__}: {reason}", file=f)


if __name__ == "__main__":
    sys.exit(main())
