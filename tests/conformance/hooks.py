"""What schemathesis is told of the service: who may do what, which ids are there, and which version was read.

Everything that is made up stays made up, but for what a made-up value can never be: a token, an id, an `If-Match`.
"""
import atexit
import copy
import json
import os
import re
import threading
from collections import Counter, defaultdict

import schemathesis
from schemathesis.core import NotSet
from schemathesis.core.parameters import ParameterLocation

from people import UUID, World

METHODS = ("get", "post", "put", "delete", "patch")
# What ends the account, the membership or the token of whoever does it.
ENDS_ONESELF = {"personal_data_erase", "passwords_change", "second_factor_confirm", "tokens_revoke", "sessions_end_others"}
# How many times an operation's example is tried, each time by somebody else on something else.
TRIES = int(os.environ.get("ESLABON_CONFORMANCE_TRIES", "8"))
# How often a made-up id is left as it is.
MADE_UP = float(os.environ.get("ESLABON_CONFORMANCE_MADE_UP", "0.1"))

answers, lock, state = defaultdict(Counter), threading.Lock(), {}


@schemathesis.hook
def after_load_schema(context, schema):
    document = schema.raw_schema
    state["world"] = World(document)
    state["document"] = document
    state["gets"] = {path for path, item in document["paths"].items() if "get" in item}
    state["operations"] = {
        (path, method.upper()): operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def described(case):
    return state["operations"].get((case.path, case.method.upper()), {})


@schemathesis.auth(refresh_interval=None)
class SomebodyWhoMay:
    """One of those who have a role for the operation."""

    def get(self, case, context):
        world, operation = state["world"], described(case)
        able = world.able(operation.get("x-roles", [])) or world.people
        able = [person for person in able if person.email != state.get("not")] or able
        if operation.get("operationId") in ENDS_ONESELF:
            able = world.expendable
        return world.chance(f"who {context.operation.label}").choice(able)

    def set(self, case, person, context):
        case.headers["Authorization"] = f"Bearer {person.secret}"


def is_negative(case, location):
    return case.meta is not None and case.meta.is_negative_at(location)


@schemathesis.hook
def before_call(context, case, kwargs):
    """Puts in what cannot be made up."""
    world, operation = state["world"], described(case)
    secret = (case.headers or {}).get("Authorization", "").removeprefix("Bearer ")
    person = world.by_secret(secret)
    chance = world.chance(case.operation.label)
    # Without a login there is nobody whose ids these could be: what is tried is that nothing is answered.
    if person is None:
        return
    if case.path_parameters and not is_negative(case, ParameterLocation.PATH):
        person = fill_path(world, operation, case, person, chance)
        case.headers["Authorization"] = f"Bearer {person.secret}"
    # What is no JSON is left alone: schemathesis takes a touched file for another one than was made up.
    is_json = (case.media_type or "").startswith("application/json")
    if is_json and isinstance(case.body, (dict, list)) and not is_negative(case, ParameterLocation.BODY):
        case.body = with_ids(world, copy.deepcopy(case.body), person, chance)
    if case.query and not is_negative(case, ParameterLocation.QUERY):
        case.query = {
            name: (world.for_field(name, person, chance) or value)
            if isinstance(value, str) and UUID.fullmatch(value) and chance.random() > MADE_UP
            else value
            for name, value in case.query.items()
        }
    if "If-Match" in (case.headers or {}) and not is_negative(case, ParameterLocation.HEADER):
        if chance.random() > MADE_UP and (tag := version(world, case, person)):
            case.headers["If-Match"] = tag


def fill_path(world, operation, case, person, chance):
    """Ids that somebody has seen, in the order of the path, and the one of them who asks."""
    emails = {one.email for one in world.able(operation.get("x-roles", []))} or {person.email}
    if operation.get("operationId") in ENDS_ONESELF:
        emails = {person.email}
    parts, parent, values = case.path.split("/"), None, dict(case.path_parameters)
    for at, part in enumerate(parts):
        name = part.strip("{}")
        if not part.startswith("{") or not UUID.fullmatch(str(values.get(name))):
            continue
        noun = parts[at - 1] if name == "id" else {"account": "members"}.get(name, name + "s")
        noun = {"lead-firms": "organisations", "lead_firms": "organisations", "suppliers": "organisations", "firms": "organisations",
            "buyers": "organisations"}.get(noun, noun)
        known = world.pool[noun].get(values[name])
        if known and known["who"] & emails:
            emails = known["who"] & emails
        elif chance.random() > MADE_UP:
            found, who = world.among(noun, emails, operation.get("x-states", []), chance, parent)
            found = found or world.for_field(name, person, chance)
            if found:
                values[name] = found
                emails = {who} & emails or emails
        parent = values[name]
    case.path_parameters = values
    return next((one for one in [person, *world.people] if one.email in emails), person)


def with_ids(world, value, person, chance, name=""):
    if isinstance(value, dict):
        return {key: with_ids(world, inner, person, chance, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [with_ids(world, inner, person, chance, name) for inner in value]
    if isinstance(value, str) and UUID.fullmatch(value) and chance.random() > MADE_UP:
        return world.for_field(name, person, chance) or value
    # There are a hundred and eighty currencies, and one programme.
    if name == "currency" and isinstance(value, str) and chance.random() > 2 * MADE_UP:
        return "CLP"
    return value


def version(world, case, person):
    """The version of what the path is about, as this person reads it: of the thing itself, or in its list."""
    parts = case.path.split("/")
    filled = case.formatted_path.split("/")
    for end in range(len(parts), 3, -1):
        template = "/".join(parts[:end])
        if template not in state["gets"]:
            continue
        path = "/".join(filled[:end])
        (fresh, answer), person.fresh = person.fresh, (None, None)
        if fresh != path:
            answer = person.get(path)
        if answer.headers.get("etag"):
            return answer.headers["etag"]
        wanted = [part for part in filled[end:] if UUID.fullmatch(part)]
        if answer.status_code == 200 and wanted and "json" in answer.headers.get("content-type", ""):
            if tag := tag_of(answer.json(), wanted[0]):
                return tag
    if case.path.startswith("/api/v1/profile/"):
        return person.get(f"/api/v1/organisations/{person.organisation}/profile").headers.get("etag")
    return None


def tag_of(value, id):
    """The `etag` beside an id."""
    if isinstance(value, dict):
        if "etag" in value and id in (value.get("id"), (value.get("account") or {}).get("id") if isinstance(value.get("account"), dict) else value.get("account")):
            return value["etag"]
        value = list(value.values())
    if isinstance(value, list):
        return next((tag for inner in value if (tag := tag_of(inner, id))), None)
    return None


@schemathesis.hook
def before_add_examples(context, examples):
    """The document's example of an operation, several times."""
    operation = context.operation
    if not examples:
        return
    first = examples[0]
    for _ in range(TRIES - 1):
        examples.append(again(operation, first))


def again(operation, case):
    body = {} if isinstance(case.body, NotSet) else {"body": copy.deepcopy(case.body), "media_type": case.media_type}
    made = operation.Case(
        method=case.method,
        path_parameters=dict(case.path_parameters or {}),
        headers=dict(case.headers or {}),
        query=dict(case.query or {}),
        _meta=case.meta,
        **body,
    )
    made._has_explicit_auth = case._has_explicit_auth
    return made


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """A table is a text, and so is whatever is sent in its place: `{}` is a table with one column and no rows. Whether its
    columns are known is no question of the schema; a preview says so with 200."""
    is_table = (case.media_type or "").startswith("text/csv")
    return not (is_table and type(failure).__name__ == "AcceptedNegativeData" and is_negative(case, ParameterLocation.BODY))


@schemathesis.hook
def after_call(context, case, response):
    world = state["world"]
    label = f"{case.method.upper()} {case.path}"
    if case.method.lower() in METHODS:
        with lock:
            answers[label][response.status_code] += 1
    sent = response.request.headers.get("Authorization", "").removeprefix("Bearer ")
    person = world.by_secret(sent)
    if person is None:
        return
    if 200 <= response.status_code < 300 and "json" in "".join(response.headers.get("content-type", [])):
        path = re.sub(r"^https?://[^/]+", "", response.request.url)
        try:
            world.learn(person, path, response.json())
        except ValueError:
            return
    if response.status_code == 401:
        try:
            person.log_in()
        except Exception:
            if person in world.expendable and len(world.expendable) > 1:
                world.expendable.remove(person)


def leave():
    if path := os.environ.get("ESLABON_CONFORMANCE_ANSWERS"):
        with open(path, "w", encoding="utf-8") as file:
            json.dump({label: dict(sorted(found.items())) for label, found in sorted(answers.items())}, file, indent=1)


atexit.register(leave)
