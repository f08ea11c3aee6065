"""What is measured. Each case gets the bench and returns its tables; CASES is the order."""

import json
import math
import os
import subprocess

from clients import (Ancestor, Aria2, Aria2Saved, BareCurl, CurlOne, CurlParallel, CurlSaved,
                     Haul, HaulBeside, HaulJournal, HaulSaved, HaulTar, HaulWarc, Wget2, Wget2Saved,
                     Wrk, XargsEach, XargsLists)
import pressure
from measure import Trial, beside_builds, count_all_calls, ratios, run_rounds, say
from table import (MIB, Table, command_notes, comparison, decimals, seconds, spread, trial_notes,
                   twin_cells, twin_titles, whole)
from wanted import Wanted, notes as wanted_notes, peak_note, verdict

GIB = 1024 * MIB
FEW = ["-j", "2", "--streams", "32"]
MANY = ["-j", "64"]
ONE = ["-j", "1", "--streams", "64"]


def haul(*options, **more):
    return Haul("haul " + " ".join(options), options, **more)


def haul_tls(shown, ca, *options):
    return Haul("haul " + " ".join(shown), [*shown, "--cacert", ca, *options])


def haul_journal(*options):
    return HaulJournal("the same, --journal", options)


def compare(bench, title, trials, notes=(), rounds=None, calls=True, wants=()):
    say(title)
    trials = beside_builds(bench, trials)
    run_rounds(bench, trials, rounds or bench.pairs)
    if calls:
        count_all_calls(bench, trials)
    bench.keep(title, trials)
    return comparison(bench, title, trials, [*notes, *wanted_notes(wants, trials)])


# ---- pool ----

def pool(bench):
    """Nine pages: nine workers take as long as the slowest page, one takes the sum."""
    percent = 10 if bench.quick else 100
    urls = [bench.testserver.url("/sample/%d?scale=%d" % (page, percent)) for page in range(1, 10)]
    trials = [Trial(haul("-j", jobs), urls, bench.testserver, ideal * percent / 100,
                    None if bench.quick else target)
              for jobs, ideal, target in (("9", 1.8, 1.03), ("1", 15.0, 1.02))]
    return [compare(bench, "pool: nine pages with delays of 15.0 s, the slowest 1.8 s", trials,
                    calls=False)]


# ---- small files, one origin ----

def small(bench):
    """Many small files of one origin, 64 at a time, against everybody."""
    count = bench.scaled(100000)
    few = "fewer URLs, compared by the time per URL"
    ours, many = haul(*FEW), haul(*MANY)
    wget2, curl = Wget2("wget2, 64", ["--max-threads=64"]), CurlParallel(64)
    wrk = Wrk(1 if bench.quick else 5,
              note="no downloader: the practical limit of this server, two threads")
    clients = [ours, many, wget2, Wget2("wget2, 8", ["--max-threads=8"]),
               curl, BareCurl(2, 32), BareCurl(64, 0),
               Aria2("aria2, 64", ["-j64"], limit=bench.scaled(5000),
                     note="saves the files (it cannot do without); " + few),
               XargsLists(64, limit=bench.scaled(20000),
                          note="64 processes, each with a 64th of the list; " + few),
               XargsEach(64, limit=bench.scaled(2000),
                         note="peak is that of one of 64 processes; " + few), wrk]
    trials = [Trial(client, bench.nginx.small(count), bench.nginx) for client in clients]
    return [compare(bench, "small: %s files of 0.2 to 8 KB, one origin, HTTP/1.1" % whole(count),
                    trials, wants=[Wanted(ours, wget2, throughput=1.25, cpu=0.7),
                                   Wanted(ours, curl, throughput=2.5),
                                   Wanted(ours, wrk, throughput=0.75, cpu=2.0),
                                   Wanted(many, wget2, throughput=1.0), Wanted(many, wrk)])]


def journaled(bench):
    """What a journal costs where nothing else takes time: the same list with and without."""
    count = bench.scaled(100000)
    return [compare(bench, "journaled: %s files of 0.2 to 8 KB, with a journal and without, %s"
                    % (whole(count), " ".join(options)),
                    [Trial(client, bench.nginx.small(count), bench.nginx)
                     for client in (haul_journal(*options), haul(*options))])
            for options in (FEW, MANY)]


