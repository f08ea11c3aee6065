"""Opens the HTML report of a real run in a browser.

usage: look.py REPORT ROWS TEXT...

Complains unless the report has so many rows of URLs and each of the texts, can be sorted, asks the
network for nothing, logs nothing, is small, and fits a phone. HAUL_PICTURES=DIR leaves pictures.
"""

import os
import sys

from browser import Browser

SIZE_MAX = 3_000_000
CHARTS = 4  # tree, histogram, timeline, trend
COLUMN = """Array.from(document.querySelectorAll("#urls-table tbody tr"))
.map((row) => row.cells[%d].textContent)"""
CLICK = 'document.querySelector("#urls-table th[data-key=%s] button").click()'
VISIBLE = 'Array.from(document.querySelectorAll("figure svg")).filter((e) => e.checkVisibility())'
OUTSIDE = VISIBLE + """.flatMap((e) => {
  const box = e.getBoundingClientRect();
  return Array.from(e.querySelectorAll("text")).filter((t) => {
    const r = t.getBoundingClientRect();
    return r.left < box.left - 1 || r.right > box.right + 1 || r.bottom > box.bottom + 1;
  }).map((t) => t.textContent);
})"""


def same(what, got, wanted):
    assert got == wanted, f"{what}: got {got!r}, wanted {wanted!r}"


def look(browser, path, width, scheme):
    """Loads it, and takes a picture if that is wanted."""
    url = "file://" + os.path.abspath(path)
    browser.show(width, 900, scheme)
    browser.open(url)
    same("console", browser.console, [])
    same("requests", [seen for seen in browser.requests if seen not in (url, "about:blank")], [])
    assert browser.run("document.documentElement.scrollWidth") <= width, "too wide"
    same("charts", browser.run(VISIBLE + ".length"), CHARTS)
    same("texts outside of their charts", browser.run(OUTSIDE), [])
    if "HAUL_PICTURES" in os.environ:
        name = f"{os.path.basename(path)}-{width}-{scheme}.png"
        browser.picture(os.path.join(os.environ["HAUL_PICTURES"], name))


def sizes(browser):
    texts = [text.replace(",", "") for text in browser.run(COLUMN % 3)]
    return [int(text) for text in texts if text.isdigit()]


def sort(browser, rows):
    """Sizes come sorted, and the other way round after a click; URLs by theirs."""
    before = sizes(browser)
    same("rows", len(browser.run(COLUMN % 0)), rows)
    assert len(set(before)) > 100, "hardly any sizes"
    same("at first", before, sorted(before, reverse=True))
    browser.run(CLICK % "size")
    same("after a click", sizes(browser), sorted(before))
    browser.run(CLICK % "url")
    urls = browser.run(COLUMN % 0)
    same("URLs", urls, sorted(urls))


def main():
    path, rows, texts = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    assert os.path.getsize(path) < SIZE_MAX, "too large"
    with Browser() as browser:
        for width, scheme in ((390, "light"), (1180, "dark"), (1180, "light")):
            look(browser, path, width, scheme)
        shown = browser.run("document.body.innerText")
        for text in texts:
            assert text in shown, f"{text!r} is not in the report"
        sort(browser, rows)


main()
