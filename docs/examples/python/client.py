#!/usr/bin/env python3
"""A client of Collab for HTTP and server-sent events: follows a run, folds its state, and checks that it is the server's.

    python3 client.py RUN [--server http://127.0.0.1:5083] [--user reader] [--poll]

Python's standard library only, and no more than docs/protocol.md says. The token is COLLAB_TOKEN, else one that a server in Development
gives to anybody.
"""
import argparse
import hashlib
import http.client
import json
import os
import random
import struct
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

SILENCE_SECONDS = 40  # A stream says something every 15 s.
BROKEN = (OSError, http.client.HTTPException, json.JSONDecodeError)
MAX_HEALS = 3

# --- The fold, and what it comes to -------------------------------------------------------------------------------------------------


def empty_state(latest_by=None):
    state = {"asOfSequence": 0, "grafts": {}, "prunedSteps": [], "flags": {}}
    if latest_by:
        state.update(latest={event_type: {} for event_type in latest_by}, latestBy=dict(latest_by))
    return state


def apply(state, event):
    """Folds one more event into a state; nothing happens for one that it covers, and for an ephemeral one."""
    number, kind, user, data = (event.get(name) for name in ("sequenceNumber", "eventType", "userId", "data"))
    if number is None or number <= state["asOfSequence"]:
        return
    step = text(data.get("after" if kind == "GRAFT" else "stepId"))
    if kind == "GRAFT" and step is not None:
        put(state["grafts"], step, {"agentName": text(data.get("agentName")) or "", "userId": user, "sequenceNumber": number})
    elif kind == "FLAG" and step is not None:
        put(state["flags"], step, {"note": text(data.get("note")), "userId": user, "sequenceNumber": number})
    elif kind == "PRUNE" and step is not None:
        steps = [one for one in state["prunedSteps"] if one != step] + ([step] if data.get("isPruned") is True else [])
        while is_exceeded(len(steps), sum(map(units, steps))):
            del steps[0]
        state["prunedSteps"] = steps
    elif kind == "RUN_END":
        state["ended"] = True
    field = state.get("latestBy", {}).get(kind)
    if field is not None and (key := latest_key(data.get(field))) is not None:
        put(state["latest"].setdefault(kind, {}), key, {"data": data, "userId": user, "sequenceNumber": number})
    state["asOfSequence"] = number


def put(entries, key, entry):
    entries[key] = entry
    while is_exceeded(len(entries), sum(units(name) + length(one) for name, one in entries.items())):
        del entries[min(entries, key=lambda name: entries[name]["sequenceNumber"])]


def is_exceeded(count, characters):
    return count > 1 and (count > 2000 or characters > 100_000)


def length(entry):
    if "data" in entry:
        return units(entry["userId"]) + length_of_data(entry["data"])
    return sum(units(one) for one in entry.values() if isinstance(one, str))


def length_of_data(value):
    if isinstance(value, str):
        return 2 + units(value)
    if isinstance(value, list):
        return 2 + sum(1 + length_of_data(one) for one in value)
    if isinstance(value, dict):
        return 2 + sum(4 + units(name) + length_of_data(one) for name, one in value.items())
    return 8


def latest_key(value):
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    is_whole = isinstance(value, (int, float)) and float(value).is_integer() and abs(float(value)) < 2**53
    return str(int(float(value))) if is_whole else None


def text(value):
    return value if isinstance(value, str) else None


def units(value):
    """Characters are counted as the server and JavaScript do: those beyond U+FFFF are two."""
    return len(value.encode("utf-16-le")) // 2


def fingerprint(state):
    names = ["asOfSequence", "ended", "flags", "grafts", "prunedSteps"] + (["latest", "latestBy"] if state.get("latestBy") else [])
    counted = {name: state[name] for name in names if name in state}
    return hashlib.sha256(canonical(counted)).hexdigest()[:32]


def canonical(value):
    if isinstance(value, str):
        encoded = value.encode()
        return b"s%d:%s" % (len(encoded), encoded)
    if value is None or isinstance(value, bool):
        return {None: b"n", True: b"t", False: b"f"}[value]
    if isinstance(value, (int, float)):
        return b"d" + struct.pack(">d", float(value) or 0.0).hex().encode()  # Zero has no sign.
    if isinstance(value, list):
        return b"[" + b"".join(map(canonical, value)) + b"]"
    names = sorted(value, key=lambda name: name.encode("utf-16-be"))
    return b"{" + b"".join(canonical(name) + canonical(value[name]) for name in names) + b"}"


# --- The client ---------------------------------------------------------------------------------------------------------------------


class Refused(Exception):
    """The server will not take this, however often it is asked."""


