#!/usr/bin/env python3
"""Drives the threshold map of docs/traffic/haproxy.md over HAProxy's runtime socket, through the exec or webhook contract.

The built-in haproxy driver does the same and more; this is the worked example, and what the tests run.
Environment: HAPROXY_SOCKET, HAPROXY_MAP, HAPROXY_BACKEND_X, HAPROXY_BACKEND_Y.
"""

import csv
import os
import socket
import uuid

import kum_traffic

BUCKETS = 10_000
MARKS = ("epoch", "step", "seal", "upgrade0", "upgrade1", "upgrade2", "upgrade3")


class HAProxyMap:
    def __init__(self, environment):
        self._socket = environment["HAPROXY_SOCKET"]
        self._map = environment["HAPROXY_MAP"]
        self._backends = environment["HAPROXY_BACKEND_X"], environment["HAPROXY_BACKEND_Y"]

    def read(self):
        entries = {}
        for line in self._ask(f"show map {self._map}").splitlines():
            _, key, value = line.split()
            entries.setdefault(key, int(value))  # HAProxy decides by the first.
        on_y = min(max(entries.get("y", 0), 0), BUCKETS)
        report = {"weights": {"x": BUCKETS - on_y, "y": on_y}, "requests": self._requests()}
        if all(mark in entries for mark in MARKS):
            parts = b"".join(entries[f"upgrade{i}"].to_bytes(4, "big") for i in range(4))
            report.update(upgrade=str(uuid.UUID(bytes=parts)), epoch=entries["epoch"], step=entries["step"], seal=entries["seal"])
        return report

    def write(self, order):
        with kum_traffic.turn(self._map + ".kum-lock"):
            kum_traffic.admit(self.read(), order)
            lines = self._lines(order)
            if order["restore"]:
                self._keep(lines)  # First: from here on a restart of HAProxy goes to X too.
            version = self._ask(f"prepare map {self._map}").rpartition(":")[2].strip()
            if not version.isdigit():
                raise RuntimeError(f"prepare map: {version}")
            self._tell(f"add map @{version} {self._map} <<\n{lines}")
            self._tell(f"commit map @{version} {self._map}")
            if not order["restore"]:
                self._keep(lines)  # Last: a restart in between means fewer clients on Y, never more.

    @staticmethod
    def _lines(order):
        upgrade = uuid.UUID(order["upgrade"]).bytes
        values = {"y": order["weights"]["y"] * BUCKETS // 100, "epoch": order["epoch"], "step": order["step"], "seal": order["seal"]}
        values.update((f"upgrade{i}", int.from_bytes(upgrade[4 * i : 4 * i + 4], "big")) for i in range(4))
        return "".join(f"{key} {value}\n" for key, value in values.items())

    def _keep(self, lines):
        fresh = self._map + ".kum-new"
        with open(fresh, "w", encoding="ascii") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, self._map)

    def _requests(self):
        rows = csv.DictReader(self._ask("show stat").lstrip("# ").splitlines())
        totals = {row["pxname"]: int(row["stot"]) for row in rows if row["svname"] == "BACKEND"}
        return {"x": totals[self._backends[0]], "y": totals[self._backends[1]]}

    def _tell(self, command):
        answer = self._ask(command)
        if answer:  # HAProxy says nothing when it did what it was told; every word is an error.
            raise RuntimeError(answer)

    def _ask(self, command):
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(2)
                connection.connect(self._socket)
                connection.sendall(command.encode() + b"\n")
                answer = b"".join(iter(lambda: connection.recv(65536), b""))
        except OSError as reason:
            raise kum_traffic.TryAgain(f"{self._socket}: {reason}") from reason
        if not answer:
            raise kum_traffic.TryAgain(f"{self._socket}: closed without an answer")
        return answer.decode().strip()


if __name__ == "__main__":
    kum_traffic.main(HAProxyMap(os.environ))
