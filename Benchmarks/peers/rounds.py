"""Rounds of two sides in turn, and their medians and ratios."""
import statistics


def compare(sides, rounds, run, unit):
    """Runs every side once a round and prints what came of it.

    `sides` names the two sides, "cascade" and "torch"; `run(side)` gives (units a second, units a processor second).
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
        paired = [a / b for a, b in zip(columns["cascade"], columns["torch"])]
        print(f"{kind}: ratio of medians "
              f"{statistics.median(columns['cascade']) / statistics.median(columns['torch']):.2f}, "
              f"median of paired ratios {statistics.median(paired):.2f}")
