#!/usr/bin/env python3
"""Time and memory of the whole path: import, then training of both models, index, release and evaluation.

usage: run.py --dataset FILE --path DIR --until TIME [--binary .build/release/cascade] [--keep DIR]

Works in a folder of its own with a private Postgres. Memory is the program's peak resident set, and beside it the peak
of the server's processes, whose shared pages are counted once (proportional set size). Standard library only; Linux.
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import time

parser = argparse.ArgumentParser()
parser.add_argument("--dataset", required=True)
parser.add_argument("--path", required=True)
parser.add_argument("--until", required=True)
parser.add_argument("--binary", default=".build/release/cascade")
parser.add_argument("--keep", help="the data directory; removed at the end unless named")
options = parser.parse_args()
before = {p.name for p in pathlib.Path("/proc").iterdir() if p.name.isdigit()}


def server_memory():
    """Megabytes of the Postgres processes that were started since."""
    total = 0
    for process in pathlib.Path("/proc").iterdir():
        if not process.name.isdigit() or process.name in before:
            continue
        try:
            if (process / "comm").read_text().strip() != "postgres":
                continue
            for line in (process / "smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        except OSError:
            continue
    return total / 1024


class Sampler(threading.Thread):
    """Watches the server's memory until it is stopped."""

    def __init__(self):
        super().__init__(daemon=True)
        self.peak = 0.0
        self.stopped = threading.Event()

    def run(self):
        while not self.stopped.wait(0.25):
            self.peak = max(self.peak, server_memory())


def step(name, *arguments):
    sampler = Sampler()
    sampler.start()
    start = time.perf_counter()
    process = subprocess.Popen(
        [options.binary, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    sampler.stopped.set()
    sampler.join()
    if process.returncode:
        raise SystemExit(f"error: cascade {' '.join(arguments)} ended with {process.returncode}; run it to see why")
    rows.append((name, seconds, usage.ru_maxrss / 1024, sampler.peak))
    print(output.rstrip(), flush=True)


data = options.keep or tempfile.mkdtemp(prefix="cascade-whole-path-")
# The private server may run as another user, who has to enter its folder.
pathlib.Path(data).mkdir(mode=0o755, exist_ok=True)
os.chmod(data, 0o755)
os.environ["CASCADE_DATA_DIRECTORY"] = data
rows = []
try:
    step("import", "import", "--dataset", options.dataset, "--path", options.path)
    step("train", "train", "--until", options.until)
    step("evaluate", "evaluate", "--from", options.until, "--history", "rolling")
finally:
    subprocess.run([options.binary, "db", "stop"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if not options.keep:
        shutil.rmtree(data, ignore_errors=True)
print(f"\n{'step':10} {'seconds':>8} {'program MiB':>12} {'Postgres MiB':>13}")
for name, seconds, program, server in rows:
    print(f"{name:10} {seconds:8.1f} {program:12.0f} {server:13.0f}")
print(
    f"{'total':10} {sum(r[1] for r in rows):8.1f} {max(r[2] for r in rows):12.0f} {max(r[3] for r in rows):13.0f}"
    "   (memory: the largest)")
