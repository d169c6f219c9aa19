#!/usr/bin/env python3
"""From the start of `cascade serve` until it is ready, beside what the machine needs to read the same bytes.

usage: run.py BINARY DATA_DIRECTORY [--rounds 5] [--port 8098]

DATA_DIRECTORY holds a private Postgres and an active release. Each round starts the service with the release's files in memory and
without them, and reads the same files, either way, and the catalog's rows as `psql` copies them out; Postgres runs throughout, and goes on. Prints medians in seconds,
and megabytes a second. Other settings of the service come from the environment. Linux; psql.
"""
import argparse
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

HOME = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(HOME / "Benchmarks/service"))
from running import service
from slates import resident

BLOCK = 1 << 20


def forget(files):
    """Drops the files' pages from memory."""
    for file in files:
        with open(file, "rb") as source:
            os.fsync(source.fileno())
            os.posix_fadvise(source.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def seconds_of(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def read(files):
    buffer = bytearray(BLOCK)
    for file in files:
        with open(file, "rb", buffering=0) as source:
            while source.readinto(buffer):
                pass


class Database:
    """The private one of a data directory."""

    def __init__(self, socket):
        self.arguments = ["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-h", socket, "-U", "cascade", "-d", "cascade", "-c"]

    def query(self, statement):
        return subprocess.run(self.arguments + [statement], check=True, capture_output=True, text=True).stdout.strip()

    def copy(self, table):
        """Bytes that a table's rows are as text."""
        copied = subprocess.Popen(self.arguments + [f"\\copy {table} to stdout"], stdout=subprocess.PIPE)
        count, block = 0, True
        while block:
            block = copied.stdout.read(BLOCK)
            count += len(block)
        if copied.wait():
            raise SystemExit(f"error: psql could not copy {table}")
        return count


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("data")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--port", type=int, default=8098)
    options = parser.parse_args()
    binary, data = pathlib.Path(options.binary).resolve(), pathlib.Path(options.data).resolve()
    environment = os.environ | {"CASCADE_HOME": str(HOME), "CASCADE_DATA_DIRECTORY": str(data)}
    environment.pop("CASCADE_DATABASE_URL", None)
    # A server of Postgres that is there before: its own start is not what is measured.
    started = subprocess.run([binary, "db", "start"], env=environment, check=True, capture_output=True, text=True).stdout
    database = Database(re.search(r"socket in (.+)", started)[1])
    release = database.query("SELECT release_id FROM releases WHERE state = 'active'")
    files = sorted((data / "releases" / release).iterdir())
    megabytes = sum(file.stat().st_size for file in files) / 1e6
    log = data / "start.log"
    times, held, rows = {}, [], []

    def note(name, seconds):
        times.setdefault(name, []).append(seconds)

    def start(name):
        with service(binary, environment, options.port, log) as (process, seconds):
            note(name, seconds)
            held.append(resident(process.pid))

    for _ in range(options.rounds):
        forget(files)
        note("reading the files from the disk", seconds_of(lambda: read(files)))
        note("reading the files from memory", seconds_of(lambda: read(files)))
        start("ready, files in memory")
        forget(files)
        start("ready, files on the disk")
        note("psql copies the catalog", seconds_of(lambda: rows.append(database.copy("items"))))
    print(f"{release}: {megabytes:,.0f} MB of files, {rows[0] / 1e6:,.0f} MB of catalog, "
          f"{database.query('SELECT count(*) FROM items')} items, {statistics.median(held):,.0f} MB resident when ready")
    for name, taken in times.items():
        middle = statistics.median(taken)
        amount = rows[0] / 1e6 if name.startswith("psql") else megabytes
        print(f"{name:34}{middle:8.2f} s ({min(taken):.2f} to {max(taken):.2f}){amount / middle:10,.0f} MB/s")


main()
