#!/usr/bin/env bash
# Imports generated logs of several sizes, each into a database of its own, and times what a request and a training read of them.
#
#   Benchmarks/logs/run.sh FOLDER [IMPRESSIONS…]     2000000 20000000 unless others are named
#
# Needs psql, the release builds of cascade and bench-logs, and room for about 1 GB a million impressions in FOLDER.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../../Scripts/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../Scripts/lib.sh"
[[ $# -ge 1 ]] || fail "usage: Benchmarks/logs/run.sh FOLDER [IMPRESSIONS…]"
folder=$(realpath -m "$1")
shift
sizes=("$@")
if [[ ${#sizes[@]} == 0 ]]; then sizes=(2000000 20000000); fi
cascade=${CASCADE-$PROJECT_ROOT/.build/release/cascade}
bench=$PROJECT_ROOT/.build/release/bench-logs
for program in "$cascade" "$bench"; do [[ -x $program ]] || fail "$program is not there; build it first"; done
export CASCADE_HOME=$PROJECT_ROOT
for size in "${sizes[@]}"; do
    step "$size impressions"
    mkdir -p "$folder/$size"
    cd -- "$folder/$size"
    # As many users and items as would bring so many impressions in a month.
    "$cascade" generate --path world --users $((size / 100)) --items $((size / 200)) --impressions "$size" >/dev/null
    socket=$("$cascade" db start | sed 's/.*socket in //')
    "$cascade" import --dataset "$PROJECT_ROOT/Config/datasets/generated.yaml" --path world 2>/dev/null | tail -n 1
    "$bench" "postgresql://cascade@/cascade?host=$socket"
    # What a training reads, as it lies: neither joined nor sorted.
    begin=$(date +%s.%N)
    psql --no-psqlrc -qAt -v ON_ERROR_STOP=1 -h "$socket" -U cascade -d cascade \
        -c '\copy (SELECT * FROM impressions) to /dev/null' -c '\copy (SELECT * FROM events) to /dev/null'
    awk -v begin="$begin" -v end="$(date +%s.%N)" 'BEGIN { printf "psql \\copy of the same rows: %.1f s\n", end - begin }'
    "$cascade" db stop
    rm -rf -- "${folder:?}/$size"
done
