#!/usr/bin/env python3
"""Three servers and two workers on one database and one data directory, under load: activations, and jobs.

usage: run.py [--activations 20] [--servers 3] [--workers 2] [--jobs 6] [--users 2000] [--writers 4] [--readers 4]

CASCADE names the program (default: .build/release/cascade). In a folder of its own: generates a world, trains, makes a second
release of the same models, and activates the two in turns while writers and readers go on, and rebuilds the index and activates that. A server has followed when its
/health/ready names the release. Counted from two moments: the one that the database keeps as that of the activation, and the start of the
command. Then the jobs (rebuilds of the index that activate nothing) are queued and the workers started. Exit code 1 where a
request failed, a write is not there once, or a job was not done exactly once. Standard library only.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
os.environ.setdefault("CASCADE", str(ROOT / ".build/release/cascade"))
os.environ.setdefault("CASCADE_HOME", str(ROOT))
# The servers, the load and the way to look for what was acknowledged are those of Scripts/faults.
sys.path.insert(0, str(ROOT / "Scripts/fault_kinds"))
from load import Client, Load  # noqa: E402
from server import CASCADE, Database, Server, active_release, cascade, releases  # noqa: E402

parser = argparse.ArgumentParser()
parser.add_argument("--activations", type=int, default=20)
parser.add_argument("--servers", type=int, default=3)
parser.add_argument("--workers", type=int, default=2)
parser.add_argument("--jobs", type=int, default=6)
parser.add_argument("--users", type=int, default=2000)
parser.add_argument("--writers", type=int, default=4)
parser.add_argument("--readers", type=int, default=4)
options = parser.parse_args()
failures = []


def follow(port, release, moments):
    """Notes the moment at which a server names the release as the one that it serves."""
    client = Client(port)
    end = time.time() + 60
    while time.time() < end:
        status, _, document = client.call("GET", "/health/ready")
        if status == 200 and document["release_id"] == release:
            moments.append(time.time())
            return
        time.sleep(0.005)


def activate(database, servers, release):
    """Seconds from the start of the command, and from the moment of the activation, until all servers have followed."""
    moments = []
    threads = [threading.Thread(target=follow, args=(server.port, release, moments)) for server in servers]
    start = time.time()
    for thread in threads:
        thread.start()
    cascade("release", "activate", release)
    for thread in threads:
        thread.join()
    if len(moments) < len(servers):
        failures.append(f"a server did not follow to {release}")
        return None
    at = float(database.sql(f"SELECT extract(epoch FROM activated_at) FROM releases WHERE release_id = '{release}'")[0][0])
    return max(moments) - start, max(moments) - at


def spread(values):
    return f"median {1000 * statistics.median(values):.0f} ms, max {1000 * max(values):.0f} ms"


def activations(database, pair):
    """Activates the two releases in turns under load, and prints how long that took and what became of the requests."""
    servers = [Server(database.url, "serve.log", "--log-level", "warning") for _ in range(options.servers)]
    for server in servers:
        if server.wait_until_ready() is None:
            sys.exit("a server did not become ready; see serve.log")
    load = Load([server.port for server in servers], "load", 1, options.writers, options.readers)
    time.sleep(3)
    begun = time.monotonic()
    taken = []
    for turn in range(options.activations):
        taken.append(activate(database, servers, pair[turn % 2]))
        time.sleep(0.2)
    rebuilt = time.monotonic()
    moments = []
    cascade("index", "rebuild")
    newest = active_release()
    for server in servers:
        follow(server.port, newest, moments)
    if len(moments) < len(servers):
        failures.append("a server did not follow to the rebuilt index")
    rebuilt = time.monotonic() - rebuilt
    time.sleep(1)
    over = time.monotonic()
    load.stop()
    for server in servers:
        server.stop()
    taken = [times for times in taken if times]
    print(f"{len(taken)} activations, until all {options.servers} servers serve the release:")
    print(f"  from the activation     {spread([t[1] for t in taken])}")
    print(f"  from the command's start {spread([t[0] for t in taken])}")
    print(f"then an index rebuilt and activated, and served by all: {rebuilt:.1f} s")
    answers = [a for a in load.answers if a.end >= begun and a.start <= over]
    failed = [a for a in answers if not 200 <= a.status < 300]
    parts = sum(bool(a.document.get("degraded")) for a in answers if a.kind == "recommend" and a.status == 200)
    print(f"requests meanwhile: {len(answers)} ({len(answers) / (over - begun):.0f} a second), {len(failed)} failed")
    for kind in ("recommend", "write"):
        times = sorted(a.end - a.start for a in answers if a.kind == kind)
        print(f"  {kind:10} {len(times):6}   p50 {1000 * times[len(times) // 2]:.1f} ms   "
              f"p99 {1000 * times[int(len(times) * 0.99)]:.1f} ms   max {1000 * times[-1]:.1f} ms")
    print(f"  recommendations that lacked a part: {parts}")
    missing = load.missing(database.sql)
    print(f"rows acknowledged: {load.acknowledged}, of which not there as acknowledged, once: {len(missing)}")
    failures.extend(f"{a.kind}: {a.status} {a.document}" for a in failed[:5])
    failures.extend(missing[:5])


def jobs(database):
    """Queues jobs and lets the workers do them; prints who did how many."""
    before = len(releases())
    for _ in range(options.jobs):
        cascade("jobs", "add", "index_rebuild", "activate=false")
    start = time.monotonic()
    command = [CASCADE, "work", "--database-url", database.url, "--until-idle"]
    log = open("work.log", "ab")
    workers = [subprocess.Popen(command, stdout=log, stderr=log) for _ in range(options.workers)]
    for worker in workers:
        worker.wait()
    seconds = time.monotonic() - start
    rows = database.sql("SELECT state, attempts, worker FROM jobs")
    done = sum(row[0] == "succeeded" for row in rows)
    begun = sum(int(row[1]) for row in rows)
    shares = [sum(row[2] == name for row in rows) for name in sorted({row[2] for row in rows})]
    made = len(releases()) - before
    print(f"jobs: {len(rows)} queued, {done} succeeded, begun {begun} times, {made} releases made, "
          f"by {len(shares)} workers ({', '.join(map(str, shares))}), {seconds:.1f} s")
    if not len(rows) == done == begun == made == options.jobs or len(shares) != options.workers:
        failures.append("the jobs were not each done once, by all workers")


def main():
    print(f"{options.servers} servers, {options.workers} workers, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before")
    cascade("generate", "--path", "world", "--users", str(options.users))
    database = Database()
    cascade("import", "--dataset", str(ROOT / "Config/datasets/generated.yaml"), "--path", "world")
    cascade("train")
    first = active_release()
    cascade("index", "rebuild", "--no-activate")
    second = next(release for release in releases() if release != first)
    activations(database, (second, first))
    jobs(database)


with tempfile.TemporaryDirectory() as folder:
    os.chmod(folder, 0o755)
    os.chdir(folder)
    os.environ.pop("CASCADE_DATABASE_URL", None)
    os.environ.pop("CASCADE_DATA_DIRECTORY", None)
    try:
        main()
    finally:
        cascade("db", "stop", "--force", check=False)
for failure in failures:
    print("violation:", failure)
sys.exit(bool(failures))
