#!/usr/bin/env python3
"""Holds out a share of every line of "user item item …", for choosing settings without looking at a test part.

usage: hold_out.py TRAIN OUT [--share 0.1] [--seed 1]

Writes OUT/train.txt and OUT/test.txt, which the mapping of the data set reads. A line of n items gives round(share·n),
drawn at random; the order of the others stays. TRAIN may be gzip. Standard library only.
"""
import argparse
import gzip
import os
import random

parser = argparse.ArgumentParser()
parser.add_argument("train")
parser.add_argument("out")
parser.add_argument("--share", type=float, default=0.1)
parser.add_argument("--seed", type=int, default=1)
options = parser.parse_args()
generator = random.Random(options.seed)
os.makedirs(options.out, exist_ok=True)
source = gzip.open(options.train, "rt") if options.train.endswith(".gz") else open(options.train)
with source, open(f"{options.out}/train.txt", "w") as train, open(f"{options.out}/test.txt", "w") as test:
    for line in source:
        user, *items = line.split()
        held = set(generator.sample(range(len(items)), round(options.share * len(items))))
        print(user, *(item for place, item in enumerate(items) if place not in held), file=train)
        if held:
            print(user, *(item for place, item in enumerate(items) if place in held), file=test)
