#!/usr/bin/env python3
"""Checks the house: who includes whom, and how large things are.

usage: test/house.py [TREE]                    checks a tree, by default the one that this file is in
       test/house.py --self-test               breaks each rule on purpose
       test/house.py --figures [REVISION]      prints figures of the working tree or of a revision

A violation is a line FILE:LINE: RULE on standard output, and status 1.
"""

import pathlib
import re
import sys
import tempfile

# From the top of the house to the ground. A room may include itself and the rooms named behind it,
# all of which stand below it in this table: so no circle between rooms is possible.
ROOMS = {
    "main": "command cli transfer base include",
    "command": "cli engine render report summary history transfer journal input sink model base include",
    "engine": "render report summary spill history transfer journal input sink http model base include",
    "cli": "input sink http model base include",
    "render": "summary history base include",
    "report": "model base include",
    "summary": "history model base include",
    "spill": "history model base include",
    "history": "journal model base include",
    "transfer": "sink input wire http model base include",
    "wire": "http model base include",
    "journal": "input model base include",  # packed journals are unpacked as lists are
    "sink": "http model base include",
    "input": "http model base include",
    "http": "model base include",
    "model": "base include",
    "base": "include",
    "include": "",
}

# Which rooms and files may include a library's headers.
LIBRARIES = {
    "brotli/decode.h": "sink",
    "curl/curl.h": "wire input/url input/url_reader",  # input has the URL API only
    "expat.h": "input",
    "idn2.h": "input/host",
    "jansson.h": "journal",
    "libdeflate.h": "sink/packer sink/press",
    "libpsl.h": "http/public_suffix",
    "lzma.h": "input/unpack_xz",
    "nghttp2/nghttp2.h": "wire/h2 wire/h2_answer wire/h2_inside wire/h2_request wire/common",
    "openssl/evp.h": "base/base64 model/key sink/digest",
    "openssl/ssl.h": "wire/tls",
    "pthread.h": "engine/trial",
    "seccomp.h": "base/callfilter",
    "sodium.h": "base/hash model/key",
    "sqlite3.h": "history spill summary command/text_table",
    "uv.h": "engine main transfer/line wire/hosts wire/meters journal/syncer",
    "zlib.h": "sink input/unpack_gzip journal/line_inside",
    "zstd.h": "base/unzstd",
    "zstd_errors.h": "base/unzstd",
}
SYSTEM = """arpa/inet assert ctype dirent errno fcntl iconv inttypes langinfo limits link
    linux/capability linux/filter linux/magic linux/openat2 linux/seccomp linux/sockios linux/tcp
    locale malloc math net/if netinet/in poll regex sched signal stdarg stdatomic
    stdbool stddef stdint stdio stdlib string strings sys/auxv sys/eventfd sys/file sys/ioctl
    sys/mman sys/prctl sys/random sys/resource sys/socket sys/stat sys/statfs sys/statvfs
    sys/syscall sys/sysmacros sys/types sys/wait time unistd""".split()

FILE_MAX, FUNCTION_MAX, WIDTH_MAX = 600, 70, 100

INCLUDE = re.compile(r'#\s*include\s*([<"])([^>"]+)[>"]')


def files_of(top, *folders):
    """The C files of some folders, with their lines, by their path from the top."""
    paths = [p for folder in folders for p in (top / folder).rglob("*.[ch]")]
    return {str(p.relative_to(top)): p.read_text().splitlines() for p in sorted(paths)}


def room_of(path):
    parts = path.split("/")
    return parts[0] if parts[0] == "include" else parts[1] if len(parts) > 2 else "main"


def node_of(path):
    """A file and its header are one: "room/name"."""
    return path.split("/", 1)[1].rsplit(".", 1)[0]


def includes_of(lines):
    for number, line in enumerate(lines, 1):
        found = INCLUDE.match(line)
        if found:
            yield number, found[1] == "<", found[2]


def functions_of(lines):
    """(line, name, lines, whether others see it) of each function, as clang-format lays them out."""
    begin = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            begin = number
            while begin > 1 and re.search(r"[\w,)(*]$", lines[begin - 2]) and lines[begin - 2][0] != "#":
                begin -= 1
        elif line.startswith("}") and begin:
            head = " ".join(lines[begin - 1 : number])
            name = re.search(r"(\w+)\(", head)
            yield begin, name[1] if name else "?", number - begin + 1, not head.startswith("static")
            begin = None


def check_system_include(path, header):
    allowed = LIBRARIES.get(header)
    if allowed is None:
        if header.removesuffix(".h") not in SYSTEM:
            yield f"<{header}> is in no table of test/house.py"
    elif not {room_of(path), node_of(path)} & set(allowed.split()):
        yield f"<{header}> may be included by {', '.join(allowed.split())} only"


def check_includes(files):
    for path, lines in files.items():
        room = room_of(path)
        if room not in ROOMS:
            yield path, 1, f"room {room} is in no table of test/house.py"
            continue
        for number, is_system, header in includes_of(lines):
            other = "include" if header.startswith("haul/") else header.split("/")[0]
            if is_system:
                for message in check_system_include(path, header):
                    yield path, number, message
            elif f"src/{header}" not in files and f"include/{header}" not in files:
                yield path, number, f"{header} is not named from the top of src or include"
            elif other != room and other not in ROOMS[room].split():
                yield path, number, f"{room} may not include {other} ({header})"


