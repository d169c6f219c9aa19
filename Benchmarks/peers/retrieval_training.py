"""Targets per second of training a retrieval model: Cascade and PyTorch in turns, on the same cores in one run.

Cascade trains as `cascade train` does (retrieval_training/), with the making of batches in its time. PyTorch trains the
same model on the same interactions with batches made beforehand: the items of a batch once, as rows of one table,
looked up with a single embedding_bag; pasts of a transformer packed, padded only inside the attention; as many shards
of rows and columns as Cascade has workers, so that the products have the same shapes; Adam fused, without clipping.
The table is trained in one of three ways, `--table`: `rows`, its fastest, takes the rows that the batch reads (found
beforehand) out of the table, and writes them back after an Adam step of their own; `sparse` has a sparse gradient and
SparseAdam; `dense` an ordinary gradient and the fused Adam over the whole table.

Before the first round both sides compute the loss of one small batch from the same weights; the driver stops where they
differ. Needs torch, numpy and a release build:

    swift build -c release --product bench-retrieval-training
    python Benchmarks/peers/retrieval_training.py --tower pooled
    python Benchmarks/peers/retrieval_training.py --tower sasrec

On a machine that is not quiet, compare the figures per processor second (`--passive` keeps PyTorch's threads from
spending them on waiting).
"""
import argparse
import os
import sys
import tempfile
import time

import arrays
import rounds
from child import Child

if "--passive" in sys.argv:
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

D, LENGTH, BATCH, UNIFORM, TEMPERATURE = 64, 50, 2048, 1024, 0.07
DROPOUT, STRANGERS = 0.2, 0.05


class Arrays(dict):
    """What the other side wrote: data by name, and weights."""

    def __init__(self, path):
        super().__init__(arrays.read(path))
        self["items"] = np.concatenate(
            [self["item_lookups"].reshape(-1, 4), self["item_tokens"].reshape(-1, 2)], axis=1)
        self["users"] = self["user_lookups"].reshape(-1, 2)
        self["history"] = self["history_lookups"].reshape(-1, 2)


class Batch:
    """One batch in shards: for each its users with their pasts, targets, columns and corrections."""

    def __init__(self, data, shards, corrections):
        self.shards = shards
        columns = [shard["columns"] for shard in shards]
        every = np.concatenate(columns)
        bags = [data["items"][every], data["users"][np.concatenate([s["users"] for s in shards])]]
        sizes = [np.full(len(bag), bag.shape[1]) for bag in bags]
        flat = [bag.reshape(-1) for bag in bags]
        self.items, self.users = len(every), len(bags[1])
        self.plain = sum(len(part) for part in flat)
        if "past" in shards[0]:
            past = np.concatenate([item for s in shards for item in s["past"]])
            lengths = np.array([len(item) for s in shards for item in s["past"]])
            flat.append(data["history"][past].reshape(-1))
            sizes.append(lengths * 2)
            self.codes = torch.ones(len(past) * 2, dtype=torch.long)
            self.scale = torch.tensor(3 / (1 + lengths), dtype=torch.float32).unsqueeze(1)
            self.length = torch.tensor(np.log1p(lengths) / 4, dtype=torch.float32).unsqueeze(1)
        self.rows = torch.tensor(np.concatenate(flat), dtype=torch.long)
        self.read, self.read_rows = torch.unique(self.rows, return_inverse=True)
        self.offsets = torch.tensor(np.concatenate([[0], np.cumsum(np.concatenate(sizes))[:-1]]), dtype=torch.long)
        if "sequences" in shards[0]:
            self.pack(shards)
        self.column_counts = [len(c) for c in columns]
        self.row_counts = [len(s["positives"]) for s in shards]
        self.positives = [torch.tensor(s["positives"], dtype=torch.long) for s in shards]
        self.corrections = [
            torch.tensor(corrections(s["columns"]), dtype=torch.float32) for s in shards]
        # The positive is not corrected.
        self.own = [c[p] for c, p in zip(self.corrections, self.positives)]
        self.targets = sum(self.row_counts)

    def pack(self, shards):
        """Steps of all sequences one after the other, with their places in the padded matrix of the attention."""
        item, context, age, place = [], [], [], []
        lengths = [len(sequence) + 1 for s in shards for sequence in s["sequences"]]
        self.shape = (len(lengths), max(lengths))
        number, base = 0, 0
        for shard in shards:
            for sequence in shard["sequences"]:
                n = len(sequence)
                item.append(np.concatenate([[-1], sequence + base]))
                context.append(np.full(n + 1, number))
                age.append(np.concatenate([[LENGTH], np.arange(n - 1, -1, -1)]))
                place.append(number * self.shape[1] + np.arange(n + 1))
                number += 1
            base += len(shard["columns"])
        item = np.concatenate(item)
        self.item = torch.tensor(np.maximum(item, 0), dtype=torch.long)
        self.has_item = torch.tensor(item >= 0, dtype=torch.float32).unsqueeze(1)
        self.context, self.age, self.place = (
            torch.tensor(np.concatenate(part), dtype=torch.long) for part in (context, age, place))


