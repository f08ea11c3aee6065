"""The programs that are measured, each with the options that suit it best.

prepare(directory, urls) writes what the client reads and returns its command line; check(urls) is
a text that says what its own account of the run lacks, or None.
"""

import copy
import datetime
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tarfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROW = re.compile(rb'^\{"url":"((?:[^"\\]|\\.)*)","outcome":"(\w+)"')


def write_lines(path, lines):
    with open(path, "w", encoding="ascii") as file:
        file.writelines(line + "\n" for line in lines)
    return path


def write_curl_config(path, urls):
    return write_lines(path, ('url = "%s"\noutput = "/dev/null"' % url for url in urls))


class Client:
    """One program with its options. `limit`: how many URLs it gets at most."""
    needs = None  # the command, if it may be missing
    is_haul = False
    accepts = (0,)  # exit statuses
    is_limit = False  # not a downloader: how fast the server answers at all
    is_bound = False  # not a downloader: how fast libcurl is

    def __init__(self, name, options=(), limit=None, note=None):
        self.name, self.options, self.limit, self.note = name, list(options), limit, note

    def is_missing(self):
        return self.needs is not None and shutil.which(self.needs) is None

    def reset(self):
        """Called before each run."""

    def fetches(self, urls):
        """How many of the list a server has to see."""
        return len(urls)

    def check(self, urls):
        return None

    def after(self, trial):
        """Called after each run, to keep what only this client knows in trial.facts."""


class Haul(Client):
    """Writes one JSON object per URL to a file, which is then compared with the list."""
    is_haul = True
    program = None  # set at the start

    def of_build(self, build):
        """The same client, as another build of haul."""
        twin = copy.copy(self)
        twin.name = "%s, %s" % (self.name, os.path.basename(build))
        twin.program = os.path.join(build, "haul")
        return twin

    def prepare(self, directory, urls):
        self.report = os.path.join(directory, "report.jsonl")
        return [self.program, "-q", *self.options, "--format", "jsonl", "-o", self.report,
                "-i", write_lines(os.path.join(directory, "urls.txt"), urls)]

    def reset(self):
        if os.path.exists(self.report):
            os.unlink(self.report)

    def outcomes(self):
        """How many rows, different URLs that are ok, and rows of each outcome."""
        rows, ok, count = 0, set(), {}
        with open(self.report, "rb") as report:
            for line in report:
                url, outcome = ROW.match(line).groups()
                rows += 1
                count[outcome.decode()] = count.get(outcome.decode(), 0) + 1
                if outcome == b"ok":
                    ok.add(url)
        return rows, len(ok), count

    def check(self, urls):
        rows, ok, count = self.outcomes()
        if rows == len(urls) == ok:
            return None
        return "%d rows for %d URLs: %s" % (
            rows, len(urls), ", ".join("%d %s" % (n, word) for word, n in sorted(count.items())))


class HaulJournal(Haul):
    """The same with a journal, new for each run."""

    def prepare(self, directory, urls):
        self.journal = os.path.join(directory, "journal.jsonl")
        command = super().prepare(directory, urls)
        return [*command, "--journal", self.journal]

    def reset(self):
        super().reset()
        if os.path.exists(self.journal):
            os.unlink(self.journal)


def row_end(row):
    started = datetime.datetime.fromisoformat(row["started"].replace("Z", "+00:00")).timestamp()
    return started, started + row["time_total"]


class HaulBeside(Haul):
    """Measures the hosts that are well, and lets the sick one be. `sick`: how its URLs begin."""
    sick = None
    accepts = (0, 1, 75)

    def well(self, urls):
        return [url for url in urls if not url.startswith(self.sick)]

    def fetches(self, urls):
        return len(self.well(urls))

    def read_rows(self):
        with open(self.report, encoding="utf-8") as report:
            return [json.loads(line) for line in report]

    def check(self, urls):
        rows = self.read_rows()
        well = {row["url"] for row in rows if row["outcome"] == "ok"} & set(self.well(urls))
        if len(rows) == len(urls) and len(well) == len(self.well(urls)):
            return None
        return "%d rows for %d URLs, %d well" % (len(rows), len(urls), len(well))

    def after(self, trial):
        rows = [row for row in self.read_rows() if row["attempts"]]
        times = [row_end(row) for row in rows if not row["url"].startswith(self.sick)]
        sick = [row for row in rows if row["url"].startswith(self.sick)]
        wall_s = max(end for _, end in times) - min(start for start, _ in times)
        trial.facts.append({"rate": len(times) / wall_s,
                            "attempts": sum(row["attempts"] for row in sick),
                            "sick_ok": sum(row["outcome"] == "ok" for row in sick)})


