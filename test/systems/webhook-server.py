"""A receiver of webhooks for tests, which checks each signature with the library that its users have. Started by scripts/systems/webhook.ts."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook

port, secret = int(sys.argv[1]), sys.argv[2]
received = []


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode("utf8")
        seen = {"path": self.path, "headers": {name.lower(): value for name, value in self.headers.items()}, "body": body}
        try:
            Webhook(secret).verify(body, seen["headers"])
            seen["signed"] = True
        except Exception as error:
            seen["signed"] = str(error)
        received.append(seen)
        before = sum(1 for one in received if one["path"] == self.path)
        if self.path.startswith("/down"):
            return self.answer(500, "out of order")
        if self.path.startswith("/busy") and before == 1:
            return self.answer(429, "slow down", {"retry-after": "1"})
        self.answer(200, "ok")

    def do_GET(self):
        if self.path.startswith("/received"):
            return self.answer(200, json.dumps(received), {"content-type": "application/json"})
        if self.path.startswith("/crm/orders"):
            return self.answer(200, '[{"id": 1}, {"id": 2}]', {"content-type": "application/json"})
        self.answer(200, json.dumps({"path": self.path, "auth": self.headers.get("authorization")}), {"content-type": "application/json"})

    def answer(self, status, text, headers={}):
        self.send_response(status)
        for name, value in {"content-length": str(len(text.encode())), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", port), Receiver).serve_forever()
