#!/usr/bin/env python3
"""Faults of servers, the database and the network between them, under load; prints a line for each violation.

usage: servers.py FAULT SEED          in a folder with a private Postgres that runs and an active release; CASCADE names the program

Scripts/faults runs it. Every fault begins with a load of writers and readers, does its harm at a random moment, and ends when
the load is served again; then each write that was acknowledged is looked for in the database. Standard library only.
"""
import random
import sys
import threading
import time

from load import Load
from proxy import Proxy
from server import Database, Server, active_release, cascade, releases

# Seconds that a request may take: the server's own limit, a second in which the database may end the statement, and one for a machine
# that is busy.
DEADLINE = 2
LATEST = DEADLINE + 2
# Seconds within which everything must be as before, after the fault is over.
RECOVERY = 10
SETTINGS = "server.yaml"

fault, seed = sys.argv[1], int(sys.argv[2])
choice = random.Random(f"{fault}/{seed}")
name = f"load-{fault}-{seed}"
database = Database()


def violation(text):
    print(text, flush=True)


def serve(url=None):
    server = Server(url or database.url, "serve.log", "--config", SETTINGS)
    if server.wait_until_ready() is None:
        violation("the server did not become ready")
    return server


def load(servers, **options):
    return Load([server.port for server in servers], name, seed, **options)


def check_answers(answers):
    """What must hold of every answer at any time: recommendations are given, and nothing is late."""
    for answer in answers:
        if answer.end - answer.start > LATEST:
            violation(f"a {answer.kind} took {answer.end - answer.start:.1f} s and was answered with {answer.status}")
        if answer.kind == "recommend" and (answer.status != 200 or not answer.document["items"]):
            violation(f"a recommendation was answered with {answer.status}: {str(answer.document)[:300]}")
        if answer.status == 503 and not answer.retry_after:
            violation("a 503 has no Retry-After")


def check_outage(answers):
    """What must hold of requests that were sent and answered while the database was away."""
    writes = [a for a in answers if a.kind == "write"]
    reads = [a for a in answers if a.kind == "recommend"]
    if not writes or not reads:
        violation(f"no {'recommendation' if writes else 'write'} was answered during the outage")
    for status in {a.status for a in writes} - {503}:
        violation(f"{sum(a.status == status for a in writes)} of {len(writes)} writes were answered with {status} during the outage")
    if any(not a.document.get("degraded") for a in reads if a.status == 200):
        violation("a recommendation during the outage does not say that it is degraded")


def wait_until_whole(servers, running):
    """Waits until every server is ready, a write is acknowledged and a recommendation lacks nothing, all by the load itself."""
    start = time.monotonic()
    for server in servers:
        if server.wait_until_ready(RECOVERY) is None:
            return violation(f"a server is not ready {RECOVERY} s after the fault")
    while time.monotonic() - start < RECOVERY:
        answers = running.between(start, time.monotonic())
        written = {a.server for a in answers if a.kind == "write" and 200 <= a.status < 300}
        served = {a.server for a in answers if a.kind == "recommend" and a.status == 200 and not a.document["degraded"]}
        if written & served >= {server.port for server in servers}:
            return None
        time.sleep(0.05)
    return violation(f"writes and whole recommendations are not back {RECOVERY} s after the fault")


def another_release():
    """A release that is not active, made where there is none; with it the active one."""
    active = active_release()
    others = [release for release, state in releases().items() if state in ("ready", "retired")]
    if not others:
        cascade("index", "rebuild", "--no-activate", "--config", "faults.yaml")
        others = [release for release, state in releases().items() if state in ("ready", "retired")]
    return active, choice.choice(others)


def check_background(servers):
    """What servers do beside requests goes on too: they follow an activation, and traces of what they answer are stored."""
    database.sql("DELETE FROM recommendation_traces")
    _, other = another_release()
    cascade("release", "activate", other)
    for server in servers:
        if server.wait_until(lambda document: document["release_id"] == other, RECOVERY) is None:
            violation(f"a server does not serve the active release {RECOVERY} s after its activation")
    start = time.monotonic()
    while database.sql(f"SELECT count(*) FROM recommendation_traces WHERE release_id = '{other}'") == [("0",)]:
        if time.monotonic() - start > RECOVERY:
            return violation(f"no trace is stored {RECOVERY} s after the activation")
        time.sleep(0.05)
    return None


def end(running, servers):
    """Ends load and servers, looks for every acknowledged write, and removes what the load wrote."""
    running.stop()
    for server in servers:
        if server.stop() != 0:
            violation("a server did not end at SIGTERM")
    for text in running.missing(database.sql)[:5]:
        violation(text)
    if not running.acknowledged:
        violation("nothing was acknowledged")
    remove(name)
    database.sql("DELETE FROM recommendation_traces")


