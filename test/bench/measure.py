"""Runs one client once, or several in turn, and keeps what each run took."""

import dataclasses
import os
import re
import signal
import statistics
import subprocess
import sys
import time

from servers import Seen

HERE = os.path.dirname(os.path.abspath(__file__))
TIMEOUT_S = 1800
CALLS_URLS = 1000


@dataclasses.dataclass
class Sample:
    """One run."""
    urls: int
    wall_s: float
    cpu_s: float  # user and system, children included
    rss_bytes: int  # of the largest process
    seen: Seen
    fault: str = None  # why this run does not count

    def per_url(self):
        return self.wall_s / self.urls


class Trial:
    """A client, its list and the server; and its samples, one for each round."""

    def __init__(self, client, urls, server, ideal_s=None, target=None, size_bytes=None):
        self.client, self.server = client, server
        self.urls = urls[:client.limit] if client.limit else urls
        self.ideal_s, self.target, self.size_bytes = ideal_s, target, size_bytes
        self.argv, self.samples, self.calls, self.facts = None, [], None, []
        self.twins = []  # the same of other builds of haul

    def of_build(self, build):
        return Trial(self.client.of_build(build), self.urls, self.server, self.ideal_s, None,
                     self.size_bytes)

    def fault(self):
        """Why no ratio may be made of this trial, or None."""
        if self.client.is_missing():
            return self.client.needs + " is not installed"
        return next((sample.fault for sample in self.samples if sample.fault), None)

    def median(self, value):
        return statistics.median(value(sample) for sample in self.samples)


def ratios(ours, theirs, value=Sample.per_url):
    """One ratio for each round; none if a run of either does not count."""
    if ours.fault() or theirs.fault():
        return []
    return [value(a) / value(b) for a, b in zip(ours.samples, theirs.samples)]


class Runner:
    """Starts programs in an environment of their own, below `directory`."""

    def __init__(self, directory):
        self.dir = directory
        self.launcher = os.path.join(directory, "measure")
        self.usage = os.path.join(directory, "usage")
        self.output = os.path.join(directory, "output")
        subprocess.run(["cc", "-O2", "-o", self.launcher, os.path.join(HERE, "measure.c")],
                       check=True)
        # No settings of the user's, no proxies, the same language for all.
        self.environment = {"PATH": os.environ["PATH"], "HOME": directory, "LC_ALL": "C",
                            "TMPDIR": directory}

    def spawn(self, argv):
        """Runs to the end; what it wrote goes to a file. Returns the status; None: too long."""
        with open(self.output, "wb") as output:
            process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=output,
                                       stderr=subprocess.STDOUT, env=self.environment,
                                       cwd=self.dir, start_new_session=True)
        try:
            return process.wait(TIMEOUT_S)
        except BaseException as reason:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if isinstance(reason, subprocess.TimeoutExpired):
                return None
            raise

    def read_output(self):
        with open(self.output, encoding="utf-8", errors="replace") as output:
            return output.read()

    def last_words(self):
        lines = self.read_output().strip().splitlines()
        return ": " + lines[-1][:100] if lines else ""

    def run(self, trial):
        client, urls = trial.client, len(trial.urls)
        client.reset()
        trial.server.begin()
        if self.spawn([self.launcher, self.usage, *trial.argv]) is None:
            return Sample(urls, TIMEOUT_S, 0, 0, trial.server.end(), "did not end")
        with open(self.usage, encoding="ascii") as usage:
            wall_ns, user_us, system_us, rss_kb, status = map(int, usage.read().split())
        sample = Sample(urls, wall_ns / 1e9, (user_us + system_us) / 1e6, rss_kb * 1024,
                        trial.server.end())
        self.judge(trial, sample, status)
        return sample

    def judge(self, trial, sample, status):
        """A client that did not fetch everything is not fast."""
        if status not in trial.client.accepts:
            sample.fault = "exit status %d%s" % (status, self.last_words())
        elif trial.client.is_limit:
            answers = trial.client.read_output(self.read_output())
            if answers:
                sample.urls, sample.wall_s = answers
            else:
                sample.fault = "errors" + self.last_words()
        else:
            expected = trial.client.fetches(trial.urls)
            sample.fault = trial.client.check(trial.urls)
            if sample.seen.fetched < expected:
                sample.fault = "the server saw %d of %d URLs" % (sample.seen.fetched, expected)

    def count_calls(self, trial):
        """System calls per URL, of all processes and threads, over a shorter list."""
        directory = os.path.join(self.dir, "calls")
        os.makedirs(directory, exist_ok=True)
        urls = trial.urls[:CALLS_URLS]
        argv = trial.client.prepare(directory, urls)
        trial.client.reset()
        counts = os.path.join(directory, "counts")
        status = self.spawn(["strace", "-f", "-c", "-o", counts, *argv])
        with open(counts, encoding="ascii") as file:
            total = re.search(r"^\s*100\.00\s+\S+\s+\S+\s+(\d+)\s.*total$", file.read(), re.M)
        return int(total[1]) / len(urls) if status == 0 and total else None


def run_rounds(bench, trials, rounds):
    """Every trial once, and again, so that what changes on the machine meets them all."""
    for number, trial in enumerate(trials):
        directory = os.path.join(bench.runner.dir, "c%d" % number)
        os.makedirs(directory, exist_ok=True)
        trial.argv = trial.client.prepare(directory, trial.urls)
    for number in range(1, rounds + 1):
        for trial in trials:
            if trial.client.is_missing():
                continue
            sample = bench.runner.run(trial)
            trial.samples.append(sample)
            trial.client.after(trial)
            if rounds <= 10:
                say("%d/%d  %-24s %8.3f s  %s" % (number, rounds, trial.client.name,
                                                  sample.wall_s, sample.fault or ""))


def beside_builds(bench, trials):
    """Each of haul's with those of the other builds behind it; the programs to compare it with."""
    all_of_them = []
    for trial in trials:
        if trial.client.is_haul:
            trial.twins = [trial.of_build(build) for build in bench.builds]
        elif bench.hauls_only:
            continue
        all_of_them += [trial, *trial.twins]
    return all_of_them


def count_all_calls(bench, trials):
    for trial in trials:
        if not trial.client.is_missing() and not trial.client.is_limit:
            trial.calls = bench.runner.count_calls(trial)


def say(text):
    print("%s  %s" % (time.strftime("%H:%M:%S"), text), file=sys.stderr, flush=True)