class CurlParallel(Client):
    needs = "curl"

    def __init__(self, parallel, options=(), **more):
        super().__init__("curl -Z, %d" % parallel, ["-Z", "--parallel-max", str(parallel),
                                                    *options], **more)

    def prepare(self, directory, urls):
        config = write_curl_config(os.path.join(directory, "curl.conf"), urls)
        return ["curl", "-q", "-s", *self.options, "-K", config]


class CurlOne(Client):
    """One URL after the other, as a person would type it."""
    needs = "curl"

    def prepare(self, directory, urls):
        return ["curl", "-q", "-s", *self.options, "-o", "/dev/null", *urls]


class Wget2(Client):
    needs = "wget2"

    def prepare(self, directory, urls):
        return ["wget2", "--no-config", "-q", "-O", "/dev/null", *self.options,
                "-i", write_lines(os.path.join(directory, "urls.txt"), urls)]


def set_aside(directory):
    """Out of the way, and not deleted: for minutes, ext4 looks at each inode that was freed before
    it takes another one, and whoever saves next would pay for what came before."""
    number = 0
    while os.path.exists("%s.%d" % (directory, number)):
        number += 1
    if os.path.exists(directory):
        os.rename(directory, "%s.%d" % (directory, number))


class Aria2(Client):
    """Has to save what it fetches, each under a name of its own."""
    needs = "aria2c"

    def prepare(self, directory, urls):
        self.output = os.path.join(directory, "saved")
        lines = ("%s\n out=%d" % (url, n) for n, url in enumerate(urls))
        return ["aria2c", "--no-conf", "-q", "--file-allocation=none", "--allow-overwrite=true",
                "--max-download-result=0", "--deferred-input=true", "--summary-interval=0",
                *self.options, "-d", self.output,
                "-i", write_lines(os.path.join(directory, "aria2.txt"), lines)]

    def reset(self):
        set_aside(self.output)


class Saves:
    """What a client that saves has in common: an output directory, and as many files as URLs."""

    def reset(self):
        if self.size_bytes:  # few and large
            shutil.rmtree(self.output, ignore_errors=True)
        set_aside(self.output)
        super().reset()
        os.mkdir(self.output)

    def check(self, urls):
        sizes = [os.path.getsize(os.path.join(path, name))
                 for path, _, names in os.walk(self.output) for name in names]
        if len(sizes) != len(urls):
            return "%d files for %d URLs" % (len(sizes), len(urls))
        if self.size_bytes and set(sizes) != {self.size_bytes}:
            return "a file has another size"
        return super().check(urls)

    size_bytes = None  # of each file, if all have the same


class HaulSaved(Saves, Haul):
    def prepare(self, directory, urls):
        self.output = os.path.join(directory, "saved")
        return [*super().prepare(directory, urls), "-d", self.output]


class Archives(Haul):
    """What both kinds of archives have in common: an output directory, and as many as URLs."""

    def reset(self):
        set_aside(self.output)
        super().reset()
        os.mkdir(self.output)

    def check(self, urls):
        count = sum(self.count(entry.path) for entry in os.scandir(self.output))
        if count != len(urls):
            return "%d archived of %d URLs" % (count, len(urls))
        return super().check(urls)


class HaulTar(Archives):
    def prepare(self, directory, urls):
        self.output = os.path.join(directory, "saved")
        return [*super().prepare(directory, urls), "--tar", os.path.join(self.output, "all.tar")]

    def count(self, path):
        with tarfile.open(path, "r:") as archive:
            return sum(1 for _ in archive)


class HaulWarc(Archives):
    def prepare(self, directory, urls):
        self.output = os.path.join(directory, "saved")
        return [*super().prepare(directory, urls), "--warc", os.path.join(self.output, "all")]

    def count(self, path):
        """The last record of each URL has a key (src/sink/packer.h); a file's first has all bits."""
        with open(path, "rb") as file:
            at, count = 0, 0
            while mark := file.read(40):
                size, key, _ = struct.unpack("<QQQ", mark[16:])  # and a CRC
                count += key not in (0, 2**64 - 1)
                at += size
                file.seek(at)
            return count


