"""Rows per second of training one ranker: Cascade and PyTorch in turns, on the same two cores in one run.

The model is that of ranker_training/RankerModel.swift; both train with Adam. PyTorch keeps a dense gradient of the
table by default, which is its faster way at this size; `--table sparse` uses SparseAdam, as Cascade does. Needs torch
and a release build:

    swift build -c release --product bench-ranker-training
    python Benchmarks/peers/ranker_training.py

With --learn STEPS the batches tell something: labels are drawn by a teacher from the tokens, from pairs of them and from the numbers. Each row
is learned from once, so its loss before that is one on rows that nobody has seen; both sides get the same batches, and their
losses are printed beside their pace.

On a machine that is not quiet, compare the figures per processor second (`--passive` keeps PyTorch's threads from
spending them on waiting).
"""
import argparse
import os
import sys
import tempfile
import time

import numpy as np

import rounds
from child import Child

if "--passive" in sys.argv:
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"

import torch
from torch import nn
import torch.nn.functional as F

CATEGORICAL, WIDTH, NUMERIC, NUMERIC_WIDTH, EVENTS, LOOKUPS = 34, 14, 7, 8, 30, 2
ATTENTION, HEADS, TABLE, BATCH, RANK = 48, 4, 1_000_000, 2048, 64
COLUMNS = CATEGORICAL * WIDTH + NUMERIC * NUMERIC_WIDTH + ATTENTION


class Ranker(nn.Module):
    def __init__(self, sparse, full):
        super().__init__()
        self.table = nn.Embedding(TABLE, WIDTH, sparse=sparse)
        nn.init.uniform_(self.table.weight, -0.05, 0.05)
        self.numeric_weight = nn.Parameter(torch.rand(NUMERIC, NUMERIC_WIDTH) * 2 - 1)
        self.numeric_bias = nn.Parameter(torch.zeros(NUMERIC, NUMERIC_WIDTH))
        self.query = nn.Linear(LOOKUPS * WIDTH, ATTENTION, bias=False)
        self.key = nn.Linear(LOOKUPS * WIDTH, ATTENTION, bias=False)
        self.value = nn.Linear(LOOKUPS * WIDTH, ATTENTION, bias=False)
        low = lambda: nn.Sequential(nn.Linear(COLUMNS, RANK, bias=False), nn.Linear(RANK, COLUMNS))
        self.cross = nn.ModuleList(
            [nn.Linear(COLUMNS, COLUMNS) for _ in range(3)] if full else [low() for _ in range(2)])
        self.deep = nn.Sequential(
            nn.Linear(COLUMNS, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 1))

    def forward(self, categorical, events, numeric):
        n = categorical.shape[0]
        # One lookup for all ids, as one gather is fastest for PyTorch too.
        rows = self.table(torch.cat([categorical, events.reshape(n, -1)], dim=1))
        embedded = rows[:, :CATEGORICAL].reshape(n, -1)
        seen = rows[:, CATEGORICAL:].reshape(n, EVENTS, LOOKUPS * WIDTH)
        numbers = F.relu(numeric.unsqueeze(2) * self.numeric_weight + self.numeric_bias).reshape(n, -1)
        heads = lambda t: t.reshape(n, -1, HEADS, ATTENTION // HEADS).transpose(1, 2)
        attended = F.scaled_dot_product_attention(
            heads(self.query(embedded[:, :LOOKUPS * WIDTH]).unsqueeze(1)), heads(self.key(seen)), heads(self.value(seen)))
        x0 = torch.cat([embedded, numbers, attended.transpose(1, 2).reshape(n, -1)], dim=1)
        x = x0
        for layer in self.cross:
            x = torch.addcmul(x, x0, layer(x))
        return self.deep(x).squeeze(1)


class Torch:
    def __init__(self, form, threads, sparse, bfloat16=False):
        self.bfloat16 = bfloat16
        torch.set_num_threads(threads)
        torch.manual_seed(1)
        self.model = Ranker(sparse, form == "full")
        dense = [p for name, p in self.model.named_parameters() if not sparse or name != "table.weight"]
        self.optimizers = [torch.optim.Adam(dense, lr=1e-3, fused=True)]
        if sparse:
            self.optimizers.append(torch.optim.SparseAdam([self.model.table.weight], lr=1e-3))
        self.batches = [(
            torch.randint(0, TABLE, (BATCH, CATEGORICAL)), torch.randint(0, TABLE, (BATCH, EVENTS, LOOKUPS)),
            torch.rand(BATCH, NUMERIC) * 2 - 1, torch.randint(0, 2, (BATCH,)).float()) for _ in range(8)]

        self.step = 0

    def run(self, steps):
        begin, busy, self.loss = time.perf_counter(), time.process_time(), 0
        for _ in range(steps):
            categorical, events, numeric, labels = self.batches[self.step % len(self.batches)]
            self.step += 1
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.bfloat16):
                logits = self.model(categorical, events, numeric)
            loss = F.binary_cross_entropy_with_logits(logits.float(), labels)
            self.loss += loss.item() / steps
            for optimizer in self.optimizers:
                optimizer.zero_grad(set_to_none=True)
            loss.backward()
            for optimizer in self.optimizers:
                optimizer.step()
        return steps * BATCH / (time.perf_counter() - begin), steps * BATCH / (time.process_time() - busy)