def tls(bench):
    """The same over TLS, with HTTP/1.1 and HTTP/2."""
    return [compare_tls(bench, "https", "HTTP/1.1", "--http1.1", "--no-http2"),
            compare_tls(bench, "h2", "HTTP/2", "--http2", "--http2")]


def compare_tls(bench, port, name, version, wget_version):
    count, ca = bench.scaled(100000), bench.nginx.ca
    ours = haul_tls(FEW, ca, version)
    wget2 = Wget2("wget2, 64", ["--max-threads=64", "--ca-certificate=" + ca, wget_version])
    curl = CurlParallel(64, ["--cacert", ca, version])
    clients = [ours, haul_tls(MANY, ca, version), wget2, curl]
    if port == "https":
        clients.append(Aria2("aria2, 64", ["-j64", "--ca-certificate=" + ca],
                             limit=bench.scaled(5000), note="saves the files; fewer URLs"))
    else:
        clients.insert(1, haul_tls(ONE, ca, version))  # one connection, as curl has
    trials = [Trial(client, bench.nginx.small(count, port), bench.nginx) for client in clients]
    return compare(bench, "tls: %s small files, one origin, %s over TLS" % (whole(count), name),
                   trials, wants=[Wanted(ours, wget2, throughput=1.3),
                                  Wanted(ours, curl, throughput=2.0)])


# ---- servers that take their time ----

def latency(bench):
    """A server that answers after 100 ms: how near 256 at a time come to the ideal."""
    count = bench.scaled(10000, 512)
    ideal_s = math.ceil(count / 256) * 0.1
    clients = [haul("-j", "256"), haul_journal("-j", "256"),
               haul("-j", "2", "--streams", "128"), CurlParallel(256)]
    trials = [Trial(client, bench.testserver.delays(count, 100), bench.testserver, ideal_s)
              for client in clients]
    return [compare(bench, "latency: %s URLs, each answered after 100 ms, 256 at a time"
                    % whole(count), trials,
                    ["ideal: URLs ÷ 256, rounded up, × 100 ms"])]


