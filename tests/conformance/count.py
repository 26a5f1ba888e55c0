"""How many operations were asked, and which have succeeded: by schemathesis, by reach.py, in the demo, or in a test.

    python count.py DOCUMENT DEMO.LOG ANSWERS.json...

Fails unless every operation of the document was asked by schemathesis, and has succeeded somewhere.
"""
import json
import re
import sys
import urllib.request
from pathlib import Path

METHODS = ("get", "post", "put", "delete", "patch")
# What succeeds only where a clock can be put forward, or where a letter is read, or in a state of which the demo has none: the
# test that does it. What has succeeded here all the same may go from the list.
ELSEWHERE = json.loads((Path(__file__).parent / "elsewhere.json").read_text(encoding="utf-8"))


def read(place):
    if place.startswith("http"):
        with urllib.request.urlopen(place, timeout=30) as answer:
            return json.load(answer)
    return json.loads(Path(place).read_text(encoding="utf-8"))


def main(document, demo, asked, *others):
    operations = {
        f"{method.upper()} {path}": operation["operationId"]
        for path, item in read(document)["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }
    succeeded = lambda answers: {
        operations[label]
        for label, found in answers.items()
        if label in operations and any(status.startswith("2") for status in found)
    }
    answers = read(asked)
    by = {"schemathesis": succeeded(answers)}
    for place in others:
        by["reach.py"] = by.get("reach.py", set()) | succeeded(read(place))
    lines = Path(demo).read_text(encoding="utf-8", errors="replace").splitlines()
    told = (re.search(r'method="(\w+)" route="([^"]+)" status=2', line) for line in lines)
    by["the demo"] = {operations[label] for one in told if one and (label := f"{one[1]} {one[2]}") in operations}

    tests = "\n".join(path.read_text(encoding="utf-8") for path in Path("tests").rglob("*.rs"))
    by["a test"] = {id for id, name in ELSEWHERE.items() if f"fn {name.rsplit('::', 1)[-1]}(" in tests}
    asked_for = {operations[label] for label in answers if label in operations}
    done, missing = set(), set(operations.values())
    print(f"operations: {len(operations)} in the document, {len(asked_for)} asked by schemathesis")
    for who, reached in by.items():
        print(f"succeeded by {who}: {len(reached & set(operations.values()))}, {len(reached - done)} of them nowhere before")
        done |= reached
        missing -= reached
    print(f"succeeded: {len(operations) - len(missing)} of {len(operations)}")
    for id in sorted(missing):
        print(f"never succeeded: {id}")
    for id in sorted(set(operations.values()) - asked_for):
        print(f"never asked: {id}")
    return 1 if missing or len(asked_for) != len(operations) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
