import { minuteTitle } from '@collab/angular/look/format';
import { Connection } from './admin-contract';
import { count, milliseconds, percent } from './figures';
import { SortKey } from './rows';

/** A column of figures. Those that are more than a figure stand in the table's template. */
export interface Column {
  readonly key: SortKey;
  readonly title: string;
  /** What exactly is counted. */
  readonly hint: string;
  readonly text: (connection: Connection) => string;
  /** Whether the value should catch the eye. */
  readonly isBad?: (connection: Connection) => boolean;
}

export const columns: readonly Column[] = [
  { key: 'connectedAt', title: 'Since', hint: 'When it connected', text: (row) => minuteTitle(row.connectedAt, Date.now()) },
  { key: 'messagesReceived', title: 'In', hint: 'Publishes and cursor moves from it', text: (row) => count(row.messagesReceived) },
  { key: 'messagesSent', title: 'Out', hint: 'Events handed to it', text: (row) => count(row.messagesSent) },
  {
    key: 'messageFailures',
    title: 'Failures',
    hint: 'Publishes refused, deliveries given up',
    text: (row) => count(row.messageFailures),
    isBad: (row) => row.messageFailures > 0,
  },
  { key: 'reconnectionCount', title: 'Came back', hint: 'Reconnections of its client', text: (row) => count(row.reconnectionCount) },
  { key: 'averageLatencyMs', title: 'Latency', hint: 'Mean round trip', text: (row) => milliseconds(row.averageLatencyMs) },
  { key: 'maxLatencyMs', title: 'Longest', hint: 'Longest round trip', text: (row) => milliseconds(row.maxLatencyMs) },
  {
    key: 'behind',
    title: 'Behind',
    hint: 'Events that its client had yet to apply when it said so last, with a ping',
    text: (row) => (row.behind === null || row.behind === undefined ? '–' : count(row.behind)),
    isBad: (row) => (row.behind ?? 0) >= 100,
  },
  {
    key: 'messageDeliveryRate',
    title: 'Delivered',
    hint: 'Events handed over, of those and the ones given up',
    text: (row) => percent(row.messageDeliveryRate),
    isBad: (row) => row.messageDeliveryRate < 0.95,
  },
  { key: 'connectionQuality', title: 'Quality', hint: '0 to 100', text: (row) => row.connectionQuality.toFixed(0) },
];
