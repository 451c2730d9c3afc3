"""Writes odd/: pictures as cameras and programs leave them, with what Pillow and Little CMS make of them.

Run by hand: python odd.py (Pillow with ImageCms, NumPy). For every picture `name.ext` that can be read, `name.ext.rgb.png` holds
its pixels upright as Pillow decodes them, and for pictures with colours of their own `name.ext.srgb.png` what Little CMS makes of them
by the perceptual intent. Pictures in odd/damaged have lost pixels.
"""
import io
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image, ImageCms, ImageOps, PngImagePlugin

OUT = pathlib.Path(__file__).parent / "odd"
(OUT / "damaged").mkdir(parents=True, exist_ok=True)
WIDTH, HEIGHT = 40, 30


def scene(seed=1):
    """Smooth colours with some noise, all of the gamut's corners nearly reached."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    planes = [127 + 120 * np.sin(x / 5 + y / (4 + c) + c * 2) for c in range(3)]
    return np.clip(np.stack(planes, -1) + rng.normal(0, 4, (HEIGHT, WIDTH, 3)), 0, 255).astype(np.uint8)


def bytes_of(image, kind, **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def with_chunks(png, *chunks):
    return png[:33] + b"".join(chunk(*c) for c in chunks) + png[33:]


# Colour profiles: matrix and curve, version 2.
D50 = np.array([0.9642, 1, 0.8249])


def xyz(x, y):
    return np.array([x / y, 1, (1 - x - y) / y])


def profile(primaries, gamma, white=(0.3127, 0.3290)):
    """An ICC profile of primaries (x, y) and a power curve."""
    columns = np.stack([xyz(*p) for p in primaries], 1)
    columns = columns * np.linalg.solve(columns, xyz(*white))
    cone = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
    adapted = np.linalg.inv(cone) @ np.diag((cone @ D50) / (cone @ xyz(*white))) @ cone @ columns

    def fixed(values):
        return b"".join(struct.pack(">i", round(v * 65536)) for v in values)

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    tags = [(b"desc", b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + b"\0" * 79),
            (b"cprt", b"text\0\0\0\0none\0\0\0\0"), (b"wtpt", b"XYZ \0\0\0\0" + fixed(D50))]
    tags += [(n, b"XYZ \0\0\0\0" + fixed(adapted[:, i])) for i, n in enumerate([b"rXYZ", b"gXYZ", b"bXYZ"])]
    tags += [(n, curve) for n in (b"rTRC", b"gTRC", b"bTRC")]
    return assembled(tags, b"RGB ")


def grey_profile(gamma):
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    tags = [(b"desc", b"desc\0\0\0\0" + struct.pack(">I", 5) + b"grey\0" + b"\0" * 79),
            (b"cprt", b"text\0\0\0\0none\0\0\0\0"),
            (b"wtpt", b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(v * 65536)) for v in D50)), (b"kTRC", curve)]
    return assembled(tags, b"GRAY")


def assembled(tags, space):
    table, data = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, content in tags:
        content += b"\0" * (-len(content) % 4)
        table += name + struct.pack(">II", start + len(data), len(content))
        data += content
    head = struct.pack(">I4sI4s4s4s", start + len(data), b"\0" * 4, 0x02100000, b"mntr", space, b"XYZ ")
    head += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + b"\0" * 28
    head += b"".join(struct.pack(">i", round(v * 65536)) for v in D50)
    return head.ljust(128, b"\0") + table + data


P3 = profile([(0.680, 0.320), (0.265, 0.690), (0.150, 0.060)], 2.2)
WIDE = profile([(0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001)], 1.8, white=(0.3457, 0.3585))
GREY = grey_profile(1.4)


def save(name, data, colours=None):
    (OUT / name).write_bytes(data)
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    image.convert("RGB").save(OUT / f"{name}.rgb.png", optimize=True)
    if colours:
        mode = "L" if image.mode in ("L", "LA") else "RGB"
        seen = ImageCms.profileToProfile(
            image.convert(mode), ImageCms.ImageCmsProfile(io.BytesIO(colours)), ImageCms.createProfile("sRGB"),
            renderingIntent=0, outputMode="RGB")
        seen.info.clear()
        seen.save(OUT / f"{name}.srgb.png", optimize=True)


def tiff_block(kind, value, order="<", before=b""):
    number = {3: "H", 4: "I"}[kind]
    head = b"II*\0" if order == "<" else b"MM\0*"
    return before + head + struct.pack(order + "IHHHI", 8, 1, 0x0112, kind, 1) + struct.pack(
        order + number, value).ljust(4, b"\0") + b"\0" * 4


def segment(marker, content):
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


picture = Image.fromarray(scene())
jpeg = bytes_of(picture, "JPEG", quality=90, subsampling=0)
png = bytes_of(picture, "PNG")
restarts = bytes_of(picture, "JPEG", quality=90, restart_marker_blocks=4)
sos = jpeg.index(b"\xff\xda")
sos_end = sos + 2 + struct.unpack(">H", jpeg[sos + 2:sos + 4])[0]

# Breaks a rule, loses nothing.
save("plain.jpg", jpeg)
save("se0.jpg", jpeg[:sos_end - 2] + b"\0\0" + jpeg[sos_end:])
save("between.jpg", jpeg[:20] + b"\x12\x34\x56" + jpeg[20:sos] + b"\0\0\0" + jpeg[sos:])
save("before-eoi.jpg", jpeg[:-2] + b"\0" * 8 + jpeg[-2:])
save("after-eoi.jpg", jpeg + b"\0" * 500)
first = restarts.index(b"\xff\xd0", restarts.index(b"\xff\xda"))
save("before-rst.jpg", restarts[:first] + b"\0\0" + restarts[first:])
save("jfif-version.jpg", jpeg[:11] + b"\x03\x07" + jpeg[13:])
save("adobe.jpg", jpeg[:20] + segment(0xEE, b"Adobe\0\x64\0\0\0\0\x09") + jpeg[20:])
# Loses pixels.
(OUT / "damaged/cut.jpg").write_bytes(jpeg[:len(jpeg) * 2 // 3])
cut = bytes_of(picture, "JPEG", quality=90, progressive=True)
(OUT / "damaged/cut-progressive.jpg").write_bytes(cut[:cut.rindex(b"\xff\xda")])
(OUT / "damaged/lost-rst.jpg").write_bytes(restarts[:first] + restarts[first + 200:])
middle = (sos_end + len(jpeg)) // 2
(OUT / "damaged/entropy.jpg").write_bytes(jpeg[:middle] + b"\xff\xdb" + jpeg[middle + 2:])

# Colours of their own.
save("p3.jpg", bytes_of(picture, "JPEG", quality=90, icc_profile=P3), P3)
save("p3.png", bytes_of(picture, "PNG", icc_profile=P3), P3)
save("wide.png", bytes_of(picture, "PNG", icc_profile=WIDE), WIDE)
save("p3.webp", bytes_of(picture, "WEBP", quality=90, icc_profile=P3), P3)
save("p3.tif", bytes_of(picture, "TIFF", compression="tiff_lzw", icc_profile=P3), P3)
save("grey.png", bytes_of(picture.convert("L"), "PNG", icc_profile=GREY), GREY)
save("gamma.png", with_chunks(png, (b"gAMA", struct.pack(">I", 100_000))),
     profile([(0.64, 0.33), (0.30, 0.60), (0.15, 0.06)], 1.0))
numbers = [31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000]
save("chroma.png", with_chunks(png, (b"gAMA", struct.pack(">I", 55_556)), (b"cHRM", struct.pack(">8I", *numbers))),
     profile([(0.68, 0.32), (0.265, 0.69), (0.15, 0.06)], 1.8))
save("srgb-chunk.png", with_chunks(png, (b"gAMA", struct.pack(">I", 45_455)), (b"sRGB", b"\0")))

# Turned in several ways.
for name, block in {
    "exif-long.jpg": tiff_block(4, 6), "exif-doubled.jpg": tiff_block(3, 6, before=b"Exif\0\0"),
    "exif-motorola.jpg": tiff_block(4, 8, ">"),
}.items():
    save(name, jpeg[:20] + segment(0xE1, b"Exif\0\0" + block) + jpeg[20:])
turned = np.asarray(picture.transpose(Image.Transpose.ROTATE_270))
for name, chunks in {
    "exif.png": (b"eXIf", tiff_block(3, 6)), "exif-prefixed.png": (b"eXIf", tiff_block(3, 6, before=b"Exif\0\0")),
}.items():
    (OUT / name).write_bytes(with_chunks(png, chunks))
    Image.fromarray(turned).save(OUT / f"{name}.rgb.png", optimize=True)
block = b"Exif\0\0" + tiff_block(3, 6)
raw = b"\nexif\n" + str(len(block)).rjust(8).encode() + b"\n" + block.hex().encode() + b"\n"
xmp = b'<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
(OUT / "exif-raw.png").write_bytes(with_chunks(png, (b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(raw))))
(OUT / "xmp.png").write_bytes(with_chunks(png, (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp)))
for name in ("exif-raw.png", "xmp.png"):
    Image.fromarray(turned).save(OUT / f"{name}.rgb.png", optimize=True)
save("xmp.jpg", jpeg[:20] + segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp) + jpeg[20:])

# Other formats.
alpha = np.dstack([scene(), np.where(np.arange(WIDTH) < 20, 255, 60)[None].repeat(HEIGHT, 0)]).astype(np.uint8)
save("lossless.webp", bytes_of(picture, "WEBP", lossless=True))
save("grey.tif", bytes_of(picture.convert("L"), "TIFF", compression="tiff_adobe_deflate"))
save("palette.tif", bytes_of(picture.quantize(16), "TIFF"))
save("bilevel.tif", bytes_of(picture.convert("1"), "TIFF"))
(OUT / "alpha.webp").write_bytes(bytes_of(Image.fromarray(alpha), "WEBP", lossless=True, exact=True))
(OUT / "alpha.tif").write_bytes(bytes_of(Image.fromarray(alpha), "TIFF"))
Image.fromarray(alpha).save(OUT / "alpha.rgba.png")
deep = (scene(2).astype(np.uint16)[..., 0] * 257 + np.arange(WIDTH, dtype=np.uint16)[None])
deep = np.minimum(deep.astype(np.uint32), 65_535).astype(np.uint16)
(OUT / "deep.tif").write_bytes(bytes_of(Image.fromarray(deep), "TIFF"))
Image.fromarray(deep).save(OUT / "deep.png")

# A picture with 16 bits, resized by Pillow with real numbers.
small = np.asarray(Image.fromarray(deep.astype(np.float32)).resize((17, 11), Image.BICUBIC))
Image.fromarray(np.clip(np.round(small), 0, 65_535).astype(np.uint16)).save(OUT / "deep.17x11.png")

# All that goes with a picture.
text = PngImagePlugin.PngInfo()
text.add_text("Comment", "kept")
exif = Image.Exif()
exif[0x010F], exif[0x0112] = "maker", 6
save("full.jpg", bytes_of(picture, "JPEG", quality=90, icc_profile=P3, exif=exif, dpi=(300, 200), comment=b"kept"), P3)
save("full.png", bytes_of(picture, "PNG", icc_profile=P3, exif=exif, dpi=(300, 200), pnginfo=text), P3)
