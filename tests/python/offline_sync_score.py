"""A rep's day through the generated Python binding: save without signal, sync,
read the score. Then another phone of hers enrols with a code.
Usage: offline_sync_score.py FOLDER. What is needed of the server is in FIELDSYNC_TEST_*."""

import asyncio
import os
import sys
import threading
import time
from datetime import datetime, timezone

import fieldsync_mobile as fieldsync

LOGIN, DIR = "anna", sys.argv[1] + "/phone"
URL, PASSWORD, INVITATION = (
    os.environ["FIELDSYNC_TEST_" + name] for name in ["URL", "PASSWORD", "INVITATION"]
)
DEAD = "http://127.0.0.1:9"  # nobody listens on the discard port


def config(url, dir=DIR):
    return fieldsync.OpenConfig(
        dir=dir, server_url=url, device_name="python", platform="test", app_version="0.1.0",
        time_zone="Asia/Shanghai", utc_offset_s=8 * 3600,
    )


class Stale(fieldsync.StaleObserver):
    """Hears that a query is stale."""

    def __init__(self):
        self.heard = threading.Event()

    def on_stale(self, generation):
        self.heard.set()


def visit(customer, minutes_ago):
    end = int(time.time() * 1000) - minutes_ago * 60_000
    said = fieldsync.VisitChange(
        outcome="progress", result="talked about the trial", next_step="send the quote",
        started_at_ms=end - 15 * 60_000, ended_at_ms=end,
    )
    return fieldsync.NewVisit(customer=customer, mode="phone", said=said)


async def first_day():
    client = fieldsync.FieldClient.open(config(URL))
    assert client.signed_in() is None
    try:
        client.log_visit(visit("0192f0c1-2b3c-7d4e-8f90-a1b2c3d4e5f6", 1))
        raise AssertionError("saved without anybody signed in")
    except fieldsync.FieldError.NotSignedIn:
        pass
    try:
        await client.sign_in(LOGIN, "not the password")
        raise AssertionError("signed in with a wrong password")
    except fieldsync.FieldError.SignInAgain:
        pass
    account = await client.sign_in(LOGIN, PASSWORD)
    assert account.role == "rep", account
    report = await client.start_sync().wait()
    assert report.pulled > 0, report
    client.close()


async def without_signal():
    client = fieldsync.FieldClient.open(config(DEAD))
    assert client.signed_in().user_name == LOGIN
    observer = Stale()
    observation = client.observe(fieldsync.WatchedQuery.CUSTOMERS(), observer)
    made = client.create_customer(fieldsync.NewCustomer(name="华东机械有限公司", phone="021-55551234"))
    assert made.likely_duplicates == []
    assert observer.heard.wait(5), "the observer heard nothing"
    observation.cancel()
    client.log_visit(visit(made.id, 40))
    client.log_visit(visit(made.id, 5))
    rows = client.customers(search="hdjx").rows
    assert [row.id for row in rows] == [made.id], rows
    assert isinstance(rows[0].state, fieldsync.ItemState.SAVED), rows
    pending = client.pending()
    assert pending.saved >= 3, pending
    month = datetime.now(timezone.utc).strftime("%Y-%m")
    offline = client.scorecard(period=month)
    assert offline.waiting_changes == pending.saved, offline
    first = client.agenda(limit=1000)
    assert made.id in [row.customer.id for row in first], first
    here = fieldsync.GpsFix(
        latitude=31.2304, longitude=121.4737, accuracy_m=10.0, provider="gps", is_mock=False, age_s=1
    )
    near = client.agenda(limit=1000, here=here)
    assert sorted(row.customer.id for row in near) == sorted(row.customer.id for row in first)
    assert len(client.agenda(limit=1)) == 1
    reminders = client.reminders(limit=1000)
    assert [row.overdue for row in reminders] == sorted((row.overdue for row in reminders), reverse=True)
    assert client.signals() == []
    try:
        client.answer_signal(id="nonsense", upheld=True, note="what it was")
        raise AssertionError("answered a question that has no id")
    except fieldsync.FieldError.BadInput:
        pass
    try:
        await client.start_sync().wait()
        raise AssertionError("synced without a server")
    except fieldsync.FieldError.Offline as error:
        assert error.retry_at_ms is not None
    job = client.start_sync()
    job.cancel()
    try:
        await job.wait()
    except fieldsync.FieldError:
        pass
    after = client.pending()
    assert after.saved + after.sent == pending.saved, "a failed sync lost the outbox"
    try:
        client.customers(after="nonsense")
        raise AssertionError("took a page token that is none")
    except fieldsync.FieldError.BadInput:
        pass
    client.close()


async def with_signal():
    client = fieldsync.FieldClient.open(config(URL))
    report = await client.start_sync().wait()
    assert report.pushed >= 3 and report.remaining == 0, report
    assert all(isinstance(row.state, fieldsync.ItemState.STORED) for row in client.visits().rows)
    month = datetime.now(timezone.utc).strftime("%Y-%m")
    for _ in range(40):
        await client.start_sync().wait()
        card = client.scorecard(period=month)
        if card.equals_official:
            break
        await asyncio.sleep(0.25)
    assert card.equals_official, "the server's score is not the phone's"
    lines = {line.indicator: line for line in card.lines}
    assert lines["effective_visits"].value == 2, lines["effective_visits"]
    assert sum(line.centipoints for line in card.lines) == card.total_centipoints
    job = client.listen()
    for _ in range(40):
        if job.state() == fieldsync.LiveState.LISTENING:
            break
        await job.state_other_than(fieldsync.LiveState.POLLING)
    assert job.state() == fieldsync.LiveState.LISTENING
    client.pause()
    await job.wait()
    assert job.state() == fieldsync.LiveState.ENDED
    client.resume()
    assert len(client.visits(limit=1).rows) == 1
    client.close()
    print(f"offline, synced, scored {card.total_centipoints / 100:.2f} on both sides")


async def another_phone():
    client = fieldsync.FieldClient.open(config("", DIR + "-2"))
    for text in ["not a code", "https://example.com/"]:
        try:
            await client.enrol(text)
            raise AssertionError(f"took {text!r}")
        except fieldsync.FieldError.BadInput:
            pass
    account = await client.enrol(INVITATION)
    assert account.role == "rep", account
    await client.start_sync().wait()
    assert len(client.visits().rows) == 2, "what the first phone wrote"
    client.close()
    late = fieldsync.FieldClient.open(config(URL, DIR + "-3"))
    try:
        await late.enrol(INVITATION)
        raise AssertionError("a code enrolled two phones")
    except fieldsync.FieldError.SignInAgain:
        pass
    late.close()


asyncio.run(first_day())
asyncio.run(without_signal())
asyncio.run(with_signal())
asyncio.run(another_phone())
# A thread of the core's may still be returning from its last call into Python. Before
# 3.14 an interpreter that shuts down ends such a thread by unwinding it, which Rust
# answers by aborting the process. So this process ends without that shutdown.
sys.stdout.flush()
os._exit(0)
