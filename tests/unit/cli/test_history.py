"""`rtvis history verify`, `sign` and `rtvis verify`: exit statuses and JSON, on a history saved by a session."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rtvis.app.session import Session
from rtvis.cli.main import main
from rtvis.editing.journal_folder import JournalFolder
from rtvis.editing.record_chain import FIRST_SEAL, MAGIC, read_chain, sealed
from rtvis.integrity.detached_signature import sign_detached, verify_detached
from rtvis.integrity.identity import create_identity, load_identity


@pytest.fixture
def saved(small_study, tmp_path):
    session = Session(JournalFolder(tmp_path / "journals", who="ada@here"))
    session.open([small_study])
    points = session.volume.grid.to_patient([[2, 2, 3], [8, 2, 3], [8, 9, 3]])
    session.add_contour(points, closed=True)
    session.save(tmp_path / "rs.dcm", history=True)
    session.close()
    return tmp_path / "rs.dcm"


def test_an_intact_history_of_the_file(saved, small_study, capsys) -> None:
    history = str(saved) + ".history"
    assert main(["history", "verify", history, "--rtstruct", str(saved), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["status"], told["rtstruct"]["matches"]) == ("intact", True)
    assert [one["kind"] for one in told["records"]] == ["opened", "edit", "saved"]
    assert told["records"][1]["name"] == "Add contour to ROI 1"
    assert main(["history", "verify", history, "--rtstruct", str(small_study / "structure-set.dcm")]) == 1
    assert "not as it was saved last" in capsys.readouterr().out


def test_a_changed_history(saved, capsys) -> None:
    history = saved.with_name("rs.dcm.history")
    content = bytearray(history.read_bytes())
    content[len(content) // 2] ^= 1
    history.write_bytes(content)
    assert main(["history", "verify", str(history)]) == 1
    assert capsys.readouterr().out.splitlines()[-1].startswith("broken: record")


def test_a_history_that_lost_its_last_records_does_not_lead_to_the_file_beside_it(saved, capsys) -> None:
    history = saved.with_name("rs.dcm.history")
    whole = history.read_bytes()
    for record in read_chain(whole).records[:-2]:  # after the last edit the set is what the file holds
        history.write_bytes(whole[: record.end])
        assert main(["history", "verify", str(history)]) == 1
        capsys.readouterr()
    history.write_bytes(whole)
    assert main(["history", "verify", str(history)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"{saved}: is what was saved last"


def test_a_structure_set_stands_for_the_history_beside_it(saved, capsys) -> None:
    assert main(["history", "verify", str(saved), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["path"] == f"{saved}.history"
    assert told["rtstruct"] == {"path": str(saved), "matches": True, "reason": ""}


def test_a_structure_set_that_is_not_what_was_saved_is_told(saved, small_study, capsys) -> None:
    saved.write_bytes((small_study / "structure-set.dcm").read_bytes())
    assert main(["history", "verify", str(saved)]) == 1
    assert "not as it was saved last" in capsys.readouterr().out


def test_what_is_no_history(small_study, tmp_path, capsys) -> None:
    alone = small_study / "structure-set.dcm"
    assert main(["history", "verify", str(alone)]) == 2
    assert "there is no structure-set.dcm.history beside it" in capsys.readouterr().err
    (tmp_path / "notes.txt").write_text("nothing of the kind")
    assert main(["history", "verify", str(tmp_path / "notes.txt")]) == 2
    assert "is no edit history" in capsys.readouterr().err
    assert main(["history", "verify", str(tmp_path)]) == 2
    assert "is a folder" in capsys.readouterr().err


@pytest.fixture(scope="module")
def identity(tmp_path_factory):
    folder = tmp_path_factory.mktemp("identity") / "ada"
    create_identity("Ada", folder, "secret", key_type="ec")
    return folder


def test_a_history_is_signed_and_any_change_after_that_is_told(saved, identity, capsys, monkeypatch) -> None:
    monkeypatch.setenv("RTVIS_PASSPHRASE", "secret")
    history = str(saved) + ".history"
    trust = ["--trust", str(identity / "certificate.pem")]
    assert main(["history", "verify", history, *trust]) == 1
    assert capsys.readouterr().out.splitlines()[-1].startswith("signature: unsigned")
    assert main(["history", "sign", str(saved), "--identity", str(identity), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["signer"] == "Ada"
    assert main(["history", "sign", history, "--identity", str(identity)]) == 2
    assert main(["history", "verify", history, *trust, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["signature"]["status"], told["signature"]["signer"]) == ("valid", "Ada")
    assert main(["history", "verify", history]) == 0
    assert "signature: untrusted by Ada" in capsys.readouterr().out
    # A chain made anew, as somebody could who writes the file, holds in itself and not under the signature.
    chain = read_chain(Path(history).read_bytes())
    parts, seal = [MAGIC], FIRST_SEAL
    for record in chain.records:
        content, seal = sealed(seal, {**record.header, "who": "eve@there"}, bytes(record.blob))
        parts.append(content)
    Path(history).write_bytes(b"".join(parts))
    assert main(["history", "verify", history]) == 1
    assert "signature: invalid by Ada (the file was changed after it was signed)" in capsys.readouterr().out


@pytest.mark.parametrize("key", ["sha256", "signed_at", "signature", "certificate", "format"])
def test_a_changed_signature_file_is_invalid(saved, identity, key) -> None:
    history = saved.with_name("rs.dcm.history")
    path = sign_detached(history, load_identity(identity, "secret"))
    words = json.loads(path.read_text())
    words[key] = words[key][:-2] + ("1+" if key == "signed_at" else "00")
    path.write_text(json.dumps(words))
    assert verify_detached(history).status == "invalid"
    path.write_text("[1, 2")
    assert verify_detached(history).status == "invalid"
    path.unlink()
    assert verify_detached(history).status == "unsigned"


def test_a_broken_history_is_not_signed(saved, identity, capsys, monkeypatch) -> None:
    monkeypatch.setenv("RTVIS_PASSPHRASE", "secret")
    history = saved.with_name("rs.dcm.history")
    history.write_bytes(history.read_bytes()[:-5])
    assert main(["history", "sign", str(history), "--identity", str(identity)]) == 1
    assert "not signed" in capsys.readouterr().err
    assert not history.with_name("rs.dcm.history.sig").exists()


def test_verify_checks_the_history_beside_a_structure_set(saved, identity, capsys, monkeypatch) -> None:
    monkeypatch.setenv("RTVIS_PASSPHRASE", "secret")
    trust = ["--trust", str(identity / "certificate.pem")]
    assert main(["sign", str(saved), "--identity", str(identity), "--force"]) == 0
    assert main(["verify", str(saved), *trust, "--json"]) == 0
    [told] = json.loads(capsys.readouterr().out)["histories"]
    assert (told["status"], told["records"], told["signature"]["status"]) == ("intact", 3, "unsigned")
    history = saved.with_name("rs.dcm.history")
    content = bytearray(history.read_bytes())
    content[-1] ^= 1
    history.write_bytes(content)
    assert main(["verify", str(saved), *trust]) == 1
    assert capsys.readouterr().out.splitlines()[-1].startswith("history broken:")
