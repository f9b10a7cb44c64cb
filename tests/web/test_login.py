"""Who may come in, for how long, and what a guesser meets."""

from __future__ import annotations

import pytest
from flask import Flask

from engine import commands as c
from tests.engine.office import SYSTEM, Office
from tests.web.conftest import PASSWORD, Enter, application, give_password
from tests.web.visitor import Visitor
from web.throttle import MOST_PER_ACCOUNT_AND_ADDRESS, MOST_PER_ADDRESS

WRONG = "Nama akun atau kata sandi salah."


def test_a_stranger_is_sent_to_the_login_and_from_there_to_the_page_asked_for(office: Office, visitor: Visitor) -> None:
    give_password(office, "petugas")
    answer = visitor.opens("/instances?state=ACTIVE", follow=False).answer
    assert answer.status_code == 303
    assert answer.location == "/login?next=/instances?state%3DACTIVE"
    login = visitor.opens(answer.location)
    page = visitor.sends(login, "/login", {"account": "petugas", "password": PASSWORD}, follow=False)
    assert page.answer.location == "/instances?state=ACTIVE"


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "/\tx"]
)
def test_a_login_never_leads_to_another_site(office: Office, visitor: Visitor, elsewhere: str) -> None:
    give_password(office, "petugas")
    login = visitor.opens("/login")
    values = {"account": "petugas", "password": PASSWORD, "next": elsewhere}
    assert visitor.sends(login, "/login", values, follow=False).answer.location == "/"


def test_a_wrong_password_and_an_unknown_account_get_the_same_answer(office: Office, visitor: Visitor) -> None:
    give_password(office, "petugas")
    for account in ("petugas", "siapa"):
        page = visitor.enters(account, "bukan-kata-sandinya")
        assert page.status == 401
        assert WRONG in page.text
        assert visitor.opens("/", follow=False).status == 303


def test_an_account_without_a_password_cannot_be_entered(visitor: Visitor) -> None:
    assert visitor.enters("petugas", "").status == 422
    assert visitor.enters("petugas", "apa saja").status == 401


def test_a_login_gives_a_new_session_and_a_new_csrf_token(office: Office, visitor: Visitor) -> None:
    give_password(office, "petugas")
    visitor.opens("/login")
    with visitor.client.session_transaction() as before:
        token = before["csrf_token"]
    visitor.enters("petugas", PASSWORD)
    with visitor.client.session_transaction() as first:
        assert first["csrf_token"] != token
        sid = first["sid"]
    visitor.sends(visitor.opens("/"), "/logout")
    visitor.enters("petugas", PASSWORD)
    with visitor.client.session_transaction() as second:
        assert second["sid"] != sid


@pytest.mark.parametrize(
    "path", ["/login", "/login/demo", "/logout", "/language", "/tasks/x/claim", "/tasks/x/complete"]
)
def test_no_post_is_taken_without_the_csrf_token(enter: Enter, path: str) -> None:
    page = enter("petugas").posts(path, {"account": "petugas", "password": PASSWORD})
    assert page.status == 400
    assert "Tidak ada yang berubah." in page.text


def test_guessing_is_refused_for_a_while_even_with_the_right_password(office: Office, app: Flask) -> None:
    give_password(office, "petugas")
    give_password(office, "katim")
    guesser = Visitor(app)
    for _ in range(MOST_PER_ACCOUNT_AND_ADDRESS):
        assert guesser.enters("petugas", "tebakan-berikut").status == 401
    page = guesser.enters("petugas", PASSWORD)
    assert page.status == 429
    assert "Terlalu banyak percobaan masuk yang gagal. Coba lagi dalam 16 menit." in page.text
    assert int(page.answer.headers["Retry-After"]) == 15 * 60 + 1
    assert Visitor(app, address="10.9.9.9").enters("petugas", PASSWORD).status == 200
    assert guesser.enters("katim", PASSWORD).status == 200
    office.later(minutes=15)
    assert Visitor(app).enters("petugas", PASSWORD).status == 200


def test_one_address_may_not_guess_at_many_accounts(office: Office, app: Flask) -> None:
    give_password(office, "petugas")
    guesser = Visitor(app)
    for number in range(MOST_PER_ADDRESS):
        assert guesser.enters(f"orang{number}", "tebakan").status == 401
    assert guesser.enters("petugas", PASSWORD).status == 429
    assert Visitor(app, address="10.9.9.9").enters("petugas", PASSWORD).status == 200


