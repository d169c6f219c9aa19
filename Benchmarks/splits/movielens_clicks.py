#!/usr/bin/env python3
"""Ratings as clicks, divided at random: at least four stars against at most two, the others dropped, 80/10/10.

usage: movielens_clicks.py FOLDER OUT [--seed 42]

FOLDER has ratings.csv and movies.csv of MovieLens ml-latest-small, gzip or not. Writes OUT/clicks.csv and OUT/movies.csv, which
movielens-clicks.yaml beside this file reads. A click of the training part gets a time a minute after the one before it of
its user, in the order of the ratings; those of the validation part come in February 2020, of the test part in March, so that a
split by time is the random one. Standard library only.
"""
import argparse
import csv
import gzip
import os
import random
import shutil

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("out")
parser.add_argument("--seed", type=int, default=42)
options = parser.parse_args()
os.makedirs(options.out, exist_ok=True)


def reading(name):
    path = os.path.join(options.folder, name)
    return open(path, newline="") if os.path.exists(path) else gzip.open(path + ".gz", "rt", newline="")


with reading("movies.csv") as source, open(os.path.join(options.out, "movies.csv"), "w") as target:
    shutil.copyfileobj(source, target)

with reading("ratings.csv") as source:
    ratings = [row for row in csv.DictReader(source) if not 2 < float(row["rating"]) < 4]
ratings.sort(key=lambda row: (int(row["userId"]), int(row["timestamp"]), int(row["movieId"])))
starts = {"train": 1_577_836_800, "validation": 1_580_515_200, "test": 1_583_020_800}
places = list(range(len(ratings)))
random.Random(options.seed).shuffle(places)
part = {place: "train" for place in places}
tenth = len(places) // 10
part.update({place: "validation" for place in places[:tenth]})
part.update({place: "test" for place in places[tenth : 2 * tenth]})
count = {}
with open(os.path.join(options.out, "clicks.csv"), "w", newline="") as target:
    writer = csv.writer(target)
    writer.writerow(["user", "movie", "time", "like"])
    for place, row in enumerate(ratings):
        key = (row["userId"], part[place])
        count[key] = count.get(key, 0) + 1
        writer.writerow(
            [row["userId"], row["movieId"], starts[part[place]] + 60 * count[key], int(float(row["rating"]) >= 4)])
print(len(ratings), "clicks,", sum(name == "train" for name in part.values()), "of them to train on")
