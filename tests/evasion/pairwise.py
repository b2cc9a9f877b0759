"""A subset of the product in which every pair of values that can be had together occurs. The same one every time."""

import itertools
import random

from cells import Cell, possible, product

SEED = 20


def pairs(cell):
    """The six pairs that a cell covers."""
    named = enumerate((cell.kind, cell.ip, cell.technique, cell.carrier))
    return list(itertools.combinations(named, 2))


def all_pairs(dimensions):
    """Cells for all pairs, chosen greedily.

    The two largest dimensions are techniques and carriers: each pair of those gets its cell, with the encapsulation
    and the IP technique that cover most of what is missing. What is missing then gets cells of its own.
    """
    kinds, ips, techniques, carriers = dimensions
    chance = random.Random(SEED)
    covered, chosen = set(), []
    around = list(itertools.product(kinds, ips))
    stems = list(itertools.product(techniques, carriers))
    chance.shuffle(stems)

    def gain(cell):
        return sum(pair not in covered for pair in pairs(cell))

    for technique, carrier in stems:
        chance.shuffle(around)
        best, most = None, 0
        for kind, how in around:
            cell = Cell(kind, how, technique, carrier)
            worth = gain(cell)
            if worth > most and possible(cell):
                best, most = cell, worth
                if most == 6:
                    break
        if best:
            chosen.append(best)
            covered.update(pairs(best))
    left = [cell for cell in _missing(dimensions, covered)]
    for cell in left:
        if gain(cell):
            chosen.append(cell)
            covered.update(pairs(cell))
    return chosen


def _missing(dimensions, covered):
    """One possible cell for each pair that is not covered, where there is one."""
    open_pairs = {}
    for first, second in itertools.combinations(range(4), 2):
        for one, other in itertools.product(dimensions[first], dimensions[second]):
            pair = ((first, one), (second, other))
            if pair not in covered:
                open_pairs[pair] = None
    for (first, one), (second, other) in open_pairs:
        values = list(dimensions)
        values[first], values[second] = [one], [other]
        yield from itertools.islice(product(values), 1)
