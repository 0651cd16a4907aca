"""Digest, sign, verify and send, in the background, on what the window has open."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QWidget

from rtvis.app.session import Session
from rtvis.app.whole_volumes import LostImages, doubt_text, lost_text
from rtvis.gui.background import BackgroundTasks, Task
from rtvis.gui.integrity_dialogs import ResultDialog, SendAnswer, SignAnswer, ask_send, ask_sign, ask_verify
from rtvis.integrity.identity import load_identity
from rtvis.integrity.trust import TrustStore

if TYPE_CHECKING:
    from pathlib import Path

    from rtvis.app.digesting import DigestReport
    from rtvis.app.sending import SendReport
    from rtvis.app.signing import SignReport
    from rtvis.app.verifying import VerifyReport
    from rtvis.model.progress import Report
    from rtvis.model.volume import Volume


class IntegrityActions(QObject):
    """`found` carries (short text, tool tip) for the status bar.

    Args:
        session: whose shown volume is digested.
        tasks: where the work runs.
        paths: gives the files and folders that are open, saved structure sets included.
        saved_first: saves what is unsaved before what its argument names; False when it isn't, and files aren't what
            is seen.
        window: parent of dialogs.
    """

    found = Signal(str, str)

    def __init__(
        self,
        session: Session,
        tasks: BackgroundTasks,
        paths: Callable[[], list[str]],
        saved_first: Callable[[str], bool],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._session = session
        self._tasks = tasks
        self._paths = paths
        self._saved_first = saved_first
        self._window = window
        self._digesting: Task | None = None
        tasks.stopped.connect(self._stopped)

    def _stopped(self, task: Task) -> None:
        if task is self._digesting:
            self.found.emit("no digest", "Computing the volume digest was stopped; Study > Digests computes it")

    def digest_shown(self) -> None:
        """Compute the digest of the shown volume and tell it in the status bar."""
        volume = self._session.volume
        if volume is None or volume.is_dose:  # the volume digest is one of images
            self.found.emit("", "")
            return
        unreadable = self._session.study.unreadable
        self.found.emit("md5 …", "The volume digest is being computed")

        def work(_report: Report) -> tuple[Volume, str, str]:
            lost, perhaps = LostImages(unreadable).of(volume)
            if lost:
                return volume, "no digest", lost_text(lost)
            digest = volume.digest("md5")
            tip = "\n".join((f"Volume digest of the shown series\n{digest}", *map(doubt_text, perhaps)))
            return volume, f"{digest[:12]}…", tip

        self._digesting = self._tasks.start("Computing digest", work, self._show_digest)

    def _show_digest(self, result: tuple[Volume, str, str]) -> None:
        volume, text, tip = result
        if volume is self._session.volume:
            self.found.emit(text, tip)

    def digest(self) -> None:
        """Digests of all that is open."""
        paths = self._paths()

        def work(report: Report) -> DigestReport:
            from rtvis.app.digesting import digest_paths  # noqa: PLC0415  (loads in the thread)

            return digest_paths(paths, "md5", report=report)

        self._tasks.start("Computing digests", work, self._show_digests)

    def _show_digests(self, result: DigestReport) -> None:
        lines = []
        for one in result.volumes:
            text = one.digest.text if one.digest is not None else "no digest: " + "; ".join(map(str, one.problems))
            lines.append(f"{text}  {one.volume_id}")
        lines += [f"{digest}  {path}" for path, digest in result.structure_sets]
        lines += [f"unreadable  {one.path}: {one.reason}" for one in result.unreadable]
        count = len(result.volumes) + len(result.structure_sets)
        self._result("Digests", f"{count} digests; the same data gives the same digest on every machine.", lines)

    def sign(self) -> None:
        """Save what is unsaved, ask who signs, then sign copies of all that is open."""
        answer = ask_sign(self._window) if self._saved_first("signing") else None
        if answer is not None:
            self.sign_as(answer)

    def sign_as(self, answer: SignAnswer) -> None:
        """Sign copies of all that is open."""
        paths = self._paths()

        def work(report: Report) -> SignReport:
            from rtvis.app.signing import sign_paths  # noqa: PLC0415  (loads in the thread)

            identity = load_identity(answer.identity, answer.passphrase)
            return sign_paths(paths, identity, out=answer.out, report=report)

        self._tasks.start("Signing", work, self._show_signed, lasting=True, if_stopped="no signed copies are left")

    def _show_signed(self, result: SignReport) -> None:
        lines = [f"signed  {path}" for path in result.files]
        lines += [f"NOT signed  {one.path}: {one.reason}" for one in result.failed]
        summary = (
            f"{len(result.files)} files signed, {len(result.failed)} not. Open the folder of the copies to verify them."
        )
        self._result("Signed", summary, lines)

    def verify(self) -> None:
        """Ask whom to trust, then verify all that is open."""
        answer = ask_verify(self._window)
        if answer is not None:
            self.verify_with(answer[0])

    def verify_with(self, trusted: Path | None) -> None:
        """Verify the signatures of all that is open."""
        paths = self._paths()

        def work(report: Report) -> VerifyReport:
            from rtvis.app.verifying import verify_paths  # noqa: PLC0415  (loads in the thread)

            trust = TrustStore.load(trusted) if trusted is not None else None
            return verify_paths(paths, trust, report=report)

        self._tasks.start("Verifying signatures", work, self._show_verified)

    def _show_verified(self, result: VerifyReport) -> None:
        counts: dict[str, int] = {}
        for one in result.files:
            counts[one.status] = counts.get(one.status, 0) + 1
        summary = ", ".join(f"{count} {status}" for status, count in counts.items()) or "no files"
        lines = [
            f"{one.status}  {one.path}"
            + (f"  {one.signer}" if one.signer else "")
            + (f"  ({one.reason})" if one.reason else "")
            for one in result.files
        ]
        self.found.emit("✔ signatures valid" if result.holds else f"▲ {summary}", "Signatures as last verified")
        self._result("Signatures", summary, lines)

    def send(self) -> None:
        """Save what is unsaved, ask where to, then deliver what is open."""
        answer = ask_send(self._window) if self._saved_first("sending") else None
        if answer is not None:
            self.send_as(answer)

    def send_as(self, answer: SendAnswer) -> None:
        """Deliver what is open to a device."""
        paths = self._paths()

        def work(report: Report) -> SendReport:
            from rtvis.app.sending import send_paths  # noqa: PLC0415  (loads in the thread)

            identity = load_identity(answer.identity, answer.passphrase)
            return send_paths(paths, [answer.to], identity, TrustStore.load(answer.trust), report=report)

        kept = "what has arrived is kept there for the next time"
        self._tasks.start(f"Sending to {answer.to}", work, self._show_sent, lasting=True, if_stopped=kept)

    def _show_sent(self, result: SendReport) -> None:
        lines = [
            f"{one.status}  {one.volume_id} to {one.to}  {one.digest}" + (f"  ({one.reason})" if one.reason else "")
            for one in result.deliveries
        ]
        lines += [f"not sent  {one.path}: {one.reason}" for one in result.left_out]
        good = sum(one.status in {"accepted", "already_there"} for one in result.deliveries)
        self._result("Delivery", f"{good} of {len(result.deliveries)} deliveries accepted.", lines)

    def _result(self, title: str, summary: str, lines: list[str]) -> None:
        dialog = ResultDialog(title, summary, "\n".join(lines), self._window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