def check_circles(files):
    """One message for each include that closes a circle, found by a walk in depth."""
    edges, nodes = {}, {node_of(path) for path in files}

    def module(path):
        """A file NAME_PART is a part of NAME, if that is in the room: they may know each other."""
        words = node_of(path).split("_")
        names = ("_".join(words[:count]) for count in range(1, len(words)))
        return next((name for name in names if name in nodes), node_of(path))

    for path, lines in files.items():
        for number, is_system, header in includes_of(lines):
            if not is_system and module("src/" + header) != module(path):
                edges.setdefault(module(path), []).append((module("src/" + header), path, number))
    done, way = set(), []

    def walk(node):
        way.append(node)
        for other, path, number in edges.get(node, []):
            if other in way:
                yield path, number, "circle: " + " -> ".join(way[way.index(other) :] + [other])
            elif other not in done:
                yield from walk(other)
        done.add(way.pop())

    for node in sorted(edges):
        if node not in done:
            yield from walk(node)


def check_sizes(path, lines):
    if len(lines) > FILE_MAX:
        yield path, FILE_MAX + 1, f"{len(lines)} lines, {FILE_MAX} at most"
    for number, line in enumerate(lines, 1):
        if len(line) > WIDTH_MAX:
            yield path, number, f"{len(line)} columns, {WIDTH_MAX} at most"
    for number, name, count, _ in functions_of(lines):
        if count > FUNCTION_MAX:
            yield path, number, f"{name} has {count} lines, {FUNCTION_MAX} at most"


def check_table():
    seen = set()
    for room, below in reversed(ROOMS.items()):
        for other in set(below.split()) - seen:
            yield "test/house.py", 1, f"{room} may include {other}, which does not stand below it"
        seen.add(room)


def check(top):
    house = files_of(top, "src", "include")
    found = [*check_table(), *check_includes(house), *check_circles(house)]
    for path, lines in {**house, **files_of(top, "test")}.items():
        found += check_sizes(path, lines)
    return [f"{path}:{number}: {message}" for path, number, message in sorted(found)]


# ---- self-test ----

LONG = ["static int f(int a,", "             int b)", "{"] + ["    a++;"] * 66 + ["    return a;", "}"]
GOOD = {
    "include/haul/err.h": [],
    "src/base/buf.h": ["#include <stdint.h>", '#include "haul/err.h"'],
    "src/base/buf.c": ['#include "base/buf.h"', "", *LONG[:3], *LONG[4:]],
    "src/model/job.c": ["x" * 100, '#include "base/buf.h"', *["int x;"] * 598],
    "test/unit/test_buf.c": ["int x;"] * 600,
}
BAD = {  # what is changed: what is said then
    "upward": ({"src/base/buf.c": ['#include "model/job.h"'], "src/model/job.h": [],
                "src/model/job.c": []},
               "src/base/buf.c:1: base may not include model (model/job.h)"),
    "beside": ({"src/render/a.c": ['#include "report/b.h"'], "src/report/b.h": []},
               "src/render/a.c:1: render may not include report (report/b.h)"),
    "public header": ({"include/haul/err.h": ['#include "base/buf.h"'], "src/base/buf.h": []},
                      "include/haul/err.h:1: include may not include base (base/buf.h)"),
    "no such header": ({"src/base/buf.c": ['#include "buf.h"']},
                       "src/base/buf.c:1: buf.h is not named from the top of src or include"),
    "new room": ({"src/attic/a.c": []}, "src/attic/a.c:1: room attic is in no table of test/house.py"),
    "library": ({"src/input/list.c": ["", "#include <curl/curl.h>"], "src/input/url.c": ["#include <curl/curl.h>"]},
                "src/input/list.c:2: <curl/curl.h> may be included by wire, input/url, input/url_reader only"),
    "new library": ({"src/base/buf.c": ["#include <glib.h>"]},
                    "src/base/buf.c:1: <glib.h> is in no table of test/house.py"),
    "circle": ({"src/base/a.h": [], "src/base/b.h": [], "src/base/a.c": ['#include "base/b.h"'],
                "src/base/b.c": ['#include "base/b.h"', '#include "base/a.h"']},
               "src/base/b.c:2: circle: base/a -> base/b -> base/a"),
    "large file": ({"src/base/buf.c": ["int x;"] * 601}, "src/base/buf.c:601: 601 lines, 600 at most"),
    "large test": ({"test/server/a.c": ["int x;"] * 601}, "test/server/a.c:601: 601 lines, 600 at most"),
    "large header of a test": ({"test/a.h": ["int x;"] * 601}, "test/a.h:601: 601 lines, 600 at most"),
    "wide line": ({"test/a.h": ["", "/* " + "é" * 98 + " */"]}, "test/a.h:2: 104 columns, 100 at most"),
    "long function": ({"src/base/buf.c": ["", *LONG]}, "src/base/buf.c:2: f has 71 lines, 70 at most"),
}


def said_of(tree):
    with tempfile.TemporaryDirectory() as top:
        for path, lines in tree.items():
            file = pathlib.Path(top, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("\n".join(lines) + "\n")
        return check(pathlib.Path(top))


def self_test():
    cases = {"good": ({}, None), **BAD}
    wrong = []
    for title, (changes, expected) in cases.items():
        said = said_of({**GOOD, **changes})
        if said != [expected] * (expected is not None):
            wrong.append(f"{title}: expected {expected}, found {said}")
    ROOMS["base"] += " model"
    if "base may include model, which does not stand below it" not in str(said_of(GOOD)):
        wrong.append("a table with a circle is not found")
    return wrong


def main(arguments):
    top = pathlib.Path(__file__).resolve().parent.parent
    if arguments[:1] == ["--figures"]:
        import house_figures  # stands beside this file

        return house_figures.show(top, *arguments[1:])
    found = self_test() if arguments == ["--self-test"] else check(pathlib.Path(*arguments[:1] or [top]))
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
