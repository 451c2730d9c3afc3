"""Writes formats/: small pictures in every variant of PNG and JPEG, with what Pillow makes of them.

Run by hand: python formats.py (Pillow, NumPy, scikit-image). For every picture `name.ext`, the file `name.rgba.png` holds
the expected pixels. Variants that Pillow cannot write are written here, chunk by chunk; where Pillow cannot read them
exactly (16 bits), the expected value is the nearest of 0...255. `resize.json` lists resizes by Pillow, `scores.json` scores by scikit-image.
"""
import io
import json
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image, ImageOps
from skimage.metrics import structural_similarity

HERE = pathlib.Path(__file__).parent
OUT = HERE / "formats"
OUT.mkdir(exist_ok=True)
rng = np.random.default_rng(3)
WIDTH, HEIGHT = 13, 9  # odd, so that every pass of an interlaced file is ragged


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def packed(samples, depth):
    """Rows of a PNG: samples [H, W, C] with a filter byte in front of each row."""
    rows = b""
    for row in samples.reshape(samples.shape[0], -1):
        if depth == 16:
            data = row.astype(">u2").tobytes()
        elif depth == 8:
            data = row.astype(np.uint8).tobytes()
        else:
            bits = ((row[:, None] >> np.arange(depth - 1, -1, -1)) & 1).astype(np.uint8)
            data = np.packbits(bits.reshape(-1)).tobytes()
        rows += b"\0" + data
    return rows


def png(samples, depth, color, interlaced, extra=()):
    if interlaced:
        passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
        parts = [samples[t::dy, l::dx] for t, l, dy, dx in passes]
        data = b"".join(packed(p, depth) for p in parts if p.size)
    else:
        data = packed(samples, depth)
    head = struct.pack(">IIBBBBB", samples.shape[1], samples.shape[0], depth, color, 0, 0, int(interlaced))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(chunk(*e) for e in extra)
            + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


def save(name, data, expected, check=True):
    (OUT / name).write_bytes(data)
    if check:
        seen = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
        assert (seen == expected[..., :3]).all(), name
    Image.fromarray(expected, "RGBA").save(OUT / (name.rsplit(".", 1)[0] + ".rgba.png"))


def rgba(values):
    """[H, W, 1...4] of 0...255 as RGBA."""
    c = values.shape[2]
    color = values[..., :1].repeat(3, 2) if c < 3 else values[..., :3]
    alpha = values[..., -1:] if c in (2, 4) else np.full(values.shape[:2] + (1,), 255)
    return np.concatenate([color, alpha], 2).astype(np.uint8)


for color, channels, depths in [(0, 1, (1, 2, 4, 8, 16)), (2, 3, (8, 16)), (4, 2, (8, 16)), (6, 4, (8, 16))]:
    for depth in depths:
        top = 2 ** depth - 1
        samples = rng.integers(0, top + 1, (HEIGHT, WIDTH, channels))
        expected = rgba((samples * 255 + top // 2) // top)
        for interlaced in (False, True):
            save(f"color{color}-{depth}{'-interlaced' if interlaced else ''}.png",
                 png(samples, depth, color, interlaced), expected, check=depth < 16)
for depth in (1, 2, 4, 8):
    entries = min(2 ** depth, 40)
    palette, alpha = rng.integers(0, 256, (entries, 3)), rng.integers(0, 256, entries)
    samples = rng.integers(0, entries, (HEIGHT, WIDTH, 1))
    plte = (b"PLTE", palette.astype(np.uint8).tobytes())
    opaque = palette[samples[..., 0]]
    save(f"palette-{depth}.png", png(samples, depth, 3, False, [plte]), rgba(opaque))
    save(f"palette-{depth}-alpha.png",
         png(samples, depth, 3, True, [plte, (b"tRNS", alpha.astype(np.uint8).tobytes())]),
         rgba(np.concatenate([opaque, alpha[samples]], 2)))
samples = rng.integers(0, 256, (HEIGHT, WIDTH, 3))
for name, extra in [("gamma", (b"gAMA", struct.pack(">I", 100000))), ("srgb", (b"sRGB", b"\0")),
                    ("chromaticity", (b"cHRM", struct.pack(">8I", *range(20000, 60000, 5000))))]:
    save(f"{name}.png", png(samples, 8, 2, False, [extra]), rgba(samples))

y, x = np.mgrid[0:24, 0:18]
smooth = np.stack([x * 14, y * 10, 255 - (x + y) * 6], 2).clip(0, 255).astype(np.uint8)
smooth[6:12, 3:9] = (220, 40, 60)
picture = Image.fromarray(smooth)


def jpeg(name, image, **options):
    data = io.BytesIO()
    image.save(data, "JPEG", **options)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data.getvalue())))
    save(name, data.getvalue(), rgba(np.asarray(upright.convert("RGB"))), check=False)


