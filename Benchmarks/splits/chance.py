#!/usr/bin/env python3
"""Tells whether a test part of lines "user item item …" was drawn at random: how much the share of an item's interactions that lies
in it varies from item to item, beside what chance makes of it.

usage: chance.py TRAIN TEST [--minimum 50]

Looks at items with so many interactions or more. Either file may be gzip. Standard library only.
"""
import argparse
import collections
import gzip
import math
import statistics

parser = argparse.ArgumentParser()
parser.add_argument("train")
parser.add_argument("test")
parser.add_argument("--minimum", type=int, default=50)
options = parser.parse_args()


def counts(path):
    found = collections.Counter()
    with gzip.open(path, "rt") if path.endswith(".gz") else open(path) as lines:
        for line in lines:
            found.update(line.split()[1:])
    return found


train, test = counts(options.train), counts(options.test)
items = [(test[item], train[item] + test[item]) for item in train | test]
items = [(tested, all_) for tested, all_ in items if all_ >= options.minimum]
share = sum(tested for tested, _ in items) / sum(all_ for _, all_ in items)
chance = math.sqrt(statistics.mean(share * (1 - share) / all_ for _, all_ in items))
found = statistics.pstdev(tested / all_ for tested, all_ in items)
print(f"{len(items)} items, share in the test part {share:.3f}, deviation {found:.4f}, by chance {chance:.4f}")
