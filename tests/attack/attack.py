#!/usr/bin/env python3
"""Attacks a running server the way a stranger or a colleague might, and counts what it gives away.

    tests/attack/attack.py GRAFTLINE [REQUESTS] [SEED]     starts a server of its own; 3000 random requests unless said

Nothing may answer with 500, nothing may be stored that was not allowed, no answer may hold a password hash or a file of the
machine, and the chain has to verify at the end.
"""
import http.client
import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from urllib.parse import quote

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
PASSWORD = "a long enough password"
FOUND = []


def found(what):
    FOUND.append(what)
    print("FOUND:", what)


class Target:
    def __init__(self, graftline):
        self.folder = tempfile.mkdtemp(prefix="graftline-attack-")
        self.graftline, self.store = graftline, os.path.join(self.folder, "store.db")
        self.run("store", "create", self.store)
        self.tokens = {}
        for role in ("viewer", "physician", "coordinator", "lab", "trial", "statistician", "admin"):
            self.run("account", "add", "--store", self.store, role, "--role", role, "--for-site", "north", input=PASSWORD)
            self.tokens[role] = self.run("account", "token", "--store", self.store, role).strip()
        self.run("account", "add", "--store", self.store, "south", "--role", "physician", "--for-site", "south", input=PASSWORD)
        self.tokens["south"] = self.run("account", "token", "--store", self.store, "south").strip()
        self.log = open(os.path.join(self.folder, "log"), "w")
        self.process = subprocess.Popen([graftline, "serve", "--store", self.store, "--port", "0", "--protocols",
                                         os.path.join(ROOT, "protocols"), "--protocol", "ebmt-2024"],
                                        stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.port = int(self.process.stdout.readline().split(":")[2].split("/")[0])

    def run(self, *arguments, input=None):
        return subprocess.run([self.graftline, *arguments], input=input, check=True, capture_output=True, text=True).stdout

    def ask(self, method, path, body=None, headers=None, timeout=30):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        except (OSError, http.client.HTTPException) as problem:
            return 0, {}, str(problem).encode()
        finally:
            connection.close()

    def api(self, role, method, path, body=None, **headers):
        sent = {"Authorization": "Bearer " + self.tokens[role], "Content-Type": "application/json",
                "Idempotency-Key": str(random.random()), **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.ask(method, path, json.dumps(body) if isinstance(body, (dict, list)) else body, sent)

    def raw(self, data, wait=3):
        with socket.create_connection(("127.0.0.1", self.port), timeout=wait) as wire:
            wire.settimeout(wait)
            try:
                wire.sendall(data)
                got = b""
                while part := wire.recv(65536):
                    got += part
            except OSError:
                pass
            return got

    def alive(self, after):
        status, _, _ = self.ask("GET", "/health")
        if status != 200:
            found(f"{after}: /health answers {status}")


EVIL = ["'; DROP TABLE events; --", "\" OR \"\"=\"", "1' UNION SELECT secret FROM secrets --", "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>", "../../../../etc/passwd", "%00", "a\r\nSet-Cookie: x=y", "${jndi:ldap://x}", "{{7*7}}",
        "\u202e\u0000", "A" * 5000, "-1", "99999999999999999999", "null", "", " ", "\ud7ff\uffff", "1e999", "0x41"]


def routes():
    contract = json.load(open(os.path.join(ROOT, "docs/openapi.json"), encoding="utf-8"))
    for path, methods in contract["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def fields_of(operation, contract={}):
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if "$ref" in body:
        contract = contract or json.load(open(os.path.join(ROOT, "docs/openapi.json"), encoding="utf-8"))
        body = contract["components"]["schemas"][body["$ref"].split("/")[-1]]
    return list(body.get("properties", {}))


def random_value(depth=0):
    kind = random.randrange(7)
    if kind < 4 or depth > 3:
        return random.choice([*EVIL, 0, -1, 2**63, 1.5, True, None, "2026-03-02", "R-1", "ebmt-2024", "5"])
    if kind == 4:
        return [random_value(depth + 1) for _ in range(random.randrange(4))]
    return {random.choice(["bag", "volume_ml", "mantissa", "exponent", "kind", "per", "x"]): random_value(depth + 1) for _ in range(random.randrange(5))}


def check_answer(what, status, headers, body):
    if status >= 500 and status != 503:
        found(f"{what}: {status} {body[:200]!r}")
    if b"$argon2id$" in body or b"root:x:0" in body:
        found(f"{what}: the answer holds what it must not")
    if "Set-Cookie" in headers and "graftline=" not in headers["Set-Cookie"]:
        found(f"{what}: a header was injected")
    if body.startswith(b"<") and "html" not in headers.get("Content-Type", "") and "svg" not in headers.get("Content-Type", ""):
        found(f"{what}: markup without its type")


def fuzz(target, requests):
    """Every field of every route gets text made to hurt; every body is also broken as bytes."""
    all_routes = list(routes())
    statuses = {}
    for n in range(requests):
        method, path, operation = random.choice(all_routes)
        if path.endswith("/progress") or path == "/api/audit/export":
            continue
        where = path
        while "{" in where:
            begin, end = where.index("{"), where.index("}")
            where = where[:begin] + quote(random.choice([*EVIL[:-6], "R-1", "ebmt-2024", "entry-1", "order-1"]), safe="") + where[end + 1:]
        names = [p["name"] for p in operation["parameters"] if p.get("in") == "query"]
        if names:
            chosen = random.sample(names, random.randrange(len(names) + 1))
            where += "?" + "&".join(f"{name}={quote(str(random.choice([*EVIL, '2026-03-02', 'ebmt-2024', '5'])).encode('utf-8', 'replace'))}" for name in chosen)
        body = {name: random_value() for name in fields_of(operation) if random.random() < 0.8}
        text = json.dumps(body)
        if random.random() < 0.2:
            cut = bytearray(text.encode())
            for _ in range(random.randrange(1, 6)):
                if cut:
                    cut[random.randrange(len(cut))] = random.randrange(256)
            text = bytes(cut)
        status, headers, answer = target.api(random.choice(list(target.tokens)), method, where, text)
        statuses[status] = statuses.get(status, 0) + 1
        check_answer(f"{method} {path}", status, headers, answer)
    target.alive("random requests")
    return statuses


def paths(target):
    for path in ("/../../../etc/passwd", "/..%2f..%2f..%2fetc/passwd", "/assets/..%2f..%2fetc%2fpasswd", "//etc/passwd", "/%00", "/.git/config",
                 "/api/../../etc/passwd", "/assets/%2e%2e/%2e%2e/store.db", "/store.db", "/api/patients/..%2f..%2f"):
        status, headers, body = target.ask("GET", path)
        check_answer(f"path {path}", status, headers, body)
        if status == 200:
            found(f"path {path}: 200")


def headers(target):
    requests = [b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100000 + b"\r\n\r\n",
                b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\n\r\n",
                b"GET / HTTP/9.9\r\n\r\n", b"\x00\x01\x02\r\n\r\n", b"TRACE / HTTP/1.1\r\nHost: x\r\n\r\n",
                b"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: -5\r\n\r\n{}",
                b"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99999999999999999999\r\n\r\n{}",
                b"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /api/about HTTP/1.1\r\n\r\n",
                b"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n{}",
                b"GET /api/about HTTP/1.1\r\nHost: x\r\nCookie: graftline=" + b"a" * 64 + b"; graftline=b\r\n\r\n",
                b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 20000 + b"\r\n"]
    for request in requests:
        answer = target.raw(request)
        if b" 500 " in answer.split(b"\r\n")[0] or b"root:x" in answer:
            found(f"headers {request[:60]!r}: {answer[:100]!r}")
        target.alive(f"headers {request[:40]!r}")


def slow(target):
    """Forty clients that never finish their request; somebody else still has to be answered."""
    wires = []
    for n in range(40):
        wire = socket.create_connection(("127.0.0.1", target.port))
        wire.sendall(b"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
        wires.append(wire)
    begun = time.time()
    target.alive("forty slow bodies")
    waited = time.time() - begun
    for wire in wires:
        wire.close()
    big = target.api("physician", "POST", "/api/patients", "x" * (3 << 20))
    if big[0] != 413:
        found(f"a body of 3 MiB: {big[0]}")
    bomb = target.api("physician", "POST", "/api/patients", "[" * 200000)
    check_answer("deep nesting", *bomb)
    return waited


def cookies(target):
    for cookie in ("a" * 64, "0" * 64, "' OR 1=1 --", "", "../x"):
        status, _, _ = target.ask("GET", "/api/patients", headers={"Cookie": "graftline=" + cookie})
        if status != 401:
            found(f"forged cookie: {status}")
    for token in ("", "gl_", "gl_" + "0" * 64, "null"):
        status, _, _ = target.ask("GET", "/api/patients", headers={"Authorization": "Bearer " + token})
        if status != 401:
            found(f"forged token: {status}")
    status, head, body = target.ask("POST", "/api/session", json.dumps({"account": "physician", "password": PASSWORD}), {"Content-Type": "application/json"})
    cookie = head["Set-Cookie"].split(";")[0]
    status, _, _ = target.ask("POST", "/api/patients", '{"id":"P-csrf"}', {"Cookie": cookie, "Content-Type": "application/json", "Idempotency-Key": "c"})
    if status != 403:
        found(f"a write without CSRF token: {status}")
    status, _, _ = target.ask("POST", "/api/session", "account=physician&password=x", {"Content-Type": "application/x-www-form-urlencoded"})
    if status != 415:
        found(f"signing in by a foreign form: {status}")
    status, _, _ = target.ask("GET", "/api/session", headers={"X-Forwarded-User": "admin", "X-Remote-User": "admin"})
    if status != 401:
        found(f"a proxy's header without a proxy: {status}")


def replay(target):
    stored = []
    def write():
        stored.append(target.api("physician", "POST", "/api/patients", {"id": "P-replay"}, Idempotency_Key="same"))
    threads = [threading.Thread(target=write) for _ in range(12)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    if {s[0] for s in stored} != {201} or len({s[2] for s in stored}) != 1:
        found(f"twelve times the same request: {[s[0] for s in stored]}")
    events = json.loads(target.api("admin", "GET", "/api/audit?kind=patient.added&patient=P-replay")[2])["total"]
    if events != 1:
        found(f"twelve times the same request: {events} events")
    other = target.api("physician", "POST", "/api/patients", {"id": "P-other"}, Idempotency_Key="same")
    if other[0] != 409:
        found(f"another request under its key: {other[0]}")


def roles(target):
    """Each role on each route: what the contract's task does not allow is 403; another site's patient is not there."""
    target.api("physician", "POST", "/api/patients", {"id": "P-north"})
    allowed = {role: set(json.loads(target.api(role, "GET", "/api/session")[2])["tasks"]) for role in target.tokens}
    n = 0
    for method, path, operation in routes():
        task = operation["x-task"]
        if task == "open" or path.startswith("/api/session") or path.endswith("/password"):
            continue
        where = path.replace("{patient}", "P-north")
        while "{" in where:
            where = where[:where.index("{")] + "none" + where[where.index("}") + 1:]
        for role in target.tokens:
            status, _, body = target.api(role, method, where, {})
            n += 1
            if (status == 403) != (task not in allowed[role]):
                found(f"{role} {method} {path}: {status} {body[:100]!r}")
            if role == "south" and "{patient}" in path and task in allowed[role] and status not in (400, 404, 415):
                found(f"south {method} {path}: {status}: a patient of north")
            if status == 401:
                found(f"{role} {method} {path}: 401")
    return n


def login_timing(target, rounds=12):
    """How long a wrong password takes for an account that is there and for one that is not; then how often one may try."""
    there, not_there = [], []
    accounts = [role for role in target.tokens if role != "physician"]

    def sign_in(account, password):
        begun = time.time()
        status, head, _ = target.ask("POST", "/api/session", json.dumps({"account": account, "password": password}), {"Content-Type": "application/json"})
        return status, head, (time.time() - begun) * 1000

    for n in range(rounds):
        for account, times in ((accounts[n % len(accounts)], there), (f"nobody{n}", not_there)):
            status, _, took = sign_in(account, "wrong password")
            if status == 401:
                times.append(took)
        sign_in("physician", PASSWORD)  # the address may try again
    for n in range(6):
        status, head, _ = sign_in("viewer", "wrong password")
    if status != 429 or "Retry-After" not in head:
        found(f"after six wrong passwords the next try is answered {status}")
    return statistics.median(there), statistics.median(not_there), len(there), len(not_there)


def main():
    graftline = os.path.abspath(sys.argv[1])
    requests = int(sys.argv[2]) if len(sys.argv) > 2 else 3000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.SystemRandom().randrange(10**6)
    random.seed(seed)
    target = Target(graftline)
    try:
        paths(target)
        headers(target)
        print(f"slow: /health answered after {slow(target):.2f} s beside forty unfinished bodies")
        cookies(target)
        there, not_there, n, m = login_timing(target)
        print(f"login: a wrong password takes {there:.0f} ms for an account that is there ({n} tries), {not_there:.0f} ms for one that is not ({m})")
        replay(target)
        print(f"roles: {roles(target)} combinations of role and route")
        statuses = fuzz(target, requests)
        print(f"fuzz: {requests} requests, answers {dict(sorted(statuses.items()))}")
        log = open(os.path.join(target.folder, "log"), encoding="utf-8", errors="replace").read()
        if '"bug"' in log:
            found("the log names a bug: " + log[log.index('"bug"'):][:300])
        for secret in ("P-north", "P-replay", PASSWORD, "argon2", target.tokens["admin"]):
            if secret in log:
                found(f"the log holds {secret}")
    finally:
        target.process.terminate()
        target.process.wait()
    print(target.run("store", "verify", target.store).strip())
    shutil.rmtree(target.folder, ignore_errors=True)
    print(f"{len(FOUND)} found; seed {seed}")
    sys.exit(1 if FOUND else 0)


if __name__ == "__main__":
    main()