# What a load writes, by the column that has its name; identifiers of the logs are kept in tables of their own.
WRITTEN = {
    "events": "event_id", "event_ids": "event_id", "impressions": "impression_id", "impression_ids": "impression_id",
    "items": "item_id",
}


def remove(prefix):
    """Removes what a load wrote, once rows and identifiers of the logs are the same."""
    for log, identifiers, columns in (
        ("events", "event_ids", "event_id"), ("impressions", "impression_ids", "impression_id, item_id"),
    ):
        for left, right in ((log, identifiers), (identifiers, log)):
            odd = database.sql(f"SELECT count(*) FROM (SELECT {columns} FROM {left} EXCEPT ALL SELECT {columns} FROM {right}) AS o")
            if odd != [("0",)]:
                violation(f"{odd[0][0]} rows of {left} are not in {right}")
    for table, column in WRITTEN.items():
        database.sql(f"DELETE FROM {table} WHERE {column} LIKE '{prefix}-%'")


def pause(least, most):
    time.sleep(choice.uniform(least, most))


def server_killed():
    """kill -9 of a server; another one takes its place."""
    server = serve()
    running = load([server])
    pause(0.3, 2)
    server.kill()
    running.stop()
    check_answers(a for a in running.answers if a.status)
    for text in running.missing(database.sql)[:5]:
        violation(f"after the kill, {text}")
    again = serve()
    after = Load([again.port], f"{name}-again", seed)
    wait_until_whole([again], after)
    after.stop()
    check_answers(after.answers)
    for text in after.missing(database.sql)[:5]:
        violation(text)
    end(running, [again])


def database_stopped():
    """Postgres is stopped as by a crash, or by its administrator, and started again."""
    server = serve()
    running = load([server])
    pause(0.3, 1.5)
    database.stop(choice.choice(("immediate", "fast")))
    # From here on a request meets no connection of before; pauses between attempts to connect are over soon.
    stopped = time.monotonic() + 0.1
    pause(2.5, 3.5)
    started = time.monotonic()
    database.start()
    wait_until_whole([server], running)
    check_background([server])
    end(running, [server])
    check_answers(running.answers)
    check_outage(running.between(stopped, started))


def network_failed():
    """The network between server and database resets connections, delays what is sent, or swallows it."""
    proxy = Proxy(database.socket)
    server = serve(f"postgresql://cascade@127.0.0.1:{proxy.port}/cascade?sslmode=disable")
    running = load([server])
    pause(0.3, 1.5)
    kind = choice.choice(("cut", "stall", "blackhole"))
    getattr(proxy, kind)()
    begun = time.monotonic()
    pause(1, 3)
    over = time.monotonic()
    proxy.pass_on()
    wait_until_whole([server], running)
    check_background([server])
    end(running, [server])
    check_answers(running.answers)
    for answer in running.between(begun, over, "recommend"):
        if answer.status == 200 and not answer.document["degraded"] and answer.start > begun + 0.1:
            violation(f"a recommendation while the network failed ({kind}) does not say that it is degraded")
    proxy.close()


def swap_killed():
    """kill -9 of a server while it loads another release; the next one serves what is active."""
    _, other = another_release()
    server = serve()
    running = load([server])
    pause(0.3, 1)
    swap = threading.Thread(target=cascade, args=("release", "activate", other))
    swap.start()
    # The command takes some tenths of a second, the swap after it another one.
    pause(0.05, 0.6)
    server.kill()
    swap.join()
    running.stop()
    check_answers(a for a in running.answers if a.status)
    again = serve()
    if again.wait_until(lambda document: document["release_id"] == other, RECOVERY) is None:
        violation("the next server does not serve the release that is active")
    end(running, [again])


def three_servers():
    """Activations while three servers answer: each follows, and no request fails."""
    servers = [serve() for _ in range(3)]
    running = load(servers)
    pause(0.3, 0.8)
    for _ in range(2):
        check_background(servers)
        pause(0, 0.3)
    end(running, servers)
    check_answers(running.answers)
    failed = [a for a in running.answers if not 200 <= a.status < 300]
    if failed:
        violation(f"{len(failed)} of {len(running.answers)} requests failed: {failed[0].status} {failed[0].document}")


def clean():
    """Removes what a write left that a server had sent and nobody waited for any more."""
    remove("load")


FAULTS = (server_killed, database_stopped, network_failed, swap_killed, three_servers, clean)
next(f for f in FAULTS if f.__name__ == fault)()
