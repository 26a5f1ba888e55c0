#!/usr/bin/env python3
"""Compares Eslabón with plain HiGHS on integer programmes, tier by tier, in equal time.

    make bench-solver

Networks of the family `integer` have least awards, dual sourcing, caps, numbers of suppliers, consortia and a development
budget together. HiGHS gets the programs that `eslabon solve --export-mps` writes, one objective after the other: each
tier held at what it reached less its tolerance, the next one started from there, the time shared out as Eslabón does
(six tenths of what is left for every tier but the last). Eslabón's time contains building, whole units and the check,
HiGHS's only its own runs. A gap is |value - bound| / |value|. Later tiers are asked for what the earlier ones reached:
who covers more has the harder fit. Every run is a process of its own.
"""

import argparse
import json
import platform
import re
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

HEADING = "# Integer programmes"
TIER_SHARE = 0.6
TOLERANCES = {"coverage": 0.0, "fit": 0.01, "cost": 0.01}


def highs(folder, limit):
    """Value and bound of every tier, and the seconds, with plain HiGHS."""
    import highspy
    import numpy as np

    model, left, tiers = highspy.Highs(), limit, []
    model.setOptionValue("output_flag", False)
    model.readModel(str(folder / "coverage.mps"))
    model.setOptionValue("mip_rel_gap", 1e-4)
    count = model.getNumCol()
    for position, (tier, tolerance) in enumerate(TOLERANCES.items()):
        other = highspy.Highs()
        other.setOptionValue("output_flag", False)
        other.readModel(str(folder / f"{tier}.mps"))
        program = other.getLp()
        costs = np.array(program.col_cost_)
        assert program.num_col_ == count
        scale = np.abs(costs).sum()
        model.changeColsCost(count, np.arange(count, dtype=np.int32), costs / scale)
        model.changeObjectiveSense(program.sense_)
        if tiers:
            model.setSolution(solution)
        share = left if position + 1 == len(TOLERANCES) else TIER_SHARE * left
        begun = model.getRunTime()
        model.setOptionValue("time_limit", begun + share)
        model.run()
        left -= model.getRunTime() - begun
        info, solution = model.getInfo(), model.getSolution()
        if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            break
        value, bound = info.objective_function_value, info.mip_dual_bound
        tiers.append({"name": tier, "value": value * scale, "bound": bound * scale})
        most = program.sense_ == highspy.ObjSense.kMaximize
        give = tolerance * abs(value) + 1e-9
        low, high = (value - give, highspy.kHighsInf) if most else (-highspy.kHighsInf, value + give)
        at = np.flatnonzero(costs)
        model.addRow(low, high, len(at), at.astype(np.int32), costs[at] / scale)
    return {"tiers": tiers, "seconds": limit - left}


def peer(folder, limit):
    command = [sys.executable, __file__, "--one", str(folder), "--limit", str(limit)]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=3 * limit + 120, check=True)
    return json.loads(answer.stdout.strip().splitlines()[-1])


def eslabon(binary, folder, limit):
    command = [binary, "solve", str(folder / "network"), "--json", "--time-limit", str(limit)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    result = json.loads(answer.stdout)
    return {"tiers": result["tiers"], "seconds": sum(phase["seconds"] for phase in result["seconds"])}


def network(binary, folder, size, seed):
    """Generates a network, with a program for each tier; the command for it."""
    suppliers, lots, buyers = size.split("x")
    options = {"suppliers": suppliers, "lots": lots, "buyers": buyers, "pairs-per-lot": 10, "family": "integer"}
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))] + ["--seed", str(seed)]
    at = folder / "network"
    subprocess.run([binary, "generate", str(at), *words], check=True, capture_output=True)
    settings = at / "instance.toml"
    text = settings.read_text()
    for tier in TOLERANCES:
        settings.write_text(re.sub(r"(?ms)^objectives = \[.*?^\]", f'objectives = ["{tier}"]', text))
        command = [binary, "solve", str(at), "--export-mps", str(folder / f"{tier}.mps")]
        subprocess.run(command, check=True, capture_output=True)
    settings.write_text(text)
    return f"eslabon generate network {' '.join(words)}"


def gap(tier):
    return abs(tier["value"] - tier["bound"]) / max(abs(tier["value"]), 1e-9)


def rows(plain, ours, seed):
    text = ""
    for position, name in enumerate(TOLERANCES):
        line = [str(seed) if position == 0 else "", name]
        for who in (plain, ours):
            tier = who["tiers"][position] if position < len(who["tiers"]) else None
            line += [f"{tier['value']:,.0f}", f"{100 * gap(tier):.3f} %"] if tier else ["", "none"]
        line += [f"{who['seconds']:.0f}" if position == 0 else "" for who in (plain, ours)]
        text += "| " + " | ".join(line) + " |\n"
    return text


HEAD = """| seed | tier | HiGHS | its gap | **Eslabón** | its gap | s, HiGHS | s, Eslabón |
|---|---|---|---|---|---|---|---|
"""


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--eslabon", help="the command, optimised")
    words.add_argument("--sizes", default="100x50x10,300x150x20,1000x500x30", help="suppliers x lots x buyers")
    words.add_argument("--seeds", default="1,2")
    words.add_argument("--limit", type=float, default=60)
    words.add_argument("--out", default="solver/BENCHMARKS.md")
    words.add_argument("--one", help=argparse.SUPPRESS)
    arguments = words.parse_args()
    if arguments.one:
        print(json.dumps(highs(Path(arguments.one), arguments.limit)))
        return
    text = ""
    for size in arguments.sizes.split(","):
        suppliers, lots, _ = size.split("x")
        found = ""
        for seed in arguments.seeds.split(","):
            with tempfile.TemporaryDirectory() as place:
                command = network(arguments.eslabon, Path(place), size, seed)
                ours = eslabon(arguments.eslabon, Path(place), arguments.limit)
                plain = peer(Path(place), arguments.limit)
            found += rows(plain, ours, seed)
            print(f"{size} {seed}\n{rows(plain, ours, seed)}", flush=True)
        command = re.sub(r"\d+$", "SEED", command)
        text += f"## {suppliers} suppliers, {lots} lots\n\n`{command}`\n\n{HEAD}{found}\n"
    processor = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    out = Path(arguments.out)
    before = out.read_text().partition(HEADING)[0].rstrip() if out.exists() else ""
    out.write_text(
        f"{before}\n\n{HEADING}\n\n{__doc__.strip()}\n\n"
        f"Made by `make bench-solver` (`solver/benches/programmes.py`) with `--sizes {arguments.sizes} --seeds "
        f"{arguments.seeds} --limit {arguments.limit:g}`. {processor[1] if processor else platform.machine()}, two cores "
        f"used; highspy {metadata.version('highspy')}.\n\n{text.rstrip()}\n"
    )


if __name__ == "__main__":
    main()
