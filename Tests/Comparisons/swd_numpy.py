"""Writes Tests/Fixtures/metrics/swd.json: the sliced Wasserstein distance of made-up pictures, in numpy.

Independent of the program: the steps of mmagic's swd.py in double precision with plain loops. Run it with the
file to write as its argument. Pictures follow a formula, which the test repeats.
"""
import json
import sys

import numpy as np

SIDE, COUNT, PATCHES, DIRECTIONS, PATCH = 64, 3, 6, 8, 7


def picture(number):
    """Row, column, channel; values 0...255."""
    y, x, c = np.mgrid[0:SIDE, 0:SIDE, 0:3]
    return ((x * (number + 3) + y * (2 * number + 5) + c * 37 + x * y // (number + 2)) * 29) % 256


def blurred(plane, step):
    """The 5x5 binomial kernel on every `step`-th pixel, zeros around."""
    row = np.array([1, 4, 6, 4, 1]) / 16
    kernel, padded = np.outer(row, row), np.pad(plane, 2)
    size = plane.shape[0] // step
    return np.array([[(padded[step * i:step * i + 5, step * j:step * j + 5] * kernel).sum()
                      for j in range(size)] for i in range(size)])


def pyramid(image):
    """Levels [3, side, side], the first with the picture's size."""
    gauss = [np.moveaxis(image, 2, 0) / 127.5 - 1]
    while gauss[-1].shape[1] > 16:
        gauss.append(np.stack([blurred(plane, 2) for plane in gauss[-1]]))
    up = [np.stack([blurred(plane.repeat(2, 0).repeat(2, 1), 1) for plane in level]) for level in gauss[1:]]
    return [a - b for a, b in zip(gauss, up)] + [gauss[-1]]


def descriptors(levels, places):
    patches = np.stack([level[:, r:r + PATCH, c:c + PATCH]
                        for level, corners in zip(levels, places) for r, c in corners])
    mean = patches.mean((0, 2, 3), keepdims=True)
    deviation = patches.std((0, 2, 3), keepdims=True, ddof=1)
    return ((patches - mean) / deviation).reshape(len(patches), -1)


random = np.random.default_rng(5)
sets = [[pyramid(picture(number)) for number in range(start, start + COUNT)] for start in (0, 10)]
result = {"count": COUNT, "levels": []}
for level in range(3):
    side = SIDE >> level
    places = [random.integers(0, side - PATCH + 1, (COUNT, PATCHES, 2)) for _ in sets]
    directions = random.standard_normal((DIRECTIONS, 3 * PATCH * PATCH))
    directions = (directions / np.linalg.norm(directions, axis=1, keepdims=True)).astype(np.float32)
    a, b = (descriptors([p[level] for p in s], c) for s, c in zip(sets, places))
    projections = [np.sort(d @ directions.astype(np.float64).T, axis=0) for d in (a, b)]
    result["levels"].append({
        "first": places[0].reshape(-1).tolist(), "second": places[1].reshape(-1).tolist(),
        "directions": [float(f"{v:.9g}") for v in directions.reshape(-1)],
        "distance": float(np.abs(projections[0] - projections[1]).mean()),
        "sum": float(np.abs(sets[0][0][level]).sum()),
    })
json.dump(result, open(sys.argv[1], "w"))
print([level["distance"] for level in result["levels"]])
