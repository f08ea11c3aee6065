"""What haul is to reach beside the others, told as notes below a table."""

import dataclasses
import statistics

from measure import ratios
from table import MIB, spread


def verdict(name, values, wanted, is_most):
    """A note that says whether the median of the ratios is what is wanted."""
    if not values:
        return "%s: no ratio" % name
    value = statistics.median(values)
    met = value <= wanted if is_most else value >= wanted
    return "%s: %.2f, wanted %s %.2f: %s" % (name, value, "at most" if is_most else "at least",
                                             wanted, "met" if met else "MISSED")


def speed(ours, theirs):
    """How many times their throughput ours is, by round."""
    return [1 / ratio for ratio in ratios(ours, theirs)]


def cpu_per_url(sample):
    return sample.cpu_s / sample.urls


def cpu(ours, theirs):
    return ratios(ours, theirs, cpu_per_url)


@dataclasses.dataclass
class Wanted:
    """A client of haul's and another of its table. CPU without a number is told all the same."""
    ours: object
    its: object
    throughput: float = None  # at least
    cpu: float = None  # per URL, at most
    time: float = None  # at most


def compared(wanted, ours, theirs):
    """The notes of one pair."""
    sides = "of %s ÷ %s" % (ours.client.name, theirs.client.name)
    measures = [("throughput", speed(ours, theirs), wanted.throughput, False),
                ("CPU per URL", cpu(ours, theirs), wanted.cpu, True),
                ("time", ratios(ours, theirs), wanted.time, True)]
    for name, values, limit, is_most in measures:
        if limit is not None:
            yield "%s, spread %s" % (verdict("%s %s" % (name, sides), values, limit, is_most),
                                     spread(values))
        elif name == "CPU per URL" and values:
            yield "%s %s: %s" % (name, sides, spread(values))


def notes(wants, trials):
    """Of this build and of each other one; without those that are not in the table."""
    found = {id(trial.client): trial for trial in trials}
    for wanted in wants:
        ours, theirs = found.get(id(wanted.ours)), found.get(id(wanted.its))
        if ours and theirs:
            for trial in (ours, *ours.twins):
                yield from compared(wanted, trial, theirs)


def peak_note(trial, limit_mib):
    """Whether the largest of all rounds is within the limit."""
    if trial.fault():
        return "%s: no peak" % trial.client.name
    peak = max(sample.rss_bytes for sample in trial.samples) / MIB
    return "peak of %s: %.1f MiB, wanted at most %.0f: %s" % (
        trial.client.name, peak, limit_mib, "met" if peak <= limit_mib else "MISSED")
