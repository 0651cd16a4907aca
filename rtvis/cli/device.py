"""`rtvis device`: a receiving device."""

from __future__ import annotations

import logging
import signal
import threading
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.cli.arguments import add_command
from rtvis.cli.printing import print_json, say

if TYPE_CHECKING:
    import argparse

    from rtvis.cli.arguments import Subparsers

DETAILS = """\
A device is a folder: its identity (certificate.pem, key.pem), the certificates of the senders it
accepts (trusted/), and what it received (inbox/). Nothing appears in the inbox before it is
verified. While it serves it tells on stderr how each delivery ended (not with --quiet).

example:  rtvis device init ~/linac --name "Linac 2"
          rtvis device trust ~/linac ~/identities/ada/certificate.pem
          rtvis device serve ~/linac --listen 0.0.0.0:11190"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the group of commands."""
    group = add_command(subparsers, "device", None, "receive volumes: set up, serve, list", details=DETAILS)
    commands = group.add_subparsers(dest="subcommand", metavar="COMMAND", required=True)

    init = add_command(commands, "init", run_init, "make a device folder with its identity")
    init.add_argument("folder", metavar="DIR", type=Path, help="the folder to make")
    init.add_argument("--name", metavar="NAME", required=True, help="the device's name, written into its certificate")

    trust = add_command(commands, "trust", run_trust, "accept a sender by its certificate")
    trust.add_argument("folder", metavar="DIR", type=Path, help="a device folder")
    trust.add_argument("certificate", metavar="CERT", type=Path, help="the sender's certificate.pem")

    serve = add_command(commands, "serve", run_serve, "receive volumes until stopped (SIGTERM, Ctrl-C)", json=False)
    serve.add_argument("folder", metavar="DIR", type=Path, help="a device folder")
    serve.add_argument(
        "--listen", metavar="HOST:PORT", default="127.0.0.1:0", help="address (default: 127.0.0.1, a free port)"
    )
    serve.add_argument("--quiet", action="store_true", help="tell only of what goes wrong")

    held = add_command(commands, "list", run_list, "list the volumes a device holds (needs no passphrase)")
    held.add_argument("folder", metavar="DIR", type=Path, help="a device folder")


def run_init(options: argparse.Namespace) -> int:
    """Make a device folder."""
    from rtvis.integrity.identity import read_passphrase
    from rtvis.transfer.device_folder import init_device

    passphrase = read_passphrase(f"Passphrase for {options.name}: ", confirm=True)
    identity = init_device(options.folder, options.name, passphrase)
    certificate = options.folder / "certificate.pem"
    if options.json:
        print_json({"certificate": str(certificate), "fingerprint": identity.fingerprint})
    else:
        print(f"{certificate}\n{identity.fingerprint}")
        say("give the certificate to those who will send to this device; name theirs with `rtvis device trust`")
    return 0


def run_trust(options: argparse.Namespace) -> int:
    """Accept a sender."""
    from rtvis.transfer.device_folder import trust_sender

    trusted = trust_sender(options.folder, options.certificate)
    if options.json:
        print_json({"certificate": str(trusted.path), "name": trusted.name, "fingerprint": trusted.fingerprint})
    else:
        print(f"{trusted.name}\n{trusted.fingerprint}")
        say("compare this with the fingerprint the sender reads to you")
    return 0


def run_serve(options: argparse.Namespace) -> int:
    """Receive until stopped."""
    from rtvis.integrity.identity import read_passphrase
    from rtvis.transfer.address import parse_address
    from rtvis.transfer.device import serve

    host, port = parse_address(options.listen)
    passphrase = read_passphrase(f"Passphrase of {options.folder}: ")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    def ready(bound_host: str, bound_port: int) -> None:
        print(f"listening {bound_host}:{bound_port}", flush=True)

    deliveries = logging.getLogger("rtvis.transfer")
    told = _Told(logging.INFO)
    before = deliveries.level
    if not options.quiet:
        deliveries.addHandler(told)
        deliveries.setLevel(logging.INFO)
    try:
        serve(options.folder, host, port, passphrase, ready=ready, stop=stop)
    finally:
        deliveries.setLevel(before)
        deliveries.removeHandler(told)
    return 0


class _Told(logging.Handler):
    """Tells on stderr how each delivery ended: who serves a device sees that something came, and what was refused."""

    def emit(self, record: logging.LogRecord) -> None:
        when = datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="seconds")
        say(f"{when} {record.getMessage()}")


def run_list(options: argparse.Namespace) -> int:
    """List what a device holds."""
    from rtvis.transfer.device_folder import list_volumes

    volumes = list_volumes(options.folder)
    if options.json:
        document = [
            {
                "volume_id": one.volume_id,
                "series_instance_uid": one.series_instance_uid,
                "digest": one.digest,
                "sender": one.sender,
                "sender_fingerprint": one.sender_fingerprint,
                "received_at": one.received_at,
                "images": one.images,
                "structure_sets": one.structure_sets,
                "path": str(one.path),
                "earlier": [str(folder) for folder in one.earlier],
            }
            for one in volumes
        ]
        print_json({"volumes": document})
    else:
        for one in volumes:
            count = one.structure_sets
            sets = f" and {count} structure set{'s'[: count != 1]}" if count else ""
            print(f"{one.digest}  {one.images} images{sets} from {one.sender} at {one.received_at}\n    {one.path}")
            for folder in one.earlier:
                print(f"    earlier: {folder}")
        if not volumes:
            say("the inbox is empty")
    return 0
