"""Does once, at least, whatever the document says can be done.

What schemathesis makes up seldom fits a thing's state. Here each operation that has not succeeded yet is tried by those who may,
on what is there for them in a state in which it is possible, with a body that makes sense, round after round: what one of them
brings about makes the next one possible. Every answer goes through schemathesis' checks all the same.

    python reach.py URL
"""
import base64
import hashlib
import hmac
import json
import os
import re
import signal
import struct
import sys
import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import requests
import schemathesis

import hooks
from people import BASE, PASSWORD

TRIES = 6
SOME_ID = "01890000-0000-7000-8000-000000000000"
REASON = "Según lo que pide la red y consta en sus actas."
TODAY = date.today()


def day(offset):
    return (TODAY + timedelta(days=offset)).isoformat()


def moment(offset):
    return f"{day(offset)}T18:00"


def clp(amount):
    return {"amount": str(amount), "currency": "CLP"}


LOT = {"name": "Buje", "process": "torneado", "unit": "pieza", "quantity": 10, "reference_price": "5000"}
CALL = {"title": "Otra convocatoria", "description": "Proyectos de redes.", "funds": clp(1000000), "closes_at": moment(30)}
PROPOSAL = {
    "title": "Talleres del valle", "summary": "Ocho talleres se diagnostican y venden juntos.", "model": "lead_firm",
    "grant": clp(600000), "lead_firms": [SOME_ID],
    "milestones": [{"amount": clp(600000), "due_on": day(120), "deliverable": "Ocho talleres diagnosticados"}],
    "cofinancing": [{"source": "lead_firm", "amount": clp(400000)}],
    "goals": [{"result": "production_standards", "measure": "Certificados vigentes", "target": "Seis talleres"}],
}
PLAN = {
    "supplier": SOME_ID,
    "objectives": [{"indicator": "Defectos", "unit": "ppm", "baseline": "400", "target": "300", "due_on": day(200)}],
    "actions": [{
        "question": "quality-defects-ppm", "owner": "supplier", "description": "Control estadístico de proceso",
        "cost": clp(100), "months": 4, "split": {"programme": "0", "lead_firm": "0", "supplier": "1"}, "due_on": day(150),
    }],
}
PRACTICE = {
    "programme": SOME_ID, "title": "Tablero de calidad por turno",
    "summary": "Cada turno anota sus defectos en un tablero a la vista de todos.",
    "body": "Al final del turno, dos personas cuentan los defectos y acuerdan una acción.",
    "evidence": "En tres talleres de tornería los rechazos bajaron a la mitad en un año.",
    "dimension": "quality", "tags": ["tablero", "torneado"],
}
INSTRUMENT = {
    "code": "metalurgia", "kind": "supplier",
    "title": {"es": "Taller metalmecánico", "en": "Metalworking shop"},
    "about": {"es": "Responda según lo que hace hoy.", "en": "Answer by what you do today."},
    "dimensions": [{"code": "soldadura", "weight": 1, "es": "Soldadura", "en": "Welding"}],
    "questions": [{
        "code": "soldadura-calificada", "dimension": "soldadura", "weight": 1, "minimum": 50,
        "text": {"es": "¿Están calificados sus soldadores?", "en": "Are your welders qualified?"},
        "evidence": {"es": "Certificados vigentes.", "en": "Certificates in force."}, "kind": "boolean",
        "no": {"points": 0, "es": "No todos.", "en": "Not all."}, "yes": {"points": 100, "es": "Todos.", "en": "All."},
    }],
}
WRITTEN = {"reason": REASON}
# A body of each operation that the document's examples alone do not make sense of. Ids are put in by their fields' names.
BODIES = {
    "requirements_create": {"programme": SOME_ID, "title": "Bujes", "lots": [LOT]},
    "requirements_change": {"title": "Otros bujes", "lots": [LOT]},
    "requirements_amend": {"reason": REASON, "title": "Otros bujes", "lots": [LOT]},
    "interests_record": {"party": SOME_ID, "nature": "recusal"},
    "interests_declare": {"party": SOME_ID, "nature": "recusal"},
    "objections_uphold": {"reason": REASON, "remedy": REASON},
    "objections_dismiss": WRITTEN,
    "diagnostics_assist": {"revision": 9, "value": "400"},
    "diagnostics_answer": {"revision": 9, "value": "400"},
    "diagnostics_verify": {"provenance": "document", "revision": 9, "value": "400"},
    "diagnostics_confirm": {"questions": ["quality-defects-ppm"]},
    "diagnostics_confirm_assisted": {"questions": ["quality-defects-ppm"]},
    "meetings_fulfil": {"note": "Entregadas en la planta."},
    "questions_ask": {"text": "¿Se acepta bronce SAE 65?"},
    "questions_answer": {"answer": "Sí, con certificado."},
    "impact_evaluations_record": {
        "moment": "baseline", "findings": "El empleo creció en la red.", "attribution": "Sin la red habría crecido menos.",
    },
    "offers_put": {"unit_price": "4000"},
    "consortium_offers_put": {"unit_price": "4000"},
    "gap_acts_open": {"supplier": SOME_ID},
    "gap_acts_put_actions": {"actions": []},
    "gap_acts_dispute": {"line": 0, "reason": REASON},
    "gap_acts_answer": {"text": "De acuerdo."},
    "gap_acts_settle": {"outcome": "dismissed", "note": REASON},
    "plans_create": PLAN,
    "plans_change": {name: value for name, value in PLAN.items() if name != "supplier"},
    "plans_record_visit": {"visited_on": day(-1), "findings": "El tablero se usa a diario."},
    "programmes_change_rules": {"dependency_cap": "0.3", "dependency_allowance": clp(0)},
    "networks_create": {"model": "organised_suppliers", "name": "Una red más"},
    "networks_change": {"name": "Otro nombre", "call_open": True},
    "programmes_add_member": {"organisation": SOME_ID},
    "network_members_invite": {"organisation": SOME_ID},
    "network_members_decide": {"decision": "select", "reason": REASON},
    "network_members_apply": {"statement": "Torneamos bronce desde hace diez años."},
    "runs_create": {"name": "Otra corrida"},
    "contracts_announce_renewal": {"lot": SOME_ID},
    "contracts_create": {"matches": [SOME_ID], "payment_days": 30, "starts_on": day(5)},
    "organisations_state_lei": {"lei": "YZ83GD8L7GG84979J516"},
    "profiles_state_capacity": {"unit": "hora", "amount": "120"},
    "profiles_state_buyer_sales": {"amount": clp(1), "as_of": day(-10)},
    "practices_write": PRACTICE,
    "practices_change": {name: value for name, value in PRACTICE.items() if name != "programme"},
    "measurement_rounds_open": {"moment": "month_24", "due_on": day(60)},
    "measurements_answer": {"value": "12", "unit": "persons"},
    "webhooks_create": {"url": "https://uno.example/hook"},
    "webhooks_change": {"url": "https://uno.example/hook", "active": True},
    "funds_assign": {"amount": clp(50000000), "reason": REASON},
    "operating_criteria_set": {"text": "Redes de cinco pymes al menos."},
    "coordination_set": {"model": "public"},
    "coordination_reviews_create": {"from": day(-60), "to": day(-2), "findings": "Las convocatorias se resolvieron en plazo."},
    "calls_create": CALL,
    "calls_change": CALL,
    "proposals_decide": {"outcome": "reject", "reason": REASON},
    "evaluators_appoint": {"email": "oscar@fomento.example"},
    "commitments_confirm": {"cofinancing": clp(1), "purchase_intention": "Bujes para la parada."},
    "expenses_create": {"amount": clp(1), "description": "Honorarios de dos consultores", "document": "Factura 1", "spent_on": day(-1)},
    "expenses_decide": {"outcome": "accept"},
    "projects_name_networks": {"networks": [SOME_ID]},
    "passwords_change": {"present_password": PASSWORD, "password": PASSWORD},
    "open_data_put": {"open": True},
}
# Bodies that follow from what stands there.
SIGNED = lambda read, person: {"hash": read.get("hash", ""), "has_read_it": True, "may_sign_for_the_firm": True}
BY_READING = {
    "gap_acts_sign": SIGNED,
    "plans_sign": SIGNED,
    "consents_give": lambda read, person: {},
    "appointments_create": lambda read, person: {"institution": reach.of("irma@itata.example").organisation,
        "function": "coordination", "statement": REASON},
    "evaluations_create": lambda read, person: {"scores": [
        {"criterion": criterion, "score": 50, "comment": REASON} for criterion in reach.words("SelectionCriterion")]},
    "proposals_create": lambda read, person: {**PROPOSAL, "lead_firms": [reach.of("jorge@minera.example").organisation]},
    "proposals_change": lambda read, person: {**PROPOSAL, "lead_firms": [reach.of("jorge@minera.example").organisation]},
    "plans_record_progress": lambda read, person: {"action": (read.get("actions") or [{}])[0].get("id", SOME_ID),
        "percent": 20, "as_of": day(-1), "note": "Avanza según lo acordado."},
    "payments_create": lambda read, person: {"invoice": f"F-{reach.turn}", "invoiced_on": day(-2), "amount": clp(1)},
    "deliveries_create": lambda read, person: {"lot": (read.get("lines") or [{}])[0].get("lot", SOME_ID), "due_on": day(-2), "units": 1},
    "approvals_create": lambda read, person: {"matches": reach.approvable(person)},
    "approvals_preview": lambda read, person: {"matches": [one["match"] for one in reach.approvable(person)]},
    "members_change": lambda read, person: {"role": {"institution": "officer"}.get(person.kind, f"{person.kind}_reader")},
    "members_add": lambda read, person: {"email": f"otra.{reach.turn}@conformidad.example", "name": "Otra colega",
        "password": "una-clave-larga-9", "role": {"institution": "officer"}.get(person.kind, f"{person.kind}_reader")},
    "invitations_create": lambda read, person: {"email": f"invitada.{reach.turn}@conformidad.example",
        "role": {"institution": "officer"}.get(person.kind, f"{person.kind}_reader")},
    "membership_requests_create": lambda read, person: {"country": "CL", "tax_id": "769906495", "name": "Eva Soto",
        "email": f"eva.{reach.turn}@conformidad.example"},
    "membership_requests_grant": lambda read, person: {"role": f"{person.kind}_reader"},
    "invitations_accept": lambda read, person: {"secret": reach.secrets.pop() if reach.secrets else "x" * 32, "name": "Eva Soto",
        "password": "una-clave-larga-9", "privacy_notice": 1},
    "password_resets_use": lambda read, person: {"secret": reach.letter(), "password": "otra-clave-larga-9"},
    "password_resets_create": lambda read, person: {"email": reach.world.expendable[-1].email},
    "tokens_create": lambda read, person: {"email": reach.world.expendable[0].email, "password": PASSWORD},
    "second_factor_set_up": lambda read, person: {"password": PASSWORD},
    "second_factor_confirm": lambda read, person: {"code": reach.code()},
    "second_factor_remove": lambda read, person: {"code": reach.recovery.pop() if reach.recovery else "0"},
    "organisations_register": lambda read, person: {"privacy_notice": 1, "organisation": {"kind": "supplier", "country": "NI",
        "tax_id": f"J031000000{reach.turn:04}", "name": "Torneados Estelí"}, "administrator": {"name": "Ana",
        "email": f"ana.{reach.turn}@conformidad.example", "password": "una-clave-larga-9"}},
    "consortia_form": lambda read, person: {"name": f"Torneros {reach.turn}", "members": [reach.firm("contacto@proveedor02.example")]},
    "consortia_ask": lambda read, person: reach.firm("contacto@proveedor03.example"),
    "consortia_remove": lambda read, person: reach.firm("contacto@proveedor02.example"),
    "objections_file": lambda read, person: {"about": reach.about[0], "about_id": reach.about[1],
        "reasons": "El rechazo se apoya en una visita que no se hizo en nuestra planta."},
    "mandates_give": lambda read, person: {"institution": reach.of("oscar@fomento.example").organisation,
        "purpose": "Responder el diagnóstico durante la visita.", "scope": "diagnostic", "until": day(20)},
    "meetings_call": lambda read, person: {"kind": "visit", "held_on": day(-1), "place": "Planta norte", "purpose": REASON,
        "participants": [reach.of(reach.world.chance("meeting").choice(
            ["jorge@minera.example", "contacto@proveedor02.example", "contacto@proveedor07.example"])).organisation]},
    "meetings_write_minutes": lambda read, person: {
        "attendance": [{"organisation": one.get("organisation", SOME_ID), "people": "Ana Rojas"} for one in read.get("participants", [])],
        "agreements": [{"what": "Enviar muestras.", "who": (read.get("participants") or [{}])[0].get("organisation", SOME_ID),
            "until": day(20)}]},
    "networks_add_lead_firm": lambda read, person: {},
    "waivers_create": lambda read, person: {"supplier": reach.of("contacto@proveedor01.example").organisation,
        "lead_firm": reach.of("luis@conservas.example").organisation, "dependency_cap": "0.5", "reason": REASON, "expires_on": day(90)},
    "instruments_create": lambda read, person: {**INSTRUMENT, "code": f"metalurgia-{reach.turn}"},
    "instruments_change": lambda read, person: {**INSTRUMENT, "code": read.get("code", "metalurgia")},
    "personal_data_erase": lambda read, person: {"erase_me": True},
    "evidence_add": lambda read, person: {"file": PDF},
    "plan_evidence_add": lambda read, person: {"file": PDF},
    "milestones_add_evidence": lambda read, person: {"file": PDF},
    "imports_firms": lambda read, person: "tipo;nombre;país;identificación tributaria\nsupplier;Torneados Ocotal;NI;J0310000099999\n",
    "imports_ocds": lambda read, person: {"ocid": f"ocds-prueba-{reach.turn}", "id": "1", "date": f"{day(-9)}T00:00:00Z",
        "tag": ["tender"], "initiationType": "tender", "buyer": {"name": "Hospital Ficticio", "identifier": {"scheme": "PY-RUC", "id": "80000358-6"}},
        "tender": {"id": "t", "title": "Guantes", "items": [{"id": "1", "quantity": 10, "description": "Guante",
            "classification": {"scheme": "UNSPSC", "id": "42132203"}}]}},
    "imports_chilecompra": lambda read, person: "CodigoExterno;Nombre;RutUnidad;NombreOrganismo;CodigoMoneda;Codigoitem;Cantidad\n"
        f"1057-{reach.turn}-LE26;Guantes;61.602.123-0;Hospital de Ñuble;CLP;11;100\n",
    "imports_unspsc": lambda read, person: "code,name\n73181001,Torneado\n",
    "imports_sales": lambda read, person: f"monto;moneda;fecha\n1000;CLP;{day(-10)}\n",
    "imports_capacities": lambda read, person: "proceso;unidad;cantidad anual\ntorneado;hora;1200\n",
    "imports_lots": lambda read, person: "nombre;proceso;unidad;cantidad;precio de referencia\nBuje;torneado;pieza;10;5000\n",
    "imports_answers": lambda read, person: "pregunta;respuesta\nquality-defects-ppm;400\n",
}
PDF = b"%PDF-1.7\nCertificado ficticio\n%%EOF"
# What brings about more of what others need is done more than once.
AGAIN = re.compile(r"_(create|write|ask|file|form|put|call|give|invite|record|declare|open|create|submit|propose|sign|accept|appoint|adopt|publish|begin|review|send_back|reopen|confirm|decline|award|apply|start|answer|add_evidence|evidence_add|report)$")
# What ends something comes after all that can be done with it, and the programme's own end last of all.
ENDS = re.compile(r"_(cancel|withdraw|decline|reject|dismiss|uphold|terminate|end|end_others|close|abandon|complete|revoke|remove|delete|"
    r"exclude|leave|dissolve|retire|hide|erase|unassign_officer|withdraw_adoption|withdraw_renewal|remove_.*|finish_evaluation)$")
