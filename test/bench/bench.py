"""Measures haul against other programs. test/bench/run starts this; README.md says what it does."""

import argparse
import dataclasses
import json
import os
import platform
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import clients
from cases import CASES
from measure import Runner
from servers import Nginx, TestServer, address
from table import Table

HERE = os.path.dirname(os.path.abspath(__file__))
PAIRS_MIN = 5
QUICK_PAIRS, QUICK_SCALE = 2, 0.02
VERSIONS = (("curl", "--version"), ("wget2", "--version"), ("aria2c", "--version"), ("wrk", "-v"),
            ("nginx", "-v"), ("strace", "--version"), ("cc", "--version"))


class Bench:
    """What the cases need: servers, sizes, and where results go."""

    def __init__(self, options, directory):
        self.quick, self.full = options.quick, options.full
        self.pairs, self.scale = options.pairs, options.scale
        self.build, self.dir = os.path.abspath(options.build), directory
        self.builds = [os.path.abspath(build) for build in options.beside]
        self.hauls_only = options.hauls_only
        self.top = os.path.dirname(os.path.dirname(HERE))
        self.addresses = [address(number) for number in range(100)]
        self.kept, self.broken, self.nginx, self.testserver = [], [], None, None
        clients.Haul.program = os.path.join(self.build, "haul")
        clients.BareCurl.program = os.path.join(self.build, "test", "bare_curl")
        self.names = (*((build + "/", os.path.basename(build) + "/") for build in self.builds),
                      (directory + "/", ""), (HERE + "/", "test/bench/"), (self.build + "/", ""),
                      (sys.executable, "python3"), ("/usr/bin/python3", "python3"))
        self.runner = Runner(directory)

    def start(self, workers):
        site = os.path.join(self.dir, "site")
        os.mkdir(site)
        self.nginx = Nginx(site, workers)
        self.testserver = TestServer(os.path.join(self.build, "test/haul-testserver"),
                                     len(self.addresses))

    def stop(self):
        for server in (self.nginx, self.testserver):
            if server:
                server.stop()

    def scaled(self, count, least=20):
        return max(least, round(count * self.scale))

    def keep(self, title, trials):
        """All single runs, for --json."""
        for trial in trials:
            self.kept.append({"case": title, "client": trial.client.name, "calls": trial.calls,
                              "argv": trial.argv[:30], "facts": trial.facts,
                              "samples": [dataclasses.asdict(one) for one in trial.samples]})

    def has_failed(self):
        """Whether a run of haul's own did not fetch everything."""
        return any(sample["fault"] for trial in self.kept for sample in trial["samples"]
                   if trial["client"].startswith(("haul", "all healthy", "one is not")))


# ---- where and with what ----

def version(name, *arguments):
    """The first number with a dot in what the program says of itself."""
    try:
        done = subprocess.run([name, *arguments], stdout=subprocess.PIPE, check=False,
                              stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True)
    except OSError:
        return "not installed"
    found = re.search(r"\d+\.\d[\w.]*", done.stdout)
    return found[0] if found and done.returncode in (0, 1) else "unknown"


def describe_versions():
    haul = subprocess.run([clients.Haul.program, "--version"], stdout=subprocess.PIPE, text=True,
                          check=True).stdout.splitlines()
    return ["%s (%s)" % (haul[0], ", ".join(" ".join(line.split()[:2]) for line in haul[1:3])),
            *["%s %s" % (command[0], version(*command)) for command in VERSIONS],
            "Python " + platform.python_version(),
            "requests " + version(clients.find_python("requests") or "python3", "-c",
                                  "import requests; print(requests.__version__)")]


def describe_machine(workers):
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        model = re.search(r"^model name\s*: (.*)$", file.read(), re.M)
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return "%d cores, %s, %.0f GiB, Linux %s; clients and servers on it, nginx with %d worker%s" % (
        os.cpu_count(), model[1] if model else platform.machine(), memory, platform.release(),
        workers, "" if workers == 1 else "s")


