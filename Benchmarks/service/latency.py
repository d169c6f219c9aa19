#!/usr/bin/env python3
"""Latency of recommendations over HTTP, in all and by stage, at one request at a time and at eight at once.

usage: latency.py [--url http://127.0.0.1:8080] [--users FILE] [--requests 400] [--limit 20] [--log LOG]

FILE holds one user identifier a line (default: numbers). LOG is where the service writes its log in JSON: its summary
lines give the time of every stage; without it, only what the answers tell. Standard library only.
"""
import argparse
import concurrent.futures
import http.client
import json
import os
import threading
import time
import urllib.parse

parser = argparse.ArgumentParser()
parser.add_argument("--url", default="http://127.0.0.1:8080")
parser.add_argument("--users")
parser.add_argument("--requests", type=int, default=400)
parser.add_argument("--limit", type=int, default=20)
parser.add_argument("--log")
options = parser.parse_args()
address = urllib.parse.urlparse(options.url)
users = [line.strip() for line in open(options.users)] if options.users else [str(n) for n in range(1, 2000)]
local = threading.local()


def ask(number):
    """One request on this thread's connection: seconds, and the stages' milliseconds."""
    if not hasattr(local, "connection"):
        local.connection = http.client.HTTPConnection(address.hostname, address.port)
    body = json.dumps({"user_id": users[number % len(users)], "limit": options.limit})
    start = time.perf_counter()
    local.connection.request("POST", "/v1/recommendations", body, {"Content-Type": "application/json"})
    answer = json.loads(local.connection.getresponse().read())
    seconds = time.perf_counter() - start
    return seconds, answer.get("timings_ms", {}), len(answer.get("items", [])), answer.get("fallback", {}).get("reason")


def stages_logged(start):
    """The stages' milliseconds in the summary lines that were logged since byte `start`."""
    with open(options.log, "rb") as log:
        log.seek(start)
        lines = [json.loads(line) for line in log if b'"pipeline_summary"' in line]
    return [line["stage_latency_ms"] for line in lines]


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]


for concurrency in (1, 8):
    with concurrent.futures.ThreadPoolExecutor(concurrency) as pool:
        list(pool.map(ask, range(50)))
        logged = os.path.getsize(options.log) if options.log else 0
        start = time.perf_counter()
        results = list(pool.map(ask, range(options.requests)))
        elapsed = time.perf_counter() - start
    total = [1000 * seconds for seconds, _, _, _ in results]
    print(
        f"{concurrency} at once: {options.requests / elapsed:.0f} requests/s, "
        f"p50 {percentile(total, .5):.1f} ms, p99 {percentile(total, .99):.1f} ms, "
        f"items {sum(r[2] for r in results) / len(results):.1f}, fallbacks {sum(r[3] is not None for r in results)}"
    )
    timings = stages_logged(logged) if options.log else [timing for _, timing, _, _ in results]
    for stage in sorted({key for timing in timings for key in timing}):
        values = [timing[stage] for timing in timings if stage in timing]
        print(f"    {stage:24} p50 {percentile(values, .5):7.2f} ms   p99 {percentile(values, .99):7.2f} ms")
