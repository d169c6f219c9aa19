"""Milliseconds of scoring one request of 500 candidates: Cascade, ONNX Runtime and PyTorch in turns, in one run.

Cascade scores as a service does (ranker_scoring/): the context once, then all rows. The others compute the same model
from the same weights as one would write it with care: the vectors of items lie ready, the user is looked up once and
spread over the rows, keys and values of the past are made once. ONNX Runtime runs the graph exported from PyTorch with
all its optimizations; PyTorch runs in inference mode, as it is, compiled, and with bfloat16 products (`--peers`).

Before the first round all sides score the same request; the driver stops where they differ. Needs torch, onnxruntime,
onnx, onnxscript, numpy and a release build:

    swift build -c release --product bench-ranker-scoring
    python Benchmarks/peers/ranker_scoring.py --form full
    python Benchmarks/peers/ranker_scoring.py --form default
"""
import argparse
import io
import os
import statistics
import sys
import tempfile
import time
import warnings

import numpy as np
import onnxruntime
import torch
import torch.nn.functional as F
from torch import nn

import arrays
from child import Child

WIDTH, HEADS = 14, 4


class Ranker(nn.Module):
    def __init__(self, data):
        super().__init__()
        weights = {name: torch.tensor(data[name]) for name in data if name.startswith("ranker.")}
        self.table = nn.Parameter(weights.pop("ranker.unified").reshape(-1, WIDTH))
        self.user_numbers = self.numbers(weights, "ranker.user.numeric", 4)
        item_numbers = self.numbers(weights, "ranker.item.numeric", 3)
        lookups = torch.tensor(data["item_lookups"], dtype=torch.long).reshape(-1, 10)
        encoded = torch.tensor(data["item_numbers"]).reshape(len(lookups), 3, -1)
        with torch.no_grad():
            items = torch.cat([self.table[lookups].flatten(1), self.grouped(encoded, item_numbers)], dim=1)
        self.items = nn.Parameter(items)
        width = items.shape[1]
        self.attention = weights["ranker.history.query.bias"].numel()
        for part in ("key", "value", "query"):
            self.register(part, weights[f"ranker.history.{part}"].reshape(width, -1))
        for part in ("key", "value"):
            for kind in ("code", "age"):
                self.register(f"{part}_{kind}", weights[f"ranker.history.{part}.{kind}"].reshape(-1, self.attention))
        self.register("query_bias", weights["ranker.history.query.bias"])
        self.crosses, layer = [], 0
        while f"ranker.cross.{layer}.bias" in weights:
            bias = weights[f"ranker.cross.{layer}.bias"]
            down = weights[f"ranker.cross.{layer}.down"].reshape(bias.numel(), -1)
            up = weights.get(f"ranker.cross.{layer}.up")
            self.register(f"down_{layer}", down)
            if up is not None:
                self.register(f"up_{layer}", up.reshape(-1, bias.numel()))
            self.register(f"cross_bias_{layer}", bias)
            self.crosses.append(up is not None)
            layer += 1
        self.columns = bias.numel()
        for name in ("0", "1", "heads"):
            bias = weights[f"ranker.deep.{name}.bias"]
            self.register(f"deep_{name}", weights[f"ranker.deep.{name}.weight"].reshape(-1, bias.numel()))
            self.register(f"deep_bias_{name}", bias)

    def register(self, name, value):
        self.register_parameter(name, nn.Parameter(value.contiguous()))

    def numbers(self, weights, name, count):
        bias = weights[f"{name}.bias"].reshape(count, -1)
        return nn.ParameterList([nn.Parameter(
            weights[f"{name}.weight"].reshape(count, -1, bias.shape[1])), nn.Parameter(bias)])

    def grouped(self, encoded, parameters):
        """[n × numbers × encoded] through a small map for each number."""
        weight, bias = parameters
        return (torch.einsum("ngk,gkm->ngm", encoded, weight) + bias).flatten(1)

    def forward(self, user_lookups, user_numbers, step_item, step_code, step_age, row_item):
        user = torch.cat([self.table[user_lookups].reshape(1, -1), self.grouped(user_numbers, self.user_numbers)], dim=1)
        steps = self.items[step_item]
        keys = steps @ self.key + self.key_code[step_code] + self.key_age[step_age]
        values = steps @ self.value + self.value_code[step_code] + self.value_age[step_age]
        candidates = self.items[row_item]
        count = candidates.shape[0]
        queries = (candidates @ self.query + self.query_bias).reshape(count, HEADS, -1).transpose(0, 1)
        keys = keys.reshape(keys.shape[0], HEADS, -1).transpose(0, 1)
        values = values.reshape(values.shape[0], HEADS, -1).transpose(0, 1)
        scores = torch.softmax(queries @ keys.transpose(1, 2) / queries.shape[2] ** 0.5, dim=2)
        past = (scores @ values).transpose(0, 1).reshape(count, -1)
        first = torch.cat([candidates, user.expand(count, -1), past], dim=1)
        x = first
        for layer, low in enumerate(self.crosses):
            u = x @ getattr(self, f"down_{layer}")
            if low:
                u = u @ getattr(self, f"up_{layer}")
            x = first * (u + getattr(self, f"cross_bias_{layer}")) + x
        for name in ("0", "1"):
            x = F.relu(x @ getattr(self, f"deep_{name}") + getattr(self, f"deep_bias_{name}"))
        return torch.sigmoid(x @ self.deep_heads + self.deep_bias_heads)