LAST = {"programmes_close", "personal_data_erase", "networks_close", "passwords_change", "password_resets_use"}

QUERIES = {
    "runs_compare": {"with": SOME_ID},
    "scorecards_read": {"from": day(-60), "to": day(-1)},
    "audit_checkpoints_compare": {"from": 1, "to": 2},
}


def resolved(document, schema):
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    return schema


def sample(document, schema, depth=0):
    """A value as the document's examples have it; what is optional and has none is left out."""
    schema = resolved(document, schema)
    for word in ("example", "default", "const"):
        if word in schema:
            return schema[word]
    if schema.get("examples"):
        return schema["examples"][0]
    if schema.get("enum"):
        return schema["enum"][0]
    for word in ("oneOf", "anyOf"):
        if word in schema:
            return sample(document, next((s for s in schema[word] if s.get("type") != "null"), {}), depth + 1)
    if "allOf" in schema:
        made = {}
        for part in schema["allOf"]:
            made.update(sample(document, part, depth + 1) or {})
        return made
    kind = schema.get("type")
    kind = next((k for k in kind if k != "null"), None) if isinstance(kind, list) else kind
    if kind == "object" or "properties" in schema:
        needed = schema.get("required", [])
        return {
            name: sample(document, inner, depth + 1)
            for name, inner in schema.get("properties", {}).items()
            if name in needed or (depth == 0 and "example" in resolved(document, inner))
        }
    if kind == "array":
        return [sample(document, schema["items"], depth + 1)] if depth < 4 else []
    if kind == "string":
        formats = {"uuid": SOME_ID, "date": day(30), "date-time": f"{day(30)}T12:00:00Z"}
        return formats.get(schema.get("format"), "Según lo acordado en la red.")
    return {"integer": schema.get("minimum", 1), "number": 1, "boolean": True}.get(kind)


