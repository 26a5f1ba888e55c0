# Shared by the scripts of this folder: how they speak, and the timing of their parts.
# shellcheck shell=bash

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

say() { printf '%s\n' "$*"; }

# What nobody may overlook: a check that did not run, a thing that is missing.
warn() {
    printf '\n' >&2
    printf '  !!  %s\n' "$@" >&2
    printf '\n' >&2
}

have() { command -v "$1" >/dev/null 2>&1; }

on_ci() { [[ "${CI:-}" == true ]]; }

# The folder of files in memory, where there is one with 4 GB to spare.
in_memory() {
    local folder=/dev/shm
    [[ -w "$folder" ]] && (($(df --output=avail -k "$folder" | tail -n 1) > 4000000)) && say "$folder"
}

# part NAME COMMAND...: runs one part of a longer run and prints what it took.
part() {
    local name=$1 start=$SECONDS status=0
    shift
    say "== $name"
    "$@" || status=$?
    if ((status != 0)); then
        say "== $name: failed after $((SECONDS - start)) s"
        return "$status"
    fi
    say "== $name: $((SECONDS - start)) s"
}
