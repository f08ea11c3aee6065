"""Whether README's table of attacks says no more than the tests have just shown.

usage: attacks.py TESTLOG.json README.md
       attacks.py --self-test

The table has a row for each kind of attack: the kind, the test programs that try it, and how many
cases they are. Each program must have run, and together they must have passed at least so many.
"""

import json
import re
import sys

import tally

BEGIN = "<!-- attacks -->"
END = "<!-- end of attacks -->"


def cases_of(log):
    """Name of a test program -> its cases that passed. Some names are both a unit and an
    integration test's: their cases are added up."""
    passed = {}
    for test in map(json.loads, log):
        name = test["name"].rsplit(" / ", 1)[-1]
        passed[name] = passed.get(name, 0) + tally.count(test)[0]
    return passed


def rows_of(text):
    """(kind, names of programs, cases that are claimed) of each row."""
    table = text.partition(BEGIN)[2].partition(END)[0]
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 3 and cells[2].replace(",", "").isdigit():
            yield cells[0], re.findall(r"`([^`]+)`", cells[1]), int(cells[2].replace(",", ""))


def complaints(passed, text):
    rows = list(rows_of(text))
    if not rows:
        yield "README has no table of attacks"
    for kind, names, claimed in rows:
        unknown = [name for name in names if name not in passed]
        held = sum(passed.get(name, 0) for name in names)
        if unknown or not names:
            yield f"{kind}: no such test has run: {', '.join(unknown)}"
        elif claimed > held:
            yield f"{kind}: {claimed} cases are claimed, {held} have passed"


def self_test():
    passed = {"a": 3, "b": 2}
    row = BEGIN + "\n| kind | tests | cases |\n|---|---|---:|\n| x | {} | {} |\n" + END
    assert not list(complaints(passed, row.format("`a`, `b`", 5)))
    assert not list(complaints({"a": 1234}, row.format("`a`", "1,234")))
    for names, claimed in (("`a`, `b`", 6), ("`a`, `c`", 1), ("a", 1), ("`b`", "1,000")):
        assert list(complaints(passed, row.format(names, claimed)))
    assert list(complaints(passed, "no table"))


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        return 0
    with open(sys.argv[1], encoding="utf-8", errors="replace") as log:
        passed = cases_of(log)
    with open(sys.argv[2], encoding="utf-8") as readme:
        found = list(complaints(passed, readme.read()))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
