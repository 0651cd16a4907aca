"""The verbs of the Python API: what each command does, for scripts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rtvis.app.digesting import digest_paths
from rtvis.app.sending import send_paths
from rtvis.app.signing import sign_paths
from rtvis.app.verifying import verify_paths
from rtvis.integrity.identity import Identity, load_identity, read_passphrase
from rtvis.integrity.trust import TrustStore
from rtvis.model.progress import no_report
from rtvis.transfer.client import DEFAULT_TIMEOUT_S

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rtvis.app.digesting import DigestReport
    from rtvis.app.sending import SendReport
    from rtvis.app.signing import SignReport
    from rtvis.app.verifying import VerifyReport
    from rtvis.model.progress import Report

Paths = str | Path | list[str | Path]
"""One PATH or several: files, or folders that are searched recursively."""


def digest(paths: Paths, algorithm: str = "md5", *, report: Report = no_report) -> DigestReport:
    """The digest of every volume and structure set in PATHs; see `rtvis.app.digesting.digest_paths`."""
    return digest_paths(_listed(paths), algorithm, report=report)


def sign(
    paths: Paths,
    identity: str | Path | Identity,
    *,
    passphrase: str | bytes | None = None,
    mac: str = "sha256",
    out: str | Path | None = None,
    force: bool = False,
    report: Report = no_report,
) -> SignReport:
    """Put a PS3.15 digital signature into every DICOM file of PATHs.

    Args:
        paths: files or folders.
        identity: an identity folder, or an identity that is already open.
        passphrase: of the folder's key; taken from RTVIS_PASSPHRASE, or asked for, when None.
        mac: the hash that is signed.
        out: folder for the signed copies; without it `force` is needed, since files are replaced.
        force: replace files that are there.
        report: called with files signed and files in all.

    Raises:
        RtvisError: see `rtvis.app.signing.sign_paths`.
    """
    return sign_paths(
        _listed(paths),
        _identity(identity, passphrase),
        mac=mac,
        out=None if out is None else Path(out),
        force=force,
        report=report,
    )


def verify(paths: Paths, trust: str | Path | TrustStore | None = None, *, report: Report = no_report) -> VerifyReport:
    """Check the signatures of every DICOM file in PATHs against certificates (a file, a folder, or a store)."""
    return verify_paths(_listed(paths), _trust(trust), report=report)


def send(
    paths: Paths,
    to: str | list[str],
    identity: str | Path | Identity,
    trust: str | Path | TrustStore,
    *,
    passphrase: str | bytes | None = None,
    timeout: float = DEFAULT_TIMEOUT_S,
    report: Report = no_report,
) -> SendReport:
    """Deliver each volume of PATHs, with its structure sets, to each device.

    Args:
        paths: files or folders.
        to: ``HOST:PORT``, or several.
        identity: who sends, an identity folder or an open identity.
        trust: certificates of the devices.
        passphrase: of the identity folder's key; RTVIS_PASSPHRASE, or asked for, when None.
        timeout: seconds after which a silent device is given up.
        report: called with bytes sent and bytes in all.

    Raises:
        RtvisError: when nothing can be read or the identity can't be opened. A device that refuses or doesn't answer is
            a delivery with that status, not an error.
    """
    store = _trust(trust)
    assert store is not None
    addresses = [to] if isinstance(to, str) else list(to)
    return send_paths(_listed(paths), addresses, _identity(identity, passphrase), store, timeout=timeout, report=report)


def _listed(paths: Paths | Iterable[str | Path]) -> list[Path]:
    return [Path(paths)] if isinstance(paths, str | Path) else [Path(one) for one in paths]


def _identity(identity: str | Path | Identity, passphrase: str | bytes | None) -> Identity:
    if isinstance(identity, Identity):
        return identity
    return load_identity(identity, passphrase if passphrase is not None else read_passphrase())


def _trust(trust: str | Path | TrustStore | None) -> TrustStore | None:
    return trust if trust is None or isinstance(trust, TrustStore) else TrustStore.load(trust)
