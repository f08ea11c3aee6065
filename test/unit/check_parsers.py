"""Reads back, with Python's own parsers, what the report wrote.

usage: check_parsers.py FORMAT FILE ORIGINALS

FORMAT is csv, tsv, jsonl or html. ORIGINALS holds one hostile text per line, in hexadecimal; each
was the URL, the error message, the content type, the ETag and the attached column "a" of one record
(in html: a paragraph and its title). Exits with 1 and a message at the first difference.
"""

import csv
import html.parser
import json
import re
import sys

# What base/escape.h calls not plain: controls, separators, format characters, noncharacters.
HIDDEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u115f\u1160\u17b4\u17b5"
    r"\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufdd0-\ufdef\ufeff\uffa0"
    r"\ufff0-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e0fff]")
COLUMNS = ("url", "errormsg", "content_type", "etag")


def fail(message):
    sys.exit("check_parsers: " + message)


def unescape(text):
    """The bytes behind \\t \\n \\r \\\\ and \\xNN."""
    def one(match):
        code = match.group(1)
        simple = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}
        return simple[code] if code in simple else chr(0xdc00 + int(code[1:], 16))
    plain = re.sub(r"\\(x[0-9a-f]{2}|[tnr\\])", one, text)
    return b"".join(bytes([ord(c) - 0xdc00]) if 0xdc00 <= ord(c) < 0xdd00 else c.encode()
                    for c in plain)


def same(where, got, wanted):
    if got != wanted:
        fail(f"{where}: got {got!r}, wanted {wanted!r}")


FORMULA = re.compile(r"'* *[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]")


def as_hex(text, keep=""):
    """What is hidden, as \\xNN: a form that cannot be told from these characters themselves."""
    return HIDDEN.sub(lambda match: "".join(
        c if c in keep else "".join(f"\\x{b:02x}" for b in c.encode()) for c in match.group()),
        text)


def as_csv_cell(original):
    text = as_hex(original.decode("utf-8", "backslashreplace"), "\t\r\n")
    return "'" + text if FORMULA.match(text) else text


def check_attached(where, text, original):
    same(where, json.loads(text), {"a": original.decode("utf-8", "backslashreplace"), "b": ""})


def check_csv(path, originals):
    with open(path, encoding="utf-8", newline="") as file:
        if HIDDEN.search(re.sub(r"[\t\r\n]", "", file.read())):
            fail("a hidden character got through")
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, strict=True))
    same("rows", len(rows), len(originals) + 1)
    for number, (row, original) in enumerate(zip(rows[1:], originals), 1):
        same(f"row {number}: cells", len(row), len(rows[0]))
        cell = dict(zip(rows[0], row))
        for name in COLUMNS:
            same(f"row {number}: {name}", cell[name], as_csv_cell(original))
        check_attached(f"row {number}: attached", cell["attached"], original)


def check_tsv(path, originals):
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    same("line ends of any kind", len(text.splitlines()), text.count("\n"))
    if HIDDEN.search(text.replace("\n", "").replace("\t", "")):
        fail("a hidden character got through")
    rows = [line.split("\t") for line in text.splitlines()]
    same("rows", len(rows), len(originals) + 1)
    for number, (row, original) in enumerate(zip(rows[1:], originals), 1):
        same(f"row {number}: cells", len(row), len(rows[0]))
        cell = dict(zip(rows[0], row))
        for name in COLUMNS:
            same(f"row {number}: {name}", unescape(cell[name]), original)
        check_attached(f"row {number}: attached", unescape(cell["attached"]), original)


def no_constant(name):
    fail("not JSON: " + name)


def no_duplicates(pairs):
    same("keys", len(dict(pairs)), len(pairs))
    return dict(pairs)


def check_jsonl(path, originals):
    with open(path, encoding="utf-8", newline="") as file:
        lines = file.read().splitlines()
    same("lines", len(lines), len(originals))
    for number, (line, original) in enumerate(zip(lines, originals), 1):
        row = json.loads(line, parse_constant=no_constant, object_pairs_hook=no_duplicates)
        if HIDDEN.search(line):
            fail(f"line {number}: a hidden character got through")
        for name in COLUMNS:
            same(f"line {number}: {name}", row[name], original.decode("utf-8", "backslashreplace"))
        check_attached(f"line {number}: attached", json.dumps(row["attached"]), original)


class Page(html.parser.HTMLParser):
    """Collects text and titles, and refuses every element but p."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.texts, self.titles = [], []

    def handle_starttag(self, tag, attrs):
        same("element", tag, "p")
        same("attributes", [name for name, _ in attrs], ["title"])
        self.titles.append(attrs[0][1])
        self.texts.append("")

    def handle_data(self, data):
        if self.texts and data != "\n":
            self.texts[-1] += data


def as_shown(original):
    return as_hex(original.decode("utf-8", "backslashreplace"))


def check_html(path, originals):
    page = Page()
    with open(path, encoding="utf-8", newline="") as file:
        page.feed(file.read())
    page.close()
    same("paragraphs", len(page.texts), len(originals))
    for number, original in enumerate(originals):
        same(f"text {number}", page.texts[number], as_shown(original))
        same(f"title {number}", page.titles[number], as_shown(original))


def main():
    form, path, originals_path = sys.argv[1:]
    with open(originals_path, encoding="ascii") as file:
        originals = [bytes.fromhex(line) for line in file]
    if not originals:
        fail("nothing to check")
    checks = {"csv": check_csv, "tsv": check_tsv, "jsonl": check_jsonl, "html": check_html}
    checks[form](path, originals)


main()
