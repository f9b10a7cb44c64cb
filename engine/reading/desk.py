"""What every query needs: one consistent view of the database and what is known of the office."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import NotFound, NotPermitted
from engine.runtime.state import State
from engine.runtime.world import World
from engine.store import queries, snapshots
from engine.store.queries import AnyRow
from engine.values import parse_json
from engine.views import Account


@dataclass(frozen=True)
class Desk:
    """A reader's place: the world as it is now, and who is looking."""

    world: World
    viewer: Account

    def state(self, instance_id: str) -> State:
        """The state of an instance; raises NotFound."""
        found = snapshots.load(self.world.connection, self.world.tenant, f"instance:{instance_id}")
        if found is None:
            raise NotFound("Berkas proses %(id)s tidak ada.", id=instance_id)
        return State.from_json(parse_json(found.state))

    def instance_row(self, instance_id: str) -> AnyRow:
        """The row of an instance that this viewer may know of; raises NotFound and NotPermitted."""
        row = queries.instance_row(self.world.connection, self.world.tenant, instance_id)
        if row is None:
            raise NotFound("Berkas proses %(id)s tidak ada.", id=instance_id)
        if not self.sees_all and not queries.takes_part(
            self.world.connection, self.world.tenant, self.viewer, self.teams_led, instance_id
        ):
            raise NotPermitted("Berkas proses ini bukan bagian dari tugas Anda.")
        if self.is_kept_from(instance_id) and not queries.had_part(
            self.world.connection, self.world.tenant, self.viewer, instance_id
        ):
            raise NotPermitted("Berkas proses ini tidak dapat Anda lihat.")
        return row

    def is_kept_from(self, instance_id: str) -> bool:
        """Whether the instance's content is kept from this viewer, to protect who complains."""
        found = queries.instance_exclusions(self.world.connection, self.world.tenant, instance_id)
        return self.viewer.id in found

    @property
    def sees_all(self) -> bool:
        """Whether the viewer may look at every instance: auditors, process owners, administrators, the head."""
        organisation = self.world.organisation
        leads_office = organisation is not None and organisation.head == self.viewer.id
        return leads_office or any(self.viewer.has(role) for role in ("auditor", "process_owner", "admin"))

    @property
    def teams_led(self) -> list[str]:
        """The teams whose leader the viewer is."""
        organisation = self.world.organisation
        teams = organisation.teams.values() if organisation else ()
        return [team.key for team in teams if team.leader == self.viewer.id]
