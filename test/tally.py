"""Counts what a `meson test` run has found, one case at a time.

usage: tally.py TESTLOG.json

Prints "PASSED FAILED" on the first line, then what failed. A program that speaks TAP counts as its
cases, any other as one. Whatever did not pass has failed: what was skipped, what ran out of time,
and a program that ended badly though each of its cases passed.
"""

import json
import re
import sys

CASE = re.compile(r"^(not )?ok\b[ \d-]*(.*)$", re.MULTILINE)
SKIPPED = re.compile(r"#\s*(skip|todo)", re.IGNORECASE)
TAIL_LINES = 30


def count(test):
    """How many cases passed, and a text for each that did not."""
    cases = CASE.findall(test.get("stdout", ""))
    failures = [text for not_ok, text in cases if not_ok or SKIPPED.search(text)]
    passed = len(cases) - len(failures)
    if test["result"] == "TIMEOUT" or (test["result"] != "OK" and not failures):
        failures += [f"{test['result']}, status {test['returncode']}"]
    elif test["result"] == "OK" and not cases:
        passed = 1
    return passed, failures


def tail(test):
    stdout = test.get("stdout", "")
    output = test.get("stderr") or ("" if CASE.search(stdout) else stdout)
    return [line for line in output.splitlines() if line.strip()][-TAIL_LINES:]


def main():
    passed, failed, report = 0, 0, []
    with open(sys.argv[1], encoding="utf-8", errors="replace") as log:
        for test in map(json.loads, log):
            more, failures = count(test)
            passed += more
            failed += len(failures)
            report += [f"  {test['name']}: {text}" for text in failures]
            report += ["    | " + line for line in tail(test)] if failures else []
    print(passed, failed)
    print("\n".join(report))


if __name__ == "__main__":
    main()
