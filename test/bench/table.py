"""Tables, as text and as Markdown."""

import dataclasses
import os
import statistics

from measure import Sample, ratios

MIB = 1024 * 1024


@dataclasses.dataclass
class Table:
    title: str
    columns: list = dataclasses.field(default_factory=list)
    rows: list = dataclasses.field(default_factory=list)
    notes: list = dataclasses.field(default_factory=list)
    text: str = None  # instead of rows: what a program has printed

    def render(self, markdown):
        body = self.text.rstrip().splitlines() if self.text else self.lines(markdown)
        if not markdown:
            return "\n".join(["", self.title, ""] + ["  " + line for line in body] + [""] +
                             ["  " + note for note in self.notes])
        if self.text:
            body = ["```"] + body + ["```"]
        return "\n".join(["", "### " + self.title, ""] + body + [""] +
                         ["- " + note for note in self.notes])

    def lines(self, markdown):
        rows = [self.columns] + self.rows
        widths = [max(len(row[n]) for row in rows) for n in range(len(self.columns))]
        shown = [[row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width
                                              in zip(row[1:], widths[1:])] for row in rows]
        if not markdown:
            return ["  ".join(row).rstrip() for row in shown]
        ruler = ["-" * widths[0]] + ["-" * (width - 1) + ":" for width in widths[1:]]
        return ["| " + " | ".join(row) + " |" for row in shown[:1] + [ruler] + shown[1:]]


# ---- cells ----

def seconds(value):
    return "%.2f" % value if value >= 10 else "%.3f" % value


def whole(value):
    return format(round(value), ",")


def decimals(value):
    return "-" if value is None else "%.1f" % value


def spread(values, form="%.2f"):
    """The median, and in brackets the least and the largest; a dash where there is none."""
    if not values:
        return "-"
    return "%s (%s..%s)" % tuple(form % value for value in
                                 (statistics.median(values), min(values), max(values)))


# ---- the table that most cases have ----

def speed_column(trials):
    if trials[0].size_bytes:
        return "MiB/s", lambda trial: whole(trial.median(
            lambda sample: trial.size_bytes / MIB / sample.wall_s))
    return "URLs/s", lambda trial: whole(trial.median(lambda sample: 1 / sample.per_url()))


def ratio_column(ours):
    def cell(trial):
        return "" if trial is ours else spread(ratios(ours, trial))
    return ours.client.name + " ÷ it", cell


def twin_titles(bench):
    return ["÷ " + os.path.basename(build) for build in bench.builds]


def twin_cells(bench, trial, value=Sample.per_url):
    """Against the same client of each other build; empty in the rows of these."""
    return [spread(ratios(trial, twin, value)) for twin in trial.twins] or [""] * len(bench.builds)


def twin_columns(bench):
    def column(number, title):
        return title, lambda trial: twin_cells(bench, trial)[number]
    return [column(number, title) for number, title in enumerate(twin_titles(bench))]


def ideal_columns(trials):
    if not any(trial.ideal_s for trial in trials):
        return []
    return [("ideal s", lambda trial: seconds(trial.ideal_s) if trial.ideal_s else ""),
            ("time ÷ ideal", lambda trial: spread(
                [sample.wall_s / trial.ideal_s for sample in trial.samples], "%.3f")
             if trial.ideal_s else "")]


def connection_columns(trials):
    seen = [sample.seen for trial in trials for sample in trial.samples]
    columns = [("connections", lambda trial: whole(trial.median(
        lambda sample: sample.seen.connections)))]
    if any(one.handshakes for one in seen):
        columns += [("handshakes", lambda trial: whole(trial.median(
            lambda sample: sample.seen.handshakes))),
                    ("resumed", lambda trial: whole(trial.median(
                        lambda sample: sample.seen.resumed)))]
    return columns


def comparison_columns(bench, trials):
    twins = [twin for trial in trials for twin in trial.twins]
    ours = [trial for trial in trials if trial.client.is_haul and trial not in twins]
    others = [trial for trial in trials
              if not (trial.client.is_haul or trial.client.is_limit or trial.client.is_bound)]
    if not others:
        # Several hauls are compared with the ideal, or the first one with the others.
        ours = [] if any(trial.ideal_s for trial in trials) else ours[:1]
    return [("client", lambda trial: trial.client.name),
            ("URLs", lambda trial: whole(trial.median(lambda sample: sample.urls))),
            ("time s", lambda trial: seconds(trial.median(lambda sample: sample.wall_s))),
            speed_column(trials),
            *[ratio_column(trial) for trial in ours],
            *twin_columns(bench),
            *ideal_columns(trials),
            ("CPU µs/URL", lambda trial: whole(trial.median(
                lambda sample: 1e6 * sample.cpu_s / sample.urls))),
            ("peak MiB", lambda trial: decimals(trial.median(
                lambda sample: sample.rss_bytes / MIB))),
            ("calls/URL", lambda trial: decimals(trial.calls)),
            *connection_columns(trials)]


def trial_notes(trials):
    """Targets, what did not count, remarks, and how each client was called."""
    notes = []
    for trial in trials:
        name = trial.client.name
        if trial.target:
            reached = trial.median(lambda sample: sample.wall_s) / trial.ideal_s
            notes.append("%s: time ÷ ideal %.3f, target at most %.2f: %s" % (
                name, reached, trial.target, "met" if reached <= trial.target else "MISSED"))
        if trial.fault():
            notes.append("%s: NO RATIO: %s" % (name, trial.fault()))
        if trial.client.note:
            notes.append("%s: %s" % (name, trial.client.note))
    return notes


def command_notes(bench, trials):
    shown = []
    for trial in trials:
        line = " ".join(trial.argv if len(trial.argv) < 30 else trial.argv[:12] + ["..."])
        for path, name in bench.names:
            line = line.replace(path, name)
        shown.append("`%s`" % line)
    return list(dict.fromkeys(shown))


def comparison(bench, title, trials, notes=()):
    columns = comparison_columns(bench, trials)
    rows = []
    for trial in trials:
        name = trial.client.name + (" (does not count)" if trial.fault() else "")
        cells = [cell(trial) if trial.samples else "-" for _, cell in columns[1:]]
        rows.append([name, *cells])
    return Table(title, [name for name, _ in columns], rows,
                 [*notes, *trial_notes(trials), *command_notes(bench, trials)])
