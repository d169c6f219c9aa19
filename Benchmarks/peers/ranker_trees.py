"""LightGBM on KuaiRand's long views, and how far a ranker of Cascade is ahead of it on the same rows.

    cascade train --until 2022-04-24T16:00:00Z
    cascade evaluate --from 2022-04-24T16:00:00Z --baselines popularity --predictions 1.csv
    python Benchmarks/peers/ranker_trees.py DIR/kuairand 1.csv [2.csv ...]

The trees are told all columns of users and videos and how often user, video and creator had a long view (out of fold in training, smoothed). How many
trees there are is chosen on the last tenth of each user's training rows; then all of them are learned from. Differences have 95 % intervals over
users: both sides are measured on the same draws, and with several files of predictions a draw draws files too. Needs lightgbm, and Python 3.11.
"""
import argparse
import csv
import gzip
from datetime import datetime

import lightgbm
import numpy as np

SIGNAL = "long_view"


def table(path):
    with gzip.open(path, "rt", newline="") as file:
        return list(csv.DictReader(file))


def impressions(path):
    """Rows without exact duplicates, in the order of the file."""
    rows = list(dict.fromkeys(tuple(row.items()) for row in table(path)))
    rows = [dict(row) for row in rows]
    return {
        "user": np.array([int(row["user_id"]) for row in rows]),
        "item": np.array([int(row["video_id"]) for row in rows]),
        "time": np.array([int(row["time_ms"]) for row in rows]),
        "label": np.array([int(row[SIGNAL]) for row in rows], dtype=np.float64),
    }


class Attributes:
    """The columns of an entity as numbers: what is a number stays, other texts are numbered."""

    def __init__(self, rows, key):
        names = [name for name in rows[0] if name != key]
        self.place = {int(row[key]): place for place, row in enumerate(rows)}
        self.names, self.categorical = names, []
        columns = []
        for name in names:
            texts = [row[name] for row in rows]
            try:
                columns.append([float(text) if text else np.nan for text in texts])
            except ValueError:
                code = {text: number for number, text in enumerate(sorted(set(texts)))}
                columns.append([code[text] for text in texts])
                self.categorical.append(name)
        self.values = np.array(columns, dtype=np.float64).T

    def of(self, ids):
        missing = np.full((1, self.values.shape[1]), np.nan)
        return np.concatenate([self.values, missing])[[self.place.get(int(one), len(self.values)) for one in ids]]


STRENGTH = 20


def counted(known, rows, keys):
    """Smoothed rates of each key among `known`, and logarithms of its counts."""
    mean, columns = known["label"].mean(), []
    for key in keys:
        own, other = key(known), key(rows)
        top = int(max(own.max(), other.max())) + 1
        shown = np.bincount(own, minlength=top)[other]
        given = np.bincount(own, weights=known["label"], minlength=top)[other]
        columns += [(given + STRENGTH * mean) / (shown + STRENGTH), np.log1p(shown)]
    return np.stack(columns, axis=1)


def counted_out_of_fold(known, keys, folds=5):
    """The same of `known` itself: rates by the rows of other folds; counts tell no label and are of all rows."""
    fold = np.random.default_rng(1).integers(0, folds, len(known["label"]))
    result = counted(known, known, keys)
    for one in range(folds):
        rest = {name: values[fold != one] for name, values in known.items()}
        here = {name: values[fold == one] for name, values in known.items()}
        result[fold == one, ::2] = counted(rest, here, keys)[:, ::2]
    return result


def grouped_auc(score, label, user):
    """Mean over users with both outcomes, weighted by their rows; the parts a user, so that users can be drawn."""
    order = np.lexsort((score, user))
    score, label, user = score[order], label[order], user[order]
    start = np.flatnonzero(np.r_[True, user[1:] != user[:-1]])
    auc, rows = np.full(user.max() + 1, np.nan), np.zeros(user.max() + 1)
    for begin, end in zip(start, np.r_[start[1:], len(user)]):
        positives, negatives = label[begin:end].sum(), (1 - label[begin:end]).sum()
        rows[user[begin]] = end - begin
        if positives and negatives:
            _, place, count = np.unique(score[begin:end], return_inverse=True, return_counts=True)
            rank = (np.cumsum(count) - (count - 1) / 2)[place]
            auc[user[begin]] = (rank[label[begin:end] == 1].sum() - positives * (positives + 1) / 2) / (positives * negatives)
    return auc, rows


class Figures:
    """AUC, grouped AUC and log loss of one score, for any weights of the users."""

    def __init__(self, score, label, user):
        order = np.argsort(score, kind="stable")
        self.user, self.label = user[order], label[order]
        self.tie = np.cumsum(np.r_[0, np.diff(score[order]) > 0])
        self.own, self.rows = grouped_auc(score, label, user)
        score = np.clip(score, 1e-7, 1 - 1e-7)
        self.loss = np.bincount(user, -(label * np.log(score) + (1 - label) * np.log(1 - score)), len(self.rows))

    def of(self, weight):
        weights = weight[self.user]
        positive = np.bincount(self.tie, weights * self.label)
        negative = np.bincount(self.tie, weights * (1 - self.label))
        below = np.cumsum(negative) - negative / 2
        has = ~np.isnan(self.own)
        shared = weight * self.rows
        return np.array([
            (positive * below).sum() / (positive.sum() * negative.sum()),
            (shared * np.nan_to_num(self.own))[has].sum() / shared[has].sum(),
            (weight * self.loss).sum() / shared.sum()])