class Tower(nn.Module):
    def __init__(self, data, tower, dropout):
        super().__init__()
        self.tower, self.dropout = tower, dropout
        names = [name for name in data if name.startswith("retrieval.") and name != "retrieval.unified"]
        self.weights = nn.ParameterDict(
            {name.replace(".", "_"): nn.Parameter(torch.tensor(data[name])) for name in names})
        self.table = nn.Parameter(torch.tensor(data["retrieval.unified"]).reshape(-1, D))
        self.sparse = False
        with torch.no_grad():
            for name, weight in self.weights.items():
                if name.endswith("_weight"):
                    bias = self.weights[name[:-7] + "_bias"]
                    # As a linear layer keeps it: [outputs × inputs].
                    weight.data = weight.data.reshape(-1, bias.numel()).t().contiguous()
                elif name in ("retrieval_code", "retrieval_position"):
                    weight.data = weight.data.reshape(-1, D)

    def w(self, name):
        return self.weights["retrieval_" + name]

    def drop(self, x):
        return F.dropout(x, DROPOUT) if self.dropout else x

    def linear(self, x, name):
        return F.linear(x, self.w(name + "_weight"), self.w(name + "_bias"))

    def norm(self, x, name):
        return F.layer_norm(x, (D,), self.w(name + "_gain"), self.w(name + "_bias"))

    def forward(self, batch, read=None):
        """The loss; `read` are the rows of the table that the batch reads, in place of the table."""
        per_sample = None
        if self.tower == "pooled":
            gates = self.drop(self.w("gate").index_select(0, batch.codes))
            per_sample = torch.cat([torch.ones(batch.plain), gates])
        vectors = F.embedding_bag(
            batch.rows if read is None else batch.read_rows, self.table if read is None else read, batch.offsets,
            mode="sum", per_sample_weights=per_sample, sparse=self.sparse)
        items = vectors[:batch.items]
        users = vectors[batch.items:batch.items + batch.users]
        if self.tower == "pooled":
            past = vectors[batch.items + batch.users:] * batch.scale
            hidden = F.relu(self.linear(torch.cat([past, users, batch.length], dim=1), "hidden"))
            queries = self.linear(hidden, "output")
        else:
            queries = self.sequence(batch, items, users)
        queries, columns = F.normalize(queries), F.normalize(items)
        loss = 0
        for u, v, positives, correction, own in zip(
                queries.split(batch.row_counts), columns.split(batch.column_counts), batch.positives,
                batch.corrections, batch.own):
            logits = torch.addmm(-correction, u, v.t(), alpha=1 / TEMPERATURE)
            logits.scatter_add_(1, positives.unsqueeze(1), own.unsqueeze(1))
            loss = loss + F.cross_entropy(logits, positives, reduction="sum")
        return loss / batch.targets

    def sequence(self, batch, items, users):
        x = users.index_select(0, batch.context) + self.w("position").index_select(0, batch.age)
        x = x + torch.addcmul(self.w("code")[1:2], self.w("code")[2:3] - self.w("code")[1:2], 1 - batch.has_item)
        x = x + items.index_select(0, batch.item) * (batch.has_item * D ** 0.5)
        x = self.drop(x)
        block = 0
        while f"retrieval_block_{block}_norm_0_gain" in self.weights:
            x = self.block(batch, x, f"block_{block}")
            block += 1
        return self.norm(x, "norm")

    def block(self, batch, x, name):
        normed = self.norm(x, name + "_norm_0")
        joint = F.linear(
            normed, torch.cat([self.w(f"{name}_{part}_weight") for part in ("query", "key", "value")]),
            torch.cat([self.w(f"{name}_{part}_bias") for part in ("query", "key", "value")]))
        count, length = batch.shape
        padded = joint.new_zeros(count * length, 3 * D).index_copy(0, batch.place, joint)
        q, k, v = padded.reshape(count, 1, length, 3 * D).split(D, dim=3)
        # Steps come first and the padding after them, so that the causal mask hides it.
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True).reshape(count * length, D)
        x = x + self.drop(self.linear(attended.index_select(0, batch.place), name + "_output"))
        hidden = self.drop(F.relu(self.linear(self.norm(x, name + "_norm_1"), name + "_up")))
        return x + self.drop(self.linear(hidden, name + "_down"))