class Cascade:
    def __init__(self, form, binary, threads, products, *file):
        self.child = Child(binary, form, str(threads), products, *file)

    def run(self, steps):
        words = self.child.ask(f"steps {steps}")
        self.loss = float(words[5])
        return float(words[1]), float(words[3])


VALUES, PAIRS = 200, 40


def taught(steps, seed=1):
    """So many batches whose labels a teacher draws: VALUES tokens a feature, PAIRS pairs of features that tell something together."""
    random = np.random.default_rng(seed)
    weights = random.normal(0, 0.25, (CATEGORICAL, VALUES))
    pairs = [random.choice(CATEGORICAL, 2, replace=False) for _ in range(PAIRS)]
    sides = random.normal(0, 0.5, (PAIRS, 2, VALUES, 4))
    slopes = random.normal(0, 0.5, NUMERIC)
    for _ in range(steps):
        values = np.minimum(random.zipf(1.3, (BATCH, CATEGORICAL)) - 1, VALUES - 1)
        numeric = random.uniform(-1, 1, (BATCH, NUMERIC)).astype("float32")
        logits = weights[np.arange(CATEGORICAL), values].sum(1) + np.sin(2 * numeric) @ slopes - 0.5
        for (one, other), side in zip(pairs, sides):
            logits += (side[0][values[:, one]] * side[1][values[:, other]]).sum(1) / 4
        labels = (random.random(BATCH) < 1 / (1 + np.exp(-logits))).astype("float32")
        events = random.integers(0, VALUES, (BATCH, EVENTS, LOOKUPS))
        tokens = values + VALUES * np.arange(CATEGORICAL)
        yield tokens.astype("int32"), events.astype("int32"), numeric, labels


def learn(sides, parts, steps):
    """Every side through all batches, in turns by part; prints the loss of each part's rows before they were learned from, and the pace."""
    paces = {name: [] for name in sides}
    print(f"{'rows':>10}" + "".join(f"{name:>18}" for name in sides))
    for part in range(parts):
        for name, side in sides.items():
            paces[name].append(side.run(steps)[0])
        print(f"{(part + 1) * steps * BATCH:10}" + "".join(f"{side.loss:18.4f}" for side in sides.values()), flush=True)
    print(f"{'rows/s':>10}" + "".join(f"{np.median(pace):18.0f}" for pace in paces.values()))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=".build/release/bench-ranker-training")
    parser.add_argument("--form", choices=["full", "default"], default="full")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--sides", default="cascade,torch", help="also cascade-bfloat16, torch-bfloat16 (autocast)")
    parser.add_argument("--table", choices=["dense", "sparse"], default="dense")
    parser.add_argument("--passive", action="store_true")
    parser.add_argument("--learn", type=int, default=0, help="batches that something is learned from, in eight parts")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(options, folder)


def measure(options, folder):
    file, batches = [], []
    if options.learn:
        batches = list(taught(options.learn))
        file = [os.path.join(folder, "batches")]
        with open(file[0], "wb") as out:
            for batch in batches:
                for array in batch:
                    out.write(array.tobytes())
    make = {
        "cascade": lambda: Cascade(options.form, options.binary, options.threads, "float32", *file),
        "cascade-bfloat16": lambda: Cascade(options.form, options.binary, options.threads, "bfloat16", *file),
        "torch": lambda: Torch(options.form, options.threads, options.table == "sparse"),
        "torch-bfloat16": lambda: Torch(options.form, options.threads, options.table == "sparse", bfloat16=True)}
    sides = {name: make[name]() for name in options.sides.split(",")}
    if options.learn:
        for name, side in sides.items():
            if name.startswith("torch"):
                side.batches = [tuple(torch.from_numpy(array) for array in batch) for batch in batches]
                side.step = 0
        return learn(sides, 8, options.learn // 8)
    for side in sides.values():
        side.run(3)
    rounds.compare(sides, options.rounds, lambda side: side.run(options.steps), "rows")


if __name__ == "__main__":
    main()
