#!/usr/bin/env python3
"""Which mutants of the domain's rules the tests catch. .ci/mutants says how."""

import argparse
import fnmatch
import random
import time

import building
import reporting
import trying


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("step", nargs="?", default="all", choices=["all", "prepare", "reach", "try", "report"])
    asked.add_argument("--sample", type=int, metavar="N", help="N mutants, drawn at random")
    asked.add_argument("--seed", type=int, default=1, help="of the draw")
    asked.add_argument("--file", default="*", metavar="PATTERN", help="only mutants of files whose path is like this")
    asked.add_argument("--again", action="store_true", help="try once more what has survived")
    asked.add_argument("--minutes", type=float, default=1e9, help="begin nothing after that; the next run goes on")
    asked.add_argument("--seconds", type=float, default=60, help="of tests that a mutant is shown to, at most")
    asked = asked.parse_args()
    deadline = time.monotonic() + 60 * asked.minutes

    if asked.step in ("all", "prepare"):
        building.prepare()
    if asked.step in ("all", "reach") and not trying.reach(deadline):
        return
    # In the order of the draw, so that whatever part has been tried is a sample.
    mutants = building.kept("listed.json", [])
    random.Random(asked.seed).shuffle(mutants)
    mutants = [of for of in mutants[:asked.sample] if fnmatch.fnmatchcase(of["file"], asked.file)]
    if asked.step in ("all", "try"):
        if asked.again:
            results = building.kept("results.json", {})
            again = {of["name"] for of in mutants}
            results = {name: of for name, of in results.items()
                       if name not in again or of["result"] in ("caught", "timeout")}
            building.keep("results.json", results)
        dropped = building.kept("dropped.json", {})
        if not trying.attempt([of for of in mutants if of["name"] not in dropped], deadline, asked.seconds):
            building.say("there was no time for all of them")
    reporting.report(sorted(mutants, key=lambda of: of["id"]))


if __name__ == "__main__":
    main()