class CurlSaved(Saves, CurlParallel):
    """With a name for each URL, a thousand in a directory."""

    def prepare(self, directory, urls):
        self.output = os.path.join(directory, "saved")
        config = write_lines(os.path.join(directory, "curl.conf"),
                             ('url = "%s"\noutput = "%s/%d/%d"' % (url, self.output, n // 1000, n)
                              for n, url in enumerate(urls)))
        return ["curl", "-q", "-s", *self.options, "--create-dirs", "-K", config]


class Wget2Saved(Saves, Client):
    needs = "wget2"

    def prepare(self, directory, urls):
        self.output = os.path.join(directory, "saved")
        return ["wget2", "--no-config", "-q", "-x", "-P", self.output, *self.options,
                "-i", write_lines(os.path.join(directory, "urls.txt"), urls)]


class Aria2Saved(Saves, Aria2):
    pass


class XargsEach(Client):
    """A process for each URL: the line that everybody knows."""
    needs = "curl"

    def __init__(self, parallel, **more):
        super().__init__("xargs -P%d -n1 curl" % parallel, ["-P%d" % parallel], **more)

    def prepare(self, directory, urls):
        return ["xargs", "-a", write_lines(os.path.join(directory, "urls.txt"), urls),
                *self.options, "-n1", "curl", "-q", "-s", "-o", "/dev/null"]


class XargsLists(Client):
    """A process for each part of the list, so that each keeps its connection."""
    needs = "curl"

    def __init__(self, parallel, **more):
        super().__init__("xargs -P%d curl -K" % parallel, **more)
        self.parallel = parallel

    def prepare(self, directory, urls):
        parts = [write_curl_config(os.path.join(directory, "part%d.conf" % n),
                                   urls[n::self.parallel])
                 for n in range(min(self.parallel, len(urls)))]
        return ["xargs", "-a", write_lines(os.path.join(directory, "parts.txt"), parts),
                "-P%d" % self.parallel, "-n1", "curl", "-q", "-s", "-K"]


class BareCurl(Client):
    """libcurl itself, with nothing around it: what haul could reach at best if all else cost nothing."""
    is_bound = True
    program = None  # set at the start

    def __init__(self, threads, streams):
        shape = ("%d threads x %d streams" % (threads, streams)) if streams else "%d threads" % threads
        super().__init__("bare libcurl, " + shape, [str(threads), str(streams)])

    def is_missing(self):
        return not os.access(self.program, os.X_OK)

    def prepare(self, directory, urls):
        return [self.program, *self.options, write_lines(os.path.join(directory, "urls.txt"), urls)]


class Wrk(Client):
    """Asks as fast as it can for a while, reads the answers and does nothing with them."""
    needs = "wrk"
    is_limit = True

    def __init__(self, seconds, parallel=64, **more):
        super().__init__("wrk -t2 -c%s" % parallel,
                         ["-t2", "-c%s" % parallel, "-d%ds" % seconds], **more)

    def prepare(self, directory, urls):
        origin = "/".join(urls[0].split("/")[:3])
        paths = write_lines(os.path.join(directory, "paths.txt"),
                            (url[len(origin):] for url in urls))
        return ["env", "PATHS=" + paths, "wrk", *self.options,
                "-s", os.path.join(HERE, "paths.lua"), origin]

    @staticmethod
    def read_output(output):
        """Answers and seconds; None if there was any error."""
        found = re.search(r"(\d+) requests in ([\d.]+)(ms|s|m),", output)
        if not found or "Socket errors" in output or "Non-2xx" in output:
            return None
        return int(found[1]), float(found[2]) * {"ms": 0.001, "s": 1, "m": 60}[found[3]]


def find_python(module):
    """An interpreter that has the module: the system's packages serve the system's alone."""
    for python in (sys.executable, "/usr/bin/python3"):
        done = subprocess.run([python, "-c", "import " + module], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, check=False)
        if done.returncode == 0:
            return python
    return None


class Ancestor(Client):
    """Python threads with requests."""
    needs = "requests for Python"

    def __init__(self, threads, **more):
        super().__init__("Python, %d threads" % threads, [str(threads)], **more)
        self.python = find_python("requests")

    def is_missing(self):
        return self.python is None

    def prepare(self, directory, urls):
        self.report = os.path.join(directory, "report.tsv")
        return [self.python or "python3", os.path.join(HERE, "ancestor.py"), *self.options,
                write_lines(os.path.join(directory, "urls.txt"), urls), self.report]

    def check(self, urls):
        with open(self.report, encoding="ascii") as report:
            good = sum(line.split("\t")[1] == "200" for line in report)
        return None if good == len(urls) else "%d of %d answers" % (good, len(urls))
