"""Whether README's tables of cases say no more than the tests have just shown.

usage: claims.py TESTLOG.json README.md
       claims.py --self-test

A table stands between `<!-- cases of NAME -->` and `<!-- end of cases -->`. Each row is a kind of
thing that is tried, the test programs that try it, and how many cases they are: every program must
have run, and together they must have passed at least so many.

Prints what is claimed falsely, and exits with 1; or else each table with the cases that passed.
"""

import json
import re
import sys

import tally

TABLE = re.compile(r"<!-- cases of ([^>]+) -->\n(.*?)<!-- end of cases -->", re.DOTALL)
EXPECTED = {"attacks", "the web as it is"}


def cases_of(log):
    """Name of a test program -> its cases that passed. Some names are both a unit and an
    integration test's: their cases are added up."""
    passed = {}
    for test in map(json.loads, log):
        name = test["name"].rsplit(" / ", 1)[-1]
        passed[name] = passed.get(name, 0) + tally.count(test)[0]
    return passed


def rows_of(table):
    """(kind, names of programs, cases that are claimed) of each row."""
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 3 and cells[2].replace(",", "").isdigit():
            yield cells[0], re.findall(r"`([^`]+)`", cells[1]), int(cells[2].replace(",", ""))


def tables_of(text):
    return {name: list(rows_of(table)) for name, table in TABLE.findall(text)}


def complaints(passed, tables):
    for name in sorted(EXPECTED | set(tables)):
        if not tables.get(name):
            yield f"README has no table with rows of {name}"
        for kind, programs, claimed in tables.get(name, []):
            unknown = [program for program in programs if program not in passed]
            held = sum(passed.get(program, 0) for program in programs)
            if unknown or not programs:
                yield f"{kind}: no such test has run: {', '.join(unknown)}"
            elif claimed > held:
                yield f"{kind}: {claimed} cases are claimed, {held} have passed"


def summary(passed, tables):
    for name, rows in tables.items():
        yield f"{name}:"
        for kind, programs, _ in rows:
            held = sum(passed[program] for program in programs)
            yield f"{held:7d}  {kind.partition(':')[0]}"


def self_test():
    passed = {"a": 3, "b": 2}

    def found(names, claimed, tables=tuple(EXPECTED)):
        row = f"| kind | tests | cases |\n|---|---|---:|\n| x: y | {names} | {claimed} |\n"
        text = "".join(f"<!-- cases of {name} -->\n{row}<!-- end of cases -->\n" for name in tables)
        return list(complaints(passed, tables_of(text)))

    assert not found("`a`, `b`", 5)
    assert not found("`a`", "3")
    for names, claimed in (("`a`, `b`", 6), ("`a`, `c`", 1), ("a", 1), ("`b`", "1,000"), ("`a`", "x")):
        assert len(found(names, claimed)) == len(EXPECTED)
    for name in EXPECTED:
        assert len(found("`a`", 1, (name,))) == len(EXPECTED) - 1
    assert found("`a`", 1, ("attacks", "the web as it is", "more")) == []
    assert list(summary(passed, {"n": [("x: y", ["a", "b"], 1)]})) == ["n:", "      5  x"]


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        return 0
    with open(sys.argv[1], encoding="utf-8", errors="replace") as log:
        passed = cases_of(log)
    with open(sys.argv[2], encoding="utf-8") as readme:
        tables = tables_of(readme.read())
    found = list(complaints(passed, tables))
    print("\n".join(found or summary(passed, tables)))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
