"""Two builds measured in turns, and what the difference means. scripts/bench --compare prints this.

The builds run one right after the other, and the other build begins each turn, so that both meet the same changes of
the machine's speed. A row's ratio is the median of the turns' own ratios. Its noise is the error that this median may
have: two standard errors, taken from the distance between the quartiles of the turns' ratios. More turns reduce it.
"""

import math
import statistics

LIMIT = 0.03  # how much slower a row may be, beyond its noise
HEAD = (
    f"{'row':<30} {'count':>8} {'bytes':>6} {'old':>9} {'new':>9} {'ratio':>6} {'noise':>6} "
    f"{'spread':>7} {'spread':>7}  verdict"
)


def in_turns(programs, runs):
    """programs: {name: function that measures it once}. Returns {name: [its results...]}."""
    results = {name: [] for name in programs}
    for turn in range(runs):
        for name in list(programs) if turn % 2 == 0 else reversed(programs):
            results[name].append(programs[name]())
    return results


def spread(values):
    """The distance between the quartiles of a row's turns, as a share of the median."""
    if len(values) < 2:
        return 0.0
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return (high - low) / middle


class Row:
    """One figure, lower is better, from as many turns of the old build as of the new one."""

    def __init__(self, name, old, new, count="", size=""):
        self.name, self.old, self.new, self.count, self.size = name, old, new, count, size
        ratios = [b / a for a, b in zip(old, new)]
        self.ratio = statistics.median(ratios)
        # For a normal distribution: deviation = quartile distance / 1.349, error of the median = 1.253 deviations /
        # sqrt(n).
        self.noise = 2 * 1.253 / 1.349 * spread(ratios) * self.ratio / math.sqrt(len(ratios))

    @property
    def slower(self):
        return self.ratio > 1 + LIMIT + self.noise

    @property
    def verdict(self):
        if self.slower:
            return "SLOWER"
        if self.ratio > 1 + LIMIT:
            return "not known: noise"
        return "faster" if self.ratio < 1 - LIMIT - self.noise else "same"

    def __str__(self):
        old, new = statistics.median(self.old), statistics.median(self.new)
        digits = 1 if old >= 10 else 3
        return (
            f"{self.name:<30} {self.count:>8} {self.size:>6} {old:9.{digits}f} {new:9.{digits}f} {self.ratio:6.3f} "
            f"{self.noise:6.1%} {spread(self.old):7.1%} {spread(self.new):7.1%}  {self.verdict}"
        )


def rows_of_path(old, new):
    """Rows from path_bench's documents of each turn, and the names that only one of the builds has."""

    def by_row(documents):
        found = {}
        for document in documents:
            for row in document["rows"]:
                found.setdefault((row["row"], row["count"], row["bytes"]), []).append(row["minerwall"])
        return found

    olds, news = by_row(old), by_row(new)
    rows = [Row(key[0], olds[key], news[key], key[1], key[2]) for key in olds if key in news]
    return rows, [f"{key[0]}, {key[1]}" for key in [*olds, *news] if (key in olds) != (key in news)]


def show(rows, runs, unit):
    """Prints rows and their results."""
    print(f"\n{unit}, medians of {runs} turns; ratio: new to old; noise: of the ratio; spread: of each build's turns")
    print(HEAD, *rows, sep="\n")
    slower = [row for row in rows if row.slower]
    unknown = [row for row in rows if row.ratio > 1 + LIMIT and not row.slower]
    print(
        f"{len(slower)} of {len(rows)} rows slower by more than {LIMIT:.0%} beyond their noise, {len(unknown)} not known; "
        f"median ratio {statistics.median(row.ratio for row in rows):.3f}, "
        f"median noise {statistics.median(row.noise for row in rows):.1%}"
    )
    if unknown:
        print("Not known: slower by more than the limit, but within the noise. Ask again with more --runs, or when the machine is idle.")
