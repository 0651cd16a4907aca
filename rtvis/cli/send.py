"""`rtvis send`: deliver volumes to devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtvis.cli.arguments import add_command, add_identity, add_paths, add_trust, positive
from rtvis.cli.printing import print_json, progress, say, tell

if TYPE_CHECKING:
    import argparse

    from rtvis.cli.arguments import Subparsers

DETAILS = """\
Delivers each volume, with the structure sets drawn on it, to each device over TLS 1.3. The device
checks every byte, recomputes the volume digest from the voxels it received, and answers with a
signed receipt. A delivery that was cut goes on where it stopped. Exit status 1 unless every volume
is accepted or was already there.

example:  rtvis send signed/ --to linac:11190 --identity ~/identities/ada --trust linac-certificate.pem"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "send", run, "deliver volumes to devices", details=DETAILS)
    add_paths(parser)
    parser.add_argument(
        "--to", metavar="HOST:PORT", required=True, action="append", help="a device; give it again for more devices"
    )
    add_identity(parser)
    add_trust(parser, required=True)
    parser.add_argument(
        "--timeout",
        metavar="S",
        type=positive("the time-out"),
        default=30.0,
        help="seconds until a silent device is given up (default: 30)",
    )


def run(options: argparse.Namespace) -> int:
    """Deliver PATHs."""
    from rtvis.app.sending import send_paths
    from rtvis.integrity.identity import load_identity, read_passphrase
    from rtvis.integrity.trust import TrustStore
    from rtvis.transfer.address import parse_address

    for address in options.to:
        parse_address(address)
    trust = TrustStore.load(options.trust)
    identity = load_identity(options.identity, read_passphrase(f"Passphrase of {options.identity}: "))
    with progress("sending") as report:
        result = send_paths(options.paths, options.to, identity, trust, timeout=options.timeout, report=report)
    for left in result.left_out:
        say(f"not sent: {left.path}: {left.reason}")
    if options.json:
        deliveries = [
            {
                "to": one.to,
                "volume_id": one.volume_id,
                "series_instance_uid": one.series_instance_uid,
                "status": one.status,
                "digest": one.digest,
                "bytes_sent": one.bytes_sent,
                "resumed_bytes": one.resumed_bytes,
                "receipt": one.receipt,
                "reason": one.reason,
            }
            for one in result.deliveries
        ]
        left_out = [{"path": str(one.path), "reason": one.reason} for one in result.left_out]
        print_json({"deliveries": deliveries, "skipped": left_out})
    else:
        for one in result.deliveries:
            why = f" ({one.reason})" if one.reason else ""
            tell(f"{one.status}: {one.volume_id} to {one.to}, {one.digest}{why}")
    return 0 if result.holds else 1