class Cascade:
    def __init__(self, binary, form, products, item_bytes, requests, path):
        self.child = Child(binary, form, products, str(item_bytes), str(requests), path)
        self.child.words()

    def run(self):
        words = self.child.ask("round")
        return float(words[1])


class Peer:
    def __init__(self, call, requests):
        self.call, self.requests = call, requests

    def run(self):
        begin = time.perf_counter()
        for _ in range(self.requests):
            self.call()
        return (time.perf_counter() - begin) / self.requests * 1000


def inputs(data):
    long = {name: torch.tensor(data[name], dtype=torch.long)
            for name in ("user_lookups", "step_item", "step_code", "step_age", "row_item")}
    numbers = torch.tensor(data["user_numbers"]).reshape(1, 4, -1)
    return (long["user_lookups"], numbers, long["step_item"], long["step_code"], long["step_age"], long["row_item"])


def session(model, request, threads):
    names = ["user_lookups", "user_numbers", "step_item", "step_code", "step_age", "row_item"]
    file = io.BytesIO()
    rows, steps = torch.export.Dim("rows"), torch.export.Dim("steps")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model, request, file, input_names=names, output_names=["probabilities"], dynamo=True, verbose=False,
            dynamic_shapes=[{}, {}, {0: steps}, {0: steps}, {0: steps}, {0: rows}])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    made = onnxruntime.InferenceSession(file.getvalue(), options, providers=["CPUExecutionProvider"])
    feed = {name: value.numpy() for name, value in zip(names, request)}
    return lambda: made.run(None, feed)[0]


def peers(names, model, request, threads):
    """What scores the request, by name: each returns the probabilities."""
    torch.set_num_threads(threads)

    @torch.inference_mode()
    def plain():
        return model(*request).numpy()

    def compiled():
        made = torch.compile(model)

        @torch.inference_mode()
        def call():
            return made(*request).numpy()
        return call

    @torch.inference_mode()
    def bfloat16():
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return model(*request).float().numpy()

    makers = {
        "onnxruntime": lambda: session(model, request, threads), "torch": lambda: plain, "compiled": compiled,
        "bfloat16": lambda: bfloat16}
    return {name: makers[name]() for name in names}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=".build/release/bench-ranker-scoring")
    parser.add_argument("--form", choices=["full", "default"], default="full")
    parser.add_argument("--products", default="float32,bfloat16x3,bfloat16,int8", help="numbers that Cascade multiplies in")
    parser.add_argument("--item-bytes", type=int, default=1 << 30, help="memory for the parts of items; 0: none are kept")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--requests", type=int, default=20)
    parser.add_argument("--peers", default="onnxruntime,torch,compiled,bfloat16")
    options = parser.parse_args()
    own, data = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for products in options.products.split(","):
            path = os.path.join(folder, products)
            own[f"cascade {products}"] = Cascade(
                options.binary, options.form, products, options.item_bytes, options.requests, path)
            data[f"cascade {products}"] = arrays.read(path)
    first = next(iter(data))
    request = data[first]
    model = Ranker(request).eval().requires_grad_(False)
    print(f"{options.form}: {model.columns} columns, {len(request['row_item'])} candidates, one thread")
    expected = request["probabilities"].reshape(len(request["row_item"]), -1)
    calls = peers(options.peers.split(","), model, inputs(request), 1)
    answers = {name: call() for name, call in calls.items()}
    answers |= {name: data[name]["probabilities"].reshape(expected.shape) for name in data if name != first}
    for name, answer in answers.items():
        difference = float(np.abs(answer - expected).max())
        print(f"{name}: probabilities differ from those of {first} by {difference:.1e} at most")
        rounded = any(part in ("bfloat16", "int8") for part in (name + " " + first).split())
        if difference > (0.1 if rounded else 1e-4):
            sys.exit("the two sides are not the same model")
    sides = own | {name: Peer(call, options.requests) for name, call in calls.items()}
    for side in sides.values():
        side.run()
    times = {name: [] for name in sides}
    for _ in range(options.rounds):
        for name, side in sides.items():
            times[name].append(side.run())
    for name, found in times.items():
        line = f"{name}: median {statistics.median(found):.2f} ms, {min(found):.2f} to {max(found):.2f}"
        for mine in own:
            ratios = [other / one for other, one in zip(found, times[mine])]
            if name not in own:
                line += f"; {statistics.median(ratios):.2f} times {mine} ({min(ratios):.2f} to {max(ratios):.2f})"
        print(line)


if __name__ == "__main__":
    main()
