"""Runs the client in docs/examples/python against the conformance data: every case of the fold, and the scenarios that it claims.

    python3 python_conformance.py

The client knows no hub: of a scenario's steps those about hub connections are left out, and so are they where requests are listed.
"""
import http.client
import io
import json
import pathlib
import re
import sys
import threading
import urllib.error

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "docs" / "examples" / "python"))
import client  # noqa: E402

CONFORMANCE = ROOT / "tests" / "conformance"
CLAIMED = [
    "erased-while-polling",
    "fingerprint-while-polling",
    "latest-while-polling",
    "poll-interval",
    "run-ends-while-polling",
    "truncated-while-polling",
]
EPOCH = "00000000-0000-4000-9000-{:0>12}"
PATIENCE_SECONDS = 20


class Answer(io.BytesIO):
    """The body of an answer."""


class World:
    """A server that says what the scenario says, a clock, and a client on a thread of its own that waits for either."""

    def __init__(self):
        self._changed = threading.Condition()
        self._now, self._until = 0, None
        self._waiting, self._answer, self._is_over = None, None, False
        self._asked, self.delivered, self.failure = [], [], None
        self._run = client.Run(self, "550e8400-e29b-41d4-a716-446655440000", sleep=self._sleep)
        threading.Thread(target=self._follow, daemon=True).start()

    def take(self, step):
        if "answer" in step and step["answer"] in ("poll", "state"):
            self._answer_with(step)
        elif "advance" in step:
            self._advance(step["advance"] / 1000)
        elif "requests" in step:
            self._until_idle()
            asked, self._asked = self._asked, []
            check("requests", [one for one in step["requests"] if one.split()[0] in ("poll", "state")], asked)
        elif "expect" in step:
            self._until_idle()
            for name, value in step["expect"].items():
                self._check(name, value)

    # What the client does, on its thread

    def open(self, path, headers, body=None):
        name, _, query = path.split("/")[-1].partition("?")
        with self._changed:
            self._asked.append(" ".join([name, *re.findall(r"afterSequence=(\d+)", query)]))
            self._waiting = name
            self._changed.notify_all()
            self._wait(lambda: self._answer is not None)
            (answer, self._answer), self._waiting = (self._answer, None), None
        if answer == "fails":
            raise http.client.RemoteDisconnected()
        return Answer(json.dumps(answer).encode())

    def _sleep(self, seconds):
        with self._changed:
            # What the client leaves to chance: nothing of it is a scenario's.
            self._until = self._now + seconds
            self._changed.notify_all()
            self._wait(lambda: self._now >= self._until)
            self._until = None

    def _follow(self):
        try:
            for event in self._run.poll():
                self.delivered.append(event["sequenceNumber"])
        except BaseException as error:  # The runner says so.
            self.failure = error
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    # What the scenario does

    def _answer_with(self, step):
        with self._changed:
            self._wait(lambda: self._waiting == step["answer"] and self._answer is None)
            self._answer = "fails" if step.get("fails") else state_of(step["state"]) if "state" in step else run_of(step.get("run", {}))
            self._changed.notify_all()

    def _advance(self, seconds):
        self._until_idle()
        with self._changed:
            self._now = round(self._now + seconds, 3)
            self._changed.notify_all()

    def _until_idle(self):
        with self._changed:
            sleeps = lambda: self._until is not None and self._until > self._now
            self._wait(lambda: self._is_over or (self._answer is None and (self._waiting is not None or sleeps())))
        if self.failure:
            raise self.failure

    def _wait(self, condition):
        if not self._changed.wait_for(condition, PATIENCE_SECONDS):
            raise TimeoutError(f"Nothing happens. Asked: {self._asked}")

    def _check(self, name, value):
        seen = {
            "delivered": lambda: self.delivered,
            "state": lambda: self._run.state,
            "epoch": lambda: self._run.epoch,
            "lastSequence": lambda: self._run.position,
            "ended": lambda: self._run.ended,
            "health": lambda: {"fingerprintMismatches": self._run.mismatches},
        }.get(name)
        if name == "delivered":
            value = numbers(value)
        elif name == "epoch":
            value = EPOCH.format(value[1:])
        if seen is not None:
            check(name, value, seen())


def check(name, expected, seen):
    if expected != seen:
        raise AssertionError(f"{name} is {seen}, not {expected}")


def numbers(items):
    """[1, "3-5"] is 1, 3, 4, 5."""
    ranges = [str(item).split("-") for item in items]
    return [number for ends in ranges for number in range(int(ends[0]), int(ends[-1]) + 1)]


def usual(number):
    return {"sequenceNumber": number, "eventType": "FLAG", "userId": "bob", "data": {"stepId": "S", "note": f"note {number}"}}


def state_of(state):
    if not isinstance(state, int):
        return state
    folded = client.empty_state()
    client.apply(folded, usual(state))
    return folded


def run_of(text):
    events = []
    for item in text.get("events", []):
        events += [{"userId": "bob", "data": {}, **item}] if isinstance(item, dict) else map(usual, numbers([item]))
    last = text.get("lastSequence", events[-1]["sequenceNumber"] if events else 0)
    return {"truncated": False, "lastSequence": last, **text, "epoch": EPOCH.format(text.get("epoch", "e1")[1:]), "events": events}


def fold_case(case):
    state = json.loads(json.dumps(case.get("start") or client.empty_state()))
    for event in case["events"]:
        client.apply(state, event)
    # A rule of an application's is the application's: this client has none, and the fingerprint is the same without.
    check("state", *({name: value for name, value in one.items() if name not in case.get("states", [])} for one in (case["state"], state)))
    check("fingerprint", case["fingerprint"], client.fingerprint(state))


def scenario(name):
    world = World()
    for number, step in enumerate(json.loads((CONFORMANCE / f"{name}.json").read_text(encoding="utf-8"))["steps"], 1):
        try:
            world.take(step)
        except Exception as error:
            raise AssertionError(f"step {number}, {json.dumps(step)[:200]}: {error}") from error


def main():
    text = (CONFORMANCE / "fold" / "cases.json").read_text(encoding="utf-8")
    cases = json.loads(re.sub(r'"<(\d+)>"', lambda length: json.dumps("x" * int(length[1])), text))
    tests = [(f"fold: {case['name']}", lambda case=case: fold_case(case)) for case in cases]
    tests += [(name, lambda name=name: scenario(name)) for name in CLAIMED]
    failed = 0
    for name, test in tests:
        try:
            test()
            print(f"ok {name}")
        except Exception as error:
            failed += 1
            print(f"not ok {name}: {error}")
    print(f"{len(tests) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
