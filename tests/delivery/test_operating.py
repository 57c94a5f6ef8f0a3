"""What the operator sees: health, metrics, alerts, commands, migrations, and a log that says nothing personal."""

import io
import json
import logging
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import MetaData, Table

from form_service import log
from form_service.alerts import Alerts
from form_service.app import create_app
from form_service.readiness import LATE_SECONDS, ReadinessCheck
from form_service.store import Outcome, StoreUnavailable, migrate
from form_service.store.database import connect
from form_service.store.schema import metadata
from tests.delivery import authority
from tests.delivery.mail_server import MailServer
from tests.delivery.parts import STORY, Clock, House, house_of, settings_of

Start = Callable[..., MailServer]
TOKEN = "metrics-token-for-the-tests-only-1234"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = create_app(settings_of(tmp_path, FORM_METRICS_TOKEN=TOKEN))
    yield app
    app.extensions["front_door"].store.close()


# Health


def test_ready_means_accepted_and_delivered(app: Flask) -> None:
    client, store = app.test_client(), app.extensions["front_door"].store
    answer = client.get("/readyz")
    assert answer.status_code == 503 and answer.json is not None
    assert answer.json["checks"]["worker"] == "no heartbeat", "no worker, not ready"
    store.set_fact("heartbeat")
    app.extensions["readiness"]._last = None
    answer = client.get("/readyz")
    assert answer.status_code == 200 and answer.json is not None and answer.json["ready"] is True
    assert client.get("/healthz").status_code == 200
    assert client.get("/referral/").status_code == 200, "the form stays open while delivery is late"


def test_every_failure_is_named_and_the_form_stays_open_for_late_delivery(house: House, clock: Clock) -> None:
    house.accept()
    house.store.set_fact("heartbeat")
    look = ReadinessCheck(house.seal, house.store).look
    assert look().failed == {}
    clock.turn(LATE_SECONDS + 1)
    assert set(look().failed) == {"worker", "oldest"}
    assert STORY[:10] not in json.dumps(look().as_dict())


def test_healthz_asks_nobody_and_readyz_names_a_dead_store(tmp_path: Path) -> None:
    app = create_app(settings_of(tmp_path, FORM_DATABASE_URL="postgresql+psycopg://nobody@/none?host=/nowhere"))
    client = app.test_client()
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503 and answer.json is not None
    assert answer.json["checks"]["store"] != "ok"


def test_metrics_want_the_token_and_name_nobody(app: Flask, tmp_path: Path) -> None:
    client, front = app.test_client(), app.extensions["front_door"]
    house = House(front.settings, front.seal, front.store)
    house.accept()
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}x"}).status_code == 401
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    assert "referrals_waiting 1.0" in text and 'referrals_ledger{outcome="waiting"} 1.0' in text
    assert "process_resident_memory_bytes" in text
    without = create_app(settings_of(tmp_path / "other"))
    assert without.test_client().get("/metrics").status_code == 404
    without.extensions["front_door"].store.close()


# Alerts


def look(alerts: Alerts, clock: Clock) -> None:
    clock.turn(61)
    alerts._next = 0.0
    alerts.look()


def subjects(server: MailServer) -> list[tuple[str, str]]:
    return [(one.recipient, str(message_from_bytes(one.data)["Subject"])) for one in server.taken]


