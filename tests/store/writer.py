"""A process that fills a store: `python -m tests.store.writer WHERE FROM TO [stop]`, saying each plan it stored."""

import sys
import time

from hardcheck.store import Store
from tests.store.sample import entry, goal, ramp


def main():
    where, run, first, last, *stop = sys.argv[1:]
    with Store(where) as store:
        for number in range(int(first), int(last)):
            values = [goal(f"goal-{n}", value=number + n / 8) for n in range(20)]
            made = entry(number, goals=values, curves=[ramp(40.0 + number)])
            if stop:
                interrupt(store, number)
            store.put(int(run), f"p{number}", made)
            say(str(number))


def interrupt(store, number):
    """At the fourth plan stop for good, with the transaction open and its evaluation written, the rest not yet."""

    def count(*_arguments):
        say("open")
        time.sleep(600)

    if number == 3:
        store._count = count


def say(text):
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
