#!/usr/bin/env python3
"""Time from PUT /v1/items/{id} until the item is retrieved: the two-tower source brings it for a user with a past.

usage: freshness.py --user USER --like ITEM [--url http://127.0.0.1:8080] [--items 100] [--pause 0.2] [--timeout 30]

USER has a past; ITEM is in the catalog, and the new items are copies of it under identifiers and a category that nobody has
seen. A request for that category can only be answered with the new item. The clock starts when PUT is sent and stops when
the answer that holds the item is there; --pause spreads the writes over the server's looks at the catalog. The items are
hidden at the end. Standard library only.
"""
import argparse
import http.client
import json
import random
import sys
import time
import urllib.parse

parser = argparse.ArgumentParser()
parser.add_argument("--user", required=True)
parser.add_argument("--like", required=True)
parser.add_argument("--url", default="http://127.0.0.1:8080")
parser.add_argument("--items", type=int, default=100)
parser.add_argument("--pause", type=float, default=0.2)
parser.add_argument("--timeout", type=float, default=30)
options = parser.parse_args()
address = urllib.parse.urlparse(options.url)
connection = http.client.HTTPConnection(address.hostname, address.port)
run = f"{int(time.time()):x}"


def call(method, path, body=None):
    connection.request(method, path, json.dumps(body) if body is not None else None, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    document = json.loads(answer.read())
    if answer.status >= 400:
        sys.exit(f"{method} {path}: {answer.status} {document.get('detail')}")
    return document


def is_retrieved(item, category):
    body = {"user_id": options.user, "limit": 1, "include": ["scores"], "filters": {"categories_any": [category]}}
    for served in call("POST", "/v1/recommendations", body)["items"]:
        if served["item_id"] == item and any(source["name"] == "two_tower" for source in served["sources"]):
            return True
    return False


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]


model = call("GET", "/v1/items/" + urllib.parse.quote(options.like, safe=""))
written, retrieved, looks = [], [], 0
for number in range(options.items):
    item = category = f"fresh-{run}-{number}"
    document = {key: value for key, value in model.items() if key not in ("item_id", "hidden", "updated_at")}
    document["categories"] = list(document.get("categories", [])) + [category]
    time.sleep(options.pause * random.random())
    start = time.perf_counter()
    call("PUT", f"/v1/items/{item}", document)
    written.append(time.perf_counter() - start)
    while not is_retrieved(item, category):
        looks += 1
        if time.perf_counter() - start > options.timeout:
            sys.exit(f"{item} was not retrieved within {options.timeout:g} s")
        time.sleep(0.005)
    retrieved.append(time.perf_counter() - start)
for number in range(options.items):
    call("PUT", f"/v1/items/fresh-{run}-{number}", {"hidden": True})

for name, values in (("PUT answered", written), ("retrieved", retrieved)):
    print(
        f"{name:13} p50 {1000 * percentile(values, .5):6.1f} ms   p99 {1000 * percentile(values, .99):6.1f} ms   "
        f"max {1000 * max(values):6.1f} ms   ({len(values)} items)"
    )
