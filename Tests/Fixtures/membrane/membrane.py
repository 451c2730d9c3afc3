"""Writes membrane.safetensors: harmonic membranes over holes of several shapes, from scipy's direct sparse solver in
double precision, stored as float32.

For each case: <case>.hole [1, 1, H, W] (1 = hole), <case>.values [1, 2, H, W], <case>.membrane (what continues the
values of the known pixels into the hole; 0 elsewhere) and <case>.transposed (the transpose of that map, applied to the
values). Run: python membrane.py (needs numpy, scipy, safetensors).
"""
import json
import pathlib

import numpy as np
from safetensors.numpy import save_file
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import splu


def equations(hole):
    """Rows of hole pixels: the sparse matrix over them, and that over known pixels, in row-major order."""
    height, width = hole.shape
    number = np.cumsum(hole.ravel()).reshape(hole.shape) - 1
    inside, border = [], []
    for row, column in np.argwhere(hole):
        k, neighbours = number[row, column], 0
        for y, x in ((row - 1, column), (row, column - 1), (row, column + 1), (row + 1, column)):
            if not (0 <= y < height and 0 <= x < width):
                continue
            neighbours += 1
            if hole[y, x]:
                inside.append((k, number[y, x], -1.0))
            else:
                border.append((k, y * width + x, 1.0))
        inside.append((k, k, float(neighbours)))
    count = int(hole.sum())

    def matrix(entries, shape):
        rows, columns, values = zip(*entries)
        return coo_matrix((values, (rows, columns)), shape=shape).tocsc()

    return matrix(inside, (count, count)), matrix(border, (count, height * width))


def holes(random):
    centre = np.zeros((32, 32), bool)
    centre[8:24, 8:24] = True
    edge = np.zeros((23, 37), bool)
    edge[:11, :] = True
    edge[15:, 30:] = True
    one_known = np.ones((19, 24), bool)
    one_known[7, 20] = False
    speckled = random.uniform(size=(40, 31)) < 0.7
    walls = np.ones((45, 45), bool)
    walls[::9] = False
    walls[18, 20] = True
    brush = np.zeros((48, 64), bool)
    y, x = np.mgrid[:48, :64]
    for t in np.linspace(0, 1, 60):
        brush |= (y - 24 - 18 * np.sin(9 * t)) ** 2 + (x - 64 * t) ** 2 < 16
    return dict(centre=centre, edge=edge, one_known=one_known, speckled=speckled, walls=walls, brush=brush)


def main():
    random = np.random.default_rng(1)
    tensors = {}
    for name, hole in holes(random).items():
        values = random.standard_normal((2, hole.size)).astype(np.float32)
        inside, border = equations(hole)
        solver = splu(inside)
        at_hole = hole.ravel()
        membrane, transposed = np.zeros((2, hole.size)), np.zeros((2, hole.size))
        for channel, plane in enumerate(values.astype(float)):
            membrane[channel, at_hole] = solver.solve(border @ plane)
            transposed[channel] = border.T @ solver.solve(plane[at_hole])
        shape = (1, 2, *hole.shape)
        tensors[f"{name}.hole"] = hole.astype(np.float32).reshape(1, 1, *hole.shape)
        tensors[f"{name}.values"] = values.reshape(shape)
        tensors[f"{name}.membrane"] = membrane.astype(np.float32).reshape(shape)
        tensors[f"{name}.transposed"] = transposed.astype(np.float32).reshape(shape)
    path = pathlib.Path(__file__).with_name("membrane.safetensors")
    save_file(tensors, path, {"settings": "{}", "float32_error": "{}", "cancelled": "[]"})


if __name__ == "__main__":
    main()
