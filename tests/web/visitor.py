"""A person at a browser without JavaScript: opens pages, fills in the forms that are on them, sends them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask
from lxml import html
from werkzeug.test import TestResponse

Values = Mapping[str, str | Sequence[str] | None]


@dataclass(frozen=True)
class Sheet:
    """One answer of the server."""

    answer: TestResponse
    path: str

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def source(self) -> str:
        return self.answer.get_data(as_text=True)

    @property
    def tree(self) -> Any:
        return html.fromstring(self.source)

    @property
    def text(self) -> str:
        """What a reader sees of the page, on one line."""
        body = self.tree.find("body")
        for hidden in body.xpath(".//script | .//noscript"):
            hidden.drop_tree()
        return _words(body)

    @property
    def title(self) -> str:
        return str(self.tree.findtext(".//title"))

    def all(self, xpath: str) -> list[Any]:
        return list(self.tree.xpath(xpath))

    def texts(self, xpath: str) -> list[str]:
        return [_words(found) for found in self.all(xpath)]

    def buttons(self) -> list[str]:
        """The words on every button of the page's content."""
        return self.texts("//main//button")

    def fields(self, action: str) -> dict[str, list[str]]:
        """What a browser would send of the form with this action, untouched."""
        forms = self.all(f"//form[@action='{action}' and @method='post']")
        assert forms, f"there is no form {action} on {self.path}: {[form.action for form in self.tree.forms]}"
        sent: dict[str, list[str]] = {}
        for name, value in forms[0].form_values():
            # a browser drops the line break behind <textarea>, lxml does not
            sent.setdefault(name, []).append(value.removeprefix("\n"))
        return sent


class Visitor:
    """One browser."""

    def __init__(self, app: Flask, address: str = "10.0.0.7") -> None:
        self.client = app.test_client()
        self.address = address

    def opens(self, path: str, *, follow: bool = True, **headers: str) -> Sheet:
        answer = self.client.get(
            path, follow_redirects=follow, headers=_dashed(headers), environ_base=self._from(), buffered=True
        )
        return Sheet(answer, path)

    def posts(self, path: str, values: Values | None = None, *, follow: bool = True, **headers: str) -> Sheet:
        """Send exactly these values."""
        answer = self.client.post(
            path, data=values or {}, follow_redirects=follow, headers=_dashed(headers), environ_base=self._from()
        )
        return Sheet(answer, path)

    def sends(
        self, page: Sheet, action: str, values: Values | None = None, *, to: str | None = None, follow: bool = True
    ) -> Sheet:
        """Fill in the page's form of this action and send it (`to` another address, as a button's formaction).

        A value of None is not sent.
        """
        filled: dict[str, Any] = page.fields(action) | dict(values or {})
        return self.posts(
            to or action, {name: value for name, value in filled.items() if value is not None}, follow=follow
        )

    def enters(self, account: str, password: str) -> Sheet:
        """Log in."""
        return self.sends(self.opens("/login"), "/login", {"account": account, "password": password})

    def _from(self) -> dict[str, str]:
        return {"REMOTE_ADDR": self.address}


def _words(element: Any) -> str:
    return " ".join(" ".join(element.itertext()).split())


def _dashed(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
