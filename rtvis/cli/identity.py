"""`rtvis identity create`: a key and certificate for a person or a device."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.cli.arguments import add_command
from rtvis.cli.printing import print_json, say

if TYPE_CHECKING:
    import argparse

    from rtvis.cli.arguments import Subparsers

DETAILS = """\
Makes DIR with certificate.pem, which others may have, and key.pem, which nobody else may: it is
encrypted with a passphrase that is asked for, or taken from RTVIS_PASSPHRASE. Self-signed without
--issuer.

example:  rtvis identity create "Ada Example" --out ~/identities/ada"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the group of commands."""
    group = add_command(subparsers, "identity", None, "keys and certificates of people and devices")
    commands = group.add_subparsers(dest="subcommand", metavar="COMMAND", required=True)
    create = add_command(commands, "create", run, "make a key and certificate", details=DETAILS)
    create.add_argument("name", metavar="NAME", help="the person's or device's name, written into the certificate")
    create.add_argument("--out", metavar="DIR", required=True, type=Path, help="the identity folder to make")
    create.add_argument("--issuer", metavar="DIR", type=Path, help="identity that issues the certificate")


def run(options: argparse.Namespace) -> int:
    """Create one identity."""
    from rtvis.integrity.identity import create_identity, read_passphrase

    passphrase = read_passphrase(f"Passphrase for {options.name}: ", confirm=True)
    issuer_passphrase = None
    if options.issuer is not None:
        issuer_passphrase = read_passphrase(f"Passphrase of the issuer ({options.issuer}): ")
    identity = create_identity(
        options.name, options.out, passphrase, issuer=options.issuer, issuer_passphrase=issuer_passphrase
    )
    certificate = options.out / "certificate.pem"
    if options.json:
        print_json({"certificate": str(certificate), "fingerprint": identity.fingerprint})
    else:
        print(f"{certificate}\n{identity.fingerprint}")
        say(f"give {certificate} to those who should trust {options.name}; keep the folder to yourself")
    return 0
