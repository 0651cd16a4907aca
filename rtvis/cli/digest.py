"""`rtvis digest`: the digest of volumes and structure sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtvis.cli.arguments import add_command, add_paths
from rtvis.cli.printing import print_json, progress, say, tell

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from rtvis.app.digesting import DigestReport
    from rtvis.cli.arguments import Subparsers
    from rtvis.model.study import Unreadable

DETAILS = """\
One digest for all voxel points of a volume with their positions and its metadata: the same on every
device, and in every lossless encoding of the images. With --files, plain file hashes that `md5sum
-c` (or `sha256sum -c`) accepts.

A volume gets no digest when an image of its series can't be read: that of what is left would pass for the whole.
Exit status 2 when nothing that was named gets one.

MD5 recognises a volume and finds accidents; it doesn't stop a forger. `rtvis sign` does.

example:  rtvis digest ~/studies/lung --algorithm sha256"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = add_command(subparsers, "digest", run, "digest volumes and structure sets (MD5, SHA-256)", details=DETAILS)
    add_paths(parser)
    parser.add_argument("--algorithm", choices=("md5", "sha256"), default="md5", help="hash (default: md5)")
    parser.add_argument("--files", action="store_true", help="print the hash of each DICOM file instead")


def run(options: argparse.Namespace) -> int:
    """Digest PATHs."""
    from rtvis.app.digesting import digest_files, digest_paths

    with progress("reading") as report:
        if options.files:
            hashes, unreadable = digest_files(options.paths, options.algorithm, report=report)
        else:
            result = digest_paths(options.paths, options.algorithm, report=report)
    if not options.files:
        return _print_volumes(options, result)
    if options.json:
        files = [{"path": str(path), "digest": f"{options.algorithm}:{value}"} for path, value in hashes]
        print_json({"files": files, "unreadable": _listed(unreadable)})
    else:
        for path, value in hashes:
            print(checksum_line(str(path), value))
        _tell_unreadable(unreadable)
    return 0


def _listed(unreadable: Sequence[Unreadable]) -> list[dict[str, str]]:
    return [{"path": str(one.path), "reason": one.reason} for one in unreadable]


def _tell_unreadable(unreadable: Sequence[Unreadable]) -> None:
    for one in unreadable:
        say(f"unreadable: {one.path}: {one.reason}")


def checksum_line(path: str, value: str) -> str:
    r"""A line as `md5sum` writes it; names with a newline or backslash are escaped, and the line begins with one.

    >>> checksum_line("/a b.dcm", "00ff")
    '00ff  /a b.dcm'
    """
    escaped = path.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    return f"{'' if escaped == path else chr(92)}{value}  {escaped}"


def _print_volumes(options: argparse.Namespace, result: DigestReport) -> int:
    document = {
        "volumes": [
            {
                "volume_id": one.volume_id,
                "series_instance_uid": one.series_instance_uid,
                "digest": None if one.digest is None else one.digest.text,
                "lossy": one.lossy,
                "slices": []
                if one.digest is None
                else [
                    {"sop_instance_uid": part.sop_instance_uid, "frame": part.frame, "digest": part.digest.text}
                    for part in one.digest.slices
                ],
                "problems": [str(getattr(problem, "message", problem)) for problem in one.problems],
            }
            for one in result.volumes
        ],
        "structure_sets": [{"path": str(path), "digest": digest} for path, digest in result.structure_sets],
        "unreadable": _listed(result.unreadable),
    }
    if options.json:
        print_json(document)
    else:
        for volume in result.volumes:
            text = "no digest" if volume.digest is None else volume.digest.text
            tell(f"{text}  {volume.volume_id}{'  (lossy images: depends on the decoder)' if volume.lossy else ''}")
        for path, digest in result.structure_sets:
            tell(f"{digest}  {path}")
        _tell_unreadable(result.unreadable)
        for volume in result.volumes:
            reasons = [] if volume.digest is not None else [volume.problems[0]]
            for one in (*reasons, *volume.remarks):
                say(f"{volume.volume_id}: {one}")
    missing = [one for one in result.volumes if one.digest is None]
    return 2 if missing and len(missing) == len(result.volumes) and not result.structure_sets else 0
