"""Who asks, and what they see: one person in every role of the demo's organisations, and the ids that each has read.

Schemathesis makes up data; what it cannot make up is a person who may, and the id and version of something that is there
for that person. Both are learnt here from the service itself, by reading every list and everything that is listed.
"""
import os
import random
import re
import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import requests

PASSWORD = "eslabon-demo"
BASE = os.environ["ESLABON_CONFORMANCE_URL"].rstrip("/")
SEED = os.environ.get("ESLABON_CONFORMANCE_SEED", "1")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# In the demo: everybody but those suppliers who take part in nothing. The roles that it leaves out are filled by their
# administrators, who add those who may be removed as well.
LOG_IN_AS = [
    "marta@fomento.example", "oscar@fomento.example", "ana@fomento.example", "irma@itata.example",
    "luis@conservas.example", "sofia@pesquera.example", "jorge@minera.example", "teresa@minera.example", "nicolas@pesquera.example",
    *(f"contacto@proveedor{number:02}.example" for number in (1, 2, 3, 5, 7, 11, 12, 21)),
]
COLLEAGUES = {
    "institution": ["institution_reader"],
    "lead_firm": ["lead_firm_reader", "lead_firm_member"],
    "supplier": ["supplier_reader", "supplier_member"],
}
# Of an item that the pool holds of a noun, and the nouns that go by another name in bodies and paths.
SAME = {
    "firm": "organisations", "organisation": "organisations", "supplier": "organisations", "lead_firm": "organisations",
    "institution": "organisations", "buyer": "organisations", "party": "organisations", "participant": "organisations", "responsible": "organisations", "account": "members",
    "with": "runs", "match": "matches", "matche": "matches", "about_id": "matches",
}


class Person:
    """Somebody in one organisation, with a token."""

    def __init__(self, email, password=PASSWORD):
        self.email, self.password = email, password
        # What was read a moment ago, and where.
        self.fresh = (None, None)
        self.session = requests.Session()
        self.log_in()
        me = self.get("/api/v1/me").json()
        self.role, self.account = me["role"], me["account"]["id"]
        self.organisation, self.kind = me["organisation"]["id"], me["organisation"]["kind"]

    def log_in(self):
        answer = requests.post(f"{BASE}/api/v1/tokens", json={"email": self.email, "password": self.password}, timeout=30)
        answer.raise_for_status()
        self.secret = answer.json()["secret"]
        self.session.headers["Authorization"] = f"Bearer {self.secret}"

    def get(self, path, **more):
        return self.session.get(BASE + path, timeout=30, **more)