class Run:
    """One run, whichever way its events come."""

    def __init__(self, server, run_id, sleep=time.sleep):
        self._server, self._path, self._sleep = server, f"/api/runs/{run_id}/collaboration", sleep
        self.mismatches = 0
        self._forget(None)

    def _forget(self, epoch):
        self.epoch, self.position, self.state, self.ended = epoch, 0, empty_state(), False
        self._expected, self._heals, self._taken_at, self._is_doubtful = {}, 0, 0, False

    def publish(self, event_type, data, message_id=None):
        """Completes when the event is durable. An answer may get lost: sent again under the same id, the event is stored once."""
        return self._ask("/events", {"eventType": event_type, "data": data, "messageId": str(message_id or uuid.uuid4())})

    def replay(self, after=0, limit=100):
        """Kept events."""
        return self._ask(f"/replay?afterSequence={after}&limit={limit}")

    def poll(self, interval=2.0):
        """Each critical event, once and in order, by polls; ends with the run."""
        while not self.ended:
            answer = self._ask(f"/poll?afterSequence={self.position}")
            if self._is_another(answer):
                continue
            if answer["truncated"] or self._is_doubtful:
                self._take_state()
            yield from filter(None, map(self._take, answer["events"]))
            self.ended = answer.get("ended", False) and self.position >= answer["lastSequence"]
            if not self.ended and not self._is_doubtful:
                self._sleep(interval)

    def follow(self):
        """The same by a stream, which goes on after a break where it was."""
        while not self.ended:
            try:
                with self._server.open(self._path + "/stream?fingerprints=true", {"Last-Event-ID": str(self.position)}) as stream:
                    yield from self._read(stream)
            except BROKEN:
                pass
            # Not at the same moment as all other clients of a server that has restarted.
            self._sleep(random.random())

    def _read(self, stream):
        for name, data in messages(stream):
            if name == "run":
                if self._is_another(data):
                    return
                if data["truncated"]:
                    self._take_state()
            elif name == "fingerprint":
                self._expect(data)
            elif name == "end":
                if not data["allowReconnect"]:
                    raise Refused(data["message"])
                return
            elif name == "message" and data["isCritical"] and (event := self._take(data)):
                yield event
                self.ended = event["eventType"] == "RUN_END"
                if self.ended:
                    return
            if self._is_doubtful:
                self._take_state()

    def _is_another(self, answer):
        """What an answer says of the log. True: it is another one than was asked about, and begins anew."""
        is_another, asked = self.epoch not in (None, answer["epoch"]), self.position
        if is_another:
            self._forget(None)
        self.epoch = answer["epoch"]
        if asked == 0 and self.state["asOfSequence"] == 0:
            self.state = empty_state(answer.get("latestBy"))
        if not is_another or asked == 0:
            self._expect(answer.get("fingerprint"))
        return is_another and asked > 0 and answer["lastSequence"] > 0

    def _take(self, event):
        if event["sequenceNumber"] <= self.position:
            return None
        self.position = event["sequenceNumber"]
        apply(self.state, event)
        self._compare()
        return event

    def _take_state(self):
        state = self._ask("/state")
        self._is_doubtful = False
        if state["asOfSequence"] >= self.state["asOfSequence"]:
            expected = state.pop("fingerprint", None)
            self.state, self._taken_at = state, state["asOfSequence"]
            self._expect(expected)

    def _expect(self, expected):
        if expected:
            self._expected[expected["sequence"]] = expected["hash"]
        self._compare()

    def _compare(self):
        """With what the server has said of this number. A state that differs is taken anew, but not for ever."""
        if self._is_doubtful:
            return
        number = self.state["asOfSequence"]
        expected = self._expected.get(number)
        self._expected = {one: hash for one, hash in self._expected.items() if one > number}
        if expected is None:
            return
        if expected != fingerprint(self.state):
            self.mismatches += 1
            self._is_doubtful = self._heals < MAX_HEALS
            self._heals += self._is_doubtful
        elif number > self._taken_at:
            self._heals = 0

    def _ask(self, path, body=None):
        """Asks until there is an answer. A server that restarts or has no time is asked again, one that says no is not."""
        longest = 0.5
        while True:
            wait = random.uniform(0, longest)
            try:
                with self._server.open(self._path + path, {}, body) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code not in (429, 502, 503, 504):
                    raise Refused(f"{error.code}: {error.read().decode(errors='replace')}") from error
                wait = max(wait, float(error.headers.get("Retry-After") or 0))
            except BROKEN:
                pass
            self._sleep(wait)
            longest = min(2 * longest, 15)


class Server:
    """Where a run is asked about."""

    def __init__(self, address, user):
        self._address, self._user, self._token = address.rstrip("/"), user, os.environ.get("COLLAB_TOKEN")

    def open(self, path, headers, body=None):
        if self._token is None:
            with urllib.request.urlopen(f"{self._address}/dev/token?user={urllib.parse.quote(self._user)}") as answer:
                self._token = json.load(answer)["token"]
        request = urllib.request.Request(self._address + path, headers={"Authorization": f"Bearer {self._token}", **headers})
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
    arguments = argparse.ArgumentParser(description="Follows a run, and says after each event what its state comes to.")
    arguments.add_argument("run", type=uuid.UUID)
    arguments.add_argument("--server", default="http://127.0.0.1:5083")
    arguments.add_argument("--user", default="reader")
    arguments.add_argument("--poll", action="store_true", help="poll instead of following the stream")
    options = arguments.parse_args()
    run = Run(Server(options.server, options.user), options.run)
    for event in run.poll() if options.poll else run.follow():
        # As JSON, for names and data are anybody's text, and this is a terminal.
        print(f"#{event['sequenceNumber']} {event['eventType']} {json.dumps(event['data'])} {fingerprint(run.state)}"
              f" mismatches: {run.mismatches}", flush=True)


if __name__ == "__main__":
    try:
        main()
    except Refused as final:
        raise SystemExit(f"The server says no: {final}") from final
    except KeyboardInterrupt:
        pass
