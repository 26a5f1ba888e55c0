#!/usr/bin/env python3
"""Times Eslabón's engines and other solvers on the same linear programs, one after the other.

    make bench-solver

The program is an instance's first tier, coverage, as `eslabon solve --export-mps` writes it. Peers are timed from the
program in their memory to their answer; Eslabón from the parsed instance to the checked result, building, whole units
and check included. A peer counts when no row or limit is broken by more than 1e-6. Every run is a process of its own.
"""

import argparse
import json
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

FEASIBLE = 1e-6


def program(path):
    """The program of a file: (c, A, row limits, column limits), to be maximised."""
    import highspy
    import numpy as np
    from scipy.sparse import csc_matrix

    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.readModel(str(path))
    lp = model.getLp()
    matrix = lp.a_matrix_
    a = csc_matrix(
        (np.array(matrix.value_), np.array(matrix.index_), np.array(matrix.start_)),
        shape=(lp.num_row_, lp.num_col_),
    )
    sign = 1.0 if lp.sense_ == highspy.ObjSense.kMaximize else -1.0
    rows = np.array(lp.row_lower_), np.array(lp.row_upper_)
    columns = np.array(lp.col_lower_), np.array(lp.col_upper_)
    return sign * np.array(lp.col_cost_), a, rows, columns


def highs(path, limit, gap, **options):
    import highspy
    import numpy as np

    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.readModel(str(path))
    model.setOptionValue("time_limit", float(limit))
    for name, value in options.items():
        model.setOptionValue(name, value)
    begin = time.perf_counter()
    model.run()
    seconds = time.perf_counter() - begin
    ended = model.getModelStatus() in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kUnknown)
    return seconds, np.array(model.getSolution().col_value) if ended else None


def highs_simplex(path, limit, gap):
    return highs(path, limit, gap)


def highs_ipm(path, limit, gap):
    return highs(path, limit, gap, solver="ipm", run_crossover="off")


def highs_pdlp(path, limit, gap):
    return highs(path, limit, gap, solver="pdlp", kkt_tolerance=gap)


def pdlp(path, limit, gap):
    from ortools.pdlp import solve_log_pb2, solvers_pb2
    from ortools.pdlp.python import pdlp as engine

    costs, a, rows, columns = program(path)
    qp = engine.QuadraticProgram()
    qp.objective_vector = -costs
    qp.constraint_matrix = a
    qp.constraint_lower_bounds, qp.constraint_upper_bounds = rows
    qp.variable_lower_bounds, qp.variable_upper_bounds = columns
    parameters = solvers_pb2.PrimalDualHybridGradientParams()
    criteria = parameters.termination_criteria
    criteria.simple_optimality_criteria.eps_optimal_relative = gap
    criteria.simple_optimality_criteria.eps_optimal_absolute = gap
    criteria.time_sec_limit = limit
    parameters.num_threads = 2
    begin = time.perf_counter()
    result = engine.primal_dual_hybrid_gradient(qp, parameters)
    seconds = time.perf_counter() - begin
    ended = result.solve_log.termination_reason == solve_log_pb2.TERMINATION_REASON_OPTIMAL
    return seconds, result.primal_solution if ended else None


def glop(path, limit, gap):
    import numpy as np
    from ortools.linear_solver.python import model_builder

    model = model_builder.Model()
    model.import_from_mps_file(str(path))
    solver = model_builder.Solver("GLOP")
    solver.set_time_limit_in_seconds(limit)
    begin = time.perf_counter()
    status = solver.solve(model)
    seconds = time.perf_counter() - begin
    ended = status == model_builder.SolveStatus.OPTIMAL
    return seconds, np.array(solver.values(model.get_variables())) if ended else None


def clarabel(path, limit, gap):
    import clarabel as engine
    import numpy as np
    from scipy.sparse import csc_matrix, identity, vstack

    costs, a, (low, high), (least, most) = program(path)
    equal = low == high
    upper, lower = np.isfinite(high) & ~equal, np.isfinite(low) & ~equal
    a, one = a.tocsr(), identity(len(costs), format="csr")
    tops, bottoms = np.isfinite(most), np.isfinite(least)
    rows = vstack([a[equal], a[upper], -a[lower], one[tops], -one[bottoms]], format="csc")
    limits = np.concatenate([high[equal], high[upper], -low[lower], most[tops], -least[bottoms]])
    count = int(equal.sum())
    cones = [engine.ZeroConeT(count), engine.NonnegativeConeT(len(limits) - count)]
    settings = engine.DefaultSettings()
    settings.verbose, settings.time_limit = False, float(limit)
    begin = time.perf_counter()
    solver = engine.DefaultSolver(csc_matrix((len(costs), len(costs))), -costs, rows, limits, cones, settings)
    solution = solver.solve()
    seconds = time.perf_counter() - begin
    return seconds, np.array(solution.x) if str(solution.status) in ("Solved", "AlmostSolved") else None


