"""Recall against queries a second at a million vectors, side by side: ours in every storage, faiss-cpu, hnswlib, usearch,
ScaNN and scalable-vs (Vamana), the last four where they are installed.

    swift build -c release --product bench-hnsw
    python Benchmarks/peers/hnsw_curve.py .build/release/bench-hnsw FOLDER [--build SIDE]

The folder keeps the vectors and what was built over them (2 GB), so that sides can be built in calls of their own with
--build; without it, what is missing is built first. All sides get the same vectors (`make_data`: 200 clusters of unequal
size from the seed), 32 links a row on the lowest level, 100 candidates an insertion, two threads to build and --search-threads (one) to
search, all queries in one call where the library has one. ScaNN has no graph: its effort is the number of leaves of its tree that it
goes into, of 2,000 at a million. Every setting is measured in rounds that pass over all sides, so
that a busy machine slows all of them; figures are the medians, with the spread of the ratio of two sides of a round.
"""

import argparse
import json
import os
import subprocess
from functools import partial

import faiss
import numpy as np

from hnsw import EF_CONSTRUCTION, GENERATOR, M, make_data, recall, timed

try:
    import hnswlib
except ImportError:
    hnswlib = None
try:
    import scann
except ImportError:
    scann = None
try:
    import svs
except ImportError:
    svs = None
try:
    from usearch.index import Index as USearchIndex
except ImportError:
    USearchIndex = None

EFFORTS = {10: (10, 20, 40, 80, 160), 100: (100, 150, 200, 400)}
TARGETS = ((10, 0.95), (10, 0.99), (100, 0.95), (100, 0.99))
DEFAULT_EFFORT = 256
PROGRAMS = ("cascade", "faiss-cpu", "hnswlib", "usearch", "scann", "svs")
LARGEST_EFFORT = 2048


