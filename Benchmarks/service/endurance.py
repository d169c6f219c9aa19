#!/usr/bin/env python3
"""Memory of a service over many requests: slates are asked for in stretches, and resident memory is read between them.

usage: endurance.py PID USERS [--url http://127.0.0.1:8080] [--requests 1000000] [--clients 8] [--seconds 30]

PID is the service's; USERS holds one user identifier a line. Prints a row a stretch, and the growth of what the service
allocated (RssAnon) by the request, as the slope of a line through the rows behind the first tenth of the requests. Linux;
wrk (slates.lua) is the client.
"""
import argparse
import sys

from slates import load, resident


def megabytes(pid):
    """All that is resident, and of it what is no page of a file."""
    return resident(pid), resident(pid, "RssAnon")


def slope(points):
    """Of the line of least squares."""
    middle = [sum(values) / len(points) for values in zip(*points)]
    spread = sum((x - middle[0]) ** 2 for x, _ in points)
    return sum((x - middle[0]) * (y - middle[1]) for x, y in points) / spread if spread else float("nan")


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("pid", type=int)
parser.add_argument("users")
parser.add_argument("--url", default="http://127.0.0.1:8080")
parser.add_argument("--requests", type=int, default=1_000_000)
parser.add_argument("--clients", type=int, default=8)
parser.add_argument("--seconds", type=int, default=30)
options = parser.parse_args()

asked = failed = 0
rows = [(0, *megabytes(options.pid))]
print(f"{'answers':>12}{'failed':>8}{'a second':>10}{'resident MB':>13}{'allocated MB':>14}")
print(f"{0:>12,}{0:>8}{'':>10}{rows[0][1]:>13,.1f}{rows[0][2]:>14,.1f}")
while asked < options.requests:
    _, _, rate, answers, lost = load(options.url, options.clients, options.seconds, options.users, asked)
    if answers == 0:
        raise SystemExit(f"error: {options.url} answered nothing in {options.seconds} s")
    asked, failed = asked + answers, failed + lost
    rows.append((asked, *megabytes(options.pid)))
    print(f"{asked:>12,}{failed:>8,}{rate:>10,.0f}{rows[-1][1]:>13,.1f}{rows[-1][2]:>14,.1f}", flush=True)
warm = [(count, allocated * 2**20) for count, _, allocated in rows if count >= options.requests / 10]
print(f"growth behind the first tenth: {slope(warm):,.1f} bytes a request, {slope(warm) * options.requests / 2**20:,.1f} MB in {options.requests:,}")
sys.exit(1 if failed else 0)
