"""What became of the mutants."""

import collections

from building import kept, say


def counted(mutants):
    dropped, results = kept("dropped.json", {}), kept("results.json", {})
    counts = collections.Counter()
    for of in mutants:
        if of["name"] in dropped:
            counts["unviable" if dropped[of["name"]].startswith(("unviable", "no Rust")) else "without a switch"] += 1
        else:
            counts[results.get(of["name"], dict(result="not tried"))["result"]] += 1
    return counts


def areas(mutants):
    found = collections.defaultdict(list)
    for of in mutants:
        parts = of["file"].split("/")
        found["solver checks" if parts[0] == "solver" else
              of["file"].removeprefix("src/") if parts[1] == "foundation" else parts[1]].append(of)
    return found


def report(mutants):
    dropped, results = kept("dropped.json", {}), kept("results.json", {})
    kinds = ["caught", "timeout", "survived", "not reached", "unviable", "without a switch", "not tried"]
    say(f"{'':26}" + "".join(f"{kind:>18}" for kind in kinds) + f"{'caught of viable':>18}")
    for name, those in [*sorted(areas(mutants).items()), ("all", mutants)]:
        counts = counted(those)
        caught = counts["caught"] + counts["timeout"]
        tried = caught + counts["survived"] + counts["not reached"]
        share = f"{100 * caught / tried:.1f} %" if tried else ""
        say(f"{name:26}" + "".join(f"{counts[kind]:>18}" for kind in kinds) + f"{share:>18}")
    for of in mutants:
        result = results.get(of["name"])
        if result and of["name"] not in dropped and result["result"] in ("survived", "not reached"):
            more = ", and not all were asked" if result.get("cut") else ""
            say(f"{of['name']} ({result['result']}, {result['asked']} tests{more})")
