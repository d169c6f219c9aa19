#!/usr/bin/env python3
"""Slates a second of several services in turns, and the ratios of each to the last named.

usage: turns.py USERS NAME=URL NAME=URL… [--rounds 5] [--seconds 4] [--clients 1,8]

USERS holds one user identifier a line. A round asks every service once at every number of clients, one after another, so that a
busy machine slows all of them; before the first each is asked for a while. wrk (slates.lua) is the client.
"""
import argparse
import statistics

from slates import load


def spread(values):
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("users")
    parser.add_argument("services", nargs="+", metavar="NAME=URL")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--clients", default="1,8")
    options = parser.parse_args()
    services = dict(service.split("=", 1) for service in options.services)
    counts = [int(count) for count in options.clients.split(",")]
    for url in services.values():
        load(url, 8, options.seconds, options.users)
    rounds = {(name, count): [] for name in services for count in counts}
    for _ in range(options.rounds):
        for count in counts:
            for name, url in services.items():
                rounds[name, count].append(load(url, count, options.seconds, options.users))
    last = list(services)[-1]
    print(f"medians of {options.rounds} rounds of {options.seconds} s")
    print(f"{'':24}{'clients':>8}{'a second':>10}{'p50 ms':>8}{'p99 ms':>8}{'failed':>8}   over {last}")
    for count in counts:
        for name in services:
            rows = rounds[name, count]
            p50, p99, rate, _, _ = (statistics.median(column) for column in zip(*rows))
            ratios = [own[2] / other[2] for own, other in zip(rows, rounds[last, count])]
            line = f"{name:24}{count:>8}{rate:>10.0f}{p50:>8.1f}{p99:>8.1f}{sum(row[4] for row in rows):>8}"
            print(line + (f"   {spread(ratios)}" if name != last else ""))


main()
