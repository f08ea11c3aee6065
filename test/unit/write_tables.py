"""Writes tables of hostile cells with Python's own csv and json modules.

usage: write_tables.py FORM FILE ORIGINALS

FORM is one of FORMS below. FILE gets a table with the columns url, a and b; ORIGINALS one line a
row, with what stands in them, in hexadecimal. A row that holds a NUL is told as "-": text of C can
hold none.
"""

import csv
import json
import random
import sys

HOSTILE = (
    "", " ", " a ", "'", "'=1", "=1+1", "-1", "@x", "\t", "\r", "\n", "\r\n", "a\nb", "a\r\nb", "a,b",
    "a;b", "a\tb", '"', '""', '"a"', 'a"b,c\n', "\\", "\\n", "\\x41", "\\\\", "{", "[", "null", "#",
    "\x1b[31m", "\x7f", "\x01", "\ufeff", "\ufeffx", "\u2028", "\x85", "\xfc\u65e5\U0001f600", "\u202egpj",
    "\U0010ffff", "\ufffe", "%s%n", "{\"a\":1}", "/", "\b\f", "a\0b")

FORMS = {
    "csv": ("utf-8", {}), "csv-bom": ("utf-8-sig", {}), "csv-utf16": ("utf-16", {}),
    "csv-unix": ("utf-8", {"dialect": "unix"}), "tsv": ("utf-8", {"dialect": "excel-tab"}),
    "semicolon": ("utf-8", {"delimiter": ";"}), "jsonl": ("utf-8", {"ensure_ascii": True}),
    "jsonl-plain": ("utf-8", {"ensure_ascii": False}),
    "jsonl-utf16": ("utf-16", {"ensure_ascii": False, "separators": (",", ":")})}


def make_rows():
    rng = random.Random(15)
    cells = list(HOSTILE)
    special = "\\\"',;=\t\r\n x\xfc\u2028\U0001f600{}[]:"
    for _ in range(2000):
        cells.append("".join(rng.choice(special) if rng.random() < 0.6
                             else chr(rng.choice((rng.randrange(1, 256), rng.randrange(1, 0xd800),
                                                  rng.randrange(0x10000, 0x110000))))
                             for _ in range(rng.randrange(12))))
    return [(f"http://host/{number}?q=\xfc,;x", cell, cells[-1 - number])
            for number, cell in enumerate(cells)]


def main():
    form, path, originals = sys.argv[1:]
    encoding, options = FORMS[form]
    rows = make_rows()
    with open(path, "w", encoding=encoding, newline="") as file:
        if form.startswith("jsonl"):
            for url, a, b in rows:
                file.write(json.dumps({"url": url, "a": a, "b": b}, **options) + "\n")
        else:
            writer = csv.writer(file, **options)
            writer.writerow(("url", "a", "b"))
            writer.writerows(rows)
    with open(originals, "w", encoding="ascii") as file:
        for row in rows:
            has_nul = any("\0" in cell for cell in row)
            file.write("-\n" if has_nul else ",".join(c.encode().hex() for c in row) + "\n")


main()
