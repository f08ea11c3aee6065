"""What the reports of an audit look like to those who read them: other programs, and a browser.

usage: render.py RENDER-SAMPLE

Speaks TAP. Needs chromium, tidy, promtool and cmark-gfm. The checks of axe-core are made, too, if
HAUL_AXE names its axe.min.js (npm pack axe-core): tests fetch nothing.
"""

import base64
import collections
import hashlib
import html.parser
import json
import os
import re
import subprocess
import sys
import tempfile
import traceback
import unicodedata
import xml.etree.ElementTree as ElementTree

from browser import Browser

SAMPLES = ("empty", "nothing", "zero", "one", "site", "large", "longest", "hostile")
# What base/escape.h calls not plain: controls, separators, format characters, noncharacters.
HIDDEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u115f\u1160\u17b4\u17b5"
    r"\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufdd0-\ufdef\ufeff\uffa0"
    r"\ufff0-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e0fff\U0001fffe\U0001ffff]")
HTML_MAX = 3_000_000
program = sys.argv[1]


def run(*command, data=None, statuses=(0,)):
    done = subprocess.run(command, input=data, capture_output=True, timeout=120)
    if done.returncode not in statuses:
        raise AssertionError(f"{command}: status {done.returncode}: "
                             f"{(done.stderr + done.stdout)[:800]!r}")
    return done.stdout


def render(writer, sample):
    """The text; strictly UTF-8, and without anything hidden but line ends."""
    text = run(program, writer, sample).decode("utf-8")
    found = HIDDEN.search(text.replace("\n", ""))
    assert not found, f"{writer}, {sample}: {found.group()!r} got through"
    return text


TEXTS = [bytes.fromhex(line) for line in run(program, "texts").decode().split("\n")[:-1]]


def shown(original):
    """As haul_escape_terminal writes it."""
    text = original.decode("utf-8", "surrogateescape").replace("\\", "\\\\")

    def escape(match):
        data = match.group().encode("utf-8", "surrogateescape")
        return "".join(f"\\x{byte:02x}" for byte in data)
    return re.sub("[\udc80-\udcff]|" + HIDDEN.pattern, escape, text)


