#!/usr/bin/env python3
"""Images a second on one core: decode, crop and resize by inpaint and by Pillow, side by side.

    Tests/Comparisons/pillow_decode.py data/celeba --sides 64 256

Needs Pillow. Both work on the same files from memory, in turns, each on one thread.
"""
import argparse
import io
import json
import os
import statistics
import subprocess
import time

from PIL import Image, __version__, features


def training_files(root, count):
    """The first images of the training part, as inpaint takes them."""
    with open(os.path.join(root, "list_eval_partition.txt")) as lines:
        rows = [line.split() for line in lines]
    names = [row[0] for row in rows if len(row) == 2 and row[1] == "0"][:count]
    return [os.path.join(root, "img_align_celeba", name) for name in names]


def pillow_rate(files, crop, side):
    contents = [open(name, "rb").read() for name in files]
    start = time.perf_counter()
    for content in contents:
        image = Image.open(io.BytesIO(content))
        image.load()
        square = min(crop, *image.size)
        left, top = (image.width - square) // 2, (image.height - square) // 2
        image = image.convert("RGB").crop((left, top, left + square, top + square))
        image.resize((side, side), Image.BICUBIC).tobytes()
    return len(contents) / (time.perf_counter() - start)


def inpaint_rate(program, root, count, crop, side):
    settings = [f"data.root={root}", f"data.crop={crop}", f"data.side={side}"]
    output = subprocess.run(
        [program, "benchmark", "data", "--json", "--steps", "0", "--images", str(count)]
        + [word for setting in settings for word in ("--set", setting)],
        check=True, capture_output=True, text=True).stdout
    return json.loads(output)["decode_and_resize_images_per_second"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", help="CelebA's folder")
    parser.add_argument("--program", default=".build/release/inpaint")
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--crop", type=int, default=178)
    parser.add_argument("--sides", type=int, nargs="+", default=[64, 256])
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    files = training_files(arguments.root, arguments.images)
    print(f"Pillow {__version__}, libjpeg-turbo {features.version('libjpeg_turbo')}, "
          f"{len(files)} images, crop {arguments.crop}")
    for side in arguments.sides:
        pairs = [(inpaint_rate(arguments.program, arguments.root, len(files), arguments.crop, side),
                  pillow_rate(files, arguments.crop, side)) for _ in range(arguments.rounds)]
        ours, theirs = (statistics.median(rates) for rates in zip(*pairs))
        ratios = sorted(a / b for a, b in pairs)
        print(f"{side} px: inpaint {ours:.0f}, Pillow {theirs:.0f} images/s; ratio "
              f"{statistics.median(ratios):.2f} (from {ratios[0]:.2f} to {ratios[-1]:.2f})")


if __name__ == "__main__":
    main()
