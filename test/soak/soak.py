#!/usr/bin/env python3
"""A long run in bad weather: what haul promises must hold at its end. See run beside this file."""

import argparse
import collections
import fcntl
import os
import pathlib
import random
import re
import select
import subprocess
import sys
import tempfile
import time

ORIGINS = 200
HEALTHY_WEIGHT = 4  # URLs of a healthy origin for one of another
HEAVY_WEIGHT = 100  # of the first healthy one: TLS, and a connection each
SHAPES = [(64, 1), (2, 32)]
ALLOWED_STATUS = {0, 1, 75}
PIPE_SIZE = 4096
SANITIZED = os.environ.get("HAUL_SANITIZED") == "1"  # slow, and its memory says nothing
LIMIT_S = 5 if SANITIZED else 1
PAUSE_S = (LIMIT_S + 0.2, LIMIT_S + 2)  # so that a transfer without service has failed
LIMITS = ["--connect-timeout", str(LIMIT_S), "--speed-time", str(LIMIT_S), "--max-time", str(5 * LIMIT_S),
          "--retry-max-time", "20s", "-k"]
# The peak of memory may grow by so much (KiB) in the second half; from the first tenth on, which has a
# pause in it, by so much more for each transfer at a time: connections of all workers to all origins, and TLS.
GROWTH_FACTOR, GROWTH_KIB, WARM_KIB = 1.1, 2048, 60
PATIENCE_S = 120  # without a new row


class Server:
    """haul-soakserver; `origins` has (kind, URL) of each."""

    def __init__(self, program, seed):
        self.process = subprocess.Popen(
            [program, str(ORIGINS), str(seed)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.origins = []
        for line in self.process.stdout:
            words = line.split()
            if words == ["ready"]:
                break
            self.origins.append((words[2], words[3]))

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def write_list(path, origins, count, random_):
    """Returns the number of the origin of each line, the first being line 0."""
    weights = [HEALTHY_WEIGHT if kind == "healthy" else 1 for kind, _ in origins]
    heavy = next(number for number, (_, url) in enumerate(origins) if url.startswith("https"))
    weights[heavy] = HEAVY_WEIGHT
    chosen = random_.choices(range(len(origins)), weights, k=count)
    with open(path, "w") as file:
        for number, origin in enumerate(chosen):
            file.write(f"{origins[origin][1]}/{number}{'/close' if origin == heavy else ''}\n")
    return chosen


class Reader:
    """Reads rows from a small pipe, and pauses now and then, first within the first tenth."""

    def __init__(self, process, urls, pauses, random_):
        self.process, self.urls = process, urls
        self.fd = process.stdout.fileno()
        self.rest = b""
        self.rows = 0
        self.memory = [0, 0, 0]  # KiB: the peak after a tenth, after a half, and the last that was seen
        step = urls / max(pauses, 1)
        self.pause_at = [int(urls * 0.05)][:pauses] + [int(step * (i + random_.random())) for i in range(1, pauses)]
        self.pause_s = [random_.uniform(*PAUSE_S) for _ in self.pause_at]
        self.paused_s = 0.0
        fcntl.fcntl(self.fd, fcntl.F_SETPIPE_SZ, PIPE_SIZE)

    def note_memory(self):
        try:
            status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return
        found = re.search(r"VmHWM:\s+(\d+)", status)
        if found:
            for at in range((self.rows > self.urls / 10) + (self.rows > self.urls / 2), 3):
                self.memory[at] = int(found[1])

    def pause(self):
        if self.pause_at and self.rows >= self.pause_at[0]:
            self.pause_at.pop(0)
            self.paused_s += self.pause_s[0]
            time.sleep(self.pause_s.pop(0))
            self.note_memory()

    def read(self):
        """Gives the rows, as lists of fields, header first."""
        while True:
            if not select.select([self.fd], [], [], PATIENCE_S)[0]:
                raise TimeoutError(f"no row for {PATIENCE_S} s after {self.rows} rows")
            piece = os.read(self.fd, 65536)
            if not piece:
                return
            *lines, self.rest = (self.rest + piece).split(b"\n")
            for line in lines:
                yield line.decode().split("\t")
            self.rows += len(lines)
            if self.rows // 500 != (self.rows - len(lines)) // 500:
                self.note_memory()
            self.pause()


def sum_of(text):
    """(lines, {outcome: count}) of haul's equation."""
    found = re.search(r"^([\d,]+) lines = (.*)$", text, re.M)
    if not found:
        return None, {}
    number = lambda word: int(word.replace(",", ""))
    parts = (part.split() for part in found[2].split(" + "))
    return number(found[1]), {words[1]: number(words[0]) for words in parts}


class Check:
    """What is wrong with a run; nothing is best."""

    def __init__(self, urls, chosen, origins):
        self.seen = bytearray(urls + 1)
        self.chosen, self.origins = chosen, origins
        self.outcomes = collections.Counter()
        self.by_kind = collections.defaultdict(collections.Counter)
        self.retried = 0  # of healthy origins
        self.wrong = []

    def blame(self, text):
        self.wrong.append(text)

    def take_rows(self, rows):
        header = next(rows, [])
        names = ("url", "outcome", "reason", "line", "num_retries")
        at_url, at_outcome, at_reason, at_line, at_retries = map(header.index, names)
        for row in rows:
            line, outcome = int(row[at_line]), row[at_outcome]
            if self.seen[line]:
                self.blame(f"line {line} has two rows")
            self.seen[line] = 1
            kind = self.origins[self.chosen[line - 1]][0]
            self.outcomes[outcome] += 1
            self.by_kind[kind][outcome + (f" {row[at_reason]}" if row[at_reason] else "")] += 1
            self.retried += kind == "healthy" and row[at_retries] != "0"
            if kind == "healthy" and outcome != "ok":
                self.blame(f"of a healthy origin: {row[at_url]}: {outcome} {row[at_reason]}")

    def conclude(self, status, errors, memory, transfers):
        lines, parts = sum_of(errors)
        urls = len(self.chosen)
        if sum(self.seen) != urls:
            self.blame(f"{urls - sum(self.seen)} lines have no row")
        if lines != urls or sum(parts.values()) != urls or +self.outcomes != +collections.Counter(parts):
            self.blame(f"the books: {urls} lines, rows {dict(self.outcomes)}, haul says {lines} = {parts}")
        if status not in ALLOWED_STATUS:
            self.blame(f"status {status}")
        tenth, half, end = memory
        if not SANITIZED and (end > half * GROWTH_FACTOR + GROWTH_KIB
                              or end > tenth * GROWTH_FACTOR + GROWTH_KIB + WARM_KIB * transfers):
            self.blame(f"memory: {tenth} KiB after a tenth, {half} KiB after a half, {end} KiB at the end")


def run(options, jobs, streams):
    """One run in one shape. Returns whether all is well."""
    random_ = random.Random(f"{options.seed} {jobs} {streams}")
    server = Server(options.server, options.seed)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "list")
        chosen = write_list(path, server.origins, options.urls, random_)
        argv = [options.haul, "-j", str(jobs), "--streams", str(streams), *LIMITS, *options.haul_option,
                "--order", "done", "--format", "tsv", "-i", str(path)]
        began = time.monotonic()
        with open(pathlib.Path(folder, "errors"), "w+") as errors:
            process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=errors, bufsize=0)
            reader = Reader(process, options.urls, options.pauses, random_)
            check = Check(options.urls, chosen, server.origins)
            try:
                check.take_rows(reader.read())
            except TimeoutError as error:
                check.blame(str(error))
                process.kill()
            status = process.wait()
            took = time.monotonic() - began
            errors.seek(0)
            check.conclude(status, errors.read(), reader.memory, jobs * streams)
    server.end()
    return show(options, (jobs, streams), check, reader, took)


