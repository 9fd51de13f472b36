#!/usr/bin/env python3
"""The webhook contract in front of any balancer object: GET answers its report, PUT carries the order.

Usage: webhook.py MODULE:CLASS HOST:PORT, for example: webhook.py haproxy_map:HAProxyMap 127.0.0.1:9700
Environment: WEBHOOK_TOKEN (required, the bearer token), WEBHOOK_CERTIFICATE (PEM with key and certificate; without it plain HTTP),
and what the balancer object needs. docs/traffic/webhook.md
"""

import hmac
import http.server
import importlib
import os
import ssl
import sys

import kum_traffic

STATUS = {kum_traffic.DONE: 200, kum_traffic.STALE: 409, kum_traffic.TRY_AGAIN: 503}
LONGEST_ORDER = 64 * 1024


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    disable_nagle_algorithm = True

    def do_GET(self):
        self._serve("get", "")

    def do_PUT(self):
        length = int(self.headers.get("Content-Length", "0"))
        if length > LONGEST_ORDER:
            self._answer(413, "too long")
            self.close_connection = True
            return
        self._serve("set", self.rfile.read(length).decode())

    def _serve(self, action, text):
        expected = f"Bearer {os.environ['WEBHOOK_TOKEN']}"
        if not hmac.compare_digest(self.headers.get("Authorization", "").encode(), expected.encode()):
            self._answer(401, "the bearer token is missing or wrong")
            return
        code, text = kum_traffic.serve(self.server.balancer, action, text)
        self._answer(STATUS.get(code, 500), text)

    def _answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if status == 200 else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main():
    module, _, name = sys.argv[1].partition(":")
    host, _, port = sys.argv[2].rpartition(":")
    os.environ["WEBHOOK_TOKEN"]  # Not without one.
    server = http.server.ThreadingHTTPServer((host, int(port)), Handler)
    server.daemon_threads = True
    server.balancer = getattr(importlib.import_module(module), name)(os.environ)
    if certificate := os.environ.get("WEBHOOK_CERTIFICATE"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()


if __name__ == "__main__":
    main()
