"""Slates asked for by wrk (slates.lua), and what a process holds in memory: what drivers of a service share. Linux."""
import os
import pathlib
import re
import subprocess

SCRIPT = pathlib.Path(__file__).resolve().parent / "slates.lua"


def resident(pid, key="VmRSS"):
    """Megabytes."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{key}:\s+(\d+)", status)[1]) / 1024


def load(url, clients, seconds, users, first=0):
    """Percentiles in milliseconds (50, 99), answers a second, answers, and how many were none or an error."""
    printed = subprocess.run(
        ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "-s", str(SCRIPT), url],
        env=os.environ | {"CASCADE_USERS": str(users), "CASCADE_FIRST": str(first)}, check=True, capture_output=True,
        text=True).stdout
    found = re.search(
        r"p50 ([\d.]+), p99 ([\d.]+).*; ([\d.]+) answers a second, (\d+) of (\d+) not 2xx, (\d+) lost", printed)
    if not found:
        raise SystemExit(f"error: no answers from {url}: {printed}")
    return float(found[1]), float(found[2]), float(found[3]), int(found[5]), int(found[4]) + int(found[6])