def test_coming_in_forgets_earlier_mistakes(office: Office, visitor: Visitor) -> None:
    give_password(office, "petugas")
    for _ in range(2):
        for _ in range(MOST_PER_ACCOUNT_AND_ADDRESS - 1):
            assert visitor.enters("petugas", "salah-ketik").status == 401
        assert visitor.enters("petugas", PASSWORD).status == 200
        visitor.sends(visitor.opens("/"), "/logout")


def test_a_session_ends_when_it_is_not_used(office: Office, enter: Enter) -> None:
    person = enter("petugas")
    office.later(hours=1, minutes=59)
    assert person.opens("/", follow=False).status == 200
    office.later(hours=2, minutes=1)
    page = person.opens("/")
    assert "Sesi Anda sudah berakhir. Silakan masuk kembali." in page.text


def test_a_session_ends_after_a_working_day_however_much_it_is_used(office: Office, enter: Enter) -> None:
    person = enter("petugas")
    for _ in range(12):
        office.later(hours=1)
        assert person.opens("/", follow=False).status == 200
    office.later(minutes=1)
    assert person.opens("/", follow=False).status == 303


def test_a_new_password_ends_the_sessions(office: Office, enter: Enter) -> None:
    person = enter("petugas")
    give_password(office, "petugas", "kata-sandi-yang-lain")
    assert person.opens("/", follow=False).status == 303


def test_a_disabled_account_is_out_at_once_and_stays_out(office: Office, enter: Enter) -> None:
    person = enter("petugas")
    office.handle(c.DisableAccount(actor=SYSTEM, account_id="petugas"))
    assert person.opens("/", follow=False).status == 303
    assert person.enters("petugas", PASSWORD).status == 401


def test_logging_out_is_a_post_and_ends_every_copy_of_the_cookie(enter: Enter, app: Flask) -> None:
    person, thief = enter("petugas"), Visitor(app)
    cookie = person.client.get_cookie("prima")
    assert cookie is not None
    assert person.opens("/logout").status == 405
    page = person.sends(person.opens("/"), "/logout")
    assert "Anda sudah keluar." in page.text
    thief.client.set_cookie("prima", cookie.value)
    assert thief.opens("/", follow=False).status == 303


def test_the_cookie_is_for_this_site_and_not_for_scripts(visitor: Visitor, office: Office) -> None:
    flags = visitor.opens("/login").answer.headers["Set-Cookie"]
    assert "HttpOnly" in flags
    assert "SameSite=Lax" in flags
    assert "Secure" not in flags
    behind_tls = Visitor(application(office, secure=True)).opens("/login").answer
    assert "Secure" in behind_tls.headers["Set-Cookie"]
    assert behind_tls.headers["Strict-Transport-Security"].startswith("max-age=")


def test_the_one_click_door_exists_in_a_demo_only(office: Office, visitor: Visitor) -> None:
    office.handle(
        c.AddAccount(actor=SYSTEM, account_id="tamu", display_name="Tamu Demo", roles=("auditor",), demo=True)
    )
    page = visitor.opens("/login")
    assert "Demo" not in page.text
    token = page.fields("/login")["csrf_token"]
    assert visitor.posts("/login/demo", {"csrf_token": token, "account": "tamu"}).status == 403
    demo = Visitor(application(office, demo=True))
    page = demo.opens("/login")
    assert "jangan memasukkan data sungguhan" in page.text
    page = demo.sends(page, "/login/demo", {"account": "tamu"})
    assert "Tamu Demo" in page.text
    assert "Ini demo" in page.text


def test_a_demo_does_not_open_accounts_that_are_not_its_own(office: Office) -> None:
    visitor = Visitor(application(office, demo=True))
    token = visitor.opens("/login").fields("/login")["csrf_token"]
    assert visitor.posts("/login/demo", {"csrf_token": token, "account": "admin"}).status == 403


def test_a_proxy_is_believed_only_behind_https(office: Office) -> None:
    give_password(office, "petugas")
    for base_url, believed in ((None, False), ("https://prima.example", True)):
        guesser = Visitor(application(office, base_url=base_url))
        for number in range(MOST_PER_ADDRESS):
            login = guesser.opens("/login")
            values = login.fields("/login") | {"account": f"orang{number}", "password": "tebakan"}
            guesser.posts("/login", values, X_Forwarded_For=f"1.1.1.{number}")
        login = guesser.opens("/login")
        values = login.fields("/login") | {"account": "petugas", "password": PASSWORD}
        page = guesser.posts("/login", values, X_Forwarded_For="2.2.2.2")
        assert page.status == (200 if believed else 429)


def test_a_short_secret_is_refused(office: Office) -> None:
    from web import create_app

    with pytest.raises(ValueError, match="at least 16 characters"):
        create_app(office.engine, secret_key="short", secure_cookies=False)
