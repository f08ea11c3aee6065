#!/usr/bin/env python3
"""Lives of directories: random runs over a list that is edited, and what must hold after each.

usage: saving_model.py HAUL [--runs N] [--seed S] [--keep]

A life is a directory or a tar archive, a journal, and a list or a table. Between runs the list grows,
shrinks and is reordered, options change, files are deleted or damaged by hand; some runs are killed
(SIGKILL) at a random moment. The bodies of the little server name their URL, and many have one size, so that a file that
is another URL's is seen, and is not seen by its size. After each run:

- the file of each `ok` row, and of each `ok` record of the journal that was not touched by hand,
  holds a body of that URL (or of a mirror of its entry, if that is where it came from)
- no two URLs have one file: in a report, and in all that the journal has ever said
- nothing outside of the directory has changed, and none of haul's own files in it

Other lives have a journal for each run, or a history, and ask what has changed since: then the file
of each row that is `unchanged` holds the body of its URL, too.

The suite plays a few hundred runs. More of them:

    test/integration/saving_model.py build/haul --runs 5000

The seed is printed, and makes the lists and options the same again; when a killed run has died is
for the machine to say. With --keep the world of a failure stays, for looking at.
"""

import argparse
import collections
import hashlib
import http.server
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import urllib.parse

# Names: every form that there is, and some that bring as many URLs as possible to one name. What
# this haul does not know is left out.
FORMS = ["path", "flat", "{n}", "{line}", "{name}", "{host}-{name}", "{n}{ext}", "x{ext}",
         "{path}/{ext}x", "{sha256}", "{sha256}-{name}", "{date}/{name}", "d/{n}/{name}",
         "{file}", "{stem}{ext}", "{stem}", "{n:06}", "{line:3}", "{sha256:2}/{file}", "{sha256:2}",
         "{stem}{type-ext}", "{host}/{file}{type-ext}"]
TABLE_FORMS = ["{col:id}", "{col:id}{ext}", "{col:tag}/{file}", "{col:tag}-{stem}{type-ext}", "{n}"]

# Paths that meet in some form: in their last part, as file and directory, in letters and codes, in
# the query, or with a file of haul's own.
PATHS = ["/x/a", "/y/a", "/z/a", "/x/A", "/x/%61", "/x/a/b", "/y/a/b", "/a", "/b", "/x/a.html",
         "/y/a.html", "/z/a.tar.gz", "/x/", "/y/", "/", "/x/a?q=1", "/y/a?q=1", "/y/a?q=2", "/1",
         "/2", "/x/3", "/x/.a", "/x/-a", "/x/a.1", "/y/a.1", "/x/a~0", "/o/run.jsonl", "/o/list.txt",
         "/o/conf.ini", "/o/out.jsonl", "/o/out.jsonl/sub", "/o/run.db", "/o/run.db-wal",
         "/o/failed.txt"]
WAYS = ["--resume", "--resume=force", "--skip-existing", "--skip-existing=whole",
        "--skip-existing=name"]
OUTS = ["a", "b", "x/a", "a/b", "run.jsonl", "out.jsonl", "./list.txt", "x/../a", "1"]
SIZES = [60, 60, 60, 60, 4000, 90000]


