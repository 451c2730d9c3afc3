"""Mean share of the picture that LaMa's masks cover, by its published rules, drawn by OpenCV: the figures in
Tests/ImagesTests/LargeMaskTests.swift.

    python3 Tests/Comparisons/large_masks.py     # needs numpy and opencv-python-headless
"""
import cv2
import numpy as np

SIDE, COUNT = 256, 4000
WIDTHS = {
    "thin": ((4, 51), 10, 40, None),
    "medium": ((4, 6), 50, 100, ((1, 5), 10, 50, 0)),
    "thick": ((1, 6), 100, 200, ((1, 3), 30, 150, 10)),
}
random = np.random.default_rng(1)


def strokes(times, max_width, max_length):
    mask = np.zeros((SIDE, SIDE), np.float32)
    for stroke in range(random.integers(times[0], times[1] + 1)):
        x, y = (int(v) for v in random.integers(0, SIDE, 2))
        for _ in range(random.integers(1, 6)):
            angle = 0.01 + random.integers(4)
            angle = 2 * np.pi - angle if stroke % 2 == 0 else angle
            length, width = 10 + random.integers(max_length), 5 + random.integers(max_width)
            end = [int(np.clip(int(v), 0, SIDE)) for v in (x + length * np.sin(angle), y + length * np.cos(angle))]
            cv2.line(mask, (x, y), tuple(end), 1.0, int(width))
            x, y = end
    return mask


def boxes(times, smallest, largest, margin):
    mask = np.zeros((SIDE, SIDE), np.float32)
    for _ in range(random.integers(times[0], times[1] + 1)):
        width, height = random.integers(smallest, largest + 1, 2)
        left, top = (random.integers(margin, SIDE - margin - s + 1) for s in (width, height))
        mask[top:top + height, left:left + width] = 1
    return mask


for name, (times, width, length, box) in WIDTHS.items():
    shares = []
    while len(shares) < COUNT:
        mask = boxes(*box) if box and random.random() < 0.3 / 1.3 else strokes(times, width, length)
        if mask.mean() <= 0.5:
            shares.append(mask.mean())
    print(name, "mean", round(float(np.mean(shares)), 4), "quartiles", np.quantile(shares, [.25, .5, .75]).round(3))
