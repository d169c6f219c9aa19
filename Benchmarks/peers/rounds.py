"""Rounds of sides in turn, and their medians and ratios."""
import statistics


def compare(sides, rounds, run, unit):
    """Runs every side once a round and prints what came of it.

    `sides` names the sides, those of Cascade and those of others, which begin with "torch"; `run(side)` gives (units a second,
    units a processor second).
    """
    rates = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            rates[name].append(run(side))
    for kind, index in ((f"{unit}/s", 0), (f"{unit} per processor second", 1)):
        columns = {name: [pair[index] for pair in pairs] for name, pairs in rates.items()}
        for name, numbers in columns.items():
            print(f"{name}: median {statistics.median(numbers):.0f} {kind}, best {max(numbers):.0f}, "
                  f"all {' '.join(f'{n:.0f}' for n in numbers)}")
        for own in (name for name in sides if not name.startswith("torch")):
            for other in (name for name in sides if name.startswith("torch")):
                paired = [a / b for a, b in zip(columns[own], columns[other])]
                print(f"{kind}: {own} over {other}: ratio of medians "
                      f"{statistics.median(columns[own]) / statistics.median(columns[other]):.2f}, "
                      f"median of paired ratios {statistics.median(paired):.2f} "
                      f"({min(paired):.2f} to {max(paired):.2f})")
