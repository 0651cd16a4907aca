"""Names and IDs are found however they are written, and nothing that only looks like them."""

from __future__ import annotations

import unicodedata

import pytest

from rtvis.app.patient_words import names_of, patient_words
from rtvis.model.volume import Patient


def finder(name="", patient_id="", birth_date=""):
    return patient_words(names_of([Patient(patient_id=patient_id, name=name, birth_date=birth_date)]))


@pytest.mark.parametrize(
    "name", ["Müller^Jürgen", "Mueller^Juergen", "MUELLER^JUERGEN", "Muller^Jurgen", "MÜLLER^JÜRGEN"]
)
@pytest.mark.parametrize(
    "written", ["Müller", "Mueller", "MUELLER", "MÜLLER", "Muller", "müller", "Mu\N{SOFT HYPHEN}eller"]
)
@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC"])
def test_an_umlaut_two_letters_or_none_are_one_name(name, written, form):
    text = unicodedata.normalize(form, f"Becken {written}, 2. Serie")
    for spelt in (name, unicodedata.normalize("NFD", name)):
        assert finder(spelt).taken_out(text) == "Becken …, 2. Serie"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("Strauß^Eva", "STRAUSS Becken", "… Becken"),
        ("Strauss^Eva", "Strauß Becken", "… Becken"),
        ("Strauß^Eva", "STRAUẞ Becken", "… Becken"),
        ("Øster^Bo", "oester", "…"),
        ("Øster^Bo", "Oster", "…"),
        ("Aase^Bo", "Åse", "…"),
        ("Åse^Bo", "Aase AASE åse", "…"),
        ("Łukasz^Ja", "LUKASZ", "…"),
        ("Nguyễn^An", "NGUYEN plan", "… plan"),
        ("İnan^Eva", "inan INAN ınan", "…"),
        ("Müller-Lüdenscheid^Eva", "MuellerLuedenscheid", "…"),
        ("Müller-Lüdenscheid^Eva", "Ludenscheid", "…"),
        ("O'Brien^Pat", "OBrien o’brien", "…"),
        ("Doe^Jo", "doe_2, 2doe, DOE2, Doe's plan", "…_2, 2…, …2, …'s plan"),
        ("Doe^Jo", "PTVDoe DoePTV ptvDoe", "PTV…PTV ptv…"),
        ("Doe^Jo", "JoDoe DoeJo jdoe JO^DOE", "…"),
        ("Doe^Jo", "what to do", "what to do"),
        ("Doe^Jo", "PTV Doe^^^, 2^3", "PTV …, 2^3"),
        ("Doe^Jo", "Doeskin, doer, undoe", "Doeskin, doer, undoe"),
        ("Li^Wei", "Li, Wei: Liver wei", "…: Liver …"),
        ("Wang^XiaoDong", "xiaodong WANG_XIAODONG Xiao Dong", "…"),
        ("山田^太郎", "山田太郎様の計画", "…様の計画"),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "CT 山田　太郎, ヤマダ, ﾔﾏﾀﾞ, yamada", "CT …, …, …, …"),
        ("李^明", "李明 头部, 明 李", "… 头部, …"),
        ("Hong^Gildong=洪^吉洞=홍^길동", "홍길동 홍 길동 길동", "…"),
        ("Иванов^Иван", "ИВАНОВ Иван, план", "…, план"),
        ("Βασίλης^Α", "ΒΑΣΙΛΗΣ", "…"),
    ],
)
def test_names_in_texts(name, text, told):
    for form in ("NFC", "NFD"):
        written = unicodedata.normalize(form, text)
        assert finder(unicodedata.normalize(form, name)).taken_out(written) == unicodedata.normalize(form, told)


@pytest.mark.parametrize(
    ("patient_id", "text", "told"),
    [
        ("P1234", "p1234, P-1234 P_1234 P12345 XP1234", "…, … P12345 XP1234"),
        ("1234", "PAT1234, 1234_2, 12345, 51234", "PAT…, …_2, 12345, 51234"),
        ("LUNG1-002", "Lung1_002 LUNG1002 Lung 1 Lung", "… Lung 1 Lung"),
        ("7", "slice 7", "slice 7"),
        ("--", "a -- b", "a -- b"),
        ("(a+b)*[", "A B a+b", "A B a+b"),
    ],
)
def test_ids_in_texts(patient_id, text, told):
    assert finder(patient_id=patient_id).taken_out(text) == told


def test_the_day_of_birth_is_found_in_any_order():
    assert finder(birth_date="19500102").taken_out("1950-01-02 02.01.1950 01/02/1950 19500102") == "…"
    assert finder(birth_date="19500102").taken_out("3.1.1950") == "3.1.1950"
    assert finder(birth_date="1950").taken_out("1950") == "1950"


def test_without_names_nothing_is_found():
    assert finder("^^=").taken_out("anything") == "anything"
    assert not finder().found_in("")


@pytest.mark.parametrize("before", [0, 19_990, 20_000, 39_000, 100_000])
def test_a_name_is_found_anywhere_in_a_long_text(before):
    found = finder("Müller^Jürgen")
    assert found.found_in(f"{'x ' * (before // 2)}Juergen Mueller{' y' * 30_000}")
    assert not found.found_in(f"{'x ' * (before // 2)}Moeller{' y' * 30_000}")
