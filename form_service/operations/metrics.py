"""Prometheus metrics: waiting deliveries and their age, referrals by outcome, certificates, and this process."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.process_collector import ProcessCollector

from form_service.crypto import Sealer
from form_service.operations.readiness import ReadinessCheck
from form_service.store import Store, StoreUnavailable


class _ServiceCollector:
    """A Prometheus collector that reads readiness, certificates and the store's numbers at each scrape."""

    def __init__(
        self, sealer: Sealer, store: Store, readiness_check: ReadinessCheck, includes_unconfirmed_referrals: bool
    ) -> None:
        self._sealer = sealer
        self._store = store
        self._readiness_check = readiness_check
        self._includes_unconfirmed_referrals = includes_unconfirmed_referrals

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges. While the store cannot be read, yield only those of readiness and certificates."""
        yield GaugeMetricFamily(
            "referrals_ready", "1 while /readyz is green", value=float(self._readiness_check().is_ready)
        )
        certificate_gauge = GaugeMetricFamily(
            "referrals_certificate_end_timestamp_seconds", "End of validity", labels=["certificate"]
        )
        for state in self._sealer.certificate_states():
            certificate_gauge.add_metric([state.fingerprint], state.expires_at.timestamp())
        yield certificate_gauge
        try:
            outbox_state, outcome_counts = self._store.reports.outbox_state(), self._store.reports.counts_by_outcome()
            unconfirmed_referrals, now = self._store.receipts.unconfirmed_referrals()
        except StoreUnavailable:
            return
        yield GaugeMetricFamily("referrals_waiting", "Deliveries that wait", value=outbox_state.waiting_count)
        yield GaugeMetricFamily("referrals_refused", "Of those, permanently refused", value=outbox_state.refused_count)
        yield GaugeMetricFamily(
            "referrals_held", "Of those, held after three uncertain tries", value=outbox_state.held_count
        )
        yield GaugeMetricFamily(
            "referrals_oldest_seconds", "Age of the oldest that waits", value=outbox_state.oldest_age or 0
        )
        if self._includes_unconfirmed_referrals:
            yield GaugeMetricFamily(
                "referrals_unreceived", "Referrals that the team has not confirmed", value=len(unconfirmed_referrals)
            )
            oldest_seconds = max((now - entry.accepted_at for entry in unconfirmed_referrals), default=0.0)
            yield GaugeMetricFamily(
                "referrals_unreceived_oldest_seconds", "Age of the oldest of them", value=oldest_seconds
            )
        if outbox_state.heartbeat_age is not None:
            yield GaugeMetricFamily(
                "referrals_heartbeat_seconds", "Age of the worker's heartbeat", value=outbox_state.heartbeat_age
            )
        outcome_gauge = GaugeMetricFamily("referrals_ledger", "Referrals in the ledger", labels=["outcome"])
        for outcome, count in outcome_counts.items():
            outcome_gauge.add_metric([outcome], count)
        yield outcome_gauge


def create_registry(
    sealer: Sealer, store: Store, readiness_check: ReadinessCheck, includes_unconfirmed_referrals: bool
) -> CollectorRegistry:
    """Return a Prometheus registry with the metrics of the service and of this process."""
    registry = CollectorRegistry()
    registry.register(_ServiceCollector(sealer, store, readiness_check, includes_unconfirmed_referrals))
    ProcessCollector(registry=registry)
    return registry