class Cascade:
    """One process that searches all storages."""

    def __init__(self, options):
        self.options = options
        self.process = None

    def build(self, base):
        command = [self.options.binary, "build", self.options.folder, str(base.shape[1]), str(self.options.threads)]
        command += self.options.storages
        built = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        return built["seconds"], built["bytes"]

    def open(self, queries):
        self.count = len(queries)
        self.process = subprocess.Popen(
            [self.options.binary, "search", self.options.folder, str(self.options.search_threads)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True)

    def search(self, storage, k, effort):
        self.process.stdin.write(f"{storage} {k} {effort}\n")
        self.process.stdin.flush()
        seconds = json.loads(self.process.stdout.readline())["seconds"]
        found = np.fromfile(os.path.join(self.options.folder, "found.i32"), dtype="int32")
        return seconds, found.reshape(self.count, -1)


class Faiss:
    def __init__(self, options):
        self.options = options
        self.path = os.path.join(options.folder, "faiss")

    def build(self, base):
        faiss.omp_set_num_threads(self.options.threads)
        index = faiss.IndexHNSWFlat(base.shape[1], M, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = EF_CONSTRUCTION
        seconds, _ = timed(lambda: index.add(base))
        faiss.write_index(index, self.path)
        return seconds, os.path.getsize(self.path)

    def open(self, queries):
        self.queries = queries
        self.index = faiss.read_index(self.path)

    def search(self, k, effort):
        faiss.omp_set_num_threads(self.options.search_threads)
        self.index.hnsw.efSearch = effort
        seconds, (_, found) = timed(lambda: self.index.search(self.queries, k))
        return seconds, found


class Hnswlib:
    def __init__(self, options):
        self.options = options
        self.path = os.path.join(options.folder, "hnswlib")

    def build(self, base):
        index = hnswlib.Index(space="ip", dim=base.shape[1])
        index.init_index(max_elements=len(base), M=M, ef_construction=EF_CONSTRUCTION)
        seconds, _ = timed(lambda: index.add_items(base, num_threads=self.options.threads))
        index.save_index(self.path)
        return seconds, os.path.getsize(self.path)

    def open(self, queries):
        self.queries = queries
        self.index = hnswlib.Index(space="ip", dim=queries.shape[1])
        self.index.load_index(self.path)

    def search(self, k, effort):
        self.index.set_ef(max(k, effort))
        seconds, (found, _) = timed(lambda: self.index.knn_query(self.queries, k=k, num_threads=self.options.search_threads))
        return seconds, found


class USearch:
    def __init__(self, options):
        self.options = options
        self.path = os.path.join(options.folder, "usearch")

    def build(self, base):
        index = USearchIndex(ndim=base.shape[1], metric="ip", dtype="f32", connectivity=M, expansion_add=EF_CONSTRUCTION)
        keys = np.arange(len(base), dtype=np.uint64)
        seconds, _ = timed(lambda: index.add(keys, base, threads=self.options.threads))
        index.save(self.path)
        return seconds, os.path.getsize(self.path)

    def open(self, queries):
        self.queries = queries
        self.index = USearchIndex.restore(self.path)

    def search(self, k, effort):
        self.index.expansion_search = max(k, effort)
        seconds, found = timed(lambda: self.index.search(self.queries, k, threads=self.options.search_threads))
        return seconds, found.keys.astype(np.int64)


class Scann:
    """A tree of leaves, codes of 4 bits for pairs of dimensions, and exact scores for the best, as its authors advise for a
    million of vectors: twice the square root of their number in leaves, a quarter of them for training."""

    def __init__(self, options):
        self.options = options
        self.path = os.path.join(options.folder, "scann")

    def build(self, base):
        leaves = int(2 * len(base) ** 0.5)
        builder = scann.scann_ops_pybind.builder(base, 10, "dot_product").set_n_training_threads(self.options.threads)
        seconds, index = timed(
            lambda: builder.tree(num_leaves=leaves, num_leaves_to_search=leaves // 20, training_sample_size=len(base) // 4)
            .score_ah(2, anisotropic_quantization_threshold=0.2).reorder(100).build())
        os.makedirs(self.path, exist_ok=True)
        index.serialize(self.path)
        return seconds, sum(os.path.getsize(os.path.join(self.path, name)) for name in os.listdir(self.path))

    def open(self, queries):
        self.queries = queries
        self.index = scann.scann_ops_pybind.load_searcher(self.path)
        self.index.set_num_threads(self.options.search_threads)

    def exact(self, k, effort):
        """How many are scored exactly: of more leaves more, or the codes set the bound of what is found."""
        return max(100, 3 * k, 8 * effort)

    def search(self, k, effort):
        """All queries in one call, which the library answers leaf by leaf."""
        batched = self.index.search_batched if self.options.search_threads == 1 else self.index.search_batched_parallel
        seconds, (found, _) = timed(
            lambda: batched(self.queries, k, pre_reorder_num_neighbors=self.exact(k, effort), leaves_to_search=effort))
        return seconds, found

    def search_each(self, k, effort):
        """One query after another, as a service has them."""
        exact = self.exact(k, effort)
        seconds, found = timed(lambda: [
            self.index.search(query, k, pre_reorder_num_neighbors=exact, leaves_to_search=effort)[0]
            for query in self.queries])
        # Few leaves can hold fewer than k.
        rows = np.full((len(found), k), -1)
        for row, own in zip(rows, found):
            row[:len(own)] = own
        return seconds, rows


class Svs:
    """Vamana over floats, and over LVQ (its 8-bit codes), for which the library ends the process on processors of other
    makers than Intel."""

    def __init__(self, options):
        self.options = options
        self.paths = [os.path.join(options.folder, "svs." + part) for part in ("config", "graph", "data")]
        svs.logging.set_level(svs.logging.level.error)

    def build(self, base):
        parameters = svs.VamanaBuildParameters(alpha=0.95, graph_max_degree=2 * M, window_size=EF_CONSTRUCTION)
        seconds, index = timed(
            lambda: svs.Vamana.build(parameters, base, svs.DistanceType.MIP, num_threads=self.options.threads))
        index.save(*self.paths)
        sizes = [os.path.getsize(os.path.join(root, name))
                 for path in self.paths for root, _, names in os.walk(path) for name in names]
        return seconds, sum(sizes)

    def open(self, queries):
        self.queries = queries
        config, graph, data = self.paths
        self.indexes = {"svs": self.loaded(config, graph, svs.VectorDataLoader(data, svs.DataType.float32))}
        with open("/proc/cpuinfo") as file:
            if "GenuineIntel" in file.read():
                loader = svs.LVQLoader(svs.VectorDataLoader(data, svs.DataType.float32), primary=8)
                self.indexes["svs lvq8"] = self.loaded(config, graph, loader)

    def loaded(self, config, graph, data):
        return svs.Vamana(config, svs.GraphLoader(graph), data, svs.DistanceType.MIP, num_threads=self.options.search_threads)

    def search(self, name, k, effort):
        index = self.indexes[name]
        index.search_window_size = max(k, effort)
        seconds, (found, _) = timed(lambda: index.search(self.queries, k))
        return seconds, found


def sides_of(programs):
    """Every side by its name: a function of k and effort that gives seconds and rows."""
    sides = {}
    for name, program in programs.items():
        if name == "cascade":
            for storage in program.options.storages:
                sides[f"cascade {storage}"] = partial(program.search, storage)
        elif name == "scann":
            sides["scann, batch"] = program.search
            if program.options.search_threads == 1:
                sides["scann"] = program.search_each
        elif name == "svs":
            for index in program.indexes:
                sides[index] = partial(program.search, index)
        else:
            sides[name] = program.search
    return sides


def least_effort(search, truth, k, target, least):
    """The least effort that reaches the recall: doubling from `least`, then bisection; None where none does."""
    reaches = lambda effort: recall(search(k, effort)[1], truth[:, :k]) >= target
    below, effort = least - 1, least
    while not reaches(effort):
        below, effort = effort, effort * 2
        if effort > LARGEST_EFFORT:
            return None
    while effort - below > 1:
        middle = (below + effort) // 2
        below, effort = (below, middle) if reaches(middle) else (middle, effort)
    return effort


def measure(sides, truth, settings, rounds):
    """Recall and queries a second of each round; `settings` names (side, k, effort)."""
    measured = {setting: [] for setting in settings}
    for _ in range(rounds):
        for side, k, effort in settings:
            seconds, found = sides[side](k, effort)
            measured[side, k, effort].append((recall(found, truth[:, :k]), len(truth) / seconds))
    return {setting: np.array(rows) for setting, rows in measured.items()}


def median(rows):
    return np.median(rows, axis=0)


def print_curves(sides, measured):
    for k, efforts in EFFORTS.items():
        print(f"\nrecall@{k} / queries a second by effort")
        print(f"{'':18}" + "".join(f"{effort:>17}" for effort in efforts))
        for side in sides:
            cells = [median(measured[side, k, effort]) for effort in efforts]
            print(f"{side:18}" + "".join(f"{found:9.4f} {speed:7.0f}" for found, speed in cells))


def print_tuned(sides, tuned, measured):
    print("\neffort, recall and queries a second: the default effort, and the least that reaches a recall")
    names = [f"@{k}, effort {DEFAULT_EFFORT}" for k in EFFORTS] + [f"@{k} {target}" for k, target in TARGETS]
    print(f"{'':18}" + "".join(f"{name:>24}" for name in names))
    for side in sides:
        cells = [(k, DEFAULT_EFFORT) for k in EFFORTS] + [(k, tuned[side, k, target]) for k, target in TARGETS]
        line = f"{side:18}"
        for k, effort in cells:
            if effort is None:
                line += f"{'out of reach':>24}"
                continue
            found, speed = median(measured[side, k, effort])
            line += f"{effort:8} {found:7.4f} {speed:7.0f}"
        print(line)


def print_ratios(sides, tuned, measured):
    """Ours over each other side, at the least effort of both for a recall."""
    print("\nqueries a second over another side's in the same round, median (least to most)")
    names = [f"@{k} {target}" for k, target in TARGETS]
    print(f"{'':38}" + "".join(f"{name:>25}" for name in names))
    for own in (side for side in sides if side.startswith("cascade")):
        for other in (side for side in sides if not side.startswith("cascade")):
            line = f"{own + ' over ' + other:38}"
            for k, target in TARGETS:
                efforts = tuned[own, k, target], tuned[other, k, target]
                if None in efforts:
                    line += f"{'':>25}"
                    continue
                speeds = (measured[side, k, effort][:, 1] for side, effort in zip((own, other), efforts))
                ratios = np.divide(*speeds)
                line += f"{f'{np.median(ratios):.2f} ({ratios.min():.2f} to {ratios.max():.2f})':>25}"
            print(line)


def vectors(options):
    paths = [os.path.join(options.folder, name) for name in ("base.f32", "queries.f32", "truth.i32")]
    told = os.path.join(options.folder, "vectors.json")
    wanted = [GENERATOR, options.count, options.dimension, options.queries, options.seed]
    if os.path.exists(paths[0]) and not (os.path.exists(told) and json.load(open(told)) == wanted):
        raise SystemExit(f"error: {options.folder} holds other vectors; name another folder, or remove it")
    if not all(os.path.exists(path) for path in paths):
        base, queries = make_data(options.count, options.dimension, options.queries, options.seed)
        flat = faiss.IndexFlatIP(options.dimension)
        flat.add(base)
        truth = flat.search(queries, 100)[1].astype("int32")
        for path, array in zip(paths, (base, queries, truth)):
            array.tofile(path)
        with open(told, "w") as file:
            json.dump(wanted, file)
    base, queries = (np.fromfile(path, dtype="float32").reshape(-1, options.dimension) for path in paths[:2])
    return base, queries, np.fromfile(paths[2], dtype="int32").reshape(-1, 100)


def built(programs, base, options):
    """What building took, from the folder where it is there."""
    path = os.path.join(options.folder, "built.json")
    known = json.load(open(path)) if os.path.exists(path) else {}
    wanted = [options.build] if options.build else programs
    for name in wanted:
        # Ours in more storages than were built is built again.
        if name in known and (name != "cascade" or set(options.storages) <= set(known[name][1])):
            continue
        known[name] = programs[name].build(base)
        with open(path, "w") as file:
            json.dump(known, file)
    return known


def print_built(known, storages, count):
    print(f"{'':18}{'build s':>9} {'bytes an item':>14}")
    for name, (seconds, size) in known.items():
        sizes = [(storage, size[storage]) for storage in storages] if isinstance(size, dict) else [("", size)]
        for storage, size in sizes:
            print(f"{name + ' ' + storage:18}{seconds:9.1f} {size / count:14.1f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", help="the built bench-hnsw")
    parser.add_argument("folder", help="where vectors and graphs are kept")
    parser.add_argument("--build", choices=PROGRAMS, help="build one side, no more")
    parser.add_argument("--storages", nargs="+", default=["float32", "bfloat16", "int8"], help="of ours")
    parser.add_argument("--only", nargs="+", help="the programs that are built and measured; all without it", choices=PROGRAMS)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--dimension", type=int, default=64)
    parser.add_argument("--search-threads", type=int, default=1)
    parser.add_argument("--queries", type=int, default=2_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    base, queries, truth = vectors(options)
    programs = {"cascade": Cascade(options), "faiss-cpu": Faiss(options)}
    if hnswlib is not None:
        programs["hnswlib"] = Hnswlib(options)
    if USearchIndex is not None:
        programs["usearch"] = USearch(options)
    if scann is not None:
        programs["scann"] = Scann(options)
    if svs is not None:
        programs["svs"] = Svs(options)
    if options.only:
        programs = {name: program for name, program in programs.items() if name in options.only}
    known = built(programs, base, options)
    if options.build:
        return
    print(f"{len(base)} x {base.shape[1]}, {len(queries)} queries, {options.search_threads} threads, medians of {options.rounds} rounds")
    print_built({name: known[name] for name in programs}, options.storages, len(base))
    for program in programs.values():
        program.open(queries)
    sides = sides_of(programs)
    # A graph keeps k candidates at least; a tree needs but one leaf.
    tuned = {(side, k, target): least_effort(sides[side], truth, k, target, 1 if side.startswith("scann") else k)
             for k, target in TARGETS for side in sides}
    settings = [(side, k, effort) for k, efforts in EFFORTS.items() for effort in efforts for side in sides]
    settings += [(side, k, DEFAULT_EFFORT) for k in EFFORTS for side in sides]
    settings += [(side, k, effort) for (side, k, _), effort in tuned.items() if effort is not None]
    measured = measure(sides, truth, list(dict.fromkeys(settings)), options.rounds)
    print_curves(sides, measured)
    print_tuned(sides, tuned, measured)
    print_ratios(sides, tuned, measured)


if __name__ == "__main__":
    main()
