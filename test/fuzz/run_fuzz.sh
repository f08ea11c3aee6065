#!/usr/bin/env bash
# test/fuzz/run_fuzz.sh MINUTES [NAME...]
#
# Lets libFuzzer search with each fuzz target, or with those named, one after the other, each for
# MINUTES of processor time, under AddressSanitizer and UBSan. An input may take 10 seconds, a
# block of memory 256 MiB, and all of them 2 GiB. NAME.options, where there is one, holds further
# flags of libFuzzer's for a target, and NAME.dict the words of its language.
#
# It starts from the corpus here and keeps what it finds, and inputs that fail, in
# build-fuzz/found/NAME. A line for each target, also appended to build-fuzz/found/figures. Exits
# with 1 if any target failed.
set -euo pipefail

minutes=${1:?usage: test/fuzz/run_fuzz.sh MINUTES [NAME...]}
shift
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=$top/build-fuzz
round_max=600 # seconds, after which the processor time is looked at

if [ $# = 0 ]; then
    for source in "$here"/fuzz_*.c; do
        name=${source##*/fuzz_}
        set -- "$@" "${name%.c}"
    done
fi

"$top/conf/setup" build run demo test
if [ ! -e "$build/build.ninja" ]; then
    # Every object tells the fuzzer where it has been, not only the target's own.
    CC=clang meson setup -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false \
        -Dc_args=-fsanitize=fuzzer-no-link "$build" "$top"
fi
ninja -C "$build" "${@/#/test/fuzz_}"

# flags_of NAME: sets `flags`.
flags_of() {
    flags=(-max_len=4096 -timeout=10 -rss_limit_mb=2048 -malloc_limit_mb=256 -print_final_stats=1
        -verbosity=0 "-artifact_prefix=$build/found/$1/failed-")
    if [ -e "$here/$1.options" ]; then read -r -a more <"$here/$1.options" && flags+=("${more[@]}"); fi
    if [ -e "$here/$1.dict" ]; then flags+=("-dict=$here/$1.dict"); fi
}

# search NAME: in rounds, since libFuzzer ends by the clock, and the machine may have more to do.
# The searching process takes all the time there is to take, so a round that got little of it is
# followed by another.
search() {
    local found=$build/found/$1 used=0 wanted=$((minutes * 60)) inputs=0 spent left flags more
    mkdir -p "$found"
    flags_of "$1"
    : >"$found.log"
    while [ "${used%.*}" -lt "$wanted" ]; do
        left=$((wanted - ${used%.*}))
        if ! spent=$(
            TIMEFORMAT='%U %S'
            export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
            { time "$build/test/fuzz_$1" "${flags[@]}" \
                -max_total_time=$((left < round_max ? left : round_max)) \
                "$found" "$here/corpus/$1" >"$found.round" 2>&1; } 2>&1
        ); then
            tail -n 60 "$found.round"
            return 1
        fi
        used=$(awk -v used="$used" '{ printf "%.1f", used + $1 + $2 }' <<<"$spent")
        inputs=$((inputs + $(sed -n 's/^stat::number_of_executed_units: *//p' "$found.round")))
        cat "$found.round" >>"$found.log"
    done
    rm -f "$found.round"
    printf '%s: %d inputs in %.1f minutes of processor time, none failed\n' "$1" "$inputs" \
        "$(awk -v used="$used" 'BEGIN { print used / 60 }')" | tee -a "$build/found/figures"
}

failed=
for name in "$@"; do
    search "$name" || failed="$failed $name"
done
[ -z "$failed" ] || echo "run_fuzz: failed:$failed" >&2
[ -z "$failed" ]
