#!/bin/sh
# test/fuzz/run_fuzz.sh MINUTES [NAME...]
#
# Lets libFuzzer search for MINUTES with each fuzz target, or with those named, under
# AddressSanitizer and UBSan. It starts from the corpus here and keeps what it finds, and inputs that
# fail, in build-fuzz/found/NAME. Exits with 1 if any target failed.
set -eu

minutes=${1:?usage: test/fuzz/run_fuzz.sh MINUTES [NAME...]}
shift
top=$(cd "$(dirname "$0")/../.." && pwd)
build=$top/build-fuzz

if [ $# = 0 ]; then
    for source in "$top"/test/fuzz/fuzz_*.c; do
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
for name in "$@"; do
    ninja -C "$build" "test/fuzz_$name"
done

failed=
for name in "$@"; do
    found=$build/found/$name
    mkdir -p "$found"
    if UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 "$build/test/fuzz_$name" \
        -max_total_time=$((minutes * 60)) -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
        -print_final_stats=1 -verbosity=0 -artifact_prefix="$found/failed-" \
        "$found" "$top/test/fuzz/corpus/$name" >"$found.log" 2>&1; then
        echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$found.log") inputs, none failed"
    else
        failed="$failed $name"
        tail -n 60 "$found.log"
    fi
done
[ -z "$failed" ] || echo "run_fuzz: failed:$failed" >&2
[ -z "$failed" ]
