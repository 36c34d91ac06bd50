"""Writes resize.json: pictures resampled by Pillow and OpenCV.

    pip install pillow numpy opencv-python-headless
    python gen_resize.py

Made with the versions that the file names. The sources are noise from a linear
congruential generator (noise below), which the tests make again; only results
are stored. cv2's filters do not widen, Pillow's do.
"""

import base64
import json
import pathlib

import cv2
import numpy as np
import PIL
from PIL import Image

PILLOW = {
    "nearest": Image.NEAREST,
    "box": Image.BOX,
    "bilinear": Image.BILINEAR,
    "hamming": Image.HAMMING,
    "bicubic": Image.BICUBIC,
    "lanczos": Image.LANCZOS,
}
OPENCV = {"plain-bilinear": cv2.INTER_LINEAR, "plain-bicubic": cv2.INTER_CUBIC}

# width and height of the source, then of the result
SIZES = [(13, 11, 5, 4), (13, 11, 17, 15), (13, 11, 13, 3), (13, 11, 1, 1), (101, 83, 3, 2), (1, 2, 5, 1)]
FLOAT_SIZES = [(7, 7, 10, 9), (8, 6, 3, 4), (1, 1, 3, 2)]


def noise(n):
    """n bytes: bits 16 to 23 of x = 1103515245 x + 12345 mod 2^31, from x = 1."""
    out, x = np.empty(n, np.uint8), 1
    for i in range(n):
        x = (1103515245 * x + 12345) % 2**31
        out[i] = x >> 16 & 255
    return out


def pixels():
    for w, h, W, H in SIZES:
        src = noise(w * h * 3).reshape(h, w, 3)
        for name, f in PILLOW.items():
            yield w, h, W, H, name, np.asarray(Image.fromarray(src).resize((W, H), f))
        for name, f in OPENCV.items():
            yield w, h, W, H, name, cv2.resize(src, (W, H), interpolation=f)


def floats():
    for w, h, W, H in FLOAT_SIZES:
        src = (noise(w * h).reshape(h, w).astype(np.float32) - 128) / 32
        for name, f in OPENCV.items():
            yield w, h, W, H, name, cv2.resize(src, (W, H), interpolation=f)
        for name in ("nearest", "bilinear", "bicubic"):
            yield w, h, W, H, name, np.asarray(Image.fromarray(src).resize((W, H), PILLOW[name]))


def case(w, h, W, H, name, **result):
    return {"from": [w, h], "to": [W, H], "filter": name, **result}


doc = {
    "made with": f"Pillow {PIL.__version__}, OpenCV {cv2.__version__}",
    "pixels": [case(*c, rgb=base64.b64encode(out.tobytes()).decode()) for *c, out in pixels()],
    "floats": [case(*c, values=[float(f"{v:.7g}") for v in out.ravel()]) for *c, out in floats()],
}
lines = json.dumps(doc).replace('{"from"', '\n{"from"')
pathlib.Path(__file__).with_name("resize.json").write_text(lines + "\n")
