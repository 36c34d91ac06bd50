"""Writes images/ and images.json: small pictures of every kind, and what Pillow
makes of them.

    pip install pillow numpy opencv-python-headless
    python gen_images.py

A transparent picture is laid over white, 16 bits keep the upper 8, and the EXIF
orientation is applied, as package data documents; all else is Pillow's
convert("RGB"). What Pillow cannot write is put together here.
"""

import base64
import io
import json
import pathlib
import shutil
import struct

import cv2
import numpy as np
import PIL
from PIL import Image, ImageOps

HERE = pathlib.Path(__file__).parent
OUT = HERE / "images"


def scene(w, h):
    """Smooth colours with an edge, so that interpolation and edges both show."""
    y, x = np.mgrid[0:h, 0:w]
    rgb = np.stack([255 * x / (w - 1), 255 * y / (h - 1), 128 + 120 * np.sin(x * 0.9 + y * 0.6)], -1)
    rgb[h // 3 : h // 2, w // 4 : w // 2] = (250, 20, 30)
    return rgb.astype(np.uint8)


ODD, EVEN, TINY = scene(19, 13), scene(22, 18), scene(11, 7)
FADE = np.dstack([TINY, np.linspace(0, 255, TINY[..., 0].size).reshape(TINY.shape[:2]).astype(np.uint8)])
rgb, rgba = Image.fromarray(TINY), Image.fromarray(FADE)


def encoded(im, fmt, **options):
    out = io.BytesIO()
    im.save(out, fmt, **options)
    return out.getvalue()


def exif(orientation):
    e = Image.Exif()
    e[274] = orientation
    return e


def as_stored(im, orientation):
    """The picture that is seen as im when it carries the orientation."""
    turn = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    return im if orientation == 1 else im.transpose(turn[orientation])


def jpegs():
    for kind, im in [("odd", ODD), ("even", EVEN)]:
        for sampling in ("4:4:4", "4:2:2", "4:2:0"):
            yield f"{kind}_{sampling.replace(':', '')}.jpg", encoded(Image.fromarray(im), "JPEG", quality=90, subsampling=sampling)
    for name in ("440", "411"):
        factor = [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, getattr(cv2, "IMWRITE_JPEG_SAMPLING_FACTOR_" + name)]
        yield f"odd_{name}.jpg", cv2.imencode(".jpg", ODD[..., ::-1], factor)[1].tobytes()
    yield "narrow_420.jpg", encoded(Image.fromarray(ODD[:, :3]), "JPEG", quality=90, subsampling="4:2:0")
    odd = Image.fromarray(ODD)
    yield "progressive.jpg", encoded(odd, "JPEG", quality=90, progressive=True)
    yield "restarts.jpg", encoded(odd, "JPEG", quality=90, restart_marker_blocks=1)
    yield "grey.jpg", encoded(odd.convert("L"), "JPEG", quality=90)
    yield "stored_rgb.jpg", encoded(odd, "JPEG", quality=90, keep_rgb=True)
    cmyk = encoded(odd.convert("CMYK"), "JPEG", quality=95)
    yield "cmyk.jpg", cmyk
    at = cmyk.index(b"\xff\xee")
    yield "cmyk_unmarked.jpg", cmyk[:at] + cmyk[at + 16 :]
    for o in range(1, 9):
        yield f"orientation_{o}.jpg", encoded(as_stored(rgb, o), "JPEG", quality=90, subsampling="4:4:4", exif=exif(o))
    yield "really_a.jpg.png", encoded(rgb, "JPEG")


def pngs():
    yield "rgb.png", encoded(rgb, "PNG")
    yield "rgba.png", encoded(rgba, "PNG")
    yield "grey.png", encoded(rgb.convert("L"), "PNG")
    yield "grey_alpha.png", encoded(rgba.convert("LA"), "PNG")
    yield "bilevel.png", encoded(rgb.convert("1"), "PNG")
    yield "palette.png", encoded(rgb.quantize(13), "PNG")
    yield "palette_transparent.png", encoded(rgb.quantize(13), "PNG", transparency=2)
    deep = TINY.astype(np.uint16) * 257 - 3
    yield "rgb16.png", cv2.imencode(".png", deep)[1].tobytes()
    yield "grey16.png", cv2.imencode(".png", deep[..., 0])[1].tobytes()
    yield "orientation_6.png", encoded(as_stored(rgb, 6), "PNG", exif=exif(6))


def gifs():
    yield "plain.gif", encoded(rgb, "GIF")
    yield "moving.gif", encoded(rgb, "GIF", save_all=True, append_images=[rgb.rotate(180)], duration=50)
    yield "transparent.gif", encoded(rgb.quantize(13), "GIF", transparency=3)


def webps():
    for kind, im in [("odd", ODD), ("even", EVEN)]:
        yield f"lossy_{kind}.webp", encoded(Image.fromarray(im), "WEBP", quality=85)
    yield "lossy_alpha.webp", encoded(rgba, "WEBP", quality=85)
    yield "lossless.webp", encoded(rgb, "WEBP", lossless=True)
    yield "lossless_alpha.webp", encoded(rgba, "WEBP", lossless=True, exact=True)
    yield "orientation_8.webp", encoded(as_stored(rgb, 8), "WEBP", lossless=True, exif=exif(8))
    yield "moving.webp", encoded(rgb, "WEBP", lossless=True, save_all=True, append_images=[rgb.rotate(180)])
    yield "moving_alpha.webp", encoded(rgba, "WEBP", quality=85, save_all=True, append_images=[rgba.rotate(180)])


def tiffs():
    for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"):
        yield f"rgb_{compression}.tiff", encoded(rgb, "TIFF", compression=compression)
    yield "rgba.tiff", encoded(rgba, "TIFF")
    yield "grey.tiff", encoded(rgb.convert("L"), "TIFF")
    yield "palette.tiff", encoded(rgb.quantize(13), "TIFF")
    yield "fax.tiff", encoded(rgb.convert("1"), "TIFF", compression="group4")
    deep = Image.fromarray((TINY[..., 0].astype(np.uint16) * 257 - 3) & 0xFFFF)
    yield "grey16.tiff", encoded(deep, "TIFF")
    yield "orientation_5.tiff", encoded(as_stored(rgb, 5), "TIFF", tiffinfo={274: 5})


def bmp(w, h, bpp, pixels, compression=0, palette=b"", masks=b"", gap=b"", colours=0):
    info = struct.pack("<IiiHHIIiiII", 40, w, h, 1, bpp, compression, len(pixels), 0, 0, colours, 0)
    start = 14 + len(info) + len(masks) + len(palette) + len(gap)
    head = b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start)
    return head + info + masks + palette + gap + pixels