def last_tenth(known):
    """Whether a row is of the last tenth of its user's."""
    order = np.lexsort((np.arange(len(known["user"])), known["time"], known["user"]))
    start = np.flatnonzero(np.r_[True, np.diff(known["user"][order]) > 0])
    cut = np.zeros(len(order), bool)
    for begin, end in zip(start, np.r_[start[1:], len(order)]):
        cut[order[end - (end - begin) // 10:end]] = True
    return cut


class Trees:
    """Learns from rows, and foretells others by what was known then."""

    def __init__(self, users, videos, keys, options):
        self.users, self.videos, self.keys = users, videos, keys
        self.names = users.names + videos.names + [
            f"{key}_{what}" for key in ("user", "item", "creator") for what in ("rate", "count")]
        self.categorical = users.categorical + videos.categorical
        self.settings = dict(
            objective="binary", learning_rate=options.learning_rate, num_leaves=options.leaves, min_data_in_leaf=200,
            feature_fraction=0.7, bagging_fraction=0.8, bagging_freq=1, lambda_l2=10, num_threads=options.threads,
            verbose=-1, seed=1, deterministic=True)

    def matrix(self, rows, counts):
        return np.concatenate([self.users.of(rows["user"]), self.videos.of(rows["item"]), counts], axis=1)

    def data(self, rows, counts):
        return lightgbm.Dataset(
            self.matrix(rows, counts), rows["label"], feature_name=self.names, categorical_feature=self.categorical)

    def number(self, known):
        """How many trees do best on the last tenth of each user's rows, by what the others tell."""
        cut = last_tenth(known)
        early, late = ({name: values[rows] for name, values in known.items()} for rows in (~cut, cut))
        model = lightgbm.train(
            self.settings, self.data(early, counted_out_of_fold(early, self.keys)), 2000,
            valid_sets=[self.data(late, counted(early, late, self.keys))],
            callbacks=[lightgbm.early_stopping(50, verbose=False)])
        return model.best_iteration

    def foretell(self, known, rows, trees):
        model = lightgbm.train(self.settings, self.data(known, counted_out_of_fold(known, self.keys)), trees)
        return model.predict(self.matrix(rows, counted(known, rows, self.keys)))


def predictions(path):
    """Probabilities of long views by user, item and millisecond."""
    result = {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            if row["head"] == SIGNAL:
                time = datetime.fromisoformat(row["time"])
                key = (int(row["user_id"]), int(row["item_id"]), round(time.timestamp() * 1000))
                result[key] = float(row["prediction"])
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("predictions", nargs="+")
    parser.add_argument("--learning-rate", type=float, default=0.05)
    parser.add_argument("--leaves", type=int, default=63)
    parser.add_argument("--draws", type=int, default=400)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()

    known, measured = (impressions(f"{options.data}/impressions_{part}.csv.gz") for part in ("train", "val"))
    users = Attributes(table(f"{options.data}/users.csv.gz"), "user_id")
    videos = Attributes(table(f"{options.data}/videos.csv.gz"), "video_id")
    creator = videos.values[:, videos.names.index("author_id")]
    creators = np.unique(creator, return_inverse=True)[1]
    codes = np.r_[creators, creators.max() + 1]
    keys = [
        lambda rows: rows["user"], lambda rows: rows["item"],
        lambda rows: codes[[videos.place.get(int(one), len(creators)) for one in rows["item"]]]]
    forest = Trees(users, videos, keys, options)
    trees = forest.number(known)
    score = forest.foretell(known, measured, trees)

    files = [predictions(path) for path in options.predictions]
    # A few rows have the same user, item and time, and thus one prediction, and differ in what happened.
    shown = list(zip(measured["user"].tolist(), measured["item"].tolist(), measured["time"].tolist()))
    rows = [row for row, key in enumerate(shown) if all(key in file for file in files)]
    shared = [shown[row] for row in rows]
    label = measured["label"][rows]
    user = np.unique(measured["user"][rows], return_inverse=True)[1]
    print(f"{len(rows)} of {len(shown)} rows are foretold by both, {user.max() + 1} users; {trees} trees of {options.leaves} leaves")
    other = Figures(score[rows], label, user)
    rankers = [Figures(np.array([file[key] for key in shared]), label, user) for file in files]
    whole = np.ones(user.max() + 1)
    random = np.random.default_rng(1)
    draws = []
    for _ in range(options.draws):
        weight = np.bincount(random.integers(0, len(whole), len(whole)), minlength=len(whole)).astype(float)
        chosen = random.integers(0, len(rankers), len(rankers))
        draws.append(np.mean([rankers[one].of(weight) for one in chosen], axis=0) - other.of(weight))
    low, high = np.percentile(draws, [2.5, 97.5], axis=0)
    mean = np.mean([ranker.of(whole) for ranker in rankers], axis=0)
    print(f"{'':12} {'LightGBM':>9} {'Cascade':>9}  difference, 95 % over users")
    for place, name in enumerate(("AUC", "grouped AUC", "log loss")):
        base = other.of(whole)[place]
        print(f"{name:12} {base:9.4f} {mean[place]:9.4f}  {mean[place] - base:+.4f} ({low[place]:+.4f} to {high[place]:+.4f})")


if __name__ == "__main__":
    main()