PEERS = {
    "HiGHS, its choice (simplex)": highs_simplex,
    "HiGHS, interior point without crossover": highs_ipm,
    "HiGHS, PDLP": highs_pdlp,
    "OR-Tools, PDLP": pdlp,
    "OR-Tools, GLOP": glop,
    "Clarabel": clarabel,
}


def one(name, path, limit, gap):
    """One run of one peer, as JSON."""
    import numpy as np

    seconds, columns = PEERS[name](path, limit, gap)
    if columns is None:
        print(json.dumps({"seconds": seconds}))
        return
    costs, a, (low, high), (least, most) = program(path)
    sums = a @ columns
    broken = max(np.max(low - sums), np.max(sums - high), np.max(least - columns), np.max(columns - most), 0.0)
    print(json.dumps({"seconds": seconds, "value": float(costs @ columns), "broken": float(broken)}))


def peer(name, path, limit, gap):
    command = [sys.executable, __file__, "--one", name, "--program", str(path)]
    command += ["--limit", str(limit), "--gap", str(gap)]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=3 * limit + 60, check=True)
        return json.loads(answer.stdout.strip().splitlines()[-1])
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError, IndexError, ValueError) as error:
        print(f"{name}: {error}", file=sys.stderr)
        return {"seconds": float(limit)}


def eslabon(binary, folder, engine, limit, gap):
    command = [binary, "solve", str(folder), "--json", "--engine", engine]
    command += ["--time-limit", str(limit), "--gap", str(gap)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    result = json.loads(answer.stdout)
    tier = result["tiers"][0]
    return {
        "seconds": sum(phase["seconds"] for phase in result["seconds"]),
        "value": tier["value"],
        "bound": tier["bound"],
        "published": float(tier["published"]),
        "solved": result["status"] == "optimal",
    }


def measured(run, repetitions):
    """Several runs, with the median of their times."""
    runs = [run()]
    # What takes a minute is not run again.
    while len(runs) < repetitions and runs[0]["seconds"] < 60:
        runs.append(run())
    return {**runs[-1], "seconds": statistics.median(one["seconds"] for one in runs)}


def network(binary, folder, family, pairs):
    """Generates a network with coverage as its only tier; the command for it."""
    lots = pairs // 10
    options = {"suppliers": max(lots // 2, 20), "lots": lots, "buyers": 50, "pairs-per-lot": 10, "family": family}
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))] + ["--seed", "1"]
    subprocess.run([binary, "generate", str(folder), *words], check=True, capture_output=True)
    settings = folder / "instance.toml"
    text = re.sub(r"(?ms)^objectives = \[.*?^\]", 'objectives = ["coverage"]', settings.read_text())
    settings.write_text(text)
    return f"eslabon generate network {' '.join(words)}"


def rows(binary, family, pairs, arguments):
    """The command that makes the network, and (who, seconds, gap to the best bound, remark, solved) of everybody."""
    with tempfile.TemporaryDirectory() as place:
        folder, path = Path(place) / "network", Path(place) / "coverage.mps"
        command = network(binary, folder, family, pairs)
        subprocess.run([binary, "solve", str(folder), "--export-mps", str(path)], check=True, capture_output=True)
        results = []
        for engine, gap in (("first-order", arguments.gap), ("first-order", arguments.gap / 100), ("highs", 0)):
            if engine == "highs" and pairs > arguments.exact_up_to:
                continue
            name = f"**Eslabón**, {engine}" + (f", to {gap:.0e}" if gap else "")
            run = lambda: eslabon(binary, folder, engine, arguments.limit, gap or arguments.gap)
            results.append((name, measured(run, arguments.repetitions)))
            print(name, results[-1][1], flush=True)
        best = min(result["bound"] for _, result in results if result["bound"] > 0)
        for name in PEERS:
            run = lambda: peer(name, path, arguments.limit, arguments.gap)
            results.append((name, measured(run, arguments.repetitions)))
            print(name, results[-1][1], flush=True)
        return command, [row(name, result, best) for name, result in results]