def show(options, shape, check, reader, took):
    counts = ", ".join(f"{count:,} {outcome}" for outcome, count in check.outcomes.most_common())
    print(f"soak: seed {options.seed}, {options.urls:,} URLs, -j {shape[0]} --streams {shape[1]}: {counts}; "
          f"{took:.1f} s, {reader.paused_s:.1f} s of them unread, {options.urls / took:,.0f} URLs/s; "
          f"{check.retried:,} of healthy origins tried again; "
          f"MiB after a tenth, a half, all: {', '.join(f'{kib / 1024:.1f}' for kib in reader.memory)}: "
          f"{'WRONG' if check.wrong else 'good'}", flush=True)
    if options.kinds:
        for kind, counts in sorted(check.by_kind.items()):
            print(f"  {kind}: " + ", ".join(f"{count:,} {what}" for what, count in counts.most_common()))
    for text in check.wrong[:10]:
        print(f"  {text}")
    if len(check.wrong) > 10:
        print(f"  and {len(check.wrong) - 10:,} more")
    return not check.wrong


def main():
    parser = argparse.ArgumentParser(prog="test/soak/run", description="haul in bad weather, for long")
    parser.add_argument("--urls", type=int, metavar="N", help="1,000,000, or 20,000 with --short")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="of the origins, the list and the pauses")
    parser.add_argument("--jobs", type=int, metavar="J", help="one run only, with so many workers")
    parser.add_argument("--streams", type=int, default=1, metavar="N", help="with --jobs: transfers at a time per worker")
    parser.add_argument("--pauses", type=int, metavar="N", help="of the reader; 50, or 4 with --short")
    parser.add_argument("--short", action="store_true", help="what the tests run")
    parser.add_argument("--kinds", action="store_true", help="show what became of the URLs of each kind of origin")
    parser.add_argument("--haul", required=True, metavar="PROGRAM")
    parser.add_argument("--server", required=True, metavar="PROGRAM")
    parser.add_argument("haul_option", nargs="*", metavar="OPTION", help="of haul, behind --")
    options = parser.parse_args()
    os.environ.pop("MALLOC_PERTURB_", None)  # it makes resident what is only reserved
    options.urls = options.urls or ((5_000 if SANITIZED else 20_000) if options.short else 1_000_000)
    options.pauses = options.pauses if options.pauses is not None else 4 if options.short else 50
    shapes = [(options.jobs, options.streams)] if options.jobs else SHAPES
    results = [run(options, *shape) for shape in shapes]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