class Batches:
    """Cuts examples as Cascade does: a target with the rest of its user's past, or stretches of a past."""

    def __init__(self, data, tower, shards):
        self.data, self.causal, self.shards = data, tower == "sasrec", shards
        self.start, self.item = data["user_start"], data["item"]
        self.random = np.random.default_rng(1)
        counts = np.bincount(self.item, minlength=len(data["items"]))
        rows, items = BATCH / shards, len(counts)
        absent = rows * np.log1p(-counts / counts.sum()) + UNIFORM * np.log1p(-1 / items)
        self.log_q = np.log(-np.expm1(absent)).astype(np.float32)
        self.user = np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))
        if self.causal:
            self.examples = []
            for user, (first, end) in enumerate(zip(self.start, self.start[1:])):
                while end > first:
                    begin = max(first, end - LENGTH - 1)
                    self.examples.append((user, begin, end))
                    end = begin
            self.size = BATCH * len(self.examples) // len(self.item)
        else:
            self.examples = list(range(len(self.item)))
            self.size = BATCH

    def shard(self, examples, strangers=STRANGERS):
        """Users, pasts and targets of examples; a share of the contexts has no past."""
        users, pasts, targets = [], [], []
        for example in examples:
            if self.causal:
                user, begin, end = example
                users.append(user)
                pasts.append(self.item[begin:end - 1])
                targets.append(self.item[begin:end])
            else:
                user = self.user[example]
                whole = self.item[self.start[user]:self.start[user + 1]]
                past = whole[whole != self.item[example]][-LENGTH:][::-1]
                users.append(user)
                pasts.append(past[:0] if self.random.random() < strangers else past)
                targets.append(self.item[example:example + 1])
        return users, pasts, np.concatenate(targets)

    def finish(self, users, pasts, targets, columns):
        """Points pasts and targets at their columns."""
        place = np.zeros(len(self.data["items"]), dtype=np.int64)
        place[columns] = np.arange(len(columns))
        shard = {"users": np.array(users), "positives": place[targets], "columns": columns}
        if self.causal:
            shard["sequences"] = [place[past] for past in pasts]
        else:
            shard["past"] = pasts
        return shard

    def draw(self):
        chosen = self.random.choice(len(self.examples), self.size, replace=False)
        shards = []
        for part in np.array_split(chosen, self.shards):
            drawn = self.random.integers(0, len(self.data["items"]), UNIFORM)
            users, pasts, targets = self.shard([self.examples[index] for index in part])
            columns = np.unique(np.concatenate([targets, drawn]))
            shards.append(self.finish(users, pasts, targets, columns))
        return Batch(self.data, shards, lambda columns: self.log_q[columns])

    def check(self):
        """The batch of StepZero.swift: columns in the order in which pasts, targets and items 0 to 99 name them."""
        examples, order = [], []
        for user in range(0, 800, 100):
            end = self.start[user + 1]
            examples.append((user, max(self.start[user], end - LENGTH - 1), end) if self.causal else end - 1)
        users, pasts, targets = self.shard(examples, strangers=0)
        if self.causal:
            for _, begin, end in examples:
                order += [self.item[begin:end - 1][::-1], self.item[begin:end]]
        else:
            order.append(targets)
        named = np.concatenate(order + [np.arange(100)])
        _, first = np.unique(named, return_index=True)
        shard = self.finish(users, pasts, targets, named[np.sort(first)])
        return Batch(self.data, [shard], lambda columns: -(np.arange(len(columns)) % 7))