class Reach:
    def __init__(self, schema):
        self.schema, self.world, self.document = schema, hooks.state["world"], hooks.state["document"]
        self.operations = {result.ok().definition.raw["operationId"]: result.ok() for result in schema.get_all_operations()}
        self.reached, self.failures, self.last, self.turn = Counter(), [], {}, 0
        for person in self.world.expendable:
            # The token that ends, and a session of the pages.
            person.log_in()
            requests.post(f"{BASE}/login", data={"email": person.email, "password": PASSWORD}, timeout=30, allow_redirects=False)
        self.secrets, self.recovery, self.seed, self.about = [], [], None, ("match", SOME_ID)

    # --- what bodies are made of --------------------------------------------------------------------

    def of(self, email):
        return next(person for person in self.world.people if person.email == email)

    def words(self, name):
        return self.document["components"]["schemas"][name]["enum"]

    def firm(self, email):
        person = self.of(email)
        own = person.get(f"/api/v1/organisations/{person.organisation}").json()
        return {"country": own["country"], "tax_id": own["tax_id"]}

    def approvable(self, person):
        read = person.get("/api/v1/matches?state=accepted&limit=3").json().get("items", [])
        return [{"match": one["id"], "etag": one["etag"]} for one in read][:1]

    def letter(self):
        """The secret of the last letter with one."""
        place = Path(os.environ.get("ESLABON_CONFORMANCE_MAIL", "mail"))
        letters = sorted(place.glob("*.eml"), key=lambda path: path.stat().st_mtime)
        for letter in reversed(letters):
            text = letter.read_text(errors="replace").replace("=\n", "").replace("=3D", "=")
            if found := re.search(r"/password-resets?/[^\s\"]*?([A-Za-z0-9_-]{20,})|reset[^\s]*[=/]([A-Za-z0-9_-]{20,})", text):
                return found[1] or found[2]
        return "x" * 32

    def code(self):
        """The code that an authenticator shows now (RFC 6238)."""
        if not self.seed:
            return "000000"
        key = base64.b32decode(self.seed + "=" * (-len(self.seed) % 8))
        digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
        at = digest[-1] & 15
        return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 1000000:06}"

    def note(self, id, person, read):
        """What is shown once, or is needed by another operation."""
        text = json.dumps(read)
        if id in ("invitations_create", "membership_requests_grant") and read.get("secret"):
            self.secrets.append(read["secret"])
        if id == "second_factor_set_up":
            self.seed = read.get("secret") or (re.search(r"secret=([A-Z2-7]+)", text) or [None, None])[1]
            hooks.state["second factor of"] = person
        if id == "second_factor_confirm":
            self.recovery = next((value for value in read.values() if isinstance(value, list)), [])

    # --- asking -------------------------------------------------------------------------------------

    def send(self, id, body=None, query=None):
        """Asks once, as somebody who may, and looks at a success with all of schemathesis' checks."""
        operation = self.operations[id]
        raw, self.turn = operation.definition.raw, self.turn + 1
        chance = self.world.chance(f"reach {id}")
        named = [p for p in raw.get("parameters", []) if p["in"] == "path"]
        headers = {"If-Match": '"0"'} if any(p["name"] == "If-Match" for p in raw.get("parameters", [])) else {}
        case = operation.Case(path_parameters={p["name"]: self.path_value(p) for p in named}, headers=headers, query=query or {})
        person = None
        if raw.get("security") != [{}]:
            context = schemathesis.AuthContext(operation=operation, app=None)
            provider = hooks.SomebodyWhoMay()
            person = provider.get(case, context)
            if id in ("second_factor_confirm", "second_factor_remove"):
                person = hooks.state.get("second factor of") or person
            if case.path_parameters:
                person = hooks.fill_path(self.world, raw, case, person, chance)
        if id == "objections_file":
            person = self.to_object(person)
        body = self.body_of(id, person, self.parent(case, person))
        if body is not None:
            kind = next(iter(raw["requestBody"]["content"]))
            case = operation.Case(path_parameters=case.path_parameters, headers=headers, query=query or {}, body=body, media_type=kind)
        if person:
            provider.set(case, person, context)
            case._has_explicit_auth = True
        answer = case.call(base_url=BASE, timeout=60)
        if 200 <= answer.status_code < 300:
            self.reached[id] += 1
            if person and "json" in "".join(answer.headers.get("content-type", [])):
                self.note(id, person, answer.json())
            try:
                case.validate_response(answer)
            except (Exception, BaseExceptionGroup) as failure:
                self.failures.append(f"{id}: {failure}: {[str(e) for e in getattr(failure, 'exceptions', [])]}")
        self.last[id] = f"{answer.status_code} {person and person.email} {case.formatted_path} {answer.content[:1200].decode(errors='replace')}"
        return answer

    def parent(self, case, person):
        parts, filled = case.path.split("/"), case.formatted_path.split("/")
        if person is None:
            return {}
        for end in range(len(parts), 4, -1):
            if "/".join(parts[:end]) in hooks.state["gets"] and parts[end - 1].startswith("{"):
                read = person.get("/".join(filled[:end]))
                # The version is in it.
                person.fresh = ("/".join(filled[:end]), read)
                return read.json() if read.status_code == 200 and "json" in read.headers.get("content-type", "") else {}
        return {}

    def to_object(self, person):
        """Who was refused, and what."""
        for one in self.world.people:
            if one.kind == "institution" or not one.role.endswith(("administrator", "member")):
                continue
            for match in one.get("/api/v1/matches?state=rejected").json().get("items", [])[::-1]:
                self.about = ("match", match["id"])
                return one
        for network in self.of("contacto@proveedor05.example").get("/api/v1/networks").json().get("items", []):
            one = self.of("contacto@proveedor05.example")
            own = one.get(f"/api/v1/networks/{network['id']}/membership")
            if own.status_code == 200:
                self.about = ("membership", own.json().get("id", network["id"]))
                return one
        return person

    def path_value(self, parameter):
        schema = resolved(self.document, parameter["schema"])
        if schema.get("format") == "uuid":
            return SOME_ID
        if parameter["name"] == "milestone":
            return self.world.chance("milestone").choice([1, 2])
        known = {"question": "quality-defects-ppm", "version": 1, "process": "torneado", "tag": "torneado"}
        if parameter["name"] == "code":
            codes = [one["code"] for one in self.of("marta@fomento.example").get("/api/v1/instruments").json()["items"]]
            codes = codes[:2] + codes[-2:]
            return self.world.chance("code").choice(codes) if codes else "suppliers"
        return known.get(parameter["name"], sample(self.document, schema))

    def body_of(self, id, person, read):
        content = self.operations[id].definition.raw.get("requestBody", {}).get("content", {})
        if not content:
            return None
        if id in BY_READING:
            return BY_READING[id](read, person)
        if id in BODIES:
            body = json.loads(json.dumps(BODIES[id]))
            if "revision" in body:
                body["revision"] = self.world.chance("revision").choice([0, 1, 2, 3])
            return body
        return sample(self.document, content["application/json"]["schema"]) if "application/json" in content else None

    def try_everything(self):
        ends = [id for id in self.operations if ENDS.search(id) and id not in LAST]
        begins = [id for id in self.operations if id not in ends and id not in LAST]
        self.rounds("begin", begins, 3)
        self.rounds("end", ends, 2)
        self.rounds("both", begins + ends, 1)
        self.rounds("last", sorted(LAST), 1)

    def rounds(self, name, operations, most):
        for round in range(most):
            done = sum(self.reached.values())
            self.world.look_again()
            for id in operations:
                wanted = 1 if not AGAIN.search(id) else 3 * (round + 1)
                for attempt in range(3 if round == 0 else TRIES):
                    if self.reached[id] >= wanted:
                        break
                    if self.reached[id] and attempt > 2:
                        break
                    self.send(id, query=QUERIES.get(id))
            all_of_them = len([id for id in self.operations if self.reached[id]])
            print(f"reach: {name} {round + 1}: {all_of_them} of {len(self.operations)}", flush=True)
            if all(self.reached[id] for id in operations) or sum(self.reached.values()) == done:
                break


def main(url):
    started = time.monotonic()
    schema = schemathesis.openapi.from_url(url) if url.startswith("http") else schemathesis.openapi.from_path(url)
    global reach
    reach = Reach(schema)
    print(f"reach: learnt in {time.monotonic() - started:.0f} s", flush=True)
    reach.try_everything()
    missing = sorted(id for id in reach.operations if not reach.reached[id])
    for id in missing:
        print(f"not reached: {id}: {reach.last.get(id)}")
    for failure in reach.failures:
        print(f"FAILURE {failure}")
    print(f"reach: {len(reach.operations) - len(missing)} of {len(reach.operations)} operations succeeded, {time.monotonic() - started:.0f} s")
    return 1 if reach.failures else 0


if __name__ == "__main__":
    # What was reached is written down at the end, also at one that is asked for.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main(sys.argv[1]))
