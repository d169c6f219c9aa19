"""Writes the golden values that CascadeNNTests compares with, computed by PyTorch in double precision.

    python Scripts/golden/make_golden.py          (from the root of the repository; needs torch)

`operations.json`: for each operation its inputs, the weights r of the objective sum(r * result), the result and the
gradient of every input. `optimizers.json`: weights after a few updates by PyTorch's optimizers. Seeds are fixed, so the
files come out the same again; names and shapes are those of Tests/CascadeNNTests/Support.
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
OUT = pathlib.Path(__file__).resolve().parent
BORDERS = [0, 3, 3, 4, 11]
SEGMENTS = [slice(a, b) for a, b in zip(BORDERS, BORDERS[1:])]
POSITIVES = [0, 3, 3, 8, 5, 1]
IDS = [7, 8, 7, 9, 10, 11, 9, 12, 13]
CASES = {}


def case(name, **shapes):
    """Registers a function of tensors; a shape is (rows, columns) or (rows, columns, low, high)."""
    def register(function):
        CASES[name] = (shapes, function)
        return function
    return register


for name, function in {
    "relu": F.relu, "gelu": lambda x: F.gelu(x, approximate="tanh"), "silu": F.silu, "sigmoid": torch.sigmoid,
    "tanh": torch.tanh, "exp": torch.exp, "log": torch.log, "square": torch.square, "softplus": F.softplus,
}.items():
    case(name, x=(7, 19, 0.5, 2) if name == "log" else (7, 19, -3, 3))(lambda x, f=function: f(x))
    if name != "log":
        case(f"linear {name}", x=(5, 6), w=(6, 4), b=(1, 4))(lambda x, w, b, f=function: f(x @ w + b))

case("linear plain", x=(5, 6), w=(6, 1))(lambda x, w: x @ w)
case("matmul", a=(5, 6), b=(6, 3))(lambda a, b: a @ b)
case("matmul transposed", a=(5, 6), b=(4, 6))(lambda a, b: a @ b.T)
case("add", a=(5, 6), b=(5, 6))(lambda a, b: a + b)
case("subtract", a=(5, 6), b=(5, 6))(lambda a, b: a - b)
case("multiply", a=(5, 18), b=(5, 18))(lambda a, b: a * b)
case("addBias", x=(5, 6), b=(1, 6))(lambda x, b: x + b)
case("scaleRows", x=(5, 6), c=(5, 1))(lambda x, c: x * c)
case("cross", x0=(5, 6), x=(5, 6), w=(6, 6), b=(1, 6))(lambda x0, x, w, b: x0 * (x @ w + b) + x)
case("cross first", x=(5, 6), w=(6, 6), b=(1, 6))(lambda x, w, b: x * (x @ w + b) + x)
case("crossLowRank", x0=(5, 6), x=(5, 6), v=(6, 2), u=(2, 6), b=(1, 6))(
    lambda x0, x, v, u, b: x0 * (x @ v @ u + b) + x)
case("groupedLinear", x=(5, 6), w=(6, 4), b=(1, 12))(
    lambda x, w, b: F.silu(torch.cat([x[:, 2 * g:2 * g + 2] @ w[2 * g:2 * g + 2] for g in range(3)], 1) + b))
case("mixture", a=(5, 6), b=(5, 6), c=(5, 6), gates=(5, 3))(
    lambda a, b, c, gates: gates[:, :1] * a + gates[:, 1:2] * b + gates[:, 2:] * c)


@case("topKGates", x=(5, 5, 0.1, 1))
def top_k(x):
    kept = torch.zeros_like(x).scatter(1, x.topk(2, dim=1).indices, 1.0) * x
    return kept / kept.sum(1, keepdim=True)


case("softmax", x=(5, 21, -3, 3))(lambda x: F.softmax(x, 1))
case("logSoftmax", x=(5, 21, -3, 3))(lambda x: F.log_softmax(x, 1))
case("layerNorm", x=(5, 18), g=(1, 18), b=(1, 18))(lambda x, g, b: F.layer_norm(x, (18,), g[0], b[0]))
case("rmsNorm", x=(5, 18), g=(1, 18))(lambda x, g: F.rms_norm(x, (18,), g[0], eps=1e-6))
case("normalizeRows", x=(5, 18))(lambda x: F.normalize(x, dim=1, eps=1e-6))
case("rowDot", a=(5, 18), b=(5, 18))(lambda a, b: (a * b).sum(1, keepdim=True))


@case("pairwiseDots", x=(5, 12))
def pairwise(x):
    fields = x.reshape(5, 4, 3)
    i, j = torch.triu_indices(4, 4, 1)
    return torch.bmm(fields, fields.transpose(1, 2))[:, i, j]


def field_linear(x, w, widths):
    return torch.cat([part @ matrix for part, matrix in zip(x.split(widths, 1), w.split(widths, 0))], 1)


case("fieldLinear", x=(5, 6), w=(6, 4), b=(1, 12))(lambda x, w, b: field_linear(x, w, [1, 3, 2]) + b)
case("fieldLinear plain", x=(5, 5), w=(5, 3))(lambda x, w: field_linear(x, w, [3, 2]))


def second_order(x, fields):
    v = x.reshape(x.shape[0], fields, -1)
    return (v.sum(1) ** 2 - (v ** 2).sum(1)) / 2


case("secondOrder", x=(5, 20))(lambda x: second_order(x, 4))
case("secondOrder wide", x=(2, 210))(lambda x: second_order(x, 3))


@case("fieldAwareDots", x=(5, 27))
def field_aware(x):
    v = x.reshape(5, 3, 3, 3)
    i, j = torch.triu_indices(3, 3, 1)
    return (v * v.transpose(1, 2)).sum(3)[:, i, j]


def field_attention(q, k, v, queries, keys, heads, scale=None):
    split = lambda t, n: t.reshape(t.shape[0], n, heads, -1).transpose(1, 2)
    out = F.scaled_dot_product_attention(split(q, queries), split(k, keys), split(v, keys), scale=scale)
    return out.transpose(1, 2).reshape(q.shape)


case("fieldAttention", q=(5, 12), k=(5, 24), v=(5, 24))(lambda q, k, v: field_attention(q, k, v, 2, 4, 2, 1.0))
case("fieldAttention wide", x=(3, 48))(lambda x: field_attention(x, x, x, 3, 3, 2))


@case("periodic", x=(5, 3), c=(3, 5))
def periodic(x, c):
    angles = 2 * math.pi * x.unsqueeze(2) * c
    return torch.cat([torch.cos(angles), torch.sin(angles)], 2).reshape(5, 30)


def by_segment(function, columns):
    return lambda *tensors: torch.cat([
        function(*(t[s] for t in tensors)) if s.start < s.stop else torch.zeros(1, columns) for s in SEGMENTS])


case("segmentSum", x=(11, 6))(by_segment(lambda x: x.sum(0, keepdim=True), 6))
case("segmentMean", x=(11, 6))(by_segment(lambda x: x.mean(0, keepdim=True), 6))
case("segmentMax", x=(11, 6))(by_segment(lambda x: x.amax(0, keepdim=True), 6))
case("segmentSoftmax", x=(11, 3, -3, 3))(lambda x: torch.cat([F.softmax(x[s], 0) for s in SEGMENTS]))
case("segmentWeightedSum", x=(11, 6), w=(11, 2))(
    by_segment(lambda x, w: (x.reshape(-1, 2, 3) * w.unsqueeze(2)).sum(0).reshape(1, 6), 6))


def attend(q, k, v, heads, bias=None):
    """q [n, d], k and v [m, d], bias broadcast to [heads, n, m]."""
    split = lambda t: t.reshape(t.shape[0], heads, -1).transpose(0, 1)
    return F.scaled_dot_product_attention(split(q), split(k), split(v), attn_mask=bias).transpose(0, 1).reshape(q.shape)


@case("targetAttention", q=(4, 8), k=(11, 8), v=(11, 8))
def target_attention(q, k, v):
    return torch.cat([
        attend(q[i:i + 1], k[s], v[s], 2) if s.start < s.stop else torch.zeros(1, 8) for i, s in enumerate(SEGMENTS)])


@case("targetAttention wide", q=(4, 32), k=(11, 32), v=(11, 32))
def target_attention_wide(q, k, v):
    return torch.cat([
        attend(q[i:i + 1], k[s], v[s], 2) if s.start < s.stop else torch.zeros(1, 32) for i, s in enumerate(SEGMENTS)])


@case("targetAttention mapped", q=(6, 6), k=(11, 6), v=(11, 6), bias=(11, 2))
def target_attention_mapped(q, k, v, bias):
    rows = []
    for i, segment in enumerate([3, 0, 3, 1, 2, 0]):
        s = SEGMENTS[segment]
        rows.append(
            attend(q[i:i + 1], k[s], v[s], 2, bias[s].T.unsqueeze(1)) if s.start < s.stop else torch.zeros(1, 6))
    return torch.cat(rows)


def self_attention(q, k, v, heads, causal, bias=None):
    parts = []
    for s in SEGMENTS:
        n = s.stop - s.start
        if n == 0:
            continue
        distance = torch.arange(n).unsqueeze(1) - torch.arange(n)
        mask = torch.zeros(heads, n, n)
        if bias is not None:
            centre = 0 if causal else bias.shape[0] // 2
            mask = bias[(distance + centre).clamp(0, bias.shape[0] - 1)].permute(2, 0, 1)
        if causal:
            mask = mask.masked_fill(distance < 0, -math.inf)
        parts.append(attend(q[s], k[s], v[s], heads, mask))
    return torch.cat(parts)


case("selfAttention causal", q=(11, 6), k=(11, 6), v=(11, 6), bias=(4, 2))(
    lambda q, k, v, bias: self_attention(q, k, v, 2, True, bias))
case("selfAttention", q=(11, 6), k=(11, 6), v=(11, 6), bias=(5, 3))(
    lambda q, k, v, bias: self_attention(q, k, v, 3, False, bias))
case("selfAttention plain", x=(11, 6))(lambda x: self_attention(x, x, x, 1, True))

STEP_TIMES = [100, 103, 190, 7, 5, 5, 900, 2000, 1990, 86400, 1_000_000]


def pointwise_attention(q, k, v, heads, divisor, causal=True, position=None, time=None):
    split = lambda t: t.reshape(t.shape[0], heads, -1).transpose(0, 1)
    parts = []
    for s in SEGMENTS:
        n = s.stop - s.start
        if n == 0:
            continue
        scores = split(q[s]) @ split(k[s]).transpose(1, 2)
        if position is not None:
            step = torch.arange(n)
            scores = scores + position[0][step - step.unsqueeze(1) + (position.shape[1] - 1) // 2]
        if time is not None:
            times = torch.tensor(STEP_TIMES[s])
            later = torch.cat([times[1:], times[-1:]]).unsqueeze(1)
            buckets = (torch.log((later - times).abs().clamp(min=1).double()) / 0.301).floor().long()
            scores = scores + time[0][buckets.clamp(max=time.shape[1] - 1)]
        weights = F.silu(scores) / divisor
        parts.append(((weights.tril() if causal else weights) @ split(v[s])).transpose(0, 1).reshape(n, v.shape[1]))
    return torch.cat(parts)


case("pointwiseAttention", q=(11, 6), k=(11, 6), v=(11, 8), p=(1, 15), t=(1, 40))(
    lambda q, k, v, p, t: pointwise_attention(q, k, v, 2, 5, position=p, time=t))
case("pointwiseAttention both ways", q=(11, 6), k=(11, 6), v=(11, 3), p=(1, 13), t=(1, 4))(
    lambda q, k, v, p, t: pointwise_attention(q, k, v, 3, 2, causal=False, position=p, time=t))
case("pointwiseAttention plain", x=(11, 6))(lambda x: pointwise_attention(x, x, x, 1, 3))

case("binaryCrossEntropy", x=(6, 3, -3, 3), t=(6, 3, 0, 1))(
    lambda x, t: F.binary_cross_entropy_with_logits(x, t.detach(), reduction="sum") / 6)
case("binaryCrossEntropy weighted", x=(6, 3, -3, 3), t=(6, 3, 0, 1), w=(6, 3, 0, 2))(
    lambda x, t, w: F.binary_cross_entropy_with_logits(
        x, t.detach() * 0.9 + 0.05, weight=w.detach(), reduction="sum") / 6)
case("squaredError", x=(6, 3), t=(6, 3), w=(6, 3, 0, 2))(
    lambda x, t, w: (w.detach() * (x - t.detach()) ** 2).sum() / 6)
case("softmaxCrossEntropy", x=(6, 20, -3, 3), w=(6, 1, 0, 2))(
    lambda x, w: (w.detach()[:, 0] * F.cross_entropy(
        x, torch.tensor([3, 0, 19, -1, 7, 7]), ignore_index=-1, label_smoothing=0.2, reduction="none")).sum() / 6)
case("pairwiseRanking", p=(6, 3), n=(6, 3), w=(6, 1, 0, 2))(
    lambda p, n, w: -(w.detach() * F.logsigmoid(p - n)).sum() / 6)


case("softCrossEntropy", x=(6, 20, -3, 3), t=(6, 20, 0, 0.1), w=(6, 1, 0, 2))(
    lambda x, t, w: -(w.detach() * t.detach() * F.log_softmax(x, 1)).sum() / 6)


@case("jointLogit", a=(7, 3, -3, 3), b=(7, 3, -3, 3))
def joint_logit(a, b):
    return torch.logit(torch.sigmoid(a) * torch.sigmoid(b))


def column_losses(x, t, w=None):
    return F.binary_cross_entropy_with_logits(x, t.detach(), weight=w, reduction="none").sum(0) / 6


case("binaryCrossEntropyColumns", x=(6, 3, -3, 3), t=(6, 3, 0, 1), w=(6, 3, 0, 2))(
    lambda x, t, w: (column_losses(x, t * 0.9 + 0.05, w.detach()) ** 2).sum())
case("uncertaintyWeighted", x=(6, 3, -3, 3), t=(6, 3, 0, 1), s=(1, 3))(
    lambda x, t, s: (torch.exp(-s[0]) * column_losses(x, t) + s[0]).sum())


def segment_ranking(x, t, w, pair):
    """Over segments and columns: weight of the rows times the mean of pair(difference) where the label is larger."""
    total = 0
    for s in SEGMENTS:
        for column in range(2):
            score, label = x[s, column], t[s, column]
            first, second = torch.nonzero(label.unsqueeze(1) > label, as_tuple=True)
            if len(first) > 0:
                total = total + w[s, column].sum() * pair(score[first] - score[second]).mean()
    return total / 11


case("pairwiseLogistic", x=(11, 2, -2, 2), t=(11, 2, 0, 1), w=(11, 2, 0, 2))(
    lambda x, t, w: segment_ranking(x, t.detach(), w.detach(), lambda d: F.softplus(-d)))
case("pairwiseHinge", x=(11, 2, -2, 2), t=(11, 2, 0, 1))(
    lambda x, t: segment_ranking(x, t.detach(), torch.ones(11, 2), lambda d: F.relu(0.7 - d)))


def others(p, ids=True):
    return [j for j in range(9) if j != p and not (ids and IDS[j] == IDS[p])]


def sampled(u, v, w, logq, tau, corrected=True, inside=True, ids=True, posterior=False, threshold=None):
    total = 0
    for i, p in enumerate(POSITIVES):
        raw = v @ u[i] / tau
        column = raw - logq
        rest = others(p, ids)
        positive = column[p] if corrected else raw[p]
        terms = column[rest]
        loss = torch.logsumexp(torch.cat([terms, positive.unsqueeze(0)]) if inside else terms, 0) - positive
        weight = w[i, 0].detach()
        if posterior:
            mean = torch.logsumexp(terms, 0) - math.log(len(rest))
            weight = weight * (1 - torch.sigmoid(positive - mean)).detach()
        if threshold is not None:
            weight = weight * torch.sigmoid(2 * (raw[p] - threshold[i, 0])).detach()
        total = total + weight * loss
    return total / 6


ROWS = dict(u=(6, 5), v=(9, 5), w=(6, 1, 0, 2))
case("sampledSoftmax plain", **ROWS)(lambda u, v, w: sampled(u, v, w, torch.zeros(9), 0.5, ids=False))
case("sampledSoftmax", **ROWS, logq=(9, 1, -3, 0))(lambda u, v, w, logq: sampled(u, v, w, logq.detach()[:, 0], 0.5))
case("sampledSoftmax uncorrected positive", **ROWS, logq=(9, 1, -3, 0))(
    lambda u, v, w, logq: sampled(u, v, w, logq.detach()[:, 0], 0.5, corrected=False))
case("sampledSoftmax outside", **ROWS, logq=(9, 1, -3, 0))(
    lambda u, v, w, logq: sampled(u, v, w, logq.detach()[:, 0], 0.5, corrected=False, inside=False))
case("sampledSoftmax posterior", **ROWS, logq=(9, 1, -3, 0))(
    lambda u, v, w, logq: sampled(u, v, w, logq.detach()[:, 0], 0.5, corrected=False, inside=False, posterior=True))
case("sampledSoftmax learned", u=(6, 5), v=(9, 5), s=(1, 1, 0.5, 1))(
    lambda u, v, s: sampled(u, v, torch.ones(6, 1), torch.zeros(9), torch.exp(-s[0, 0]), ids=False))
case("sampledSoftmax head", **ROWS, t=(6, 1))(
    lambda u, v, w, t: sampled(
        u, v, w, torch.zeros(9), 0.5, corrected=False, inside=False, threshold=t.detach()))


def contrasted(u, v, w, tau, row):
    """Mean over six rows of row(positive logit, logits of its negatives)."""
    total = 0
    for i, p in enumerate(POSITIVES):
        logits = v @ u[i] / tau
        total = total + w[i, 0].detach() * row(logits[p], logits[others(p)])
    return total / 6


case("cosineContrast", **ROWS)(lambda u, v, w: contrasted(
    u, v, w, 1, lambda p, n: 1 - p + 3 * F.relu(n - 0.1).mean()))
case("binaryContrast", **ROWS)(lambda u, v, w: contrasted(
    u, v, w, 0.5, lambda p, n: -(0.3 * F.logsigmoid(p) + F.logsigmoid(-n).sum()) / (1 + len(n))))
case("pairwiseContrast", **ROWS)(lambda u, v, w: contrasted(
    u, v, w, 0.5, lambda p, n: -F.logsigmoid(p - n).mean()))


def vector_quantize(x, e):
    codes = torch.cdist(x, e).argmin(1)
    chosen = e[codes]
    return ((chosen - x.detach()) ** 2).sum(1).mean() + 0.25 * ((x - chosen.detach()) ** 2).sum(1).mean()


case("vectorQuantize committed", x=(6, 4), e=(5, 4))(vector_quantize)


def rounded(tensor):
    return [float(f"{x:.8g}") for x in tensor.detach().flatten().tolist()]


def operations():
    result = {}
    for name, (shapes, function) in CASES.items():
        generator = torch.Generator().manual_seed(sum(map(ord, name)))
        inputs = {}
        for key, (rows, columns, *span) in shapes.items():
            low, high = span or (-1, 1)
            # Rounded to float32, so that both sides compute from the same numbers.
            numbers = (torch.rand(rows, columns, generator=generator) * (high - low) + low).float().double()
            inputs[key] = numbers.requires_grad_()
        value = function(*inputs.values())
        weights = None
        objective = value
        if value.dim() > 0:
            weights = (torch.rand(value.shape, generator=generator) * 2 - 1).float().double()
            objective = (weights * value).sum()
        objective.backward()
        result[name] = {
            "inputs": {key: rounded(t) for key, t in inputs.items()},
            "result": rounded(value),
            "gradients": {key: rounded(t.grad) for key, t in inputs.items() if t.grad is not None},
        }
        if weights is not None:
            result[name]["inputs"]["weights"] = rounded(weights)
    return result


def train(make, weights, gradients, clip=None):
    parameter = torch.nn.Parameter(weights.clone())
    optimizer = make([parameter])
    for gradient in gradients:
        parameter.grad = gradient.clone()
        if clip:
            torch.nn.utils.clip_grad_norm_([parameter], clip)
        optimizer.step()
    return rounded(parameter)


def sparse_adam(weights, steps):
    parameter = torch.nn.Parameter(weights.clone())
    optimizer = torch.optim.SparseAdam([parameter], lr=0.05)
    for rows, gradient in steps:
        parameter.grad = torch.sparse_coo_tensor(rows.unsqueeze(0), gradient, weights.shape)
        optimizer.step()
    return rounded(parameter)


def sparse_adagrad(weights, steps):
    parameter = torch.nn.Parameter(weights.clone())
    optimizer = torch.optim.Adagrad([parameter], lr=0.05)
    for rows, gradient in steps:
        parameter.grad = torch.sparse_coo_tensor(rows.unsqueeze(0), gradient, weights.shape)
        optimizer.step()
    return rounded(parameter)


def rowwise(weights, steps, adam):
    """The documented formulas, written out, since PyTorch has no row-wise optimizers."""
    table, first, second = weights.clone(), torch.zeros_like(weights), torch.zeros(weights.shape[0])
    for t, (rows, gradient) in enumerate(steps, 1):
        sums = torch.zeros_like(weights).index_add(0, rows, gradient)
        for row in rows.unique():
            g = sums[row]
            if adam:
                first[row] = 0.9 * first[row] + 0.1 * g
                second[row] = 0.999 * second[row] + 0.001 * (g ** 2).mean()
                step = (first[row] / (1 - 0.9 ** t)) / ((second[row] / (1 - 0.999 ** t)).sqrt() + 1e-8)
            else:
                second[row] += (g ** 2).mean()
                step = g / (second[row].sqrt() + 1e-10)
            table[row] -= 0.05 * step
    return rounded(table)


def optimizers():
    generator = torch.Generator().manual_seed(11)
    draw = lambda *shape: (torch.rand(*shape, generator=generator) * 2 - 1).float().double()
    weights, gradients = draw(21), [draw(21) for _ in range(5)]
    table = draw(6, 3)
    steps = [(torch.tensor(rows), draw(len(rows), 3)) for rows in ([1, 4, 1], [0, 4, 4, 5], [1, 5, 2, 1])]
    return {
        "weights": rounded(weights), "gradients": [rounded(g) for g in gradients],
        "sgd": train(lambda p: torch.optim.SGD(p, lr=0.05), weights, gradients),
        "momentum": train(lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9), weights, gradients),
        "adam": train(lambda p: torch.optim.Adam(p, lr=0.05), weights, gradients),
        "adamw": train(lambda p: torch.optim.AdamW(p, lr=0.05, weight_decay=0.1), weights, gradients),
        "adagrad": train(lambda p: torch.optim.Adagrad(p, lr=0.05), weights, gradients),
        "clipped": train(lambda p: torch.optim.SGD(p, lr=0.05), weights, gradients, clip=0.7),
        "table": rounded(table),
        "steps": [{"rows": rows.tolist(), "gradients": rounded(g)} for rows, g in steps],
        "sparseAdam": sparse_adam(table, steps), "sparseAdagrad": sparse_adagrad(table, steps),
        "rowwiseAdam": rowwise(table, steps, True), "rowwiseAdagrad": rowwise(table, steps, False),
    }


if __name__ == "__main__":
    for name, content in {"operations": operations(), "optimizers": optimizers()}.items():
        (OUT / f"{name}.json").write_text(json.dumps(content, separators=(",", ":"), sort_keys=True) + "\n")