def test_late_delivery_is_told_once_and_again_when_it_is_over(
    house: House, clock: Clock, mail_server: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("form_service.alerts.low_disk", lambda _: False)
    broken, own_route = mail_server(faults={"greeting": "drop"}), mail_server()
    house.settings = replace(
        house.settings, alert_email="ops@ops.example", smtp_url=broken.url, alert_smtp_url=own_route.url
    )
    alerts = Alerts(house.settings, house.seal, house.store)
    name = house.accept()
    house.store.set_fact("heartbeat")
    look(alerts, clock)
    assert subjects(own_route) == []
    clock.turn(LATE_SECONDS)
    for _ in range(5):
        house.store.set_fact("heartbeat")
        look(alerts, clock)
    assert subjects(own_route) == [("ops@ops.example", "The form needs attention")], "once an incident"
    claim = house.store.claim()
    assert claim is not None
    house.store.finish(claim, Outcome(True))
    for _ in range(3):
        look(alerts, clock)
    assert subjects(own_route)[1:] == [("ops@ops.example", "The form is well again")]
    for one in own_route.taken:
        assert name.encode() not in one.data and STORY[:10].encode() not in one.data


def test_an_alert_that_cannot_be_sent_is_sent_later(
    house: House, clock: Clock, mail_server: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("form_service.alerts.low_disk", lambda _: True)
    server = mail_server(faults={"mail": "451 later"})
    house.settings = replace(house.settings, alert_email="ops@ops.example", smtp_url=server.url)
    alerts = Alerts(house.settings, house.seal, house.store)
    look(alerts, clock)
    look(alerts, clock)
    assert not server.taken
    server.behaviour.faults.clear()
    look(alerts, clock)
    look(alerts, clock)
    assert len(server.taken) == 1 and b"disk" in server.taken[0].data


def test_a_permanent_refusal_is_raised(house: House, clock: Clock, mail_server: Start) -> None:
    server = mail_server()
    house.settings = replace(house.settings, alert_email="ops@ops.example", smtp_url=server.url)
    house.accept()
    house.store.set_fact("heartbeat")
    claim = house.store.claim()
    assert claim is not None
    house.store.finish(claim, Outcome(False, "rcpt-550", permanent=True))
    look(Alerts(house.settings, house.seal, house.store), clock)
    assert any(b"permanently refused" in one.data for one in server.taken)


@pytest.mark.parametrize(("days", "mails"), [(61, 0), (59, 1), (29, 2), (6, 3)])
def test_the_team_is_told_before_its_certificate_ends(
    tmp_path: Path, mail_server: Start, days: float, mails: int
) -> None:
    server = mail_server()
    pair = authority.make(tmp_path, "team", days=(-1, days))
    settings = settings_of(tmp_path, FORM_TEAM_CERTIFICATES=str(pair.certificate), FORM_SMTP_URL=server.url)
    clock = Clock()
    house = house_of(settings, clock)
    alerts = Alerts(settings, house.seal, house.store)
    look(alerts, clock)
    look(alerts, clock)
    told = [one for one in server.taken if b"certificate" in one.data]
    assert len(told) == mails and all(one.recipient == settings.team_email[0] for one in told)
    house.store.close()


def test_a_worker_that_does_not_run_is_noticed_by_the_web_process(
    house: House, clock: Clock, mail_server: Start
) -> None:
    server = mail_server()
    house.settings = replace(house.settings, alert_email="ops@ops.example", smtp_url=server.url)
    house.accept()
    look(Alerts(house.settings, house.seal, house.store), clock)
    assert any(b"worker does not run" in one.data for one in server.taken)


# Commands


@pytest.fixture
def run(app: Flask) -> Callable[..., Any]:
    runner = FlaskCliRunner(app)

    def invoke(*arguments: str) -> Any:
        with app.app_context():
            return runner.invoke(args=list(arguments))

    return invoke


def house_behind(app: Flask) -> House:
    front = app.extensions["front_door"]
    return House(front.settings, front.seal, front.store)


def test_outbox_list_retry_and_purge(app: Flask, run: Callable[..., Any]) -> None:
    house = house_behind(app)
    assert run("outbox", "list").output == "Nothing waits.\n"
    name = house.accept(copy_to="sam@example.org")
    claim = house.store.claim()
    assert claim is not None
    house.store.finish(claim, Outcome(False, "rcpt-450"))
    listed = json.loads(run("outbox", "list", "--json").output)
    assert {row["reference"] for row in listed} == {name}
    assert {row["kind"]: (row["state"], row["tries"], row["error"]) for row in listed}["team"] == (
        "waiting",
        1,
        "rcpt-450",
    )
    assert "sam@" not in run("outbox", "list").output and "team.example" not in run("outbox", "list").output
    assert run("outbox", "retry").exit_code == 2
    assert run("outbox", "retry", "not-one").exit_code == 2
    assert run("outbox", "retry", name.lower().replace("-", " ")).output == "1 deliveries are due now.\n"
    assert run("outbox", "retry", "--all").exit_code == 0
    assert run("outbox", "purge", "--dry-run").output.startswith("Would wipe 0")
    assert run("outbox", "purge").output.startswith("Wiped 0")


def test_the_report_counts_by_route_and_outcome(app: Flask, run: Callable[..., Any]) -> None:
    house = house_behind(app)
    for _ in range(3):
        house.accept()
    claim = house.store.claim()
    assert claim is not None
    house.store.finish(claim, Outcome(True))
    run("send-test")
    from datetime import UTC, datetime

    output = run("report", "--month", datetime.now(UTC).strftime("%Y-%m")).output
    assert re.search(r": 3\n", output) and re.search(r"harmed +delivered +1\n", output), output
    assert run("report", "--month", "2020-12").output == "Referrals in 2020-12: 0\n"
    assert run("report", "--month", "2020-13").exit_code == 2


def test_send_test_goes_the_way_of_a_referral(app: Flask, run: Callable[..., Any]) -> None:
    output = run("send-test").output
    name = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", output)
    assert name is not None
    house = house_behind(app)
    claim = house.store.claim()
    assert claim is not None and claim.reference == name[0]
    plain = house.seal.open(claim.key_id, claim.sealed)
    assert b"THIS IS A TEST" in plain and f"Subject: Referral {name[0]}".encode() in plain
    assert house.store.last_test() is None
    house.store.finish(claim, Outcome(True))
    assert house.store.last_test() is not None


def test_check_says_what_is_wrong_and_fails(app: Flask, run: Callable[..., Any]) -> None:
    front = app.extensions["front_door"]
    app.extensions["front_door"] = replace(front, settings=replace(front.settings, smtp_url="smtp://127.0.0.1:1"))
    result = run("check")
    assert result.exit_code == 1
    assert re.search(r"WRONG +Mail server: 127.0.0.1:1: connection-refused", result.output)
    assert re.search(r"WARNING +Worker: no heartbeat", result.output)
    assert re.search(r"WARNING +Alerts: .*watch /readyz from outside", result.output)


def test_check_passes_when_all_is_well(app: Flask, run: Callable[..., Any], mail_server: Start) -> None:
    front = app.extensions["front_door"]
    settings = replace(front.settings, smtp_url=mail_server().url)
    app.extensions["front_door"] = replace(front, settings=settings)
    result = run("check")
    assert result.exit_code == 0, result.output


def test_backup_restore_reseal_and_migrate_answer(app: Flask, run: Callable[..., Any], tmp_path: Path) -> None:
    house_behind(app).accept()
    assert run("migrate").exit_code == 0
    assert run("reseal").output.startswith("0 mails")
    assert run("backup", str(tmp_path / "b.db")).output.startswith("1 referrals")
    again = run("restore", str(tmp_path / "b.db"))
    assert again.exit_code == 1 and "empty" in again.output and "Traceback" not in again.output
    (tmp_path / "junk").write_bytes(b"no database at all" * 100)
    junk = run("restore", str(tmp_path / "junk"))
    assert junk.exit_code == 1 and "Traceback" not in junk.output


# Migrations


def revisions() -> list[str]:
    scripts = ScriptDirectory(str(migrate.MIGRATIONS))
    return [script.revision for script in reversed(list(scripts.walk_revisions()))]


def test_the_newest_revision_is_the_one_that_the_code_expects() -> None:
    assert revisions()[-1] == migrate.NEWEST


@pytest.mark.parametrize("revision", revisions())
def test_from_every_earlier_version_what_waits_is_delivered(database_url: str, tmp_path: Path, revision: str) -> None:
    house = house_of(settings_of(tmp_path, FORM_DATABASE_URL=database_url))
    migrate.migrate(house.store.database, revision)
    new = house.referral()
    (mail,) = new.mails
    rows: dict[str, dict[str, Any]] = {
        "referral": {"submission_id": "s", "route": "harmed", "language": "en", "accepted_at": 1.0},
        "mail": {
            "id": "m",
            "kind": "team",
            "message_id": "<x>",
            "key_id": mail.key_id,
            "sealed": mail.sealed,
            "made_at": 1.0,
        },
        "delivery": {
            "id": "d",
            "mail_id": "m",
            "recipient": "one@team.example",
            "state": "waiting",
            "waiting_since": 1.0,
        }
        | {"next_try": 1.0, "tries": 0, "refused": 0, "maybe_sent": 0},
    }
    with house.store.database.engine.begin() as connection:
        for name, row in rows.items():
            table = Table(name, MetaData(), autoload_with=connection)
            columns = row | {"reference": new.reference}
            connection.execute(table.insert(), {key: value for key, value in columns.items() if key in table.c})
    claim = house.store.claim()
    assert claim is not None and claim.reference == new.reference
    assert house.store.finish(claim, Outcome(True))[0]
    house.store.close()


def test_the_migrations_make_the_tables_that_the_code_expects(database_url: str, tmp_path: Path) -> None:
    house = house_of(settings_of(tmp_path, FORM_DATABASE_URL=database_url))
    house.store.migrate()
    with house.store.database.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    assert [one for one in differences if "_index" not in str(one[0])] == []
    house.store.close()


def test_many_starts_at_once_migrate_once(database_url: str, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, FORM_DATABASE_URL=database_url)
    failures: list[BaseException] = []

    def start() -> None:
        house = house_of(settings)
        try:
            house.store.migrate()
            house.accept()
        except StoreUnavailable as error:
            failures.append(error)
        finally:
            house.store.close()

    crowd = [threading.Thread(target=start) for _ in range(6)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert failures == []


def test_sqlite_is_as_durable_as_promised(tmp_path: Path) -> None:
    database = connect(f"sqlite:///{tmp_path}/x.db")
    with database.reading() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "secure_delete")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}
    database.close()


# Log


@pytest.fixture
def logged() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    stream = io.StringIO()
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    log.configure(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = before
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def test_what_is_on_the_list_is_logged(logged: Callable[[], list[dict[str, Any]]]) -> None:
    log.event("delivered", reference="7KQ4-M2X6", tries=1)
    (line,) = logged()
    assert (line["event"], line["reference"], line["tries"]) == ("delivered", "7KQ4-M2X6", 1)


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "Sam"},
        {"reference": "Sam would like a call"},
        {"error": {"answers": "Sam"}},
        {"error": ["Sam"]},
        {"state": "sam@example.org"},
        {"state": "two\nlines"},
        {"state": b"bytes"},
    ],
)
def test_anything_else_raises(fields: dict[str, Any]) -> None:
    with pytest.raises(log.Unloggable) as caught:
        log.event("delivered", **fields)
    assert "Sam" not in str(caught.value) and "sam@" not in str(caught.value)


def test_other_packages_and_exceptions_cannot_say_what_a_person_typed(
    logged: Callable[[], list[dict[str, Any]]],
) -> None:
    stranger = logging.getLogger("some.library")
    stranger.warning("cannot parse %s", "Sam's phone number")
    stranger.error("made beforehand: Sam sam@example.org")
    try:
        raise ValueError("Sam's phone number")
    except ValueError:
        stranger.exception("Exception on /referral/about [POST]")
    text = json.dumps(logged())
    assert "Sam" not in text and "sam@" not in text
    assert "cannot parse %s" in text and "ValueError" in text and "test_operating.py" in text


def test_a_failing_database_puts_no_parameter_into_its_error(house: House) -> None:
    with house.store.database.engine.connect() as connection, pytest.raises(Exception) as caught:
        connection.exec_driver_sql("SELECT nothing FROM nowhere WHERE x = 'y'")
    assert "parameters" not in str(caught.value) or "hidden" in str(caught.value)