def rows(array, dtype):
    """Rows from the bottom up, each padded to a multiple of 4 bytes."""
    out = b""
    for row in array[::-1]:
        b = row.astype(dtype).tobytes()
        out += b + bytes(-len(b) % 4)
    return out


def bmps():
    yield "rgb.bmp", encoded(rgb, "BMP")
    yield "rgba.bmp", encoded(rgba, "BMP")
    yield "grey.bmp", encoded(rgb.convert("L"), "BMP")
    yield "bilevel.bmp", encoded(rgb.convert("1"), "BMP")
    h, w, _ = TINY.shape
    v4 = encoded(rgba, "BMP")[54:]  # the same pixels after a header that tells the channels
    info = struct.pack("<IiiHHIIiiII4I52x", 108, w, h, 1, 32, 3, len(v4), 0, 0, 0, 0, 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    yield "bits32_alpha.bmp", b"BM" + struct.pack("<IHHI", 122 + len(v4), 0, 0, 122) + info + v4
    r, g, b = (TINY[..., i].astype(int) for i in range(3))
    pixels565, pixels555 = r >> 3 << 11 | g >> 2 << 5 | b >> 3, r >> 3 << 10 | g >> 3 << 5 | b >> 3
    yield "bits565.bmp", bmp(w, h, 16, rows(pixels565, "<u2"), 3, masks=struct.pack("<3I", 0xF800, 0x7E0, 0x1F))
    yield "bits555.bmp", bmp(w, h, 16, rows(pixels555, "<u2"))
    yield "bits32.bmp", bmp(w, h, 32, rows(r << 16 | g << 8 | b, "<u4"))
    yield "top_down_gap.bmp", bmp(w, -h, 24, rows(TINY[::-1, :, ::-1].reshape(h, -1), "u1"), gap=b"gap!")
    colours = bytes(v for i in range(16) for v in (i * 16, 255 - i * 9, i * i, 0))
    index = r >> 4
    nibbles = np.pad(index, ((0, 0), (0, 1)))
    yield "palette4.bmp", bmp(w, h, 4, rows(nibbles[:, ::2] << 4 | nibbles[:, 1::2], "u1"), palette=colours)
    # Runs, plain values of odd length, a skip, rows cut short.
    runs8 = bytes([5, 1, 6, 2, 0, 0, 0, 5, 3, 4, 5, 6, 7, 0, 3, 9, 0, 0, 0, 2, 4, 1, 2, 11, 0, 0, 11, 8, 0, 0, 11, 2, 0, 0, 11, 7, 0, 1])
    yield "runs8.bmp", bmp(w, h, 8, runs8, 1, palette=colours, colours=16)
    runs4 = bytes([5, 0x12, 6, 0x34, 0, 0, 0, 5, 0x34, 0x56, 0x70, 0, 3, 0x98, 0, 0, 11, 0x8B, 0, 0, 11, 0x12, 0, 0, 11, 0x33, 0, 0, 11, 0x45, 0, 0, 11, 0x67, 0, 1])
    yield "runs4.bmp", bmp(w, h, 4, runs4, 2, palette=colours, colours=16)
    core = struct.pack("<IHHHH", 12, w, h, 1, 24)
    body = rows(TINY[..., ::-1].reshape(h, -1), "u1")
    yield "os2.bmp", b"BM" + struct.pack("<IHHI", 26 + len(body), 0, 0, 26) + core + body


def expected(raw):
    im = Image.open(io.BytesIO(raw))
    mode, alpha = im.mode, False
    im = ImageOps.exif_transpose(im)
    if mode.startswith("I;16"):
        im = Image.fromarray((np.asarray(im) >> 8).astype(np.uint8))
    if "A" in mode or "transparency" in im.info:
        im = im.convert("RGBA")
        alpha = im.getextrema()[3][0] < 255
        a = np.asarray(im).astype(np.int64)
        over = (a[..., :3] * a[..., 3:] + 255 * (255 - a[..., 3:]) + 127) // 255
        im = Image.fromarray(over.astype(np.uint8))
    im = im.convert("RGB")
    return {"size": im.size, "alpha": alpha, "rgb": base64.b64encode(im.tobytes()).decode()}


shutil.rmtree(OUT, ignore_errors=True)
OUT.mkdir()
cases = []
for makers in (jpegs, pngs, gifs, webps, tiffs, bmps):
    for name, raw in makers():
        (OUT / name).write_bytes(raw)
        cases.append({"file": name, **expected(raw)})
doc = {"made with": f"Pillow {PIL.__version__}, OpenCV {cv2.__version__}", "images": cases}
(HERE / "images.json").write_text(json.dumps(doc).replace('{"file"', '\n{"file"') + "\n")
