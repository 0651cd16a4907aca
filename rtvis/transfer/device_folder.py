"""A receiving device's folder: its identity, its policy, whom it accepts, and what it holds.

::

    DIR/certificate.pem, key.pem   the identity, key encrypted
    DIR/device.toml                name and policy, for people to edit
    DIR/trusted/*.pem              senders (or their issuers) that are accepted
    DIR/inbox/NAME/                one delivery: its files, and delivery/{manifest,offer,receipt}.json
    DIR/staging/                   what is arriving; moved to the inbox by one rename, when it is verified
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, TypeAlias

from cryptography.hazmat.primitives import serialization

from rtvis.dicom.files import written_whole
from rtvis.dicom.new_files import taken_back_unless_done
from rtvis.integrity.identity import CERTIFICATE_FILE, KEY_FILE, Identity, common_name, create_identity
from rtvis.integrity.public_key import certificate_fingerprint
from rtvis.integrity.trust import TrustStore, load_certificate
from rtvis.model.errors import NothingFoundError, OutputError, UnreadableError, UsageError
from rtvis.transfer.inbox import HeldVolume, Inbox

SETTINGS_FILE = "device.toml"
TRUSTED_FOLDER = "trusted"

Signatures: TypeAlias = Literal["optional", "required"]

_TEMPLATE = """\
# What this device is called, and what it takes.
name = {name}

[policy]
# "optional": files without a signature are taken; a signature that doesn't hold is always refused.
# "required": every file must carry a signature that is valid, covers it and comes from a trusted signer.
signatures = "optional"
# The largest delivery, in bytes, and the most files in one.
max_bytes = {max_bytes}
max_files = {max_files}
# Disk space in bytes that a delivery must leave free.
keep_free_bytes = {keep_free_bytes}
# Memory in bytes and time in seconds that reading and verifying one delivery may take.
check_memory_bytes = {check_memory_bytes}
check_seconds = {check_seconds}
# Days after which an unfinished delivery is thrown away.
keep_partial_days = {keep_partial_days}
# Deliveries under way at the same time.
max_sessions = {max_sessions}
"""


@dataclass(frozen=True, slots=True)
class Policy:
    """What a device takes; see the comments in `device.toml`."""

    signatures: Signatures = "optional"
    max_bytes: int = 64 * 1024**3
    max_files: int = 20_000
    keep_free_bytes: int = 256 * 1024**2
    check_memory_bytes: int = 8 * 1024**3
    check_seconds: int = 300
    keep_partial_days: int = 7
    max_sessions: int = 8


@dataclass(frozen=True, slots=True)
class Device:
    """A device's folder as it was read.

    Attributes:
        folder: where it is.
        name: what it is called.
    """

    folder: Path
    name: str
    policy: Policy

    @property
    def inbox(self) -> Inbox:
        """Its inbox and staging area."""
        return Inbox(self.folder)

    def trust(self) -> TrustStore:
        """Whom it accepts now; nobody when no sender was trusted yet.

        Raises:
            UnreadableError: when a certificate among them is damaged.
        """
        try:
            return TrustStore.load(self.folder / TRUSTED_FOLDER)
        except NothingFoundError:
            return TrustStore(())


def init_device(folder: str | Path, name: str, passphrase: str | bytes) -> Identity:
    """Make a device: identity, settings, empty inbox.

    Args:
        folder: where; made when it isn't there.
        name: what it is called; its certificate carries it.
        passphrase: what its key is encrypted with.

    Raises:
        UsageError: when an identity is there already, or the name can't be used.
        OutputError: when the folder can't be written to.
    """
    place = Path(folder)
    parts = [place / part for part in (TRUSTED_FOLDER, *Inbox.FOLDERS)]
    defaults = Policy()
    values = {field.name: getattr(defaults, field.name) for field in fields(Policy)}
    quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    with taken_back_unless_done([part / "any" for part in parts]) as new:  # an identity alone could be made no device
        identity = create_identity(name, place, passphrase)
        new += [place / KEY_FILE, place / CERTIFICATE_FILE]
        for part in parts:
            try:
                part.mkdir(mode=0o700, exist_ok=True)
            except OSError as error:
                raise OutputError(f"can't be made ({error.strerror})", path=part) from error
        with written_whole(place / SETTINGS_FILE) as handle:
            handle.write(_TEMPLATE.format(name=quoted, **values).encode())
    return identity


def load_device(folder: str | Path) -> Device:
    """Read a device's settings; needs no passphrase.

    Raises:
        UsageError: when the folder is no device, or its policy says something impossible.
        UnreadableError: when its settings can't be read.
    """
    place = Path(folder)
    path = place / SETTINGS_FILE
    try:
        settings = tomllib.loads(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(
            "isn't a device", path=place, remedy="make one with 'rtvis device init DIR --name NAME'"
        ) from None
    except OSError as error:
        raise UnreadableError(f"can't be read ({error.strerror})", path=path) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UnreadableError(f"isn't TOML ({error})", path=path, remedy="mend it with an editor") from error
    return Device(place, str(settings.get("name", place.name)), _policy(settings.get("policy", {}), path))


def _policy(values: Any, path: Path) -> Policy:
    if not isinstance(values, dict):
        raise UsageError("'policy' isn't a table", path=path, remedy="mend it with an editor")
    known = {field.name for field in fields(Policy)}
    for key, value in values.items():
        proper = value in ("optional", "required") if key == "signatures" else type(value) is int and value >= 0
        if key not in known or not proper:
            raise UsageError(f"the policy can't say {key} = {value!r}", path=path, remedy="mend it with an editor")
    return Policy(**values)


@dataclass(frozen=True, slots=True)
class TrustedSender:
    """A certificate that a device accepts.

    Attributes:
        path: where the device keeps it.
        name: its common name.
        fingerprint: ``sha256:<hex>``, to compare with what the sender says his is.
    """

    path: Path
    name: str
    fingerprint: str


def trust_sender(folder: str | Path, certificate_path: str | Path) -> TrustedSender:
    """Let a device accept a sender from now on; a device that is serving takes it up at the next connection.

    Args:
        folder: the device's.
        certificate_path: the sender's certificate, or that of whoever issues the senders'; PEM or DER.

    Raises:
        UsageError: when the folder is no device.
        NothingFoundError, UnreadableError: when there is no certificate.
        OutputError: when it can't be kept.
    """
    device = load_device(folder)
    certificate = load_certificate(certificate_path)
    fingerprint = certificate_fingerprint(certificate)
    target = device.folder / TRUSTED_FOLDER / f"{fingerprint.partition(':')[2][:32]}.pem"
    with written_whole(target, overwrite=True) as handle:
        handle.write(certificate.public_bytes(serialization.Encoding.PEM))
    return TrustedSender(target, common_name(certificate), fingerprint)


def list_volumes(folder: str | Path) -> list[HeldVolume]:
    """What a device holds, oldest first: one entry for each volume, its newest delivery; needs no passphrase.

    Raises:
        UsageError: when the folder is no device.
        UnreadableError: when the inbox can't be read.
    """
    return load_device(folder).inbox.volumes()
