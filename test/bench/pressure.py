"""Cases in which hosts are many, or some of them hold back."""

import itertools
import random
import statistics

from clients import Haul, HaulBeside, row_end
from measure import Trial, beside_builds, ratios, run_rounds, say
from table import (MIB, Table, command_notes, decimals, seconds, spread, trial_notes, twin_cells,
                   twin_titles, whole)
from wanted import cpu_per_url, verdict

SEED = 20261123


def each_build(bench, trials):
    """The trials of this build, then those of each other one, with its name."""
    yield "", trials
    for number, build in enumerate(bench.builds):
        yield ", " + build.rsplit("/", 1)[-1], [trial.twins[number] for trial in trials]


# ---- as many hosts as URLs ----

def host_urls(bench, count, hosts):
    """A connection for each URL, so that its host is looked up; libcurl knows these names."""
    form = "http://h%%d.localhost:%d/size?n=5&close=1&i=%%d" % bench.testserver.port["http"]
    return [form % (n % hosts, n) for n in range(count)]


def hosts_row(bench, trial, base):
    return [trial.client.name, whole(len(trial.urls)),
            seconds(trial.median(lambda sample: sample.wall_s)),
            decimals(trial.median(lambda sample: 1e6 * cpu_per_url(sample))),
            spread(ratios(trial, base, cpu_per_url)) if base else "",
            *twin_cells(bench, trial, cpu_per_url),
            decimals(trial.median(lambda sample: sample.rss_bytes / MIB)),
            whole(trial.median(lambda sample: sample.seen.connections))]


def compare_hosts(bench, options):
    count, few = bench.scaled(20000, 400), 20
    shape = " ".join(options)
    trials = [Trial(Haul("haul %s, %s hosts" % (shape, whole(hosts)), options),
                    host_urls(bench, count, hosts), bench.testserver) for hosts in (few, count)]
    title = "hosts: %s URLs, a connection each, of %d hosts and of %s, %s" % (
        whole(count), few, whole(count), shape)
    say(title)
    run = beside_builds(bench, trials)
    run_rounds(bench, run, bench.pairs)
    bench.keep(title, run)
    rows, notes = [], []
    for name, (base, many) in each_build(bench, trials):
        rows += [hosts_row(bench, base, None), hosts_row(bench, many, base)]
        notes.append(verdict("CPU per URL of %s hosts ÷ of %d%s" % (whole(count), few, name),
                             ratios(many, base, cpu_per_url), 1.2, True))
    return Table(title, ["client", "URLs", "time s", "CPU µs/URL", "CPU ÷ %d hosts" % few,
                         *twin_titles(bench), "peak MiB", "connections"],
                 rows, [*notes, *trial_notes(run), *command_notes(bench, run)])


def most_hosts(bench):
    """Not beside other builds: one that is quadratic would not end."""
    count = bench.scaled(100000, 2000)
    title = "hosts: %s URLs, each of a host of its own" % whole(count)
    say(title)
    trial = Trial(Haul("haul -j 64, %s hosts" % whole(count), ["-j", "64"]),
                  host_urls(bench, count, count), bench.testserver)
    run_rounds(bench, [trial], 1)
    bench.keep(title, [trial])
    columns = ["client", "URLs", "time s", "CPU µs/URL", "peak MiB", "connections"]
    row = hosts_row(bench, trial, None)
    return Table(title, columns, [row[:4] + row[-2:]],
                 [*trial_notes([trial]), *command_notes(bench, [trial])])


def hosts(bench):
    """As many hosts as URLs: the processor time of a URL does not grow with them."""
    return [compare_hosts(bench, ["-j", "64"]),
            compare_hosts(bench, ["-j", "2", "--streams", "32"]), most_hosts(bench)]


# ---- a short window in front of slow hosts ----

class HaulFor(Haul):
    """Runs for a while; what counts is how many URLs are ok by then."""
    accepts = (0, 1, 75)

    def fetches(self, urls):
        return 0

    def check(self, urls):
        rows, ok, count = self.outcomes()
        self.ok = ok
        if rows == len(urls) and count.keys() <= {"ok", "pending"} and ok:
            return None
        return "%d rows for %d URLs: %s" % (rows, len(urls), count)

    def after(self, trial):
        trial.facts.append(self.ok)


def zipf_urls(bench, count, hosts):
    """In random order, host n with a weight of 1 / n; the same list each time."""
    form = "http://h%%d.localhost:%d/size?n=5&i=%%d" % bench.testserver.port["http"]
    weights = list(itertools.accumulate(1 / n for n in range(1, hosts + 1)))
    chosen = random.Random(SEED).choices(range(hosts), cum_weights=weights, k=count)
    return [form % (host, n) for n, host in enumerate(chosen)]


def done_ratios(ours, theirs):
    if ours.fault() or theirs.fault():
        return []
    return [a / b for a, b in zip(ours.facts, theirs.facts)]


def window_row(trial, base, per_s):
    limit = 64 * per_s * trial.client.lasts_s
    return [trial.client.name, whole(statistics.median(trial.facts)),
            "%.2f" % (statistics.median(trial.facts) / limit),
            "" if trial is base else spread(done_ratios(trial, base)),
            decimals(trial.median(lambda sample: sample.rss_bytes / MIB))]