class World:
    """Everybody, and what everybody has read."""

    def __init__(self, document):
        self.lock = threading.RLock()
        self.reads = sorted(path for path, item in document["paths"].items() if "get" in item)
        # noun → id → what was read of it: who, in which state, under which parent.
        self.pool = defaultdict(dict)
        # The name of a field → the ids that stood there.
        self.named = defaultdict(dict)
        self.turns = defaultdict(int)
        self.people, self.expendable = [], []
        self.meet()
        # Whoever is in the same organisation sees the same, so one of each looks; in whatever order they are answered, what
        # they have seen is kept in one.
        lookers = list({person.organisation: person for person in reversed(self.people)}.values())
        with ThreadPoolExecutor(4) as together:
            list(together.map(self.look_around, lookers))
        colleagues = {looker.email: {p.email for p in self.people if p.organisation == looker.organisation} for looker in lookers}
        for ids in self.pool.values():
            for item in ids.values():
                item["who"] = set().union(*(colleagues.get(email, {email}) for email in item["who"]))
        for ids in self.named.values():
            for id, emails in ids.items():
                ids[id] = set().union(*(colleagues.get(email, {email}) for email in emails))
        for shelf in (self.pool, self.named):
            for name in shelf:
                shelf[name] = dict(sorted(shelf[name].items()))

    def meet(self):
        for email in LOG_IN_AS:
            self.people.append(Person(email))
        seen = set()
        for administrator in list(self.people):
            kind = administrator.kind
            if kind in seen or not administrator.role.endswith("administrator"):
                continue
            seen.add(kind)
            for role in [*COLLEAGUES[kind], *[COLLEAGUES[kind][0]] * 4]:
                email = f"{role.replace('_', '.')}.{self.turns['colleague']}@conformidad.example"
                self.turns["colleague"] += 1
                body = {"email": email, "name": "Una colega", "password": PASSWORD, "role": role}
                made = administrator.session.post(f"{BASE}/api/v1/members", json=body, timeout=30)
                made.raise_for_status()
                if role in {person.role for person in self.people}:
                    # Somebody who may be changed, removed and erased, and forget a password.
                    self.keep("members", made.json()["account"]["id"], administrator, made.json())
                    self.expendable.append(Person(email))
                else:
                    self.people.append(Person(email))

    def chance(self, label):
        """A generator of its own for each use, so that what one operation does leaves the others' choices alone."""
        with self.lock:
            self.turns[label] += 1
            return random.Random(f"{SEED} {label} {self.turns[label]}")

    # --- what is there ------------------------------------------------------------------------------

    def look_around(self, person):
        opened = set()
        for path in self.reads:
            if "{" not in path and not path.endswith(("/openapi.json", "/proof")):
                self.read(person, path)
        for path in self.reads:
            parts = path.split("/")
            if path.count("{") == 1 and parts[-2].startswith("{") and path.count("/") == 5:
                noun = parts[3]
                for id in self.seen_by(person, noun)[:2]:
                    self.read(person, "/".join([*parts[:4], id, parts[-1]]))
            elif path.count("{") == 1 and parts[-1].startswith("{"):
                for id in self.seen_by(person, parts[3])[:2]:
                    if (path, id) not in opened:
                        opened.add((path, id))
                        self.read(person, "/".join([*parts[:-1], id]))

    def seen_by(self, person, noun):
        with self.lock:
            return [id for id, item in self.pool[noun].items() if person.email in item["who"]]

    def read(self, person, path):
        if path.endswith(("/events", "/ocds", "/proof", "/profile")):
            return
        answer = person.get(path)
        if answer.status_code == 200 and answer.headers.get("content-type", "").startswith("application/json"):
            self.learn(person, path, answer.json())

    def keep(self, noun, id, person, item, parent=None):
        with self.lock:
            known = self.pool[noun].setdefault(id, {"who": set(), "state": None, "parent": None, "etag": None})
            known["who"].add(person.email)
            known["state"] = item.get("state") or known["state"]
            known["parent"] = parent or known["parent"]
            known["etag"] = item.get("etag") or known["etag"]
            known["code"] = item.get("code")

    def learn(self, person, path, read):
        """Remembers the ids in what somebody has read."""
        parts = path.split("?")[0].split("/")[3:]
        nouns = [part for part in parts if not UUID.fullmatch(part)]
        above = [part for part in parts[:-1] if UUID.fullmatch(part)]
        self.walk(person, read, nouns[-1] if nouns else "", above[-1] if above else None, None)

    def walk(self, person, value, noun, parent, state):
        if isinstance(value, list):
            for item in value:
                self.walk(person, item, noun, parent, state)
        elif isinstance(value, dict):
            id, state = value.get("id"), value.get("state") or state
            if isinstance(id, str) and noun:
                # What has no state of its own, as a lot, is in that of what it belongs to.
                self.keep(noun, id, person, {"state": state, **value}, parent)
            for name, inner in value.items():
                if isinstance(inner, str) and UUID.fullmatch(inner) and name not in ("id", "account"):
                    with self.lock:
                        self.named[name].setdefault(inner, set()).add(person.email)
                elif isinstance(inner, list):
                    self.walk(person, inner, noun if name == "items" else name, id or parent, state)
                elif isinstance(inner, dict):
                    self.walk(person, inner, name if name.endswith("s") else name + "s", id or parent, state)

    def look_again(self):
        """What has come up since."""
        for person in [*self.people, *self.expendable]:
            for noun in ("membership-requests", "invitations", "objections", "webhooks", "mandates", "tokens", "sessions"):
                if noun not in ("tokens", "sessions") or person in self.expendable:
                    self.read(person, f"/api/v1/{noun}")

    # --- who, and what ------------------------------------------------------------------------------

    def by_secret(self, secret):
        return next((person for person in self.people + self.expendable if person.secret == secret), None)

    def able(self, roles):
        return [person for person in self.people if person.role in roles]

    def among(self, noun, emails, states, chance, parent=None):
        """An id of a noun that one of these people has seen, rather in one of these states, and who that was."""
        with self.lock:
            seen = [(id, item) for id, item in self.pool[noun].items() if item["who"] & emails]
        if parent:
            seen = [found for found in seen if found[1]["parent"] == parent] or seen
        fit = [found for found in seen if found[1]["state"] in states]
        if fit and chance.random() < 0.85:
            seen = fit
        if not seen:
            return None, None
        id, item = chance.choice(seen[-60:])
        return id, chance.choice(sorted(item["who"] & emails))

    def for_field(self, name, person, chance):
        """An id that can stand in a field of this name."""
        singular = name[:-1] if name.endswith("s") else name
        with self.lock:
            seen = [id for id, who in self.named.get(singular, {}).items() if person.email in who]
        if seen and chance.random() < 0.8:
            return chance.choice(seen[-60:])
        with self.lock:
            noun = SAME.get(singular, singular + "s")
            seen += [id for id, item in self.pool[noun].items() if person.email in item["who"]][-60:]
        return chance.choice(seen) if seen else None
