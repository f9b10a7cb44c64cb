"""Who is above whom, and who is of which group: the accounts, and the organisation where an account says nothing."""

from __future__ import annotations

from collections.abc import Sequence

from engine.definition.organisation import Organisation
from engine.views import Account


class Directory:
    """The office's people at one moment."""

    def __init__(self, accounts: Sequence[Account], organisation: Organisation | None) -> None:
        self._accounts = {account.id: account for account in accounts}
        self._organisation = organisation

    def superior_of(self, account_id: str) -> str | None:
        """The direct superior of an account; None when nobody is above."""
        account = self._accounts.get(account_id)
        if account is not None and account.superior is not None:
            return account.superior
        return self._organisation.superior_of(account_id) if self._organisation else None

    def superiors(self, account_id: str) -> list[str]:
        """The direct superior of an account, theirs, and so on upward."""
        found: list[str] = []
        above = self.superior_of(account_id)
        while above is not None and above not in found:
            found.append(above)
            above = self.superior_of(above)
        return found

    def members_of(self, groups: Sequence[str]) -> list[str]:
        """The active accounts of any of the groups, group by group."""
        members = {group: [a.id for a in self._accounts.values() if a.active and group in a.groups] for group in groups}
        return list(dict.fromkeys(account_id for group in groups for account_id in members[group]))

    def leads_anybody(self, account_id: str) -> bool:
        """Whether an account is somebody's direct superior."""
        return any(self.superior_of(other) == account_id for other in self._accounts)
