#!/usr/bin/env python3
"""Kills a server (or PostgreSQL under it) with SIGKILL at random points under load, and looks for what was acknowledged.

    tests/durability/kill.py GRAFTLINE sqlite 200       the server, 200 times, on a file
    tests/durability/kill.py GRAFTLINE postgresql 20    PostgreSQL, 20 times, the server going on

After each kill: the chain verifies, every acknowledged entry is there, none is there twice, and an entry that was sent and not
acknowledged is there whole or not at all. Sending it again with its Idempotency-Key stores nothing twice.
"""
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

CLIENTS = 4
PASSWORD = "a long enough password"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cluster:
    """A private PostgreSQL on a socket in a temporary folder; fsync stays on."""

    def __init__(self, folder):
        root = "/usr/lib/postgresql"
        self.bin = os.path.join(root, sorted(os.listdir(root))[-1], "bin")
        self.folder = folder
        self.user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self.user:
            shutil.chown(folder, "postgres")
        self.data = os.path.join(folder, "data")
        self.run("initdb", "-D", self.data, "-A", "trust", "-U", "graftline", "-E", "UTF8", "--locale=C")
        self.start()
        self.url = f"postgresql:///postgres?host={folder}&user=graftline"

    def run(self, program, *arguments):
        subprocess.run(self.user + [os.path.join(self.bin, program), *arguments], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, cwd="/")

    def start(self):
        self.run("pg_ctl", "-D", self.data, "-l", os.path.join(self.folder, "log"), "-w", "-o", f"-k {self.folder} -h ''", "start")

    def kill(self):
        with open(os.path.join(self.data, "postmaster.pid")) as pid:
            postmaster = int(pid.readline())
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(postmaster)], capture_output=True, text=True).stdout.split()
        for process in [postmaster, *map(int, children)]:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def start_again(self):
        for attempt in range(20):
            try:
                os.path.exists(os.path.join(self.data, "postmaster.pid")) and os.remove(os.path.join(self.data, "postmaster.pid"))
                return self.start()
            except subprocess.CalledProcessError:
                time.sleep(0.2)
        raise RuntimeError("PostgreSQL does not start again")


class Server:
    def __init__(self, graftline, store, protocols):
        self.command = [graftline, "serve", "--store", store, "--port", "0", "--quiet", "--protocols", protocols]
        self.start()

    def start(self):
        for attempt in range(40):
            self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            line = self.process.stdout.readline()
            if line.startswith("graftline serves"):
                self.port = int(line.split(":")[2].split("/")[0])
                return
            problem = self.process.stderr.read()
            self.process.wait()
            time.sleep(0.1)
        sys.exit(f"the server does not start: {problem}")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class Load(threading.Thread):
    """Enters one fact after another until its connection breaks; remembers what was acknowledged."""

    def __init__(self, port, token, name):
        super().__init__()
        self.port, self.token, self.name_ = port, token, name
        self.acknowledged, self.open, self.stop = {}, None, False

    def run(self):
        n = 0
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        while not self.stop:
            n += 1
            key = f"{self.name_}-{n}"
            body = json.dumps({"fact": "alt", "value": str(n), "unit": "U/L", "date": "2026-03-01", "method": key})
            self.open = (key, body)
            try:
                status, answer = post(connection, self.token, key, body)
            except (OSError, http.client.HTTPException):
                return
            if status == 503:
                connection.close()
                return
            if status != 201:
                sys.exit(f"unexpected {status}: {answer}")
            self.acknowledged[key] = json.loads(answer)["event"]
            self.open = None


def post(connection, token, key, body):
    connection.request("POST", "/api/patients/R-1/entries", body, {
        "Content-Type": "application/json", "Authorization": f"Bearer {token}", "Idempotency-Key": key})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def events_of(graftline, store, folder):
    path = os.path.join(folder, "export.ndjson")
    subprocess.run([graftline, "store", "verify", store], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([graftline, "store", "export", store, path], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([os.path.join(os.path.dirname(__file__), "../../tools/verify_audit.py"), path], check=True, stdout=subprocess.DEVNULL)
    found = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            if event.get("kind") == "entry.recorded":
                if event["request"] in found:
                    sys.exit(f"{event['request']} is there twice")
                found[event["request"]] = event
    return found


def main():
    graftline, back_end, kills = os.path.abspath(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else random.SystemRandom().randrange(10**6)
    random.seed(seed)
    folder = tempfile.mkdtemp(prefix="graftline-durability-")
    protocols = os.path.join(folder, "none")
    cluster = None
    try:
        if back_end == "postgresql":
            os.mkdir(os.path.join(folder, "pg"))
            os.chmod(folder, 0o755)
            cluster = Cluster(os.path.join(folder, "pg"))
            store = cluster.url
        else:
            store = os.path.join(folder, "store.db")
        subprocess.run([graftline, "store", "create", store], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([graftline, "account", "add", "--store", store, "load", "--role", "physician"], input=PASSWORD, text=True,
                       check=True, stdout=subprocess.DEVNULL)
        token = subprocess.run([graftline, "account", "token", "--store", store, "load"], check=True, capture_output=True,
                               text=True).stdout.strip()
        server = Server(graftline, store, protocols)
        first = http.client.HTTPConnection("127.0.0.1", server.port)
        first.request("POST", "/api/patients", json.dumps({"id": "R-1"}), {
            "Content-Type": "application/json", "Authorization": f"Bearer {token}", "Idempotency-Key": "patient"})
        if first.getresponse().status != 201:
            sys.exit("the patient was not stored")
        acknowledged, in_doubt = {}, 0
        for kill in range(kills):
            clients = [Load(server.port, token, f"k{kill}c{n}") for n in range(CLIENTS)]
            for client in clients:
                client.start()
            time.sleep(random.uniform(0.02, 0.35))
            if cluster:
                cluster.kill()
            else:
                server.kill()
            for client in clients:
                client.stop = True
            for client in clients:
                client.join()
                acknowledged.update(client.acknowledged)
            if cluster:
                cluster.start_again()
            else:
                server.start()
            # What was not acknowledged is sent again: stored once, whether it had arrived or not.
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
            for client in clients:
                if not client.open:
                    continue
                in_doubt += 1
                for attempt in range(50):
                    try:
                        status, answer = post(connection, token, *client.open)
                    except (OSError, http.client.HTTPException):
                        status = 503
                        connection.close()
                    if status == 201:
                        break
                    time.sleep(0.1)
                else:
                    sys.exit(f"kill {kill}: {client.open[0]} cannot be stored again: {status}")
                acknowledged[client.open[0]] = json.loads(answer)["event"]
            # The whole log is read now and then, and after the last kill: it grows.
            if kill % 10 == 9 or kill == kills - 1:
                found = events_of(graftline, store, folder)
                for key, seq in acknowledged.items():
                    if key not in found:
                        sys.exit(f"after kill {kill}: {key} was acknowledged as event {seq} and is not there (seed {seed})")
                    if found[key]["seq"] != seq or not found[key]["payload"]["timeline"]["entries"]:
                        sys.exit(f"after kill {kill}: {key} is not as it was acknowledged (seed {seed})")
                if len(found) != len(acknowledged):
                    sys.exit(f"after kill {kill}: {len(found)} entries, {len(acknowledged)} acknowledged (seed {seed})")
        server.kill()
        print(f"{back_end}: {kills} kills, {len(acknowledged)} entries acknowledged, none lost, none twice; "
              f"{in_doubt} were under way when the kill came; seed {seed}")
    finally:
        if cluster:
            cluster.kill()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
