# shellcheck shell=bash disable=SC2154,SC2317,SC2329
# Faults of commands: each function is one round of Scripts/faults, which sources this in a folder with a private Postgres, an active
# release and the folder "world" of its data.

import() { run import --dataset "$PROJECT_ROOT/Config/datasets/generated.yaml" --path "$1"; }

# Runs a command and kills it at a random moment of its first seconds, MAXIMUM milliseconds at most.
killed() {
    local maximum=$1 process
    shift
    "$CASCADE" "$@" >>log 2>&1 &
    process=$!
    sleep "$(awk -v r=$RANDOM -v m="$maximum" 'BEGIN { print r / 32768 * m / 1000 }')"
    kill -9 "$process" 2>/dev/null || true
    wait "$process" 2>/dev/null || true
}

fault_import() {
    run generate --path "more$round" --users 50 --items 300 --impressions 3000 --seed "$round"
    killed 700 import --dataset "$PROJECT_ROOT/Config/datasets/generated.yaml" --path "more$round"
    import "more$round" || violation "a second import failed"
}

fault_training() {
    killed 4000 train --config faults.yaml
}

# train_quietly ARGUMENT…: trains without activating; prints the release.
train_quietly() {
    "$CASCADE" train --config resumed.yaml --no-activate "$@" 2>>log | tee -a log | awk '$1 == "release" { print $2 }'
}

# A training that goes on with a killed one makes the models that one of the same data makes that nothing disturbed.
fault_resumed() {
    local resumed undisturbed file
    killed 4000 train --config resumed.yaml --no-activate
    resumed=$(train_quietly --resume)
    undisturbed=$(train_quietly)
    for file in retrieval ranker; do
        cmp -s "data/releases/$resumed/$file.safetensors" "data/releases/$undisturbed/$file.safetensors" ||
            violation "$file of $resumed, which went on with a killed training, is not that of $undisturbed"
    done
    # One that was killed before it kept anything, or after it was done, leaves nothing to go on with.
    if compgen -G 'data/releases/.training-*/run.json' >/dev/null; then violation "a training that is done has left what it kept"; fi
}

fault_rebuild() {
    killed 900 index rebuild --config faults.yaml
}

fault_activation() {
    local releases
    mapfile -t releases < <("$CASCADE" release list 2>>log | awk '$2 != "removed" { print $1 }')
    killed 400 release activate "${releases[RANDOM % ${#releases[@]}]}"
}

fault_worker() {
    local left
    run jobs add index_rebuild --attempts 50
    killed 2500 work --config faults.yaml --lease 3
    sleep 3.2
    if pgrep -f "$CASCADE index rebuild" >/dev/null; then violation "the job outlived its worker"; fi
    run work --config faults.yaml --lease 3 --until-idle || violation "the next worker failed"
    left=$("$CASCADE" jobs list --number 1000 2>>log | grep -vc ' succeeded ' || true)
    [[ $left == 0 ]] || violation "$left jobs have not succeeded"
}

# make_small_disk ROOM: puts the releases on a disk that has ROOM kilobytes left; fails where this user may not mount one.
make_small_disk() {
    local used
    used=$(du -sk data/releases | cut -f 1)
    mkdir -p small
    mount -t tmpfs -o "size=$((used + $1))k" small "$work/small" 2>>log || return 1
    cp -a data/releases/. small/
    mount --bind "$work/small" "$work/data/releases" 2>>log
}

# Puts the releases back where they were, with those that came meanwhile.
remove_small_disk() {
    mountpoint -q "$work/small" 2>/dev/null || return 0
    umount "$work/data/releases" 2>/dev/null || true
    cp -an small/. data/releases/ 2>/dev/null || true
    umount "$work/small"
}

fault_disk() {
    local before need said status=0
    local -a command=(train --config faults.yaml)
    if ((RANDOM % 2)); then command=(index rebuild --config faults.yaml); fi
    need=$(du -sk "data/releases/$("$CASCADE" release list 2>>log | awk '$2 == "active" { print $1 }')" | cut -f 1)
    # Something of the release always finds no room.
    make_small_disk $((RANDOM % (need * 9 / 10)))
    before=$("$CASCADE" release list 2>>log && ls -A data/releases)
    said=$("$CASCADE" "${command[@]}" 2>&1) || status=$?
    printf '%s\n' "$said" >>log
    ((status == 1)) || violation "${command[0]} on a full disk ended with exit code $status"
    [[ $said == *"the disk is full: make room"* ]] || violation "${command[0]} says: $(tail -n 1 <<<"$said")"
    [[ $before == "$("$CASCADE" release list 2>>log && ls -A data/releases)" ]] || violation "${command[0]} left something behind"
    check
    mount -o "remount,size=$((need * 100))k" "$work/small"
    run "${command[@]}" || violation "${command[0]} fails although there is room again"
    remove_small_disk
}
