#!/usr/bin/env python3
"""How time, memory and pace grow with the catalog and with the log: every step of the whole path in generated worlds.

usage: run.py BINARY FOLDER [--items 10000,100000,1000000] [--events 1,2,4] [--impressions 600000] [--seconds 6]
              [--rounds 3] [--plot FILE.svg]

Each world is measured in a folder of its own, with a private Postgres, and its figures are kept there, so that a call
goes on with the world at which another was ended. Worlds of each number of items have 20,000 users and --impressions
impressions; those of each multiple of --events have the middle number of items. One epoch each, one service without
traces, `wrk` as the client (Benchmarks/service/slates.lua). Prints a table and the exponents, b of y = a·xᵇ, between
the ends; --plot draws them too, which needs matplotlib. Linux; all else is the standard library and wrk.
"""
import argparse
import json
import math
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import time

HOME = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(HOME / "Benchmarks/service"))
from running import service
from slates import load, resident

PORT = 8097
# Name and unit.
FIGURES = [
    ("import", "s"), ("training", "s"), ("training's peak", "MB"), ("index", "s"), ("start", "s"), ("resident", "MB"),
    ("p50, 1 client", "ms"), ("p99, 1 client", "ms"), ("slates, 1 client", "1/s"), ("p50, 8 clients", "ms"),
    ("p99, 8 clients", "ms"), ("slates, 8 clients", "1/s"),
]


def run(binary, environment, *arguments):
    """A command's seconds, its peak resident megabytes and what it printed."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [binary, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"error: cascade {' '.join(arguments)} failed:\n{printed[-2000:]}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024, printed


def figures_of(clients, seconds, users):
    """Percentiles in milliseconds and slates a second."""
    p50, p99, rate, _, failed = load(f"http://127.0.0.1:{PORT}", clients, seconds, users)
    if failed:
        raise SystemExit(f"error: {failed} requests failed")
    return p50, p99, rate


def serve(binary, environment, folder, options):
    """What the service of a trained world does."""
    users = folder / "users.txt"
    users.write_text("".join(f"user-{number:05}\n" for number in range(20000)))
    with service(binary, environment, PORT, folder / "serve.log") as (process, seconds):
        figures = {"start": seconds, "resident": resident(process.pid)}
        figures_of(8, 2, users)
        for clients, name in ((1, "1 client"), (8, "8 clients")):
            rounds = [figures_of(clients, options.seconds, users) for _ in range(options.rounds)]
            for place, key in enumerate((f"p50, {name}", f"p99, {name}", f"slates, {name}")):
                figures[key] = statistics.median([one[place] for one in rounds])
    return figures


def measure(items, impressions, options):
    name = f"{items}-{impressions}"
    folder = pathlib.Path(options.folder).resolve() / name
    kept = folder / "figures.json"
    if kept.exists():
        return json.loads(kept.read_text())
    # What was begun is begun anew: rows that are there already would be imported in no time.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    environment = os.environ | {
        "CASCADE_HOME": str(HOME), "CASCADE_DATA_DIRECTORY": str(folder / "data"), "CASCADE_LOGGING_FORMAT": "text",
        "CASCADE_RETRIEVAL_EPOCHS": "1", "CASCADE_RANKER_EPOCHS": "1", "CASCADE_PIPELINE_TRACE_SAMPLE_RATE": "0"}
    environment.pop("CASCADE_DATABASE_URL", None)
    world = str(folder / "world")
    cascade = lambda *arguments: run(options.binary, environment, *arguments)
    try:
        cascade("generate", "--path", world, "--users", "20000", "--items", str(items), "--interests", "200",
                "--impressions", str(impressions))
        figures = {"items": items, "impressions": impressions}
        figures["import"] = cascade("import", "--dataset", str(HOME / "Config/datasets/generated.yaml"), "--path", world)[0]
        figures["training"], figures["training's peak"], printed = cascade("train", "--no-activate")
        figures["index"] = float(re.search(r"index: \d+ items in ([\d.]+) s", printed)[1])
        release = re.findall(r"rel_\w+", printed)[-1]
        cascade("release", "activate", release)
        figures |= serve(options.binary, environment, folder, options)
    finally:
        subprocess.run([options.binary, "db", "stop"], env=environment, capture_output=True)
    kept.write_text(json.dumps(figures))
    return figures


def exponents(rows, key):
    """Of each figure between the first and the last row, by what `key` names."""
    first, last = rows[0], rows[-1]
    steps = math.log(last[key] / first[key])
    return {name: math.log(last[name] / first[name]) / steps for name, _ in FIGURES if first[name] and last[name]}


def show(title, rows, key):
    print(f"\n{title}")
    print(f"{'':20}" + "".join(f"{row[key]:>14,}" for row in rows) + f"{'exponent':>12}")
    grown = exponents(rows, key) if len(rows) > 1 else {}
    for name, unit in FIGURES:
        cells = "".join(f"{row[name]:>14,.2f}" for row in rows)
        print(f"{name + ', ' + unit:20}{cells}" + (f"{grown[name]:>12.2f}" if name in grown else ""))


def plot(path, series):
    import matplotlib

    matplotlib.use("svg")
    # Letters stay letters: smaller, and the same file from the same figures.
    matplotlib.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": "growth"}
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(series), figsize=(6 * len(series), 4.5), squeeze=False)
    shown = ("import", "training", "index", "start", "resident", "training's peak", "p50, 1 client", "slates, 8 clients")
    for axis, (label, rows, key) in zip(axes[0], series):
        grown = exponents(rows, key)
        for name, unit in FIGURES:
            if name in shown:
                points = [row[key] for row in rows], [row[name] for row in rows]
                axis.loglog(*points, marker="o", label=f"{name}, {unit} ({grown[name]:+.2f})")
        axis.set_xlabel(label)
        axis.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("folder")
    parser.add_argument("--items", default="10000,100000,1000000")
    parser.add_argument("--events", default="1,2,4")
    parser.add_argument("--impressions", type=int, default=600_000)
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--plot")
    options = parser.parse_args()
    options.binary = str(pathlib.Path(options.binary).resolve())
    sizes = sorted(int(size) for size in options.items.split(","))
    multiples = sorted(int(multiple) for multiple in options.events.split(","))
    by_items = [measure(size, options.impressions, options) for size in sizes]
    middle = sizes[len(sizes) // 2]
    by_events = [measure(middle, options.impressions * multiple, options) for multiple in multiples]
    show("by items", by_items, "items")
    show(f"by impressions, at {middle:,} items", by_events, "impressions")
    if options.plot:
        series = [("items", by_items, "items"), (f"impressions, {middle:,} items", by_events, "impressions")]
        plot(options.plot, [one for one in series if len(one[1]) > 1])


main()
