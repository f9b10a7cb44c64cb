"""The job handlers that Prima brings along."""

from __future__ import annotations

from collections.abc import Mapping

from engine.jobs.handlers.pelayanan_prima import ComplaintRegistration, ReporterNotice, ServiceDeadline
from engine.runtime.job_contract import JobHandler

SHIPPED: Mapping[str, JobHandler] = {
    "tetapkan_tenggat": ServiceDeadline(),
    "registrasi_keluhan": ComplaintRegistration(),
    "beri_tahu_pelapor": ReporterNotice(),
}