def columns(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


SHORT = [shown(text) for text in TEXTS if text and columns(shown(text)) < 80]
assert len(SHORT) > 20


def same(what, got, wanted):
    assert got == wanted, f"{what}: got {got!r}, wanted {wanted!r}"


# ---- HTML, read by Python ----

VOID = {"meta", "link", "input"}
ELEMENTS = VOID | set(
    "rect line circle path "
    "html head title style script body a header h1 h2 h3 p nav ul li main div section span "
    "code svg g text desc figure table thead tbody tr th td i label output footer".split())
ATTRIBUTES = set(
    "lang charset http-equiv content name rel href class id viewbox preserveaspectratio aria-hidden "
    "aria-labelledby aria-label aria-sort role width height x y x1 x2 y1 y2 cx cy r d vector-effect "
    "scope data-key data-rows hidden for type autocomplete spellcheck placeholder tabindex checked "
    "name".split())


class Page(html.parser.HTMLParser):
    """A page of nothing but what haul writes, well nested."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.stack, self.texts, self.links, self.ids = [], [], [], []
        self.inside = collections.defaultdict(str)
        self.count = collections.Counter()
        self.meta = {}
        self.feed(text)
        self.close()
        same("open elements", self.stack, [])
        same("identifiers", len(self.ids), len(set(self.ids)))

    def handle_starttag(self, tag, attrs):
        assert tag in ELEMENTS, f"element {tag}"
        values = dict(attrs)
        same("attributes twice", len(values), len(attrs))
        assert set(values) <= ATTRIBUTES, f"attributes of {tag}: {values}"
        self.count[tag] += 1
        if "id" in values:
            self.ids.append(values["id"])
        if tag == "a":
            self.check_link(values)
        if "http-equiv" in values:
            self.meta[values["http-equiv"]] = values["content"]
        if tag not in VOID:
            self.stack.append(tag)
            self.texts.append("")

    def check_link(self, values):
        href = values["href"]
        self.links.append(href)
        if not href.startswith("#"):
            assert re.fullmatch(r"https?://[!-~]+", href, re.IGNORECASE), href
            same("rel", values["rel"], "noopener noreferrer nofollow")

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.stack.pop()

    def handle_endtag(self, tag):
        same("end of", tag, self.stack.pop())

    def handle_data(self, data):
        if self.stack:
            self.texts[-1] += data
            self.inside[self.stack[-1]] += data

    def handle_comment(self, data):
        raise AssertionError(f"comment {data!r}")


def html_holds_nothing_but_what_haul_writes():
    for sample in SAMPLES:
        Page(render("html", sample))


def html_shows_hostile_texts_and_links_none_but_http():
    page = Page(render("html", "hostile"))
    everything = "\n".join(page.texts)
    for text in SHORT:
        assert text in everything, f"{text!r} is not shown"
    outside = [link for link in page.links if not link.startswith("#")]
    wanted = {text for text in TEXTS if text.startswith(b"https://")}
    assert len(set(outside)) in (len(wanted) - 2, len(wanted) - 1), sorted(set(outside))


def html_names_its_style_and_its_script_by_their_hash():
    page = Page(render("html", "hostile"))
    policy = dict(part.split(" ", 1) for part in
                  page.meta["Content-Security-Policy"].split("; "))
    same("default", policy["default-src"], "'none'")
    for element in ("style", "script"):
        same(element, page.count[element], 1)
        digest = hashlib.sha256(page.inside[element].encode()).digest()
        same(element, policy[element + "-src"], f"'sha256-{base64.b64encode(digest).decode()}'")


def html_without_script_has_the_rows():
    page = Page(render("html", "large"))
    assert page.count["tr"] > 5000, page.count["tr"]


def html_of_many_and_of_long_urls_is_bounded():
    for sample in ("large", "longest", "hostile"):
        size = len(render("html", sample).encode())
        print(f"# html of {sample}: {size:,} bytes")
        assert size < HTML_MAX, f"{sample}: {size}"


def html_of_empty_summaries_says_so():
    text = render("html", "empty")
    for sentence in ("There are no bytes to be shown", "No URL has a known size",
                     "There is no earlier run", "No transfer was made"):
        assert sentence in text, sentence
    assert not re.search(r'"[^"]*\b(nan|inf)\b', re.sub(r"<(script|style)>.*?</\1>", "", text,
                                                        flags=re.DOTALL), re.IGNORECASE)


def html_and_all_others_say_that_nothing_was_found():
    before = "nothing was found; it was 1,234 URLs, 1.0 MiB, on 2025-11-22"
    said = {"html": ["Nothing was found: no input has a URL.", before],
            "markdown": [f"**{before}"],
            "junit": ['failures="1"', '<failure type="empty" message="nothing was found"/>', before],
            "github": ["::error title=haul%3A nothing found::no input has a URL", before],
            "json": ['"nothing_found": true', '"complete": false', '"exit_status": 3'],
            "prometheus": ['haul_nothing_found{site="www.example.com"} 1',
                           'haul_complete{site="www.example.com"} 0',
                           'haul_exit_status{site="www.example.com"} 3']}
    for writer, sentences in said.items():
        text = render(writer, "nothing")
        for sentence in sentences:
            assert sentence in text, f"{writer}: {sentence}: {text[:2000]}"
        for wrong in ("(−100", "(-100", "was stopped before", "Changes since", "What has changed"):
            assert wrong not in text, f"{writer}: {wrong}"


def html_is_clean_to_tidy():
    for sample in ("empty", "nothing", "site", "hostile"):
        done = subprocess.run(["tidy", "-e", "-q", "--show-info", "no"], capture_output=True,
                              input=render("html", sample).encode(), timeout=120)
        # It is older than the attributes of SVG's pictures and than some of HTML's elements.
        left = [line for line in done.stderr.decode().splitlines()
                if not re.search(r'proprietary attribute|<(svg|main|output)> is not recognized|trimming empty', line)]
        same(f"{sample}: tidy", left[:5], [])


# ---- the other formats ----

def json_is_read_with_its_texts():
    for sample in SAMPLES:
        value = json.loads(render("json", sample), parse_constant=lambda name: 1 / 0)
        same("keys", len(value), 37)
    value = json.loads(render("json", "hostile"))
    wanted = [text.decode("utf-8", "backslashreplace") for text in TEXTS]
    same("hosts", [host["name"] for host in value["hosts"]], wanted)
    same("URLs", [page["url"] for page in value["largest"]], wanted)
    same("budgets", [budget["budget"] for budget in value["budgets"]], wanted)
    same("offenders", value["budgets"][0]["offenders"], wanted)
    value = json.loads(render("json", "site"))
    same("lines", value["lines"], sum(value["outcomes"].values()))
    same("failed", value["failed_urls"], value["outcomes"]["failed"])
    same("exceeded", [b["budget"] for b in value["budgets"] if b["state"] == "exceeded"],
         ["url<32M", "failed=0"])
    assert value["before"]["size"] > 0 and json.loads(render("json", "one"))["before"] is None


def junit_is_xml_whose_counts_are_right():
    for sample in SAMPLES:
        root = ElementTree.fromstring(render("junit", sample))
        same("root", root.tag, "testsuites")
        for suite in root:
            cases = suite.findall("testcase")
            same("tests", len(cases), int(suite.get("tests")))
            same("failures", len(suite.findall("testcase/failure")), int(suite.get("failures")))
            same("errors", len(suite.findall("testcase/error")), int(suite.get("errors")))
            same("skipped", len(suite.findall("testcase/skipped")), int(suite.get("skipped")))
            assert len(cases) <= 1000
    root = ElementTree.fromstring(render("junit", "hostile"))
    names = {case.get("name") for case in root.iter("testcase")}
    for text in SHORT:
        assert text in names, f"{text!r} is not there"
    same("suites", [suite.get("name") for suite in root],
         ["haul.run", "haul.budgets", "haul.urls", "haul.lines"])
    root = ElementTree.fromstring(render("junit", "site"))
    same("suites", [suite.get("name") for suite in root], ["haul.run", "haul.budgets", "haul.urls"])
    same("budgets", root[1].get("failures"), "2")


def label_values(text):
    for line in text.splitlines():
        for name, value in re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', line):
            yield name, re.sub(r"\\(.)", r"\1", value)


def prometheus_is_clean_to_promtool():
    for sample in SAMPLES:
        text = render("prometheus", sample)
        same(f"{sample}: promtool", run("promtool", "check", "metrics", data=text.encode()), b"")
        samples = [line for line in text.splitlines() if not line.startswith("#")]
        has_site = json.loads(render("json", sample))["title"] is not None
        for line in samples:
            assert re.fullmatch(r'haul_\w+(\{(\w+="(?:[^"\\]|\\["\\])*",?)+\})? -?[0-9.]+', line), line
            same(f"the site of {line}", re.match(r'\w+\{site="', line) is not None, has_site)
        same("samples twice", len({line.rsplit(" ", 1)[0] for line in samples}), len(samples))
    hosts = {value for name, value in label_values(render("prometheus", "hostile"))
             if name == "host"}
    same("hosts", len(hosts), len(TEXTS))
    for text in SHORT:
        if "\t" not in text and "\\x0" not in text:
            assert text in hosts, f"{text!r} is not there"


def manual_names_the_keys_and_the_metrics():
    with open(os.path.join(os.environ["HAUL_SOURCE_ROOT"], "src/haul.1"), encoding="utf-8") as file:
        text = file.read()
    part = text[text.index(".Ss Summaries"):text.index(".Sh THE JOURNAL")]
    named = set(re.findall(r"[a-z][a-z_-]+", part))
    value = json.loads(render("json", "site"))
    keys = {*value, *value["budgets"][0], *value["before"], *value["before"]["changes"],
            *value["hosts"][0]}
    same("keys that are not in the manual", keys - named, set())
    metrics = set(re.findall(r"^# TYPE (\w+) gauge$", render("prometheus", "site"), re.MULTILINE))
    assert len(metrics) > 15, metrics
    metrics = {re.sub(r"^haul_(host|type|group)_", "", metric) for metric in metrics}
    same("metrics that are not in the manual", metrics - named, set())


class Markdown(html.parser.HTMLParser):
    """What Markdown became: tables of code and words, and no link."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.codes, self.rows, self.stack = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        assert tag in set("h2 h3 p strong code table thead tbody tr th td em".split()), (tag, attrs)
        self.stack.append(tag)
        if tag == "tr":
            self.rows.append(0)
        elif tag in ("th", "td"):
            self.rows[-1] += 1
        elif tag == "code":
            self.codes.append("")
        elif tag == "table":
            self.rows.append(None)

    def handle_endtag(self, tag):
        same("end of", tag, self.stack.pop())

    def handle_data(self, data):
        if self.stack and self.stack[-1] == "code":
            self.codes[-1] += data


def markdown_is_tables_without_links():
    for sample in SAMPLES:
        data = render("markdown", sample).encode()
        page = Markdown(run("cmark-gfm", "--unsafe", "-e", "table", "-e", "autolink", "-e",
                            "strikethrough", data=data).decode())
        cells = None
        for row in page.rows:
            cells = row if cells is None else cells
            if row is None:
                cells = None
            else:
                same("cells", row, cells)
        same(f"{sample}: rows", sum(1 for row in page.rows if row),
             sum(1 for line in data.decode().split("\n")
                 if line.startswith("|") and not line.startswith("|--")))
    codes = Markdown(run("cmark-gfm", "--unsafe", "-e", "table",
                         data=render("markdown", "hostile").encode()).decode()).codes
    for text in SHORT:
        assert text in codes or not text.strip(), f"{text!r} is not there"


def github_has_ten_lines_of_a_kind_at_most():
    for sample in SAMPLES:
        kinds = collections.Counter()
        for line in render("github", sample).splitlines():
            match = re.fullmatch(r"::(error|warning|notice) title=([^:,\r\n]+)::([^\r\n]+)", line)
            assert match, line
            assert not re.search(r"%(?!25|0D|0A|3A|2C)", match.group(2) + match.group(3)), line
            kinds[match.group(1)] += 1
        assert max(kinds.values()) <= 10, kinds
        same("notices", kinds["notice"], 1)
    assert "18446744073709551615" not in render("github", "site")
    same("errors", render("github", "large").count("::error"), 10)


def chart_fits_its_width():
    for sample in SAMPLES:
        for line in render("chart", sample).splitlines():
            assert columns(line) <= 80, line
    assert "Nothing to draw" in render("chart", "empty")


# ---- the browser ----

CONTRAST = r"""
(() => {
  const parse = (text) => (text.match(/[\d.]+/g) || []).map(Number);
  const part = (c) => { c /= 255; return c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4; };
  const light = ([r, g, b]) => .2126 * part(r) + .7152 * part(g) + .0722 * part(b);
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] === 1) return c;
    }
    return [255, 255, 255];
  };
  let worst = [99, ""];
  for (const e of document.querySelectorAll("h1,h2,h3,p,a,th,td,span,li,label,output,footer")) {
    if (!e.textContent.trim() || !e.checkVisibility()) continue;
    const a = light(parse(getComputedStyle(e).color)), b = light(behind(e));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < worst[0]) worst = [ratio, e.outerHTML.slice(0, 200)];
  }
  const page = light(behind(document.body));
  for (const e of document.querySelectorAll(".map g")) {
    const box = light(parse(getComputedStyle(e.querySelector("rect")).fill));
    const ink = e.querySelector("text") && light(parse(getComputedStyle(e.querySelector("text")).fill));
    if (ink === null) continue;
    const ratio = (Math.max(ink, box) + .05) / (Math.min(ink, box) + .05);
    if (ratio < worst[0]) worst = [ratio, e.outerHTML.slice(0, 200)];
  }
  return worst;
})()
"""
COLUMN = """Array.from(document.querySelectorAll("#urls-table tbody tr")).filter((row) => !row.hidden)
.map((row) => row.cells[%d].textContent)"""


class Report:
    """A report in the browser."""

    def __init__(self, browser, directory, sample):
        self.browser, self.path = browser, os.path.join(directory, sample + ".html")
        self.url = "file://" + self.path
        if not os.path.exists(self.path):
            with open(self.path, "w", encoding="utf-8", newline="") as file:
                file.write(render("html", sample))

    def open(self, fragment="", width=1180, scheme="light", media=""):
        self.browser.show(width, 900, scheme, media)
        seconds = self.browser.open(self.url + fragment)
        same("console", self.browser.console, [])
        same("requests", [url for url in self.browser.requests
                          if url.split("#")[0] != self.url and url != "about:blank"
                          and url != "data:,"], [])
        assert "Page.javascriptDialogOpening" not in self.browser.events
        return seconds

    def column(self, number):
        return self.browser.run(COLUMN % number)


def browser_shows_each_sample_without_errors_or_requests(report):
    for sample in SAMPLES:
        seconds = report(sample).open()
        print(f"# {sample}: loaded and laid out in {seconds:.2f} s")


def browser_hostile_texts_make_no_elements(report):
    page = report("hostile")
    page.open()
    same("images, frames, scripts", page.browser.run(
        'document.querySelectorAll("img,iframe,object,embed,form,base,svg script").length'), 0)
    same("scripts", page.browser.run("document.scripts.length"), 1)
    same("handlers", page.browser.run(
        'Array.from(document.querySelectorAll("*")).flatMap((e) => e.getAttributeNames())'
        '.filter((name) => name.startsWith("on") || name === "style").length'), 0)


def numbers(texts):
    return [int(text.replace(",", "").replace("+", ""))
            for text in texts if text not in ("new", "\u2013")]


def browser_sorts_by_a_click(report):
    page = report("site")
    page.open()
    same("rows", len(page.column(0)), 300)
    sizes = numbers(page.column(3))
    same("at first", sizes, sorted(sizes, reverse=True))
    click = 'document.querySelector("#urls-table th[data-key=%s] button").click()'
    page.browser.run(click % "size")
    same("sizes", numbers(page.column(3)), sorted(sizes))
    page.browser.run(click % "change")
    changes = numbers(page.column(4))
    assert len(set(changes)) > 5
    same("changes", changes, sorted(changes, reverse=True))
    page.browser.run(click % "url")
    same("URLs", page.column(0), sorted(page.column(0)))
    same("aria-sort", page.browser.run(
        'Array.from(document.querySelectorAll("#urls-table th[aria-sort]"))'
        '.map((head) => head.dataset.key + " " + head.getAttribute("aria-sort"))'),
        ["url ascending"])
    same("address", page.browser.run("location.hash"), "#urls:url:asc:")


def browser_sorts_by_the_keyboard(report):
    page = report("site")
    page.open()
    page.browser.run('document.getElementById("urls-filter").focus()')
    page.browser.press("Tab", 9)
    same("after the filter", page.browser.run("document.activeElement.getAttribute('role')"), "region")
    page.browser.press("Tab", 9)
    same("then", page.browser.run("document.activeElement.textContent"), "URL")
    page.browser.press("Enter", 13)
    same("URLs", page.column(0), sorted(page.column(0)))
    assert page.browser.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def browser_filters_and_says_how_many(report):
    page = report("site")
    page.open()
    page.browser.run("""(() => { const f = document.getElementById("urls-filter");
        f.value = "PDF"; f.dispatchEvent(new Event("input")); })()""")
    types = page.column(1)
    assert 0 < len(types) < 300 and all("pdf" in kind for kind in types)
    same("count", page.browser.run('document.getElementById("urls-count").textContent'),
         f"{len(types)} of 300 shown")


PRINTED = """Array.from(document.querySelectorAll("#urls-table tbody tr"))
.filter((row) => row.checkVisibility()).map((row) => row.cells[%d].textContent)"""
OF_SITE = ("These are the largest 300; the input had 304 lines."
           " All of them are in a report as CSV or JSON Lines.")
FIRST_ROWS = "Printed are the first 100 of these 300 rows."
NOTES = """Array.from(document.querySelectorAll("#urls .note"))
.filter((note) => note.checkVisibility()).map((note) => note.textContent)"""


def browser_prints_the_first_hundred_rows_and_says_so(report):
    page = report("site")
    page.open()
    sample = page.column(0)
    page.open(media="print")
    same("rows", page.browser.run(PRINTED % 0), sample[:100])
    same("notes", page.browser.run(NOTES), [OF_SITE, FIRST_ROWS])
    page.browser.run('document.querySelector("#urls-table th[data-key=url] button").click()')
    same("sorted", page.browser.run(PRINTED % 0), sorted(sample)[:100])
    page.browser.show(1180, 900)
    same("on the screen", page.browser.run(NOTES), [OF_SITE])
    same("rows on the screen", len(page.browser.run(PRINTED % 0)), 300)


def browser_prints_what_is_filtered(report):
    page = report("site")
    page.open()
    types = page.column(1)
    last = {kind for kind in types if kind not in types[:100]}
    assert last, "all types are among the first rows"
    for kind in last | {"image/png"}:
        page.open(f"#urls:size:desc:{kind.replace('/', '%2F')}", media="print")
        wanted = [text for text in types if kind in text]
        count = len(wanted)
        same(kind, page.browser.run(PRINTED % 1), wanted[:100])
        same("notes", page.browser.run(NOTES),
             [f'Printed are {"" if count <= 100 else "the first 100 of "}{count} rows of 300:'
              f' those with "{kind}".'])


def browser_prints_without_script_the_first_rows(report):
    page = report("site")
    page.browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page.browser.show(1180, 900, media="print")
        page.browser.events.clear()
        page.browser.navigate(page.url)
        same("rows", len(page.browser.run(PRINTED % 0)), 100)
        same("notes", page.browser.run(NOTES), [OF_SITE, FIRST_ROWS])
    finally:
        page.browser.call("Emulation.setScriptExecutionDisabled", value=False)


def browser_opens_a_view_that_was_kept(report):
    page = report("site")
    page.open("#urls:time:asc:image%2Fpng")
    times = numbers(page.column(5))
    assert 0 < len(times) < 300
    same("times", times, sorted(times))
    same("types", set(page.column(1)), {"image/png"})
    page.open("#urls:nonsense:asc:%ff")
    same("rows", len(page.column(0)), 300)


def browser_has_contrast_in_both_themes(report):
    for scheme in ("light", "dark"):
        page = report("site")
        page.open(scheme=scheme)
        for colours in ("type", "change"):
            page.browser.run(f'document.getElementById("map-{colours}").click()')
            ratio, where = page.browser.run(CONTRAST)
            print(f"# {scheme}, colours of each {colours}: the least contrast is {ratio:.1f}")
            assert ratio >= 4.5, f"{scheme}: {ratio}: {where}"
    backgrounds = []
    for scheme in ("light", "dark"):
        report("site").open(scheme=scheme)
        backgrounds.append(page.browser.run("getComputedStyle(document.body).backgroundColor"))
    assert backgrounds[0] != backgrounds[1]


MAP = """(() => {
  const seen = (e) => e.checkVisibility();
  const fill = (e) => getComputedStyle(e).fill;
  const boxes = Array.from(document.querySelectorAll("#where .wide .map rect[class^=k]"));
  const legend = Array.from(document.querySelectorAll("#where .legend")).filter(seen);
  const keys = legend.flatMap((e) => Array.from(e.querySelectorAll("rect"))).map(fill);
  return [legend.length, new Set(keys).size === keys.length,
    boxes.filter((e) => !keys.includes(fill(e))).map((e) => e.outerHTML).slice(0, 3),
    boxes.map(fill)];
})()"""


def browser_colours_the_map_by_type_or_change_without_script(report):
    page = report("site")
    page.browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page.browser.show(1180, 900)
        page.browser.events.clear()
        page.browser.navigate(page.url) # nothing that waits for a script
        legends, distinct, strange, types = page.browser.run(MAP)
        same("of types", (legends, distinct, strange), (1, True, []))
        assert len(types) > 200 and len(set(types)) == 8, set(types)
        x, y = page.browser.run("""(() => {
            const e = document.querySelector("label[for=map-change]");
            e.scrollIntoView();
            const r = e.getBoundingClientRect();
            return [r.x + r.width / 2, r.y + r.height / 2];
        })()""")
        for kind in ("mousePressed", "mouseReleased"):
            page.browser.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left",
                              clickCount=1)
        legends, distinct, strange, changes = page.browser.run(MAP)
        same("of changes", (legends, distinct, strange), (1, True, []))
        assert len(set(changes)) == 7 and types != changes, set(changes)
    finally:
        page.browser.call("Emulation.setScriptExecutionDisabled", value=False)


