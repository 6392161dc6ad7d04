import assert from 'node:assert/strict';

/** Each participant has events 1, 2, 3, … count, once each, and the same ones. */
export function assertSameWholeLog(count, ...participants) {
  for (const participant of participants) {
    assert.deepEqual(participant.faults, [], participant.user);
    assert.deepEqual(participant.events.map((e) => e.sequenceNumber), range(count), participant.user);
    assert.deepEqual(participant.events, participants[0].events, participant.user);
  }
  assert.equal(new Set(participants[0].events.map((e) => e.messageId)).size, count, 'an event was stored twice');
}

/** What one participant published is in the log once each, in the order in which it was published, under the acknowledged numbers. */
export function assertPublishedInOrder(participant, notes) {
  const own = participant.events.filter((e) => e.userId === participant.user);
  assert.deepEqual(own.map((e) => e.data.note), notes);
  for (const event of own) {
    assert.equal(participant.acknowledged.get(event.messageId)?.sequenceNumber, event.sequenceNumber);
    assert.equal(participant.acknowledged.get(event.messageId)?.timestamp, event.timestamp);
  }
}

/** 1, 2, 3, … count */
export function range(count) {
  return Array.from({ length: count }, (_, i) => i + 1);
}

/** Note texts "a 1", "a 2", … */
export function notes(prefix, count) {
  return range(count).map((n) => `${prefix} ${n}`);
}