for subsampling in ("4:4:4", "4:2:2", "4:2:0"):
    jpeg(f"jpeg-{subsampling.replace(':', '')}.jpg", picture, quality=90, subsampling=subsampling)
jpeg("jpeg-progressive.jpg", picture, quality=90, progressive=True)
jpeg("jpeg-grey.jpg", picture.convert("L"), quality=90)
jpeg("jpeg-cmyk.jpg", picture.convert("CMYK"), quality=90)
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    jpeg(f"orientation-{orientation}.jpg", picture, quality=95, exif=exif)

cases = []
for mode in ("RGB", "L"):
    for source, size, box in [((13, 9), (5, 4), None), ((13, 9), (40, 31), None), ((37, 23), (37, 11), None), ((37, 23), (8, 23), None),
                              ((37, 23), (16, 16), (3, 2, 30, 20)), ((37, 23), (19, 23), (0.5, 1.25, 36.5, 20.75)),
                              ((300, 3), (7, 1), None), ((1, 1), (5, 3), None), ((64, 64), (33, 33), (10, 12, 11, 13))]:
        shape = (source[1], source[0]) + ((3,) if mode == "RGB" else ())
        image = Image.fromarray(rng.integers(0, 256, shape).astype(np.uint8), mode)
        name = f"resize-{len(cases)}"
        image.save(OUT / f"{name}.source.png")
        image.resize(size, Image.BICUBIC, box).save(OUT / f"{name}.png")
        cases.append({"name": name, "width": size[0], "height": size[1], "box": list(box) if box else None})
(OUT / "resize.json").write_text(json.dumps(cases, indent=1) + "\n")

scores = []
for a, b in [("photo0.32", "photo1.32"), ("photo2.64", "photo3.64"), ("photo0.256", "photo0.256"), ("photo1.256", "photo3.256"),
             ("photo0.decoded", "photo1.decoded")]:
    p, q = (np.asarray(Image.open(HERE / f"{n}.png")) for n in (a, b))
    d = p.astype(float) - q
    scores.append({"result": f"{a}.png", "target": f"{b}.png", "l1_percent": np.abs(d).mean() / 2.55,
                   "l2_percent": (d ** 2).mean() / 650.25, "psnr": 10 * np.log10(255 ** 2 / max((d ** 2).mean(), 1e-10)),
                   "ssim": structural_similarity(p, q, channel_axis=2, data_range=255, gaussian_weights=True, sigma=1.5,
                                                 use_sample_covariance=False)})
(OUT / "scores.json").write_text(json.dumps(scores, indent=1) + "\n")

# More variants, with random numbers of their own: the files above stay as they are.
rng = np.random.default_rng(4)
for color, depth, key in [(0, 8, (90,)), (2, 8, (10, 200, 30)), (0, 2, (1,)), (0, 16, (500,)), (2, 16, (1, 2, 3))]:
    samples = rng.integers(0, 2 ** depth, (HEIGHT, WIDTH, len(key)))
    samples[2:5, 3:9] = key
    values = rgba((samples * 255 + (2 ** depth - 1) // 2) // (2 ** depth - 1))
    values[(samples == key).all(2), 3] = 0
    save(f"transparent-color{color}-{depth}.png",
         png(samples, depth, color, False, [(b"tRNS", struct.pack(f">{len(key)}H", *key))]), values, check=depth < 16)
jpeg("jpeg-restart.jpg", picture, quality=85, restart_marker_blocks=1)
jpeg("jpeg-progressive-restart.jpg", picture, quality=85, progressive=True, restart_marker_rows=1)
jpeg("jpeg-rgb.jpg", picture, quality=90, keep_rgb=True)
jpeg("jpeg-comment-icc.jpg", picture, quality=90, comment=b"Exif\0\0 is not here", icc_profile=bytes(range(200)))
exif = Image.Exif()
exif.endian = ">"
exif[0x010F], exif[0x0112], exif[0x0132] = "camera", 8, "2026:01:01 00:00:00"
jpeg("orientation-big-endian.jpg", picture, quality=90, exif=exif, comment=b"before it")
data = io.BytesIO()
picture.save(data, "MPO", save_all=True, append_images=[picture.rotate(90)])
save("jpeg-of-two-pictures.jpg", data.getvalue(), rgba(np.asarray(Image.open(io.BytesIO(data.getvalue())).convert("RGB"))), check=False)
for side in (256, 512):
    y, x = np.mgrid[0:side, 0:side]
    flat = np.stack([x // (side // 8) * 32, y // (side // 8) * 32, (x + y) // (side // 8) * 16], 2).clip(0, 255).astype(np.uint8)
    data = io.BytesIO()
    Image.fromarray(flat).save(data, "PNG", optimize=True)
    save(f"square-{side}.png", data.getvalue(), rgba(flat))
    jpeg(f"square-{side}-jpeg.jpg", Image.fromarray(flat), quality=60)
