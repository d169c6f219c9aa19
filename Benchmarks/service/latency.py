#!/usr/bin/env python3
"""Latency of recommendations over HTTP, in all and by stage, at one request at a time and at eight at once.

usage: latency.py [--url http://127.0.0.1:8080] [--users FILE] [--requests 400] [--limit 20]

FILE holds one user identifier a line (default: numbers). Stage times are those that the service reports of itself.
Standard library only.
"""
import argparse
import concurrent.futures
import http.client
import json
import threading
import time
import urllib.parse

parser = argparse.ArgumentParser()
parser.add_argument("--url", default="http://127.0.0.1:8080")
parser.add_argument("--users")
parser.add_argument("--requests", type=int, default=400)
parser.add_argument("--limit", type=int, default=20)
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


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]


for concurrency in (1, 8):
    with concurrent.futures.ThreadPoolExecutor(concurrency) as pool:
        list(pool.map(ask, range(50)))
        start = time.perf_counter()
        results = list(pool.map(ask, range(options.requests)))
        elapsed = time.perf_counter() - start
    total = [1000 * seconds for seconds, _, _, _ in results]
    print(
        f"{concurrency} at once: {options.requests / elapsed:.0f} requests/s, "
        f"p50 {percentile(total, .5):.1f} ms, p99 {percentile(total, .99):.1f} ms, "
        f"items {sum(r[2] for r in results) / len(results):.1f}, fallbacks {sum(r[3] is not None for r in results)}"
    )
    for stage in sorted({key for _, timings, _, _ in results for key in timings}):
        values = [timings[stage] for _, timings, _, _ in results if stage in timings]
        print(f"    {stage:24} p50 {percentile(values, .5):7.2f} ms   p99 {percentile(values, .99):7.2f} ms")
