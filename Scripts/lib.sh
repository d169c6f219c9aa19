# shellcheck shell=bash disable=SC2034
# What the scripts share; sourced, never run. Bash 4.4 or newer.

# The oldest toolchain that builds the package, and the one that is fetched where there is none.
MINIMUM_SWIFT=6.2
PINNED_SWIFT=6.3.1

# The folder of the project, whatever the current directory is.
PROJECT_ROOT="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)"

if [[ -t 1 ]]; then
    BOLD=$'\e[1m' PLAIN=$'\e[0m'
else
    BOLD='' PLAIN=''
fi

# step TEXT: says what begins, with the time since the script's start.
step() {
    printf '%s[%3d s] %s%s\n' "$BOLD" "$SECONDS" "$*" "$PLAIN"
}

# note TEXT: a detail of the present step.
note() {
    printf '        %s\n' "$*"
}

# fail TEXT: says on standard error what is wrong and what to do, and ends the script.
fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# Has OpenBLAS use the processor's widest vectors, which it does not where it does not know the processor. The program does so
# by itself; its tests do not.
use_wide_vectors() {
    [[ -z ${OPENBLAS_CORETYPE-} && -r /proc/cpuinfo ]] || return 0
    if grep -qw avx512dq /proc/cpuinfo; then
        export OPENBLAS_CORETYPE=SkylakeX
    elif grep -qw avx2 /proc/cpuinfo; then
        export OPENBLAS_CORETYPE=Haswell
    fi
}

# project_files ROOT [PATHSPEC…]: the project's own files, one a line: what git knows or would add, or without git all but
# build folders and data.
project_files() {
    local root=$1
    shift
    if git -C "$root" rev-parse --is-inside-work-tree >/dev/null 2>&1; then
        git -C "$root" ls-files --cached --others --exclude-standard -- "$@" | sort -u | while IFS= read -r file; do
            [[ -f "$root/$file" && ! -L "$root/$file" ]] && printf '%s\n' "$file"
        done || true
        return
    fi
    (cd "$root" && find . \( -name .build -o -name .git -o -path ./data -o -name __pycache__ \) -prune -o -type f -print) |
        sed 's|^\./||' | sort | {
        if [[ $# -eq 0 ]]; then cat; else matching "$@"; fi
    }
}

# matching PATTERN…: the lines of standard input that match one of the shell patterns.
matching() {
    local file pattern
    while IFS= read -r file; do
        for pattern in "$@"; do
            # shellcheck disable=SC2053  # a pattern is meant
            if [[ $file == $pattern ]]; then
                printf '%s\n' "$file"
                break
            fi
        done
    done
}

# version_at_least VERSION MINIMUM
version_at_least() {
    [[ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" == "$2" ]]
}

# swift_version BINARY: such as 6.3.1; nothing when it does not run.
swift_version() {
    "$1" --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1
}

# find_swift: the folder of the first toolchain that is new enough; fails when there is none.
find_swift() {
    local folder version
    local -a folders=()
    local -a parts=()
    IFS=: read -r -a parts <<<"$PATH"
    folders+=("${parts[@]}" /opt/swift/usr/bin "${SWIFTLY_BIN_DIR:-$HOME/.local/share/swiftly/bin}" "$HOME/.swiftly/bin")
    folders+=(/usr/local/bin /usr/local/swift/usr/bin "$HOME/.local/share/cascade/swift/usr/bin")
    for folder in "${folders[@]}"; do
        [[ -n $folder && -x $folder/swift ]] || continue
        version=$(swift_version "$folder/swift")
        if [[ -n $version ]] && version_at_least "$version" "$MINIMUM_SWIFT"; then
            printf '%s\n' "$folder"
            return 0
        fi
    done
    return 1
}

# use_swift: puts the toolchain in front of PATH.
use_swift() {
    local folder
    folder=$(find_swift) ||
        fail "no Swift toolchain from $MINIMUM_SWIFT on; run Scripts/install_dependencies, or see https://swift.org/install"
    PATH="$folder:$PATH"
    export PATH
}
