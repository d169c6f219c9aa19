#!/usr/bin/env python3
"""Events a second through REST and `cascade import`, beside pgbench and `psql \\copy` into the same table.

usage: run.py [--seconds 3] [--rounds 3] [--rows 200000]

CASCADE names the program (default: .build/release/cascade). One private Postgres, one table: `events` with its keys, indexes and
triggers, emptied before every measurement. REST is `POST /v1/events` over kept connections, each writer a process with bodies made
beforehand; a batch has 500 events at most. pgbench runs one prepared INSERT of as many rows that the server makes, with the same columns
and the same rule for events that are there already, from as many clients. The import reads CSV, checks it and drops duplicates; \\copy gets the
rows as the table holds them. All take turns, round by round; printed are medians, and the ratio to the same work without Cascade.
Standard library only.
"""
import argparse
import json
import multiprocessing
import os
import pathlib
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
os.environ.setdefault("CASCADE", str(ROOT / ".build/release/cascade"))
os.environ.setdefault("CASCADE_HOME", str(ROOT))
sys.path.insert(0, str(ROOT / "Scripts/fault_kinds"))
from server import Database, Server, cascade  # noqa: E402

parser = argparse.ArgumentParser()
parser.add_argument("--seconds", type=float, default=3)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--rows", type=int, default=200_000)
options = parser.parse_args()
BATCHES = (1, 100, 500)
WRITERS = (1, 4, 16)
USERS, ITEMS = 20_000, 5_000
BEGIN = 1_767_225_600_000


def row(choice, key):
    """The members of an event: identifier, type, user, item, milliseconds, value."""
    return (key, choice.choice(("click", "like")), f"user-{choice.randrange(USERS)}", f"item-{choice.randrange(ITEMS)}",
            BEGIN + choice.randrange(86_400_000), round(choice.random(), 3))


def writer(port, number, batch, ready, go, results):
    """Sends batches until the time is over; gives the number of events that were acknowledged as new."""
    choice = random.Random(f"{number}/{time.time()}")
    pool = []
    # Bodies are made before the clock starts, as many as may be needed; identifiers are numbered on the way.
    for body in range(50):
        events = []
        for n in range(batch):
            _, kind, user, item, at, value = row(choice, "")
            moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at / 1000))
            events.append({"event_id": f"@@@@@@@@{number:04}{n:04}", "type": kind, "user_id": user, "item_id": item,
                           "occurred_at": moment, "value": value})
        pool.append(json.dumps({"events": events}, separators=(",", ":")).encode())
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    ready.release()
    go.wait()
    rows = sent = 0
    end = time.perf_counter() + options.seconds
    while time.perf_counter() < end:
        body = pool[sent % len(pool)].replace(b"@@@@@@@@", b"%08d" % sent)
        sent += 1
        head = f"POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)
        rows += accepted(connection)
    results.put(rows)


def accepted(connection):
    """Reads one answer and gives its number of accepted events."""
    data = b""
    while (cut := data.find(b"\r\n\r\n")) < 0:
        data += connection.recv(65536)
    length = int(re.search(rb"content-length: (\d+)", data[:cut], re.IGNORECASE).group(1))
    while len(data) < cut + 4 + length:
        data += connection.recv(65536)
    if not data.startswith(b"HTTP/1.1 200"):
        sys.exit(f"a write was answered with {data[:1000].decode()}")
    return json.loads(data[cut + 4:])["accepted"]


def rest(server, batch, writers):
    ready, go, results = multiprocessing.Semaphore(0), multiprocessing.Event(), multiprocessing.Queue()
    arguments = [(server.port, number, batch, ready, go, results) for number in range(writers)]
    processes = [multiprocessing.Process(target=writer, args=a, daemon=True) for a in arguments]
    for process in processes:
        process.start()
    for _ in processes:
        ready.acquire()
    start = time.perf_counter()
    go.set()
    rows = sum(results.get(timeout=60) for _ in processes)
    seconds = time.perf_counter() - start
    for process in processes:
        process.join()
    return rows / seconds