def body_of(url):
    """Only this URL has it, and it says so from its first byte to its last."""
    size = SIZES[hashlib.md5(url.encode()).digest()[0] % len(SIZES)]
    line = (url + "\n").encode()
    return (line * (size // len(line) + 1))[:max(size, len(line))]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        url = f"http://{self.headers['Host']}{self.path}"
        body, etag = body_of(url), '"' + hashlib.md5(url.encode()).hexdigest() + '"'
        with self.server.lock:
            mood = self.server.random.random()
        begin = 0
        if self.headers.get("Range") and self.headers.get("If-Range") in (None, etag):
            begin = int(self.headers["Range"].split("=")[1].split("-")[0])
        if mood < self.server.failing:
            self.answer(503 if mood < self.server.failing / 2 else 404, b"no\n", {})
        elif self.headers.get("If-None-Match") == etag or (
                "If-None-Match" not in self.headers and "If-Modified-Since" in self.headers):
            self.send_response(304)
            self.send_header("ETag", etag)
            self.end_headers()
        elif 0 < begin < len(body):
            self.answer(206, body[begin:], {
                "ETag": etag, "Content-Range": f"bytes {begin}-{len(body) - 1}/{len(body)}"})
        else:
            self.answer(200, body, {"ETag": etag, "Content-Type": "text/html"},
                        cut=mood > 1 - self.server.cutting)

    def answer(self, status, body, fields, cut=False):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Last-Modified", "Mon, 02 Jan 2023 03:04:05 GMT")
        for name, value in fields.items():
            self.send_header(name, value)
        self.end_headers()
        half = len(body) // 2
        self.wfile.write(body[:half])
        if self.server.slow:
            time.sleep(0.005)
        if cut:
            self.close_connection = True
        else:
            self.wfile.write(body[half:])

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    lock = threading.Lock()
    failing, cutting, slow = 0, 0, False

    def handle_error(self, *_):
        pass  # whoever was killed has closed its connection


class Broken(Exception):
    pass


def require(holds, *words):
    if not holds:
        raise Broken(" ".join(str(word) for word in words))


class Life:
    """A directory, its journal, and the list as it is at the moment."""

    tally = collections.Counter()  # of all lives
    whole = ("ok",)  # outcomes of rows that have their files

    def __init__(self, dice, haul, server, forms, table_forms, ways, has_tar):
        self.dice, self.haul, self.server = dice, haul, server
        self.forms, self.ways = forms, ways
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="haul-model."))
        self.room = self.top / "room"
        self.room.mkdir()
        self.dir = self.room if dice.random() < 0.5 else self.room / "files"
        self.entries = []  # (URL, mirrors, out or None); of a table: (URL, [], id and tag)
        self.is_table = bool(table_forms) and dice.random() < 0.25
        if self.is_table:
            self.forms = forms = table_forms
        self.archive = self.room / "x.tar" if has_tar and dice.random() < 0.2 else None
        self.form = dice.choice(forms)
        self.touched = set()
        self.journal = "run.jsonl"
        # A name is guarded in runs that use the file: so all of them do, or none.
        self.files = dice.choice([[], ["--history=run.db"], ["--save-failed=failed.txt"]])
        port = server.server_address[1]
        self.urls = [f"http://{host}:{port}{path}" for path in PATHS
                     for host in ("127.0.0.1", "localhost")]
        (self.top / "outside").write_text("outside")
        (self.room / "conf.ini").write_text("retry = 0\nhost-fail-limit = 0\n")
        self.edit()

    # ---- what happens between runs ----

    def new_entry(self):
        url, mirrors, out = self.dice.choice(self.urls), [], None
        if self.is_table:
            return url, mirrors, (self.dice.choice(["1", "2", "a", "A", "../a", ""]),
                                  self.dice.choice(["x", "y", "run.jsonl"]))
        if self.dice.random() < 0.15:
            mirrors = self.dice.sample(self.urls, self.dice.randint(1, 2))
        if self.dice.random() < 0.15:
            out = self.dice.choice(OUTS)
        return url, mirrors, out

    def edit(self):
        dice = self.dice
        for _ in range(dice.randint(1, 5)):
            self.entries.insert(dice.choice([0, 0, dice.randint(0, len(self.entries))]),
                                self.new_entry())
        if self.entries and dice.random() < 0.4:
            self.entries.pop(dice.randrange(len(self.entries)))
        if dice.random() < 0.4:
            dice.shuffle(self.entries)
        if self.is_table:
            lines = ["id,url,tag"] + [f"{cells[0]},{url},{cells[1]}"
                                      for url, _, cells in self.entries]
        else:
            lines = ["\t".join([url, *mirrors]) + (f"\n  out={out}" if out else "")
                     for url, mirrors, out in self.entries]
        (self.room / "list.txt").write_text("\n".join(lines) + "\n")

    def touch_by_hand(self):
        """Deletes a file of a URL, or gives it another size."""
        if self.archive:
            return
        saved = sorted(name for name in self.claims() if (self.dir / name).is_file())
        if not saved or self.dice.random() < 0.7:
            return
        name = self.dice.choice(saved)
        self.touched.add(name)
        if self.dice.random() < 0.5:
            (self.dir / name).unlink()
        else:
            (self.dir / name).write_text("by hand")

    # ---- a run ----

    def options(self):
        dice, options = self.dice, []
        if dice.random() < 0.3:
            self.form = dice.choice(self.forms)
        options += ["--name", self.form, "-j", str(dice.choice([1, 2, 4]))]
        options.append(dice.choice([way for way in self.ways
                                    if not self.archive or way.startswith("--resume")]))
        if self.is_table:
            options += ["--url-column", "url"]
        for option, chance in [("-C", 0.4), ("--unique", 0.3), ("--no-clobber", 0.15),
                               ("--retry-failed", 0.4), ("--hash=sha256", 0.2),
                               ("--no-mtime", 0.2)]:
            if self.archive and option in ("-C", "--no-clobber"):
                continue
            if dice.random() < chance and (option != "--retry-failed" or "--resume" in options):
                options.append(option)
        return options

    def run(self):
        """Returns the rows of the report, or None if it was killed."""
        options, is_killed = self.options() + self.files, self.dice.random() < 0.3
        wait = self.dice.random() ** 2 * 0.15
        self.server.failing = self.dice.choice([0, 0, 0.3])
        self.server.cutting = self.dice.choice([0, 0, 0.4])
        self.server.slow = is_killed
        into = (["--tar", "x.tar"] if self.archive
                else ["-d", os.path.relpath(self.dir, self.room)])
        self.command = [self.haul, "--no-config", "-K", "conf.ini", "-q", *into,
                        "-i", "list.txt", "--journal",
                        self.journal, "--report", "jsonl:out.jsonl", "-o", "-", "--sync", "none",
                        "--order", "input", *options]
        with subprocess.Popen(self.command, cwd=self.room, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True) as process:
            if is_killed:
                time.sleep(wait)
                process.send_signal(signal.SIGKILL)
            said = process.communicate()[1]
        if process.returncode == -signal.SIGKILL:
            self.tally["killed"] += 1
            return None
        require(process.returncode in (0, 1, 75), "status", process.returncode, said)
        return self.read_lines("out.jsonl")

    # ---- what must hold ----

    def read_lines(self, name):
        lines = (self.room / name).read_text().split("\n")
        require(not lines[-1], name, "ends in no newline")
        return [json.loads(line) for line in lines[:-1]]

    def records(self):
        path = self.room / self.journal
        if not path.exists():
            return []
        lines = path.read_bytes().split(b"\n")[:-1]  # a last one may be torn
        records = [json.loads(line) for line in lines]
        require(not records or "journal" in records[0], "the journal has no header")
        return [record for record in records if "key" in record]

    def claims(self):
        """Each name that the journal has ever had: its last record."""
        return {record["filename_effective"]: record for record in self.records()
                if record.get("filename_effective")}

    @staticmethod
    def is_by_content(row):
        return bool(row.get("sha256")) and row["sha256"] in row["filename_effective"]

    def members(self):
        """What would be extracted; of a torn archive, what comes before the tear."""
        found = {}
        if not self.archive.exists():
            return found
        try:
            with tarfile.open(self.archive) as archive:
                for member in archive:
                    body = archive.extractfile(member).read()
                    if len(body) == member.size:
                        found[member.name] = body
        except (tarfile.ReadError, EOFError):
            pass
        return found

    def read_saved(self, name):
        """A file or a member; None: it is not there."""
        if self.archive:
            return self.saved.get(name)
        path = self.dir / name
        return path.read_bytes() if path.is_file() and not path.is_symlink() else None

    def check_file(self, row):
        name, url = row["filename_effective"], row["url"]
        found = self.read_saved(name)
        require(found is not None, "no file", name, "of", url)
        bodies = {body_of(url)}
        for entry, mirrors, _ in self.ever:
            if entry == url:
                bodies |= {body_of(mirror) for mirror in mirrors}
        require(found in bodies, name, "is not", url, "but", found[:80])

    def check_rows(self, rows):
        owner = {}
        require(len(rows) == len(self.entries), len(rows), "rows of", len(self.entries))
        for row in rows:
            name = row["filename_effective"]
            self.tally[row["outcome"]] += 1
            if row["outcome"] in self.whole:
                self.check_file(row)
                self.touched.discard(name)
            if name and not self.is_by_content(row):
                require(owner.setdefault(name, row["url"]) == row["url"], name, "is of",
                        owner[name], "and of", row["url"])

    def check_journal(self):
        owner = {}
        for record in self.records():
            name = record.get("filename_effective")
            if name and not self.is_by_content(record):
                require(owner.setdefault(name, record["url"]) == record["url"], name, "was of",
                        owner[name], "and is of", record["url"])
        for name, record in self.claims().items():
            if record["outcome"] == "ok" and name not in self.touched:
                self.check_file(record)

    def check_surroundings(self, before):
        require(self.look() == before, "something that is nobody's has changed:",
                set(self.look().items()) ^ set(before.items()))
        for option in self.files:
            path = self.room / option.split("=")[1]
            begin = path.read_bytes()[:7] if path.exists() else b""
            begins = b"id,url," if self.is_table else b"# "
            require(begin in (b"", b"SQLite ") or begin.startswith(begins), path, "is", begin)

    def look(self):
        """What no run may touch, with what is in it."""
        found = {str(self.top / "outside"), str(self.room / "conf.ini"),
                 str(self.room / "list.txt")}
        found |= {str(path) for path in self.top.iterdir() if path != self.room}
        if self.dir != self.room:
            own = ("night-", "run.jsonl", "out.jsonl", "run.db", "failed.txt", "files", "x.tar")
            found |= {str(path) for path in self.room.iterdir()
                      if not path.name.startswith((*own, ".out.jsonl", ".failed.txt"))}
        return {path: open(path, "rb").read() for path in found}

    def step(self):
        before = self.look()
        rows = self.run()
        if self.archive:
            self.saved = self.members()
        self.check_journal()
        if rows is not None:
            self.check_rows(rows)
        self.check_surroundings(before)

    def live(self, runs):
        """Returns what did not hold, or None."""
        self.ever = []
        try:
            for number in range(runs):
                if number:
                    self.edit()
                    self.touch_by_hand()
                self.ever += self.entries
                self.step()
        except (Broken, ValueError) as broken:  # or what should be JSON is none
            return broken
        return None


