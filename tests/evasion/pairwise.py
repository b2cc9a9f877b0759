"""A subset of the product that has every possible pair of values. It is the same one every time."""

import itertools
import random

from cells import Cell, possible
from packets import IP_TECHNIQUES

SEED = 20
TRIES = 24  # random completions of a missing pair; the best one is taken


def pairs(cell):
    """The six pairs that a cell covers."""
    named = enumerate((cell.kind, cell.ip, cell.technique, cell.carrier))
    return list(itertools.combinations(named, 2))


class Subset:
    def __init__(self, dimensions):
        self.dimensions = dimensions
        self.chance = random.Random(SEED)
        self.covered, self.chosen = set(), []

    def gain(self, cell):
        return sum(pair not in self.covered for pair in pairs(cell)) if possible(cell) else 0

    def take(self, candidates, enough=6):
        """Chooses the candidate that covers most of what is missing, if any does."""
        best, most = None, 0
        for cell in candidates:
            worth = self.gain(cell)
            if worth > most:
                best, most = cell, worth
                if most >= enough:
                    break
        if best:
            self.chosen.append(best)
            self.covered.update(pairs(best))

    def stems(self):
        """Each technique with each carrier. The appliance stops contradicting fragments whatever they carry, so these
        cells have an IP technique that lets the appliance see the technique above.
        """
        kinds, ips, techniques, carriers = self.dimensions
        around = list(itertools.product(kinds, [how for how in ips if IP_TECHNIQUES[how].passes]))
        stems = list(itertools.product(techniques, carriers))
        self.chance.shuffle(stems)
        for technique, carrier in stems:
            self.chance.shuffle(around)
            self.take(Cell(kind, how, technique, carrier) for kind, how in around)

    def rest(self):
        """Cells for the pairs that are left."""
        for first, second in itertools.combinations(range(4), 2):
            for one, other in itertools.product(self.dimensions[first], self.dimensions[second]):
                pair = ((first, one), (second, other))
                if pair not in self.covered:
                    self.take(self._completions(pair))
                if pair not in self.covered:
                    self.take(itertools.islice(completions(self.dimensions, pair), 1))

    def _completions(self, pair):
        fixed = dict(pair)
        for _ in range(TRIES):
            places = enumerate(self.dimensions)
            yield Cell(*(fixed.get(place) or self.chance.choice(values) for place, values in places))


def completions(dimensions, pair):
    """All possible cells that have this pair."""
    values = list(dimensions)
    for place, value in pair:
        values[place] = [value]
    return filter(possible, (Cell(*rest) for rest in itertools.product(*values)))


def all_pairs(dimensions):
    """Cells for all pairs, chosen greedily."""
    subset = Subset(dimensions)
    subset.stems()
    subset.rest()
    return subset.chosen


def missing(dimensions, chosen):
    """Pairs that a cell could cover and that no cell covers: there must be none."""
    covered = {pair for cell in chosen for pair in pairs(cell)}
    for first, second in itertools.combinations(range(4), 2):
        for one, other in itertools.product(dimensions[first], dimensions[second]):
            pair = ((first, one), (second, other))
            if pair not in covered and any(True for _ in completions(dimensions, pair)):
                yield pair
