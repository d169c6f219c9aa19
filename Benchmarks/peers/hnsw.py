"""HNSW beside faiss-cpu (and hnswlib, where installed): build time, search time and recall, side by side in one run.

    swift build -c release --product bench-hnsw
    python Benchmarks/peers/hnsw.py .build/release/bench-hnsw

Every round runs each side once, one after another, so that a busy machine slows all of them; the ratios are medians
over the rounds. All sides get the same 50,000 x 64 normalised clustered vectors, M 16, efConstruction 100, two
threads to build, one to search, k = 100.
"""

import argparse
import json
import os
import subprocess
import tempfile
import time

import faiss
import numpy as np

try:
    import hnswlib
except ImportError:
    hnswlib = None

M, EF_CONSTRUCTION = 16, 100
BLOCK = 2_000_000
CLUSTERS, RANK = 200, 8
# Of `make_data`: what was made by another is not what is asked for.
GENERATOR = 2


def make_data(count, dimension, queries, seed):
    """Unit vectors around 200 centres: the k-th cluster has a share of 1/k (Zipf), and its vectors spread in eight directions of its
    own, with a little noise in all others."""
    random = np.random.default_rng(seed)
    centers = random.standard_normal((CLUSTERS, dimension), dtype="float32")
    directions = random.standard_normal((CLUSTERS, RANK, dimension), dtype="float32") * np.float32(0.5 / RANK**0.5)
    shares = 1 / np.arange(1, CLUSTERS + 1)
    total = count + queries
    vectors = np.empty((total, dimension), dtype="float32")
    # In blocks, since the numbers in between take several times the memory of the vectors.
    for start in range(0, total, BLOCK):
        rows = min(BLOCK, total - start)
        cluster = random.choice(CLUSTERS, size=rows, p=shares / shares.sum())
        block = centers[cluster] + np.float32(0.1) * random.standard_normal((rows, dimension), dtype="float32")
        for one in range(CLUSTERS):
            own = np.flatnonzero(cluster == one)
            block[own] += random.standard_normal((len(own), RANK), dtype="float32") @ directions[one]
        vectors[start:start + rows] = block / np.linalg.norm(block, axis=1, keepdims=True)
    return vectors[:count], vectors[count:]


def timed(body):
    start = time.perf_counter()
    result = body()
    return time.perf_counter() - start, result


def best_of_three(body):
    runs = [timed(body) for _ in range(3)]
    return min(seconds for seconds, _ in runs), runs[0][1]


def run_cascade(binary, folder, base, queries, options):
    command = [binary, folder, str(base.shape[1]), str(options.threads), str(options.ef), str(options.k)]
    outcome = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    found = np.fromfile(os.path.join(folder, "found.i32"), dtype="int32").reshape(len(queries), -1)
    return outcome["build"], outcome["search"], outcome["exact"], found


def run_faiss(base, queries, options):
    faiss.omp_set_num_threads(options.threads)
    index = faiss.IndexHNSWFlat(base.shape[1], M, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = EF_CONSTRUCTION
    index.hnsw.efSearch = options.ef
    build, _ = timed(lambda: index.add(base))
    faiss.omp_set_num_threads(1)
    search, (_, found) = best_of_three(lambda: index.search(queries, options.k))
    flat = faiss.IndexFlatIP(base.shape[1])
    flat.add(base)
    exact, _ = timed(lambda: flat.search(queries, options.k))
    return build, search, exact, found


def run_hnswlib(base, queries, options):
    index = hnswlib.Index(space="ip", dim=base.shape[1])
    index.init_index(max_elements=len(base), M=M, ef_construction=EF_CONSTRUCTION)
    build, _ = timed(lambda: index.add_items(base, num_threads=options.threads))
    index.set_ef(max(options.ef, options.k))
    search, (found, _) = best_of_three(lambda: index.knn_query(queries, k=options.k, num_threads=1))
    return build, search, float("nan"), found


def recall(found, truth):
    hits = sum(len(set(a) & set(b)) for a, b in zip(found.tolist(), truth.tolist()))
    return hits / truth.size


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", help="the built bench-hnsw")
    parser.add_argument("--count", type=int, default=50_000)
    parser.add_argument("--dimension", type=int, default=64)
    parser.add_argument("--queries", type=int, default=2_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--ef", type=int, default=64)
    parser.add_argument("--k", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    base, queries = make_data(options.count, options.dimension, options.queries, options.seed)
    flat = faiss.IndexFlatIP(options.dimension)
    flat.add(base)
    truth = flat.search(queries, options.k)[1]
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        base.tofile(os.path.join(folder, "base.f32"))
        queries.tofile(os.path.join(folder, "queries.f32"))
        sides = {
            "cascade": lambda: run_cascade(options.binary, folder, base, queries, options),
            "faiss-cpu": lambda: run_faiss(base, queries, options),
        }
        if hnswlib is not None:
            sides["hnswlib"] = lambda: run_hnswlib(base, queries, options)
        for _ in range(options.rounds):
            for name, run in sides.items():
                build, search, exact, found = run()
                results.setdefault(name, []).append((build, search, exact, recall(found, truth)))
    print_table(results, options)


def print_table(results, options):
    print(f"{options.count} x {options.dimension}, efSearch {options.ef}, k {options.k}, ", end="")
    print(f"{options.queries} queries, ", end="")
    print(f"medians of {options.rounds} rounds; ratio: the peer's time over cascade's of the same round")
    print(f"{'':10} {'build s':>9} {'search s':>9} {'exact s':>9} {'recall':>8}   ratios (build, search, exact)")
    ours = np.array(results["cascade"])
    for name, rounds in results.items():
        rows = np.array(rounds)
        medians = np.median(rows, axis=0)
        ratios = np.median(rows[:, :3] / ours[:, :3], axis=0)
        print(f"{name:10} {medians[0]:9.3f} {medians[1]:9.4f} {medians[2]:9.3f} {medians[3]:8.4f}   ", end="")
        print("  ".join(f"{ratio:.2f}" for ratio in ratios))


if __name__ == "__main__":
    main()
