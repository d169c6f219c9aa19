"""What the Swift side of a comparison wrote: arrays by name."""
import numpy as np


def read(path):
    """For each array a line "name type count" and its elements."""
    found = {}
    with open(path, "rb") as file:
        while line := file.readline():
            name, kind, count = line.decode().split()
            found[name] = np.frombuffer(file.read(4 * int(count)), dtype=kind).copy()
    return found
