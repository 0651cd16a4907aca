"""Names as people read them, whatever groups and components there are."""

from __future__ import annotations

import pytest

from rtvis.app.patient_name import name_text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Doe^Jo", "Doe Jo"),
        ("Adams^John Robert Quincy^^Rev.^B.A. M.Div.", "Adams John Robert Quincy Rev. B.A. M.Div."),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada Tarou (山田 太郎)"),
        ("=山田^太郎=やまだ^たろう", "山田 太郎 (やまだ たろう)"),
        ("Hong^Gildong==홍^길동", "Hong Gildong (홍 길동)"),
        ("Люкceмбypг", "Люкceмбypг"),
        ("Wang^XiaoDong=", "Wang XiaoDong"),
        ("Same=Same", "Same"),
        ("^^^^", ""),
        ("==", ""),
        ("", ""),
    ],
)
def test_components_are_parted_by_spaces_and_groups_told_apart(name, text) -> None:
    assert name_text(name) == text
