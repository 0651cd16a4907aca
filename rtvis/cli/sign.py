"""`rtvis sign`: a digital signature in each file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.cli.arguments import add_command, add_force, add_identity, add_paths
from rtvis.cli.printing import print_json, progress, say

if TYPE_CHECKING:
    import argparse

    from rtvis.cli.arguments import Subparsers

DETAILS = """\
Puts a digital signature (DICOM PS3.15) over all that can be signed into every DICOM file. With
--out the signed copies go to that folder under their own names, and below the names of the folders
they come from where two would get one name; without it, --force is needed, since the files
themselves are replaced.

example:  rtvis sign ~/studies/lung --identity ~/identities/ada --out signed/"""

MACS = ("sha256", "sha384", "sha512", "sha1", "ripemd160", "md5")


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "sign", run, "put a digital signature into each file", details=DETAILS)
    add_paths(parser)
    add_identity(parser)
    parser.add_argument("--mac", choices=MACS, default="sha256", help="the hash that is signed (default: sha256)")
    parser.add_argument("--out", metavar="DIR", type=Path, help="folder for the signed copies")
    add_force(parser)


def run(options: argparse.Namespace) -> int:
    """Sign every DICOM file of PATHs."""
    from rtvis.app.signing import sign_paths
    from rtvis.integrity.identity import load_identity, read_passphrase
    from rtvis.integrity.public_key import WEAK_MACS
    from rtvis.model.errors import UsageError

    if options.out is None and not options.force:
        raise UsageError("signing in place replaces the files", remedy="name a folder with --out, or use --force")
    identity = load_identity(options.identity, read_passphrase(f"Passphrase of {options.identity}: "))
    if options.mac in WEAK_MACS:
        say(f"warning: {options.mac} can be forged today; it is offered for old receivers only")
    with progress("signing") as report:
        result = sign_paths(
            options.paths, identity, mac=options.mac, out=options.out, force=options.force, report=report
        )
    for one in result.failed:
        say(f"not signed: {one.path}: {one.reason}")
    if options.json:
        failed = [{"path": str(one.path), "reason": one.reason} for one in result.failed]
        print_json({"signed": len(result.files), "files": [str(one) for one in result.files], "failed": failed})
    else:
        say(f"signed {len(result.files)} files as {identity.name}")
    return 0 if result.files else 2