class Nights(Life):
    """Every run has a journal of its own, and asks what has changed since an earlier one, or what
    a history has. Names may be another URL's every time."""

    whole = ("ok", "unchanged")

    def __init__(self, *given):
        super().__init__(*given)
        self.files = self.dice.choice([[], ["--history=run.db"]])
        self.number = 0

    def options(self):
        dice, options = self.dice, []
        earlier = [f"night-{i}.jsonl" for i in range(self.number)]
        earlier = [name for name in earlier if (self.room / name).exists()
                   and b'{"key"' in (self.room / name).read_bytes()]
        self.journal, self.number = f"night-{self.number}.jsonl", self.number + 1
        if dice.random() < 0.15:
            self.form = dice.choice(self.forms)
        if earlier and (not self.files or dice.random() < 0.5):
            options += ["--since", dice.choice(earlier[-3:])]
        if options or self.files:
            options += dice.choice([["--etags"], ["-N"], ["--etags", "-N"]])
        for option, chance in [("-C", 0.2), ("--hash=md5", 0.3), ("--no-mtime", 0.2)]:
            if dice.random() < chance:
                options.append(option)
        return ["--name", self.form, "-j", str(dice.choice([1, 2, 4])), *options]

    def check_file(self, row):
        """What a history has cannot tell two ways to escape a path apart, in one name."""
        try:
            super().check_file(row)
        except Broken:
            path = self.dir / row["filename_effective"]
            twins = {body_of(url) for url in self.urls
                     if urllib.parse.unquote(url) == urllib.parse.unquote(row["url"])}
            if row["outcome"] == "ok" or not path.is_file() or path.read_bytes() not in twins:
                raise


