"""Writes the golden targets of histogram losses that CascadeModelsTests compares with, in double precision.

    python Scripts/golden/make_values.py          (from the root of the repository; needs nothing but Python)

`values.json`: for each case the ends of the histogram, its bins, sigma in widths of a bin, a value, the share of each bin,
and the mean of the middles by these shares. The seed is fixed, so the file comes out the same again.
"""
import json
import math
import pathlib
import random

OUT = pathlib.Path(__file__).resolve().parent


def normal_below(x):
    """The standard normal distribution function, by its complement on the left, where it is small."""
    return 0.5 * math.erfc(-x / math.sqrt(2))


def shares(low, high, bins, sigma, value):
    width = (high - low) / bins
    value = min(max(value, low), high)
    borders = [low + (high - low) * i / bins for i in range(bins + 1)]
    below = [normal_below((b - value) / (sigma * width)) for b in borders]
    whole = below[-1] - below[0]
    return [(right - left) / whole for left, right in zip(below, below[1:])]


def cases():
    draw = random.Random(7)
    for low, high, bins in [(0, 1, 2), (0, 60, 8), (-5, 5, 16), (0.5, 3, 32), (-1, 12, 51)]:
        for sigma in [0.25, 0.75, 2]:
            inner = [draw.uniform(low, high) for _ in range(2)]
            for value in [low, high, (low + high) / 2, low - 3, *inner]:
                targets = shares(low, high, bins, sigma, value)
                middles = [low + (high - low) * (i + 0.5) / bins for i in range(bins)]
                yield {
                    "low": low, "high": high, "bins": bins, "sigma": sigma, "value": value, "targets": targets,
                    "mean": sum(t * m for t, m in zip(targets, middles)),
                }


if __name__ == "__main__":
    (OUT / "values.json").write_text(json.dumps(list(cases()), separators=(",", ":"), sort_keys=True) + "\n")
