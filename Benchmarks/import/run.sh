#!/usr/bin/env bash
# `cascade import` beside `psql \copy` of the very same rows, in the same run on the same server.
#
#   swift build -c release
#   Benchmarks/import/run.sh [ROWS=500000] [ROUNDS=3]
#
# Every round runs, one after another: the import into the product's tables (reading CSV, checking, hashing identifiers,
# dropping duplicates), the same import again (which adds nothing), \copy into tables without any index, and \copy into
# tables with the product's keys and indexes. The last two get the rows as the import wrote them, so they do not parse or
# check anything; they are the floor, with and without indexes. Impressions carry about 0.4 events each.
#
# The binary is $CASCADE, or .build/release/cascade. The server is a private one in a temporary folder.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd -- "$here/../.." && pwd -P)
rows=${1-500000}
rounds=${2-3}
cascade=${CASCADE-$root/.build/release/cascade}
[[ -x $cascade ]] || {
    echo "error: no $cascade; run swift build -c release, or set CASCADE" >&2
    exit 1
}
command -v psql >/dev/null || {
    echo "error: no psql; run apt-get install postgresql-client" >&2
    exit 1
}

work=$(mktemp -d)
# The private server may run as another user, who has to enter its folder.
chmod 755 "$work"
options=(--data-directory "$work/data")
finish() {
    "$cascade" db stop "${options[@]}" --force >/dev/null 2>&1 || true
    rm -rf -- "$work"
}
trap finish EXIT
cd -- "$root"

make_rows() {
    awk -v rows="$rows" 'BEGIN {
        srand(1)
        print "user_id,video_id,time_ms,long_view,is_like"
        for (row = 0; row < rows; row++) {
            popularity = rand()
            printf "%d,%d,%d%03d,%d,%d\n", rand() * 26469, 7583 * popularity * popularity, \
                1649000000 + rand() * 2600000, rand() * 1000, rand() < 0.38, rand() < 0.02
        }
    }' >"$work/impressions.csv"
}

sql() {
    psql --no-psqlrc -qAt -v ON_ERROR_STOP=1 -h "$socket" -U cascade -d cascade "$@"
}

# seconds COMMAND…: runs it quietly and prints how long it took.
seconds() {
    local start end
    start=$(date +%s.%N)
    "$@" >"$work/output" 2>&1 || {
        cat "$work/output" >&2
        return 1
    }
    end=$(date +%s.%N)
    awk -v start="$start" -v end="$end" 'BEGIN { printf "%.2f", end - start }'
}

import() {
    "$cascade" import --dataset "$here/mapping.yaml" --path "$work" "${options[@]}"
}

copy_into() {
    sql -c "\copy $1.impressions FROM '$work/impressions.tsv'" -c "\copy $1.events FROM '$work/events.tsv'"
}

# The tables of the floor: all columns, with the indexes and checks of the product or without any.
make_floor() {
    sql -c "SET client_min_messages = warning; DROP SCHEMA IF EXISTS bare, keyed CASCADE" \
        -c "CREATE SCHEMA bare; CREATE TABLE bare.impressions (LIKE impressions); CREATE TABLE bare.events (LIKE events)" \
        -c "CREATE SCHEMA keyed; CREATE TABLE keyed.impressions (LIKE impressions INCLUDING ALL)" \
        -c "CREATE TABLE keyed.events (LIKE events INCLUDING ALL)" -c CHECKPOINT
}

report() {
    awk -v count="$count" '
        { times[$1, ++n[$1]] = $2 }
        END {
            split("import again bare keyed", names)
            text["import"] = "cascade import"
            text["again"] = "cascade import, second run"
            text["bare"] = "psql \\copy, no indexes"
            text["keyed"] = "psql \\copy, same indexes"
            for (k = 1; k <= 4; k++) {
                name = names[k]
                for (i = 1; i <= n[name]; i++) sorted[i] = times[name, i]
                for (i = 1; i <= n[name]; i++)
                    for (j = i + 1; j <= n[name]; j++)
                        if (sorted[j] < sorted[i]) { swap = sorted[i]; sorted[i] = sorted[j]; sorted[j] = swap }
                middle = sorted[int((n[name] + 1) / 2)]
                printf "%-28s %8.2f s %10d rows/s\n", text[name], middle, count / middle
            }
        }' "$work/times"
}

make_rows
"$cascade" db start "${options[@]}" >/dev/null
socket=$("$cascade" db start "${options[@]}" | sed -n 's/.*socket in //p')
"$cascade" db migrate "${options[@]}" >/dev/null
: >"$work/times"
for ((round = 1; round <= rounds; round++)); do
    sql -c "TRUNCATE impressions, events" -c CHECKPOINT
    echo "import $(seconds import)" >>"$work/times"
    echo "again $(seconds import)" >>"$work/times"
    sql -c "\copy impressions TO '$work/impressions.tsv'" -c "\copy events TO '$work/events.tsv'"
    make_floor
    echo "bare $(seconds copy_into bare)" >>"$work/times"
    echo "keyed $(seconds copy_into keyed)" >>"$work/times"
done
count=$(sql -c "SELECT (SELECT count(*) FROM impressions) + (SELECT count(*) FROM events)")
echo "$count rows ($rows impressions with their events), median of $rounds rounds"
report