def head(options, load):
    lines = ["Date: " + time.strftime("%Y-%m-%d %H:%M %Z"),
             "Command: test/bench/run " + shlex.join(options.shown),
             "Machine: " + describe_machine(options.server_workers),
             "Versions: " + "; ".join(describe_versions()),
             "Ratios: time per URL of haul ÷ that of the other client, below 1 haul is faster; "
             "median (least..largest) of %d rounds in which each client ran once, in turn"
             % options.pairs]
    if options.quick:
        lines.append("QUICK RUN: it shows that the benchmarks work; the figures mean nothing")
    if load > 0.25 * os.cpu_count():
        lines.append("BUSY MACHINE: load average %.1f at the start; the figures mean little" % load)
    return lines


# ----

def parse():
    parser = argparse.ArgumentParser(prog="test/bench/run")
    add = parser.add_argument
    add("case", nargs="*", metavar="CASE", help="default: all; " + " ".join(CASES))
    add("--quick", action="store_true", help="small sizes and few rounds: shows that it works")
    add("--full", action="store_true", help="growth up to a million URLs")
    add("--markdown", action="store_true", help="tables for a README")
    add("--json", metavar="FILE", help="write every single run to FILE")
    add("--pairs", type=int, metavar="N", help="rounds, at least 5 (default 5)")
    add("--scale", type=float, metavar="X", help="multiplies the numbers of URLs (default 1)")
    add("--server-workers", type=int, metavar="N", default=max(1, os.cpu_count() // 2),
        help="processes of nginx (default: half the cores)")
    add("--beside", metavar="DIR", action="append", default=[],
        help="measure the haul of that build in the same rounds, too (can be repeated)")
    add("--hauls-only", action="store_true", help="leave all other programs out")
    add("--list", action="store_true", help="show the cases and end")
    add("--build", metavar="DIR", required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.pairs is not None and options.pairs < PAIRS_MIN:
        parser.error("fewer than %d rounds have no median worth publishing" % PAIRS_MIN)
    for build in options.beside:
        if not os.access(os.path.join(build, "haul"), os.X_OK):
            parser.error("--beside: no haul in " + build)
    unknown = [case for case in options.case if case not in CASES]
    if unknown:
        parser.error("no such case: " + " ".join(unknown))
    options.pairs = options.pairs or (QUICK_PAIRS if options.quick else PAIRS_MIN)
    options.scale = options.scale or (QUICK_SCALE if options.quick else 1)
    options.shown = [word for word in sys.argv[1:] if word not in ("--build", options.build)]
    return options


def show(bench, name, markdown):
    """One case; if it cannot be measured, that is said, and the others are still worth having."""
    try:
        tables = CASES[name](bench)
    except (OSError, RuntimeError, ValueError, subprocess.SubprocessError) as reason:
        bench.broken.append(name)
        tables = [Table("%s: could not be measured" % name, text=str(reason))]
    for table in tables:
        print(table.render(markdown), flush=True)


def run(options, directory):
    load = os.getloadavg()[0]
    bench = Bench(options, directory)
    lines = head(options, load)
    for line in lines:
        print("- " + line if options.markdown else line, flush=True)
    try:
        bench.start(options.server_workers)
        for name in options.case or CASES:
            show(bench, name, options.markdown)
    finally:
        bench.stop()
        if options.json:
            with open(options.json, "w", encoding="utf-8") as file:
                json.dump({"head": lines, "runs": bench.kept}, file, indent=1)
    return 1 if bench.has_failed() or bench.broken else 0


def main():
    options = parse()
    if options.list:
        for name, case in CASES.items():
            print("%-10s %s" % (name, case.__doc__))
        return 0
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    directory = tempfile.mkdtemp(prefix="haul-bench.")
    os.chmod(directory, 0o755)
    try:
        return run(options, directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


sys.exit(main())
