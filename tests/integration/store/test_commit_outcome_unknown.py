"""If the database connection is lost during COMMIT, the form reports the true outcome, or that it is unknown."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask

from form_service.app import create_app
from form_service.store.engine import base
from form_service.store.outbox import DeliveryResult
from tests.support.form_client import SAME_ORIGIN_HEADERS, FormClient
from tests.support.postgres import Postgres
from tests.support.service_parts import settings_of

pytestmark = pytest.mark.system
COUNT_REFERRALS_QUERY = "SELECT count(*) FROM referral"
COUNT_WITHDRAWALS_QUERY = "SELECT count(*) FROM referral WHERE withdrawn_at IS NOT NULL"


@pytest.fixture
def app(tmp_path: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    monkeypatch.setattr(base, "RECONNECT_TIMEOUT_SECONDS", 1.0)
    app = create_app(settings_of(tmp_path, FORM_DATABASE_URL=postgres.new_database()))
    yield app
    app.extensions["form_service"].store.close()


@contextmanager
def connection_lost_after_commit(app: Flask, count_query: str, before_closing: Callable[[], None]) -> Iterator[None]:
    """Lose the database connection right after the first commit of a transaction in which `count_query` counts a row.

    Call `before_closing` between that commit and the loss. On exit, fail if there was no such commit.
    """
    dialect = app.extensions["form_service"].store.database.engine.dialect
    original_commit, lost_commits = dialect.do_commit, []

    def commit(connection: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(count_query)
            count = cursor.fetchone()[0]
        original_commit(connection)
        if count and not lost_commits:
            lost_commits.append(True)
            before_closing()
            connection.dbapi_connection.close()
            raise psycopg.OperationalError("server closed the connection unexpectedly")

    dialect.do_commit = commit
    yield
    assert lost_commits, "no commit matched the query"
    dialect.do_commit = original_commit


def test_a_referral_that_may_have_arrived_is_reported_neither_as_lost_nor_as_sent(
    app: Flask, postgres: Postgres
) -> None:
    form_client = FormClient(app)
    form_client.fill_in("harmed")
    fields = form_client.fields_to_send()
    with connection_lost_after_commit(app, COUNT_REFERRALS_QUERY, lambda: postgres.stop("immediate")):
        try:
            response = form_client.flask_client.post("/referral/check", data=fields, headers=SAME_ORIGIN_HEADERS)
        finally:
            postgres.start()
    assert response.status_code == 503
    assert (
        "We cannot tell whether we have this" in response.text
        and "Please send them again from this page" in response.text
    )
    assert "not received" not in response.text and "01632 960123" in response.text
    retry_fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', response.text))
    form_client.post("/referral/check", retry_fields)
    assert form_client.path == "/referral/done" and form_client.reference
    assert sum(app.extensions["form_service"].store.reports.counts_by_outcome().values()) == 1, "once, not twice"


@pytest.mark.parametrize("is_delivered", [True, False])
@pytest.mark.parametrize("database_stays_down", [True, False])
def test_the_result_of_a_withdrawal_is_reported_correctly_although_the_connection_is_lost(
    app: Flask, postgres: Postgres, is_delivered: bool, database_stays_down: bool
) -> None:
    form_client = FormClient(app)
    form_client.fill_in("harmed")
    form_client.send()
    private_page_path = form_client.private_page_path
    store = app.extensions["form_service"].store
    if is_delivered:
        claim = store.outbox.claim()
        assert claim is not None
        store.outbox.finish(claim, DeliveryResult(True))
    with connection_lost_after_commit(
        app, COUNT_WITHDRAWALS_QUERY, lambda: postgres.stop("immediate") if database_stays_down else None
    ):
        try:
            response = form_client.cancel(private_page_path)
        finally:
            if database_stays_down:
                postgres.start()
    if database_stays_down:
        assert response.status_code == 503 and "We cannot tell whether that worked" in response.text
        assert "Nothing has changed yet" not in response.text
        response = form_client.cancel(private_page_path)
    expected_sentence = (
        "so we are telling them that you have cancelled" if is_delivered else "Nothing was sent to the team"
    )
    assert expected_sentence in response.text
    assert "has already been cancelled" not in response.text
