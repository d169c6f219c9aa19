"""What one would build instead: a FastAPI service with faiss-cpu and ONNX Runtime, of the shapes of the release of KuaiRand.

It answers the same request as Cascade (`POST /v1/recommendations`), so that the same load can be put on both:

    python Benchmarks/peers/service.py --items 7583 --port 8090
    CASCADE_USERS=FILE wrk -t1 -c8 -d20s -s Benchmarks/service/slates.lua http://127.0.0.1:8090

A request: the user's past from memory, the user tower, the nearest 400 of a Faiss HNSW index and 150 popular and new items, without
those the user has seen, then the default ranker (two cross layers of rank 64 over 452 columns, 256-128, six heads; with --form full
three full cross layers) over what is left, and the best 20. Weights are random, which costs the same. It is spared what Cascade does beside: pasts and states are
not read from a database, counters are not counted (their columns lie ready for each item), nothing is filtered by rules,
no slate is diversified, no trace is kept. Each worker is a process with one thread for Faiss and ONNX Runtime.

Needs fastapi, uvicorn, uvloop, httptools, orjson, faiss-cpu, onnxruntime, onnx, onnxscript, torch and numpy.
"""
import argparse
import io
import os
import tempfile
import zlib

import faiss
import numpy as np
import onnxruntime
import orjson
import uvicorn
from fastapi import FastAPI, Request, Response

ITEM, USER, PAST, COUNTERS, HEADS, STEPS, HISTORY = 102, 216, 32, 102, 6, 30, 200
WIDTH = ITEM + USER + PAST + COUNTERS
DIMENSION, USERS, NEAREST, OTHERS, SLATE = 64, 5000, 400, 150, 20


def write_model(items, form, folder):
    """The ranker as an ONNX file, and the index."""
    import torch
    from torch import nn

    torch.manual_seed(1)

    class Ranker(nn.Module):
        def __init__(self):
            super().__init__()
            self.items = nn.Parameter(torch.randn(items, ITEM) * 0.1)
            self.counters = nn.Parameter(torch.randn(items, COUNTERS) * 0.1)
            self.key, self.value, self.query = (nn.Linear(ITEM, PAST) for _ in range(3))
            self.cross = nn.ModuleList(
                [nn.Linear(WIDTH, WIDTH) for _ in range(3)] if form == "full" else
                [nn.Sequential(nn.Linear(WIDTH, 64, bias=False), nn.Linear(64, WIDTH)) for _ in range(2)])
            self.deep = nn.Sequential(
                nn.Linear(WIDTH, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, HEADS))

        def forward(self, user, steps, candidates):
            past = self.items[steps]
            rows = self.items[candidates]
            count = rows.shape[0]
            query = self.query(rows).reshape(count, 2, -1).transpose(0, 1)
            key = self.key(past).reshape(past.shape[0], 2, -1).transpose(0, 1)
            value = self.value(past).reshape(past.shape[0], 2, -1).transpose(0, 1)
            shares = torch.softmax(query @ key.transpose(1, 2) / query.shape[2] ** 0.5, dim=2)
            history = (shares @ value).transpose(0, 1).reshape(count, -1)
            first = torch.cat([rows, user.expand(count, -1), history, self.counters[candidates]], dim=1)
            x = first
            for layer in self.cross:
                x = first * layer(x) + x
            return torch.sigmoid(self.deep(x))

    model = Ranker().eval().requires_grad_(False)
    example = (torch.randn(1, USER), torch.arange(STEPS) % items, torch.arange(500) % items)
    file = io.BytesIO()
    torch.onnx.export(
        model, example, file, input_names=["user", "steps", "candidates"], output_names=["heads"], dynamo=True,
        verbose=False, dynamic_shapes=[{}, {0: torch.export.Dim("steps")}, {0: torch.export.Dim("rows")}])
    with open(os.path.join(folder, "ranker.onnx"), "wb") as out:
        out.write(file.getvalue())
    random = np.random.default_rng(1)
    vectors = random.standard_normal((items, DIMENSION)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    np.save(os.path.join(folder, "vectors.npy"), vectors)
    index = faiss.IndexHNSWFlat(DIMENSION, 16, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = 100
    index.add(vectors)
    faiss.write_index(index, os.path.join(folder, "index"))


class Recommender:
    def __init__(self, folder):
        faiss.omp_set_num_threads(1)
        self.index = faiss.read_index(os.path.join(folder, "index"))
        self.index.hnsw.efSearch = 128
        self.vectors = np.load(os.path.join(folder, "vectors.npy"))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.ranker = onnxruntime.InferenceSession(
            os.path.join(folder, "ranker.onnx"), options, providers=["CPUExecutionProvider"])
        items = len(self.vectors)
        random = np.random.default_rng(2)
        self.users = random.standard_normal((USERS, USER)).astype(np.float32) * 0.1
        self.pasts = random.integers(0, items, (USERS, HISTORY))
        self.hidden = random.standard_normal((DIMENSION, 128)).astype(np.float32) * 0.1
        self.output = random.standard_normal((128, DIMENSION)).astype(np.float32) * 0.1
        self.others = random.permutation(items)[:OTHERS]
        self.names = [str(item) for item in range(items)]
        self.weights = np.ones(HEADS, dtype=np.float32)

    def slate(self, user_id, limit):
        user = zlib.crc32(user_id.encode()) % USERS
        past = self.pasts[user]
        taste = self.vectors[past[:100]].mean(axis=0, keepdims=True)
        vector = np.maximum(taste @ self.hidden, 0) @ self.output
        vector /= np.linalg.norm(vector)
        _, nearest = self.index.search(vector, NEAREST + HISTORY)
        nearest = nearest[0]
        nearest = nearest[~np.isin(nearest, past)][:NEAREST]
        others = self.others[~np.isin(self.others, past)]
        candidates = np.concatenate([nearest, others[~np.isin(others, nearest)]])
        heads = self.ranker.run(
            None, {"user": self.users[user:user + 1], "steps": past[:STEPS], "candidates": candidates})[0]
        scores = heads @ self.weights
        best = np.argpartition(-scores, limit)[:limit]
        best = best[np.argsort(-scores[best])]
        return [{"item_id": self.names[candidates[place]], "position": position, "score": float(scores[place])}
                for position, place in enumerate(best)]


def make_app():
    app = FastAPI()
    recommender = Recommender(os.environ["PEER_FOLDER"])

    @app.post("/v1/recommendations")
    async def recommend(request: Request):
        body = orjson.loads(await request.body())
        items = recommender.slate(str(body["user_id"]), int(body.get("limit", SLATE)))
        return Response(orjson.dumps({"items": items}), media_type="application/json")

    return app


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", type=int, default=7583)
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--form", choices=["default", "full"], default="default")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PEER_FOLDER"] = folder
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        write_model(options.items, options.form, folder)
        uvicorn.run(
            "service:make_app", factory=True, app_dir=os.path.dirname(os.path.abspath(__file__)), port=options.port,
            workers=options.workers, loop="uvloop", http="httptools", log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
