#!/usr/bin/env python3
"""Follows a run, and flags each agent that somebody grafts, once, whatever breaks in between.

    python3 bot.py RUN [--server http://127.0.0.1:5083] [--user reviewer]

Python's standard library only. The token is COLLAB_TOKEN, else one that a server in Development gives to anybody.
"""
import argparse
import http.client
import json
import os
import random
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

# A stream says something every 15 s. Where nothing comes for longer, the connection is dead, though nobody said so.
SILENCE_SECONDS = 40
LONGEST_WAIT_SECONDS = 15
BROKEN = (OSError, http.client.HTTPException)


class Refused(Exception):
    """The server will not take this, however often it is asked."""


class Run:
    """One run, as one user sees it."""

    def __init__(self, server, run_id, user):
        self._server = server.rstrip("/")
        self._path = f"/api/runs/{run_id}/collaboration"
        self._user = user
        self._token = None
        self._epoch = None
        self._position = 0

    def publish(self, event_type, data, message_id):
        """Completes when the event is durable. An answer may get lost: sent again under the same id, the event is stored once."""
        with self._ask("/events", {"eventType": event_type, "data": data, "messageId": str(message_id)}) as answer:
            return json.load(answer)

    def follow(self):
        """Each critical event, once and in order, across restarts of the server."""
        while True:
            try:
                with self._ask("/stream", headers={"Last-Event-ID": str(self._position)}) as stream:
                    yield from self._read(stream)
            except BROKEN:
                pass
            # Not at once, and not at the same moment as all other clients of a server that has restarted.
            time.sleep(random.random())

    def _read(self, stream):
        for name, data in messages(stream):
            if name == "run":
                if self._epoch not in (None, data["epoch"]):
                    # The run was erased, or its store restored: the numbers begin again, and what is known of the old ones is of no use.
                    self._epoch, self._position = None, 0
                    return
                self._epoch = data["epoch"]
            elif name == "end":
                if not data["allowReconnect"]:
                    raise Refused(data["message"])
                return
            elif name == "message" and data["isCritical"] and data["sequenceNumber"] > self._position:
                self._position = data["sequenceNumber"]
                yield data

    def _ask(self, path, body=None, headers=None):
        """Asks until there is an answer. A server that restarts or has no time is asked again, one that says no is not."""
        longest = 0.5
        was_unauthorized = False
        while True:
            wait = random.uniform(0, longest)
            try:
                return self._send(self._path + path, body, {"Authorization": f"Bearer {self._bearer()}", **(headers or {})})
            except urllib.error.HTTPError as error:
                detail = error.read().decode(errors="replace")
                if error.code == 401 and not was_unauthorized:
                    was_unauthorized, self._token = True, None
                elif error.code not in (429, 502, 503, 504):
                    raise Refused(f"{error.code}: {detail}") from error
                # "rate_limited" and "overloaded" say when it is worth to come back.
                wait = max(wait, float(error.headers.get("Retry-After") or 0))
            except BROKEN:
                pass
            time.sleep(wait)
            longest = min(2 * longest, LONGEST_WAIT_SECONDS)

    def _bearer(self):
        if self._token is None:
            self._token = os.environ.get("COLLAB_TOKEN")
        if self._token is None:
            with self._send(f"/dev/token?user={urllib.parse.quote(self._user)}&kind=agent") as answer:
                self._token = json.load(answer)["token"]
        return self._token

    def _send(self, path, body=None, headers=None):
        request = urllib.request.Request(self._server + path, headers=headers or {})
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        return urllib.request.urlopen(request, timeout=SILENCE_SECONDS)


def messages(stream):
    """The server-sent events in a body: each one's name, and its data."""
    name, data = "message", []
    for line in stream:
        field, _, value = line.decode().rstrip("\n").partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)
        elif not field and data:
            yield name, json.loads("\n".join(data))
            name, data = "message", []


def main():
    arguments = argparse.ArgumentParser(description="Follows a run, and flags each agent that somebody grafts.")
    arguments.add_argument("run", type=uuid.UUID)
    arguments.add_argument("--server", default="http://127.0.0.1:5083")
    arguments.add_argument("--user", default="reviewer")
    options = arguments.parse_args()

    run = Run(options.server, options.run, options.user)
    for event in run.follow():
        # As JSON, for names and data are anybody's text, and this is a terminal.
        print(f"#{event['sequenceNumber']} {event['eventType']} {json.dumps(event['userId'])} {json.dumps(event['data'])}", flush=True)
        if event["eventType"] != "GRAFT":
            continue
        # The same event is always answered under the same id, also by the next process of this bot, which reads from the start again.
        answer_id = uuid.uuid5(uuid.UUID(event["messageId"]), "review")
        try:
            run.publish("FLAG", {"stepId": event["data"]["agentName"], "note": "New here: please review."}, answer_id)
        except Refused as refusal:
            print(f"Not flagged: {refusal}", flush=True)


if __name__ == "__main__":
    try:
        main()
    except Refused as final:
        raise SystemExit(f"The server says no: {final}") from final
    except KeyboardInterrupt:
        pass
