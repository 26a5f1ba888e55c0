"""The list of mutants, the sources with all of them, and the programs built of these."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import scope

ROOT = pathlib.Path(__file__).resolve().parents[2]
STATE = ROOT / "target" / "mutants"
TREE = STATE / "tree"
TOOL = STATE / "tool" / "release" / "eslabon-mutants"


def say(text):
    print(text, flush=True)


def kept(name, default):
    path = STATE / name
    return json.loads(path.read_text()) if path.exists() else default


def keep(name, value):
    draft = STATE / (name + ".new")
    draft.write_text(json.dumps(value, indent=1))
    draft.rename(STATE / name)


def mutants():
    """Those of cargo-mutants, in its order; an id is good for one list."""
    command = ["cargo", "mutants", "--workspace", "--list", "--json", "--no-config"]
    for pattern in scope.FILES:
        command += ["--file", pattern]
    for pattern in scope.NOT:
        command += ["--exclude", pattern]
    listed = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    return [dict(id=number, name=of["name"], file=of["file"], genre=of["genre"], replacement=of["replacement"],
                 span=of["span"], function=(of.get("function") or {}).get("function_name", ""))
            for number, of in enumerate(listed, 1)]


def copy(listed):
    """What git knows of, and what is not committed yet, but what is written with mutants. What has not changed is not
    touched, so that cargo does not build it again."""
    written = {of["file"] for of in listed} | set(scope.ROOTS.values())
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                            check=True, stdout=subprocess.PIPE).stdout.decode().split("\0")
    for name in filter(None, listed):
        source, target = ROOT / name, TREE / name
        if not source.is_file() or (name in written and target.exists()):
            continue
        text = source.read_bytes()
        if name == "Cargo.toml":
            # Another version: in the folder of what is built cargo would take the one's crates for the other's.
            text = re.sub(rb'(?m)^version = "([0-9.]+)"$', rb'version = "\1-mutants"', text, count=1)
        if not (target.exists() and target.read_bytes() == text):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text)
            shutil.copymode(source, target)


def write(listed, dropped):
    """Writes the mutants that are not dropped; returns those without a place, with why."""
    for start, root in scope.ROOTS.items():
        text = (ROOT / root).read_text() + (ROOT / "tests/mutants/switch.rs").read_text()
        if (TREE / root).read_text() != text:
            (TREE / root).write_text(text)
    wanted = [of for of in listed if of["name"] not in dropped]
    # A file without mutants is written as well: it may have had some.
    for name in {of["file"] for of in listed} - {of["file"] for of in wanted}:
        shutil.copyfile(ROOT / name, TREE / name)
    unplaced = subprocess.run([TOOL, ROOT, TREE], input=json.dumps(wanted).encode(), check=True,
                              stdout=subprocess.PIPE).stdout
    names = {of["id"]: of["name"] for of in listed}
    return {names[of["id"]]: of["why"] for of in json.loads(unplaced)}


def compile_tree(*what):
    """Builds; returns the errors, as (file, byte, code, message), and the test programs by target."""
    command = ["cargo", *what, "--profile", "ci", "--workspace", "--message-format", "json"]
    run = subprocess.run(command, cwd=TREE, env=dict(os.environ, CARGO_TARGET_DIR=str(ROOT / "target")),
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    errors, programs = set(), {}
    for line in run.stdout.splitlines():
        message = json.loads(line)
        if message["reason"] == "compiler-artifact" and message["profile"]["test"] and message["executable"]:
            folder = pathlib.Path(message["manifest_path"]).parent.relative_to(TREE)
            programs["" if str(folder) == "." else str(folder), message["target"]["name"]] = message["executable"]
        if message["reason"] == "compiler-message" and message["message"]["level"] == "error":
            error = message["message"]
            code = (error["code"] or {}).get("code", "")
            for span in error["spans"]:
                if span["is_primary"]:
                    while span["expansion"] and not span["file_name"].startswith(("src/", "solver/")):
                        span = span["expansion"]["span"]
                    errors.add((span["file_name"], span["byte_start"], code, error["message"]))
    if run.returncode and not errors:
        sys.stderr.write(run.stderr.decode()[-4000:])
        sys.exit("the build failed, and no mutant is to blame")
    return errors, programs


def marks(text):
    """The stretches of a written file that belong to mutants: (start, end, ids, whether it is one mutant's own)."""
    found = []
    for opening in re.finditer(r"/\*<(\d+)\*/", text):
        end = text.index(f"/*{opening[1]}>*/", opening.end())
        found.append((len(text[:opening.start()].encode()), len(text[:end].encode()), [int(opening[1])], True))
    for opening in re.finditer(r"/\*\(([\d,]+)\*/", text):
        end = text.index(f"/*{opening[1]})*/", opening.end())
        ids = [int(one) for one in opening[1].split(",")]
        found.append((len(text[:opening.start()].encode()), len(text[:end].encode()), ids, False))
    return found


def blame(errors, listed):
    """Which mutants the errors are of: {name: why}."""
    names = {of["id"]: of["name"] for of in listed}
    guilty, unknown, texts = {}, [], {}
    for file, byte, code, message in sorted(errors):
        if file not in texts:
            texts[file] = marks((TREE / file).read_text())
        around = [of for of in texts[file] if of[0] <= byte <= of[1]]
        own = [of for of in around if of[3]]
        if own:
            guilty[names[min(own, key=lambda of: of[1] - of[0])[2][0]]] = f"unviable: {code} {message}"
        elif code == "E0015" and "`" in message:
            # A function that no longer is `const` is called where there must be a constant.
            name = re.sub(r"::<.*>$", "", message.split("`")[1]).split("::")[-1]
            for of in listed:
                if re.sub(r"<.*?>", "", of["function"]).split("::")[-1] == name:
                    guilty[of["name"]] = "in a constant"
        elif around:
            for one in min(around, key=lambda of: of[1] - of[0])[2]:
                guilty[names[one]] = f"no switch: {code} {message}"
        else:
            unknown.append(f"{file}, byte {byte}: {code} {message}")
    return guilty, unknown


def prepare():
    """From sources to programs; what was found not to compile is remembered."""
    STATE.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cargo", "build", "--release", "--quiet", "--locked", "--manifest-path",
                    str(ROOT / "tests/mutants/Cargo.toml"), "--target-dir", str(STATE / "tool")], check=True)
    listed, dropped = mutants(), kept("dropped.json", {})
    keep("listed.json", listed)
    say(f"{len(listed)} mutants")
    copy(listed)
    while True:
        dropped |= write(listed, dropped)
        # The unit tests first: as long as mutants go, the others need not be built.
        programs = {}
        for more in ([], ["--test", "main"]):
            errors, built = compile_tree("test", "--no-run", "--lib", "--test", "trust", *more)
            if errors:
                break
            programs |= built
            keep("programs.json", [[folder, name, programs[folder, name]] for folder, name in scope.PROGRAMS
                                   if (folder, name) in programs])
        if not errors:
            break
        guilty, unknown = blame(errors, listed)
        new = {name: why for name, why in guilty.items() if name not in dropped}
        say(f"{len(errors)} errors, {len(new)} mutants go")
        if not new:
            sys.exit("\n".join(["no mutant is to blame for:", *unknown[:20]]))
        dropped |= new
        keep("dropped.json", dropped)
    keep("dropped.json", {of["name"]: dropped[of["name"]] for of in listed if of["name"] in dropped})
    say(f"{sum(of['name'] not in dropped for of in listed)} mutants compile")