def window(bench):
    """A short window on hosts that may be asked slowly only, against one that holds it all."""
    lasts_s, per_s = (3, 20) if bench.quick else (10, 20)
    urls = zipf_urls(bench, 60000, 64)
    trials = []
    for size in ("4096", "100"):
        client = HaulFor("haul --window " + size,
                         ["-j", "64", "--rate-per-host", "%d/s" % per_s, "--window", size,
                          "--max-duration", "%ds" % lasts_s])
        client.lasts_s = lasts_s
        trials.append(Trial(client, urls, bench.testserver))
    title = "window: 64 hosts in random order, Zipf, %d/s each, URLs done in %d s" % (per_s,
                                                                                     lasts_s)
    say(title)
    run = beside_builds(bench, trials)
    run_rounds(bench, run, bench.pairs)
    bench.keep(title, run)
    rows, notes = [], []
    for name, (base, short) in each_build(bench, trials):
        rows += [window_row(base, base, per_s), window_row(short, base, per_s)]
        notes.append(verdict("done with --window 100 ÷ with 4096%s" % name,
                             done_ratios(short, base), 0.95, False))
    return [Table(title, ["client", "URLs done", "÷ 64 hosts × rate × time", "÷ --window 4096",
                          "peak MiB"],
                  rows, [*notes, *trial_notes(run), *command_notes(bench, run)])]


# ---- one host that always says no ----

class HaulRefused(HaulBeside):
    """Ends when its time is over, with URLs of the healthy hosts undone if it can't do better.

    Their time is that until the last of them, or that of the whole run if any is left.
    """

    def fetches(self, urls):
        return 0

    def check(self, urls):
        rows = len(self.read_rows())
        return None if rows == len(urls) else "%d rows for %d URLs" % (rows, len(urls))

    def after(self, trial):
        rows = [row for row in self.read_rows() if row["attempts"]]
        sick = [row for row in rows if row["url"].startswith(self.sick)]
        times = [row_end(row) for row in rows
                 if row["outcome"] == "ok" and not row["url"].startswith(self.sick)]
        lasted_s = trial.samples[-1].wall_s
        if len(times) == len(self.well(trial.urls)):
            lasted_s = max(end for _, end in times) - min(start for start, _ in times)
        trial.facts.append({"done": len(times), "per_url": lasted_s / max(1, len(times)),
                            "attempts": sum(row["attempts"] for row in sick)})


def healthy_ratios(ours, theirs):
    if ours.fault() or theirs.fault():
        return []
    return [a["per_url"] / b["per_url"] for a, b in zip(ours.facts, theirs.facts)]


def throttled_trials(bench, each, lasts_s):
    """All lists in turn; the healthy hosts alone come first."""
    port = bench.testserver.port["many"]
    start = ["http://%s:%d/" % (address, port) for address in bench.addresses[:20]]
    healthy = [[one + "delay?ms=20&n=5&i=%d" % n for n in range(each)] for one in start[:-1]]
    options = ["-j", "16", "--window", "256", "--max-duration", "%ds" % lasts_s]
    trials = []
    for name, path in (("haul, nineteen alone", None),
                       ("haul, beside 503", "retry-after?code=503&v=1&i=%d"),
                       ("haul, beside 429", "retry-after?code=429&v=1&i=%d")):
        sick = [[start[-1] + path % n for n in range(each)]] if path else []
        client = HaulRefused(name, options)
        client.sick = start[-1]
        lists = healthy + sick
        urls = [url for turn in zip(*lists) for url in turn]
        trials.append(Trial(client, urls, bench.testserver))
    return trials


def throttled_row(bench, trial, base):
    middle = sorted(trial.facts, key=lambda fact: fact["per_url"])[len(trial.facts) // 2]
    twins = [spread(healthy_ratios(trial, twin)) for twin in trial.twins]
    twins = twins or [""] * len(bench.builds)
    return [trial.client.name, seconds(trial.median(lambda sample: sample.wall_s)),
            whole(middle["done"]), decimals(1e3 * middle["per_url"]),
            "" if trial is base else spread(healthy_ratios(trial, base)), *twins,
            whole(middle["attempts"])]


def throttled(bench):
    """Nineteen healthy hosts beside one that answers 503 or 429 to everything."""
    each = 40 if bench.quick else 400
    lasts_s = 15 if bench.quick else 60
    trials = throttled_trials(bench, each, lasts_s)
    title = ("throttled: nineteen hosts × %d URLs of 20 ms, alone and beside one that refuses"
             % each)
    say(title)
    run = beside_builds(bench, trials)
    run_rounds(bench, run, bench.pairs)
    bench.keep(title, run)
    rows, notes = [], []
    for name, (base, *others) in each_build(bench, trials):
        rows += [throttled_row(bench, trial, base) for trial in (base, *others)]
        notes += [verdict("time for a URL of the nineteen, %s ÷ alone" % trial.client.name,
                          healthy_ratios(trial, base), 1.1, True) for trial in others]
    return [Table(title, ["client", "run s", "ok of the nineteen", "ms for each", "÷ alone",
                          *twin_titles(bench), "attempts at the one"],
                  rows, ["the one answers with Retry-After: 1; a run ends after %d s at most"
                         % lasts_s, *notes, *trial_notes(run), *command_notes(bench, run)])]
