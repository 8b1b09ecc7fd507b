"""A mail server that is told in JSON what to be like: what it takes goes into a Maildir. It ends with its standard input."""

import asyncio
import json
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import AuthResult

options = json.loads(sys.argv[1])


class Box(Mailbox):
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address == options.get("refuse"):
            return f"550 5.1.1 no mailbox {address}"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if options.get("hang"):
            await asyncio.sleep(3600)
        return await super().handle_DATA(server, session, envelope)


def authenticate(server, session, envelope, mechanism, data):
    known = (data.login.decode(), data.password.decode()) == (options["user"], options["password"])
    return AuthResult(success=known, handled=known)


more = {}
if "certificate" in options:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options["certificate"], options["key"])
    more = {"ssl_context": context} if options["tls"] == "tls" else {"tls_context": context, "require_starttls": True}
if "user" in options:
    # Over TLS from the first byte it does not know that the connection is safe.
    more |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": options.get("tls") == "starttls"}
controller = Controller(Box(options["box"]), hostname="127.0.0.1", port=options["port"], **more)
controller.start()
print("ready", flush=True)
sys.stdin.read()
controller.stop()