def scaling(bench):
    """One to 1024 workers, against a server that answers after 50 ms."""
    each = 10 if bench.quick else 100
    counts = (1, 4, 16, 64) if bench.quick else (1, 4, 16, 64, 256, 1024)
    most = counts[-1]
    clients = [(count, haul("-j", str(count))) for count in counts]
    clients += [(most, haul("-j", "4", "--streams", str(most // 4))), (most, BareCurl(most, 0))]
    trials = [Trial(client, bench.testserver.delays(each * count, 50), bench.testserver,
                    each * 0.05, 1.15 if count == 1024 and client.is_haul else None)
              for count, client in clients]
    limit = Wrk(1 if bench.quick else 5, most,
                note="the practical limit of this server at the largest number")
    trials.append(Trial(limit, bench.testserver.delays(1000, 50), bench.testserver))
    return [compare(bench, "scaling: -j N against a server that answers after 50 ms", trials,
                    ["%d URLs for each worker; ideal: %d × 50 ms" % (each, each)], calls=False)]


# ---- memory, growth ----

class HaulMixed(Haul):
    """Every tenth line holds no URL, which haul's exit status tells."""
    accepts = (1,)
    WRONG = ("htp://127.0.0.1/%d", "http://127.0.0.1:99999/%d", "http://[::1/%d")

    @classmethod
    def mix(cls, urls):
        return [cls.WRONG[n // 10 % 3] % n if n % 10 == 9 else url for n, url in enumerate(urls)]

    def fetches(self, urls):
        return len(urls) - len(urls) // 10

    def check(self, urls):
        rows, ok, count = self.outcomes()
        wrong = len(urls) // 10
        if (rows, ok, count) == (len(urls), len(urls) - wrong,
                                 {"ok": len(urls) - wrong, "invalid": wrong}):
            return None
        return "%d rows for %d lines, %d different ok: %s" % (rows, len(urls), ok, count)


def flat_notes(bench, trials):
    if bench.quick:
        return []  # the shorter list does not fill the window
    return [verdict("peak of the longer list ÷ of the shorter",
                    ratios(trials[-1 - len(bench.builds)], trials[0],
                           lambda sample: sample.rss_bytes), 1.1, True)]


def memory(bench):
    """A list a hundred times as long takes no more memory."""
    say("memory")
    counts = [bench.scaled(10000), bench.scaled(1000000)]
    trials = [Trial(HaulMixed("haul -j 64, %s lines" % whole(count), MANY),
                    HaulMixed.mix(bench.nginx.small(count)), bench.nginx) for count in counts]
    trials = beside_builds(bench, trials)
    run_rounds(bench, trials, bench.pairs)
    bench.keep("memory", trials)
    rows = [[trial.client.name, whole(len(trial.urls)),
             whole(trial.client.fetches(trial.urls)), whole(len(trial.urls) // 10),
             seconds(trial.median(lambda sample: sample.wall_s)),
             decimals(trial.median(lambda sample: sample.rss_bytes / MIB)),
             spread(ratios(trial, trials[0], lambda sample: sample.rss_bytes)),
             *twin_cells(bench, trial, lambda sample: sample.rss_bytes)]
            for trial in trials]
    return [Table("memory: peak of haul -j 64 by the length of the list",
                  ["client", "lines", "ok", "invalid", "time s", "peak MiB", "peak ÷ first",
                   *twin_titles(bench)], rows,
                  ["every line has its row: a run where one is missing does not count",
                   *(peak_note(trial, 20) for trial in trials),
                   *flat_notes(bench, trials),
                   *trial_notes(trials), *command_notes(bench, trials)])]


def growth(bench):
    """The time per URL does not grow with the list."""
    say("growth")
    counts = [1000, 10000, 100000] + ([1000000] if bench.full else [])
    trials = [Trial(Haul("haul -j 64, %s" % whole(count), MANY), bench.nginx.small(count),
                    bench.nginx) for count in map(bench.scaled, counts)]
    run_rounds(bench, trials, bench.pairs)
    bench.keep("growth", trials)
    rows = [[trial.client.name, seconds(trial.median(lambda sample: sample.wall_s)),
             decimals(trial.median(lambda sample: 1e6 * sample.per_url())),
             spread(ratios(trial, trials[1])),
             decimals(trial.median(lambda sample: 1e6 * sample.cpu_s / sample.urls)),
             decimals(trial.median(lambda sample: sample.rss_bytes / MIB))] for trial in trials]
    return [Table("growth: time per URL by the length of the list",
                  ["client", "time s", "µs/URL", "µs/URL ÷ second row", "CPU µs/URL", "peak MiB"],
                  rows, [*trial_notes(trials), *command_notes(bench, trials)])]


# ---- many origins ----

def in_turn(urls, each):
    """A list sorted by origin, `each` URLs of one, as one that goes round the origins."""
    return [url for start in range(each) for url in urls[start::each]]


def origins(bench):
    """500 origins, the list sorted by origin and in turn."""
    count, each = (50, 10) if bench.quick else (500, 40)
    urls = bench.nginx.origins(count, each)
    tables = []
    for order, listed in (("sorted by origin", urls), ("in turn", in_turn(urls, each))):
        clients = [haul(*FEW), haul(*MANY), CurlParallel(64)]
        tables.append(compare(bench, "origins: %d origins × %d URLs, %s" % (count, each, order),
                              [Trial(client, listed, bench.nginx) for client in clients]))
    return tables


# ---- large files ----

class HaulSized(Haul):
    """Each row has to state the whole size."""
    size_bytes = None

    def check(self, urls):
        with open(self.report, encoding="utf-8") as report:
            wrong = [row for row in map(json.loads, report) if row["size_body"] != self.size_bytes]
        return "%d rows have another size" % len(wrong) if wrong else super().check(urls)


def large(bench):
    """One very large file, and sixteen large ones, to nowhere."""
    factor = 64 if bench.quick else 1
    tables = []
    for count, size, clients in (
            (1, GIB // factor, [HaulSized("haul -j 1", ["-j", "1"]), CurlOne("curl -o /dev/null")]),
            (16, 64 * MIB // factor, [HaulSized("haul -j 2 --streams 8", ["-j", "2",
                                                                         "--streams", "8"]),
                                      HaulSized("haul -j 16", ["-j", "16"]), CurlParallel(16)])):
        urls = bench.nginx.large(count, size)
        for client in clients:
            client.size_bytes = size
        tables.append(compare(bench, "large: %d × %s MiB" % (count, whole(size / MIB)),
                              [Trial(client, urls, bench.nginx, size_bytes=count * size)
                               for client in clients],
                              wants=[Wanted(client, clients[-1], throughput=1.0)
                                     for client in clients[:-1]]))
    return tables


# ---- archives ----

def archives(bench):
    """Many small files, in a directory and in archives."""
    count = bench.scaled(100000)
    tables = []
    for options in (FEW, MANY):
        shown = " ".join(options)
        directory = HaulSaved("haul -d, " + shown, options)
        clients = [directory, HaulTar("haul --tar, " + shown, options),
                   HaulWarc("haul --warc, " + shown, options)]
        tables.append(compare(bench, "archives: %s files of 0.2 to 8 KB, %s" % (whole(count), shown),
                              [Trial(client, bench.nginx.small(count), bench.nginx)
                               for client in clients],
                              wants=[Wanted(client, directory, throughput=1.0)
                                     for client in clients[1:]]))
    return tables


# ---- saving ----

def saving(bench):
    """Small and large files, to disk: the same file system for all, and nobody asks it to sync."""
    count, factor = bench.scaled(20000), 64 if bench.quick else 1
    shapes = [HaulSaved("haul -d, " + " ".join(options), options) for options in (FEW, MANY)]
    curl = CurlSaved(64)
    clients = shapes + [curl, Wget2Saved("wget2, 64", ["--max-threads=64"]),
                Aria2Saved("aria2, 64", ["-j64"], limit=bench.scaled(5000), note="fewer URLs")]
    tables = [compare(bench, "saving: %s files of 0.2 to 8 KB" % whole(count),
                      [Trial(client, bench.nginx.small(count), bench.nginx)
                       for client in clients],
                      wants=[Wanted(client, curl, throughput=1.0) for client in shapes])]
    for count, size, clients in (
            (1, GIB // factor, [HaulSaved("haul -d, -j 1", ["-j", "1"]), CurlSaved(1)]),
            (16, 64 * MIB // factor, [HaulSaved("haul -d, -j 16", ["-j", "16"]), CurlSaved(16),
                                      Aria2Saved("aria2, 16", ["-j16"])])):
        urls = bench.nginx.large(count, size)
        for client in clients:
            client.size_bytes = size
        tables.append(compare(bench, "saving: %d × %s MiB" % (count, whole(size / MIB)),
                              [Trial(client, urls, bench.nginx, size_bytes=count * size)
                               for client in clients],
                              wants=[Wanted(clients[0], clients[1], throughput=1.0)]))
    return tables


# ---- one URL; the ancestor ----

def startup(bench):
    """One URL: what it costs to begin."""
    clients = [Haul("haul", []), Haul("haul -j 1", ["-j", "1"]), CurlOne("curl -o /dev/null")]
    return [compare(bench, "startup: one small file",
                    [Trial(client, bench.nginx.small(1), bench.nginx) for client in clients],
                    rounds=10 * bench.pairs,
                    wants=[Wanted(client, clients[-1], time=1.15) for client in clients[:-1]])]


def ancestor(bench):
    """The threading lesson that haul descends from: Python threads and a queue."""
    count = bench.scaled(10000)
    trials = [Trial(client, bench.nginx.small(count), bench.nginx)
              for client in (haul(*FEW), haul(*MANY), Ancestor(64))]
    return [compare(bench, "ancestor: %s small files, 64 threads of Python with requests"
                    % whole(count), trials)]


# ---- politeness ----

def beside(bench, title, options, lists, sick, notes):
    """Runs the list with the sick host and the one where it is well in turn."""
    say(title)
    trials = []
    for (name, urls), start in zip(lists, sick):
        client = HaulBeside(name, options)
        client.sick = start
        trials.append(Trial(client, urls, bench.testserver))
    run_rounds(bench, trials, bench.pairs)
    bench.keep(title, trials)
    rows = [beside_row(trial, trials[0]) for trial in trials]
    return Table(title, ["run", "time s", "healthy URLs/s", "÷ all healthy",
                         "attempts at the one host", "of it ok"], rows,
                 [*notes, *trial_notes(trials), *command_notes(bench, trials)])


def beside_row(trial, base):
    middle = sorted(trial.facts, key=lambda fact: fact["rate"])[len(trial.facts) // 2]
    rates = []
    if not trial.fault() and not base.fault():
        rates = [a["rate"] / b["rate"] for a, b in zip(trial.facts, base.facts)]
    return [trial.client.name, seconds(trial.median(lambda sample: sample.wall_s)),
            whole(middle["rate"]), spread(rates), whole(middle["attempts"]),
            whole(middle["sick_ok"])]


def host_lists(bench, hosts, each, delay_ms, sick_urls):
    """The list where all hosts are well, and the one where the last is not, both in turn."""
    start = "http://%s:%d/" % ("%s", bench.testserver.port["many"])
    well = [[start % address + "delay?ms=%d&n=5&i=%d" % (delay_ms, n) for n in range(each)]
            for address in bench.addresses[:hosts]]
    return [("all healthy", in_turn(sum(well, []), each)),
            ("one is not", in_turn(sum(well[:-1] + [sick_urls], []), each))]


def throttled_once(bench):
    each, pause_s = (40, 1) if bench.quick else (400, 5)
    one = "http://%s:%d/" % (bench.addresses[19], bench.testserver.port["many"])
    urls = [one + "throttle?for=%d&retry-after=%d#%d" % (pause_s * 1000, pause_s, n)
            for n in range(each)]
    return beside(bench, "polite: one of twenty hosts answers 429 for %d s" % pause_s,
                  ["-j", "16", "--retry", "5"], host_lists(bench, 20, each, 20, urls), [one, one],
                  ["%d URLs per host, healthy ones answer after 20 ms; healthy URLs/s: those of "
                   "the other 19 until the last of them" % each])


def blackhole(bench):
    sick = "http://127.0.0.1:%d/" % bench.testserver.port["blackhole"]
    well = "http://%s:%d/" % (bench.addresses[99], bench.testserver.port["many"])
    urls = [sick + str(n) for n in range(10)]
    return beside(bench, "polite: one of a hundred hosts never answers",
                  ["-j", "16", "--connect-timeout", "2s" if bench.quick else "10s"],
                  host_lists(bench, 100, 10, 100, urls), [well, sick],
                  ["10 URLs per host, healthy ones answer after 100 ms; healthy URLs/s: those of "
                   "the other 99 until the last of them"])


def handshakes(bench):
    """How many TLS handshakes many origins take."""
    count, each = (10, 10) if bench.quick else (50, 40)
    urls = in_turn(bench.nginx.origins(count, each, "many_tls"), each)
    ca = bench.nginx.ca
    clients = [haul_tls(["-j", "16"], ca), CurlParallel(16, ["--cacert", ca])]
    return [compare(bench, "handshakes: %d TLS origins × %d URLs in turn, 16 at a time"
                    % (count, each), [Trial(client, urls, bench.nginx) for client in clients])]


def polite(bench):
    """What a sick host costs the others."""
    return [throttled_once(bench), blackhole(bench)]


# ---- parts of haul ----

def micro(name, title):
    def case(bench):
        return run_micro(bench, name, title)
    case.__doc__ = title
    return case


def find_micro(bench, name):
    program = os.path.join(bench.build, "test", name)
    return program if os.access(program, os.X_OK) else None


def run_micro(bench, name, title):
    say(title)
    program = find_micro(bench, name)
    if not program:
        return [Table(title, text="%s is not in the build" % name)]
    status = bench.runner.spawn([program])
    text = bench.runner.read_output()
    return [Table(title, text=text if status == 0 else "%sexit status %s" % (text, status))]


CASES = {
    "pool": pool, "small": small, "journaled": journaled, "tls": tls,
    "latency": latency, "memory": memory,
    "origins": origins, "large": large, "saving": saving, "archives": archives, "startup": startup, "ancestor": ancestor,
    "growth": growth, "scaling": scaling, "polite": polite, "handshakes": handshakes,
    "hosts": pressure.hosts, "window": pressure.window, "throttled": pressure.throttled,
    "workq": micro("bench_workq", "workq: the work queue alone"),
    "history": micro("bench_history", "history: the history and comparisons alone"),
    "journal": micro("bench_journal", "journal: the journal alone"),
    "table": micro("bench_table", "table: tables as lists, beside Python's own parsers"),
}
