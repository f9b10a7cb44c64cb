"""The pages of the demo office, and people who visit them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from engine import commands as c
from tests.engine.fixtures import furnished_file, office, quick_verify
from tests.engine.office import SYSTEM, Office
from tests.web.visitor import Visitor
from web import create_app

__all__ = ["furnished_file", "office", "quick_verify"]

PASSWORD = "kata-sandi-contoh"
SECRET = "a secret of the tests, long enough"

Enter = Callable[[str], Visitor]


def application(office: Office, *, demo: bool = False, secure: bool = False, base_url: str | None = None) -> Flask:
    """The pages over an office's engine."""
    return create_app(office.engine, secret_key=SECRET, secure_cookies=secure, base_url=base_url, demo=demo)


def give_password(office: Office, account: str, password: str = PASSWORD) -> None:
    """Let an account log in."""
    office.handle(c.SetPassword(actor=SYSTEM, account_id=account, password=password))


@pytest.fixture
def app(office: Office) -> Flask:
    """The application, no demo."""
    return application(office)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """Somebody who has not logged in."""
    return Visitor(app)


@pytest.fixture
def enter(office: Office, app: Flask) -> Enter:
    """Log an account in, in a browser of its own."""

    def log_in(account: str) -> Visitor:
        give_password(office, account)
        visitor = Visitor(app)
        page = visitor.enters(account, PASSWORD)
        assert page.status == 200, page.text
        return visitor

    return log_in
