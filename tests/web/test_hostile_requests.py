"""Requests that no page makes."""

from __future__ import annotations

import pytest

from tests.engine.office import Office
from tests.web.conftest import Enter


@pytest.mark.parametrize("path", ["/tasks/%00", "/instances?q=%00", "/?after=%00~x"])
def test_a_nul_in_the_address_is_refused(enter: Enter, path: str) -> None:
    assert enter("katim").opens(path).status == 400


def test_a_nul_in_a_reason_is_refused_and_not_kept(office: Office, enter: Enter) -> None:
    instance = office.visit()
    admin = enter("admin")
    token = admin.opens("/").fields("/logout")["csrf_token"]
    before = office.rows()
    page = admin.posts(f"/instances/{instance}/suspend", {"csrf_token": token, "reason": ["a\0b"]})
    assert page.status == 400
    assert office.rows() == before


@pytest.mark.parametrize("revision", ["9" * 5000, "²", "-1", ""])
def test_a_strange_revision_is_no_mistake_of_ours(office: Office, enter: Enter, revision: str) -> None:
    task = office.task("pelayanan", office.visit()).id
    officer = enter("petugas")
    token = officer.opens("/").fields("/logout")["csrf_token"]
    page = officer.posts(f"/tasks/{task}/complete", {"csrf_token": token, "revision": [revision]})
    assert page.status == 422
