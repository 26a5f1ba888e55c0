"""Runs the tests: each alone once, to see what it reaches, then for each mutant those that reach it."""

import concurrent.futures
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time

import scope
from building import ROOT, TREE, keep, kept, say

# Of each test when it is run alone: whoever takes longer is not asked.
LONGEST = 20


def run(program, folder, tests, seconds, **environment):
    """Runs tests of a program; returns whether they passed, `None` if they had no time to, and how long it took."""
    # Whoever is stopped leaves its databases behind, so each run has a folder of its own.
    place = tempfile.mkdtemp(prefix="eslabon-mutants.")
    environment = dict(os.environ, TMPDIR=place, INSTA_UPDATE="no", INSTA_FORCE_PASS="0", PROPTEST_CASES="64",
                       **environment)
    environment.pop("ESLABON_TEST_POSTGRES", None)
    start = time.monotonic()
    process = subprocess.Popen([program, "--exact", "--test-threads", "1", *tests], cwd=TREE / folder, env=environment,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               start_new_session=True)
    try:
        passed = process.wait(seconds) == 0
    except subprocess.TimeoutExpired:
        passed = None
    # Its children with it.
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
    shutil.rmtree(place, ignore_errors=True)
    return passed, time.monotonic() - start


def as_built(program):
    """Another one after each build."""
    return f"{pathlib.Path(program).name} {pathlib.Path(program).stat().st_mtime_ns}"


def tests_of(program, folder):
    listed = subprocess.run([program, "--list", "--format", "terse"], cwd=TREE / folder, check=True,
                            stdout=subprocess.PIPE).stdout.decode()
    return [line.removesuffix(": test") for line in listed.splitlines() if line.endswith(": test")]


def jobs_until(deadline, jobs, work, done):
    """Two at a time, and none begun after the deadline. Returns whether all were."""
    lock = threading.Lock()

    def one(job):
        if time.monotonic() >= deadline:
            return False
        result = work(job)
        with lock:
            done(job, result)
        return True

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return all(list(pool.map(one, jobs)))


def reach(deadline):
    """What each test reaches, how long it takes, and whether it passes without a mutant."""
    reached = kept("reached.json", {})
    jobs = []
    for folder, name, program in kept("programs.json", []):
        built = as_built(program)
        for test in tests_of(program, folder):
            if scope.looks_at(name, test) and reached.get(f"{name} {test}", {}).get("built") != built:
                jobs.append((name, folder, program, test))
    say(f"{len(jobs)} tests to be looked at")

    def work(job):
        _, folder, program, test = job
        with tempfile.NamedTemporaryFile() as file:
            passed, seconds = run(program, folder, [test], LONGEST, ESLABON_MUTANTS_REACHED=file.name)
            return passed, seconds, sorted({int(line) for line in file.read().split()})

    def done(job, result):
        name, folder, program, test = job
        passed, seconds, ids = result
        reached[f"{name} {test}"] = dict(program=name, test=test, built=as_built(program), passed=passed,
                                         seconds=round(seconds, 3), ids=ids)

    try:
        return jobs_until(deadline, jobs, work, done)
    finally:
        keep("reached.json", reached)
        for of in reached.values():
            if not of["passed"]:
                say(f"not asked, as it {'fails' if of['passed'] is False else 'takes long'}: {of['program']} {of['test']}")


def batches(mutant, reached, most):
    """The tests that reach a mutant, in batches of one program; and whether there were more than time for them."""
    stage = mutant["file"].removeprefix("src/").split("/")[0] + "::"
    order = {name: number for number, (_, name) in enumerate(scope.PROGRAMS)}
    those = [of for of in reached.values() if of["passed"] and mutant["id"] in of["set"]]
    # The unit tests first, then those about the same stage, the quick ones before the others.
    those.sort(key=lambda of: (order[of["program"]], not of["test"].startswith(stage), of["seconds"]))
    groups, spent = [], 0
    for of in those:
        if spent + of["seconds"] > most and groups:
            return groups, True
        spent += of["seconds"]
        last = groups[-1] if groups else None
        if last and last["program"] == of["program"] and last["seconds"] + of["seconds"] < (
                10 if of["program"] in ("eslabon", "eslabon_solver") else 3):
            last["tests"].append(of["test"])
            last["seconds"] += of["seconds"]
        else:
            groups.append(dict(program=of["program"], tests=[of["test"]], seconds=of["seconds"]))
    return groups, False


def attempt(mutants, deadline, most):
    """Tries mutants that have not been tried. Returns whether all were."""
    reached, results = kept("reached.json", {}), kept("results.json", {})
    for of in reached.values():
        of["set"] = set(of["ids"])
    programs = {name: (folder, program) for folder, name, program in kept("programs.json", [])}
    jobs = [of for of in mutants if of["name"] not in results]
    say(f"{len(jobs)} mutants to be tried")
    begun = time.monotonic()

    def work(mutant):
        groups, cut = batches(mutant, reached, most)
        asked = 0
        for group in groups:
            folder, program = programs[group["program"]]
            passed, _ = run(program, folder, group["tests"], 10 + 10 * group["seconds"],
                            ESLABON_MUTANT=str(mutant["id"]))
            asked += len(group["tests"])
            if passed is not True:
                return dict(result="timeout" if passed is None else "caught", asked=asked)
        return dict(result="survived" if groups else "not reached", asked=asked, cut=cut)

    def done(mutant, result):
        results[mutant["name"]] = result
        if len(results) % 20 == 0:
            keep("results.json", results)
            say(f"{len(results)} tried, {time.monotonic() - begun:.0f} s")

    try:
        return jobs_until(deadline, jobs, work, done)
    finally:
        keep("results.json", results)
