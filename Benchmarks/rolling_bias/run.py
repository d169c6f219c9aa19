#!/usr/bin/env python3
"""Grouped AUC of "long views among the user's last five" alone, on KuaiRand's training and validation rows.

usage: run.py DIR

Shows the bias of user-grouped AUC against pasts that roll through the compared rows. Standard library only.
"""
import csv
import gzip
import sys
from collections import defaultdict

for part in ("train", "val"):
    users = defaultdict(dict)
    with gzip.open(f"{sys.argv[1]}/impressions_{part}.csv.gz", "rt") as rows:
        for place, row in enumerate(csv.DictReader(rows)):
            # Exact duplicates count once.
            users[row["user_id"]].setdefault(tuple(row.values()), (int(row["time_ms"]), place, int(row["long_view"])))
    total = weight = rows = 0
    for steps in users.values():
        labels = [label for _, _, label in sorted(steps.values())]
        rows += len(labels)
        scored = [(sum(labels[max(0, i - 5):i]) / min(i, 5), labels[i]) for i in range(1, len(labels))]
        positives = [score for score, label in scored if label]
        negatives = [score for score, label in scored if not label]
        if positives and negatives:
            right = sum((p > n) + 0.5 * (p == n) for p in positives for n in negatives)
            total += len(scored) * right / (len(positives) * len(negatives))
            weight += len(scored)
    print(f"{part}: {rows / len(users):.1f} rows a user, grouped AUC {total / weight:.4f}")