SCROLLS = """Array.from(document.querySelectorAll("main *")).filter((e) => {
  const style = getComputedStyle(e);
  return (style.overflowX === "auto" || style.overflowY === "auto") && e.tabIndex < 0;
}).map((e) => e.outerHTML.slice(0, 80))"""
AXE = """axe.run(document, {resultTypes: ["violations"]}).then((found) =>
  found.violations.map((v) => v.id + ": " + v.nodes[0].html.slice(0, 200)))"""


def browser_tiles_leave_no_gap(report):
    for width in range(320, 1500, 59):
        page = report("site")
        page.browser.show(width, 900)
        if width == 320:
            page.open(width=width)
        gap = page.browser.run("""(() => {
            const area = (e) => { const r = e.getBoundingClientRect(); return r.width * r.height; };
            const all = document.querySelector(".tiles");
            return area(all) - Array.from(all.children).map(area).reduce((a, b) => a + b);
        })()""")
        assert gap < 4 * (width + 400), f"{width}: {gap} pixels without a tile"


def browser_axe_finds_nothing(report):
    """HAUL_AXE: the file axe.min.js of the package axe-core, which is not asked for here."""
    if "HAUL_AXE" not in os.environ:
        print("# skipped: HAUL_AXE names no axe.min.js")
        return
    with open(os.environ["HAUL_AXE"], encoding="utf-8") as file:
        axe = file.read()
    for sample in ("empty", "one", "site", "hostile"):
        for width, scheme in ((1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")):
            page = report(sample)
            page.open(width=width, scheme=scheme)
            page.browser.call("Runtime.evaluate", expression=axe)
            same(f"{sample}, {width}, {scheme}", page.browser.run(AXE), [])


def browser_on_a_phone_needs_no_sideways_scrolling(report):
    for sample in SAMPLES:
        page = report(sample)
        page.open(width=390)
        assert page.browser.run("document.documentElement.scrollWidth") <= 390, sample
        same("what scrolls, and is out of the keyboard's reach", page.browser.run(SCROLLS), [])
        same("wide", page.browser.run(
            'Array.from(document.querySelectorAll("svg.wide")).filter((e) => e.checkVisibility())'
            '.length'), 0)


def browser_charts_are_named_and_inside_their_pictures(report):
    page = report("site")
    for width in (1180, 390):
        page.open(width=width)
        charts = page.browser.run("""Array.from(document.querySelectorAll("figure svg"))
            .filter((e) => e.checkVisibility()).map((e) => {
              const box = e.getBoundingClientRect();
              const outside = Array.from(e.querySelectorAll("text")).filter((t) => {
                const r = t.getBoundingClientRect();
                return r.left < box.left - 1 || r.right > box.right + 1 || r.bottom > box.bottom + 1;
              }).map((t) => t.textContent);
              const names = e.getAttribute("aria-labelledby").split(" ")
                .map((id) => document.getElementById(id).textContent);
              return [outside, names];
            })""")
        same("charts", len(charts), 4)
        for outside, names in charts:
            same("texts outside", outside, [])
            assert all(len(name) > 10 for name in names), names


def browser_prints_dark_on_white_and_without_tools(report):
    page = report("site")
    page.open(media="print", scheme="dark")
    same("ink", page.browser.run("getComputedStyle(document.body).color"), "rgb(29, 28, 26)")
    same("paper", page.browser.run("getComputedStyle(document.body).backgroundColor"),
         "rgb(255, 255, 255)")
    same("tools", page.browser.run('document.querySelector(".tools").checkVisibility()'), False)
    same("rows", page.browser.run("""Array.from(document.querySelectorAll("#urls-table tbody tr"))
        .filter((row) => row.checkVisibility()).length"""), 100)


# ----

def attempt(number, case, *arguments):
    try:
        case(*arguments)
        print(f"ok {number} - {case.__name__}", flush=True)
        return True
    except Exception:
        print(f"not ok {number} - {case.__name__}", flush=True)
        print(traceback.format_exc(limit=-4), file=sys.stderr)
        return False


def main():
    cases = [value for name, value in globals().items()
             if callable(value) and getattr(value, "__module__", "") == "__main__"
             and re.match(r"(html|json|junit|prometheus|manual|markdown|github|chart)_", name)]
    in_browser = [value for name, value in globals().items() if name.startswith("browser_")]
    print(f"1..{len(cases) + len(in_browser)}", flush=True)
    good = [attempt(number, case) for number, case in enumerate(cases, 1)]
    with tempfile.TemporaryDirectory(prefix="haul-render-") as directory, Browser() as browser:
        good += [attempt(number, case, lambda sample: Report(browser, directory, sample))
                 for number, case in enumerate(in_browser, len(cases) + 1)]
    sys.exit(0 if all(good) else 1)


main()
