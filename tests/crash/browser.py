"""A person at a real server: opens pages, fills in their forms, sends them, and notes what the server accepted."""

from __future__ import annotations

from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

from lxml import html

SECONDS = 10.0
FIELD = "isian."  # what the names of a form's fields begin with


class Browser:
    """One browser on one server; OSError and HTTPException when the server is gone."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookies: dict[str, str] = {}
        self.accepted: list[str] = []  # ids of the commands that were answered by a redirect: they are done

    def enters(self, account: str) -> None:
        """Log in with the demo's one click."""
        page, _ = self.opens("/login")
        form = next(form for form in page.forms if form.action == "/login/demo")
        status, _, where = self._send("POST", "/login/demo", dict(form.form_values()) | {"account": account})
        assert status == 303, (status, where)

    def opens(self, path: str) -> tuple[Any, str]:
        """(the page, its path) after redirects."""
        status, body, where = self._send("GET", path)
        while status in (302, 303):
            path = urlsplit(where).path
            status, body, where = self._send("GET", path)
        assert status == 200, (status, path)
        return html.fromstring(body), path

    def sends(self, page: Any, action: str, values: dict[str, Any]) -> str:
        """Fill in the form of this action, again with what it then asks more, until it is accepted; where it leads."""
        for _ in range(3):
            form = next(form for form in page.forms if form.action == action)
            for name, value in values.items():
                if FIELD + name in form.fields:
                    _fill(form.inputs[FIELD + name], value)
            sent = dict(form.form_values())
            status, body, where = self._send("POST", action, sent)
            if status == 303:
                self.accepted.append(sent["command_id"])
                return urlsplit(where).path
            assert status == 422, (status, action)
            page = html.fromstring(body)
        raise AssertionError(f"{action} does not accept {values}: {page.text_content()}")

    def _send(self, method: str, path: str, values: dict[str, str] | None = None) -> tuple[int, bytes, str]:
        """(status, body, where it leads)."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=SECONDS)
        try:
            headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
            if values is not None:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request(method, path, urlencode(values) if values is not None else None, headers)
            answer = connection.getresponse()
            for cookie in answer.headers.get_all("Set-Cookie", []):
                name, _, value = cookie.partition(";")[0].partition("=")
                self._cookies[name] = value
            return answer.status, answer.read(), answer.headers.get("Location", "")
        finally:
            connection.close()


def _fill(field: Any, value: Any) -> None:
    if isinstance(value, bool):
        field.checked = value
    else:
        field.value = value
