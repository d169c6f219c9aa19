#!/usr/bin/env python3
"""Runs a command in a memory cgroup (version 1) of its own and prints what it took.

    Benchmarks/logs/limited.py MEBIBYTES cascade train --config FILE --no-activate

Needs root. Prints the exit code, the most memory of the process itself and of all that was charged to it (pages of mapped columns
too), the most bytes of columns that were mapped at a time, and how often the limit was met.
"""

import os
import re
import subprocess
import sys
import time

ROOT = "/sys/fs/cgroup/memory"


def mapped(pid):
    """Bytes of mapped files without a name, which is what columns are."""
    total = 0
    with open(f"/proc/{pid}/maps", encoding="utf-8") as lines:
        for line in lines:
            if ".column" in line:
                first, last = line.split()[0].split("-")
                total += int(last, 16) - int(first, 16)
    return total


def main():
    limit, command = int(sys.argv[1]) << 20, sys.argv[2:]
    group = f"{ROOT}/cascade-{os.getpid()}"
    os.mkdir(group)

    def write(name, value):
        with open(f"{group}/{name}", "w", encoding="utf-8") as file:
            file.write(str(value))

    def read(name):
        with open(f"{group}/{name}", encoding="utf-8") as file:
            return int(file.read())

    write("memory.limit_in_bytes", limit)
    process = subprocess.Popen(command, preexec_fn=lambda: write("cgroup.procs", os.getpid()))
    own = columns = 0
    while process.poll() is None:
        try:
            with open(f"/proc/{process.pid}/status", encoding="utf-8") as status:
                own = max(own, int(re.search(r"RssAnon:\s+(\d+)", status.read()).group(1)) << 10)
            columns = max(columns, mapped(process.pid))
        except (OSError, AttributeError):
            pass  # It has just ended.
        time.sleep(0.25)
    print(f"exit code {process.returncode}; own {own >> 20} MiB, charged {read('memory.max_usage_in_bytes') >> 20} MiB, "
          f"columns {columns >> 20} MiB, limit met {read('memory.failcnt')} times")
    time.sleep(0.5)
    os.rmdir(group)


main()