def row(name, result, best):
    seconds, value = result["seconds"], result.get("value")
    if value is None:
        return name, seconds, None, "ended without an optimum", False
    gap = (best - value) / best
    if "bound" in result:
        lost = (value - result["published"]) / best
        remark = f"bound proven {(result['bound'] - value) / value:.0e} above; whole units lose {lost:.0e}"
        return name, seconds, gap, remark, result["solved"]
    if result["broken"] > FEASIBLE:
        return name, seconds, gap, f"breaks a row by {result['broken']:.0e}", False
    return name, seconds, gap, "", True


def table(rows):
    head = "| who | seconds | below the best bound | |\n|---|---|---|---|\n"
    text = ""
    for name, seconds, gap, remark, solved in rows:
        gap = "" if gap is None else f"{gap:.1e}"
        text += f"| {name} | {seconds:.2f}{'' if solved else ' (does not count)'} | {gap} | {remark} |\n"
    return head + text


def plot(points, path):
    """Time against pairs, both logarithmic, one line for everybody in the family with the most sizes."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "eslabon"
    from matplotlib import pyplot

    _, axes = pyplot.subplots(figsize=(8, 5))
    for name, line in points.items():
        pairs, seconds = zip(*sorted(line))
        axes.plot(pairs, seconds, marker="o", label=name.replace("**", ""), linewidth=2.5 if "Eslab" in name else 1)
    axes.set(xscale="log", yscale="log", xlabel="pairs", ylabel="seconds")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    pyplot.savefig(path, metadata={"Date": None})


def versions():
    names = ("highspy", "ortools", "clarabel", "numpy", "scipy")
    return ", ".join(f"{name} {metadata.version(name)}" for name in names)


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--eslabon", help="the command, optimised")
    words.add_argument("--families", default="tight,slack,few_buyers,dominant_buyer,components")
    words.add_argument("--pairs", default="6000,20000,60000")
    words.add_argument("--exact-up-to", type=int, default=20000, help="pairs up to which Eslabón runs HiGHS too")
    words.add_argument("--limit", type=float, default=120)
    words.add_argument("--gap", type=float, default=1e-4)
    words.add_argument("--repetitions", type=int, default=3)
    words.add_argument("--out", default="solver/BENCHMARKS.md")
    words.add_argument("--one", help=argparse.SUPPRESS)
    words.add_argument("--program", help=argparse.SUPPRESS)
    arguments = words.parse_args()
    if arguments.one:
        one(arguments.one, arguments.program, arguments.limit, arguments.gap)
        return
    sizes = [int(pairs) for pairs in arguments.pairs.split(",")]
    text, points = "", {}
    for family in arguments.families.split(","):
        # Every family at the largest size, the first one at all of them.
        for pairs in sizes if not points else sizes[-1:]:
            print(family, pairs, flush=True)
            command, found = rows(arguments.eslabon, family, pairs, arguments)
            text += f"## {family}, {pairs:,} pairs\n\n`{command}`\n\n{table(found)}\n"
            if family == arguments.families.split(",")[0]:
                for name, seconds, _, _, solved in found:
                    if solved:
                        points.setdefault(name, []).append((pairs, seconds))
    out = Path(arguments.out)
    picture = ""
    if len(sizes) > 1:
        plot(points, out.with_suffix(".svg"))
        picture = f"![Seconds against pairs, first family]({out.with_suffix('.svg').name})\n\n"
    processor = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    # The other half of the file, which programmes.py writes.
    kept = "".join(out.read_text().partition("# Integer programmes")[1:]) if out.exists() else ""
    out.write_text(
        f"# Eslabón beside other solvers\n\n{__doc__.strip()}\n\n"
        f"Made by `make bench-solver` with `--families {arguments.families} --pairs {arguments.pairs} --limit "
        f"{arguments.limit:g} --gap {arguments.gap:g} --repetitions {arguments.repetitions}`; medians of the seconds. "
        f"{processor[1] if processor else platform.machine()}, two cores used; {versions()}.\n\n"
        f"{picture}{text.rstrip()}\n" + (f"\n{kept}" if kept else "")
    )


if __name__ == "__main__":
    main()