def pgbench(database, batch, clients):
    # Rows are told apart by a random number of each transaction, so that clients need no common counter. The server makes the rows
    # itself: of a statement with all their values it would have to read more.
    script = f"""
        \\set key random(1, 1000000000000000)
        \\set user random(0, {USERS})
        \\set item random(0, {ITEMS})
        INSERT INTO events (event_id, signal_id, user_id, item_id, occurred_at, value, impression_id, recommendation_id, session_id,
            position, surface)
        SELECT 'p' || :key || '-' || n, (1 + n % 2)::smallint, 'user-' || (:user + n * 7919) % {USERS},
            'item-' || (:item + n * 7919) % {ITEMS}, '2026-01-01'::timestamptz + n * interval '1 second', n / 1000.0, NULL, NULL, NULL,
            NULL, NULL
        FROM generate_series(1, {batch}) AS n ON CONFLICT DO NOTHING;
    """
    pathlib.Path("insert.sql").write_text(script)
    command = ["pgbench", "-n", "-M", "prepared", "-h", database.directory, "-U", "cascade", "-f", "insert.sql",
               "-c", str(clients), "-j", str(min(2, clients)), "-T", str(max(1, round(options.seconds))), "cascade"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    if done.returncode or not found:
        sys.exit(f"pgbench failed: {done.stdout[:1000]}")
    return float(found.group(1)) * batch


def timed(work):
    start = time.perf_counter()
    work()
    return options.rows / (time.perf_counter() - start)


def empty(database):
    database.sql("TRUNCATE events")
    database.sql("CHECKPOINT")


def main():
    database = Database()
    cascade("db", "migrate")
    choice = random.Random(1)
    with open("events.csv", "w") as file:
        file.write("event_id,type,user_id,item_id,time_ms,value\n")
        file.writelines(",".join(map(str, row(choice, f"e{n}"))) + "\n" for n in range(options.rows))
    server = Server(database.url, "serve.log", "--log-level", "error")
    # Without a release it is not ready, and takes events all the same.
    while server.client.call("GET", "/health/live")[0] != 200:
        time.sleep(0.1)
    figures = {}

    def note(name, rows_a_second):
        figures.setdefault(name, []).append(rows_a_second)

    mapping = str(ROOT / "Benchmarks/ingestion/events.yaml")
    for _ in range(options.rounds):
        for batch in BATCHES:
            for writers in WRITERS:
                empty(database)
                note(("REST", batch, writers), rest(server, batch, writers))
                empty(database)
                note(("pgbench", batch, writers), pgbench(database, batch, writers))
        empty(database)
        note("import", timed(lambda: cascade("import", "--dataset", mapping, "--path", ".")))
        database.sql("\\copy events TO 'events.tsv'")
        empty(database)
        note("copy", timed(lambda: database.sql("\\copy events FROM 'events.tsv'")))
    server.stop()
    report({name: statistics.median(values) for name, values in figures.items()})


def report(median):
    print(f"events a second, medians of {options.rounds} rounds of {options.seconds:g} s, {os.cpu_count()} cores, "
          f"load {os.getloadavg()[0]:.1f} at the end")
    print("\n| rows a write | writers | REST | pgbench | ratio |\n|---|---|---|---|---|")
    for batch in BATCHES:
        for writers in WRITERS:
            ours, theirs = median["REST", batch, writers], median["pgbench", batch, writers]
            print(f"| {batch} | {writers} | {ours:,.0f} | {theirs:,.0f} | {ours / theirs:.2f} |")
    print(f"\n| {options.rows:,} rows at once | events a second | ratio |\n|---|---|---|")
    print(f"| `cascade import` | {median['import']:,.0f} | {median['import'] / median['copy']:.2f} |")
    print(f"| `psql \\copy` | {median['copy']:,.0f} | |")


with tempfile.TemporaryDirectory() as folder:
    os.chmod(folder, 0o755)
    os.chdir(folder)
    os.environ.pop("CASCADE_DATABASE_URL", None)
    os.environ.pop("CASCADE_DATA_DIRECTORY", None)
    try:
        main()
    finally:
        cascade("db", "stop", "--force", check=False)