def known(haul, options, into=("-d", "x")):
    """Those that this haul knows."""
    call = [haul, "--no-config", "-q", "--dry-run", *into, "--journal", "x", "http://h/"]
    return [option for option in options
            if subprocess.run([*call, option], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, check=False).returncode != 2]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("haul")
    parser.add_argument("--runs", type=int, default=240)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--keep", action="store_true")
    given = parser.parse_args()
    haul, dice = os.path.abspath(given.haul), random.Random(given.seed)
    server = Server(("127.0.0.1", 0), Handler)
    server.random = random.Random(given.seed + 1)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    forms = [option[7:] for option in known(haul, ["--name=" + form for form in FORMS])]
    table_forms = [option[7:] for option in known(haul, ["--name=" + f for f in TABLE_FORMS])]
    ways, left = known(haul, WAYS), given.runs
    has_tar = bool(known(haul, ["--tar=/nowhere/x.tar"], into=()))
    print(f"seed {given.seed}, {left} runs, {len({*forms, *table_forms})} forms of names", flush=True)
    while left > 0:
        runs = min(left, dice.randint(2, 9))
        left -= runs
        chance = random.Random(dice.randrange(1 << 32))
        if dice.random() < 0.2:
            life = Nights(chance, haul, server, forms, (), ways, False)
        else:
            life = Life(chance, haul, server, forms, table_forms, ways, has_tar)
        broken = life.live(runs)
        if not (broken and given.keep):
            shutil.rmtree(life.top)
        if broken:
            print(f"seed {given.seed}, within {given.runs - left} runs: {broken}\n"
                  f"in {life.room}: {' '.join(life.command)}")
            return 1
    print("all of it held:", ", ".join(f"{n} {what}" for what, n in sorted(Life.tally.items())))
    return 0


sys.exit(main())
