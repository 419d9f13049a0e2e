"""A mail server for tests: TLS by STARTTLS, a password, and each mail that it takes as a file. Started by scripts/systems/smtp.ts."""

import json
import signal
import ssl
import sys
import threading
from pathlib import Path

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

folder, port = Path(sys.argv[1]), int(sys.argv[2])
mails = folder / "mails"
mails.mkdir(parents=True, exist_ok=True)

authority = trustme.CA()
authority.cert_pem.write_to_path(folder / "ca.pem")
tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
authority.issue_cert("localhost").configure_cert(tls)


class Mailbox:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 no such user"
        if address.startswith("busy@"):
            return "451 4.7.1 greylisted, come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        count = len(list(mails.iterdir()))
        mail = {"from": envelope.mail_from, "to": envelope.rcpt_tos, "content": envelope.content.decode("utf8")}
        part = mails / f".{count}.part"
        part.write_text(json.dumps(mail))
        part.rename(mails / f"{count:04}.json")
        return "250 OK"


def login(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and data.login == b"tutti" and data.password == b"hunter2-hunter2"
    # Where it is not handled, the server itself says that it failed.
    return AuthResult(success=right, handled=right)


controller = Controller(
    Mailbox(),
    hostname="127.0.0.1",
    port=port,
    server_kwargs={"tls_context": tls, "require_starttls": True, "authenticator": login, "auth_required": True},
)
controller.start()
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
stop.wait()
controller.stop()