class RowAdam:
    """Adam on the rows of a table that a batch reads; the moments of others wait."""

    def __init__(self, table, rate):
        self.table, self.rate, self.steps = table.detach(), rate, 0
        self.first, self.second = torch.zeros_like(self.table), torch.zeros_like(self.table)

    @torch.no_grad()
    def step(self, rows, weights, gradient):
        self.steps += 1
        first = self.first.index_select(0, rows).lerp_(gradient, 0.1)
        second = self.second.index_select(0, rows).mul_(0.999).addcmul_(gradient, gradient, value=0.001)
        self.first.index_copy_(0, rows, first)
        self.second.index_copy_(0, rows, second)
        scale = (1 - 0.999 ** self.steps) ** 0.5
        weights = weights.detach().addcdiv_(
            first, second.sqrt_().add_(1e-8 * scale), value=-self.rate * scale / (1 - 0.9 ** self.steps))
        self.table.index_copy_(0, rows, weights)


class Torch:
    def __init__(self, data, tower, threads, table, batches):
        torch.set_num_threads(threads)
        torch.manual_seed(1)
        source = Batches(data, tower, threads)
        self.model = Tower(data, tower, dropout=False)
        with torch.no_grad():
            self.loss = self.model(source.check()).item()
        self.model.dropout = True
        self.model.sparse = table == "sparse"
        dense = [p for name, p in self.model.named_parameters() if table == "dense" or name != "table"]
        self.optimizers = [torch.optim.Adam(dense, lr=2e-3, fused=True)]
        if self.model.sparse:
            self.optimizers.append(torch.optim.SparseAdam([self.model.table], lr=2e-3))
        self.row_adam = RowAdam(self.model.table, 2e-3) if table == "rows" else None
        self.batches = [source.draw() for _ in range(batches)]

    def run(self):
        begin, busy, targets = time.perf_counter(), time.process_time(), 0
        for batch in self.batches:
            read = self.model.table.detach().index_select(0, batch.read).requires_grad_() if self.row_adam else None
            loss = self.model(batch, read)
            for optimizer in self.optimizers:
                optimizer.zero_grad(set_to_none=True)
            loss.backward()
            for optimizer in self.optimizers:
                optimizer.step()
            if self.row_adam:
                self.row_adam.step(batch.read, read, read.grad)
            targets += batch.targets
        return targets / (time.perf_counter() - begin), targets / (time.process_time() - busy)


class Cascade:
    def __init__(self, binary, tower, threads, path):
        self.child = Child(binary, tower, str(threads), path)
        self.loss = float(self.child.words()[1])

    def run(self):
        words = self.child.ask("epoch")
        return float(words[1]), float(words[3])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=".build/release/bench-retrieval-training")
    parser.add_argument("--tower", choices=["pooled", "sasrec"], default="pooled")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--batches", type=int, default=40)
    parser.add_argument("--table", choices=["rows", "sparse", "dense"], default="rows")
    parser.add_argument("--passive", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model")
        cascade = Cascade(options.binary, options.tower, options.threads, path)
        data = Arrays(path)
    peer = Torch(data, options.tower, options.threads, options.table, options.batches)
    print(f"loss of step 0: cascade {cascade.loss:.6f}, torch {peer.loss:.6f}")
    if abs(cascade.loss - peer.loss) > 1e-4 * abs(cascade.loss):
        sys.exit("the two sides are not the same model")
    sides = {"cascade": cascade, "torch": peer}
    for side in sides.values():
        side.run()
    rounds.compare(sides, options.rounds, lambda side: side.run(), "targets")


if __name__ == "__main__":
    main()
