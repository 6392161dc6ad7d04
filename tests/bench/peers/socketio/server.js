// Socket.IO with a PostgreSQL table: a room per run, one transaction per event, sent on after its commit.
import { createServer } from 'node:http';
import pg from 'pg';
import { Server } from 'socket.io';

const pool = new pg.Pool({ connectionString: process.env.PEER_POSTGRES, max: 20 });
pg.types.setTypeParser(20, Number);

await pool.query(`
  CREATE TABLE IF NOT EXISTS runs (id uuid PRIMARY KEY, last_sequence bigint NOT NULL);
  CREATE TABLE IF NOT EXISTS events (run_id uuid, sequence_number bigint, id uuid, event_type text, user_id text, "timestamp" bigint, data jsonb,
    PRIMARY KEY (run_id, sequence_number), UNIQUE (run_id, id));`);

async function store(runId, eventType, data, messageId) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const timestamp = Date.now();
    const run = await client.query({
      name: 'bump',
      text: 'INSERT INTO runs AS r VALUES ($1, 1) ON CONFLICT (id) DO UPDATE SET last_sequence = r.last_sequence + 1 RETURNING last_sequence',
      values: [runId],
    });
    const sequenceNumber = run.rows[0].last_sequence;
    await client.query({
      name: 'insert',
      text: 'INSERT INTO events VALUES ($1, $2, $3, $4, $5, $6, $7)',
      values: [runId, sequenceNumber, messageId, eventType, 'bench', timestamp, data],
    });
    await client.query('COMMIT');
    return { runId, sequenceNumber, eventType, userId: 'bench', timestamp, data, isCritical: true, messageId };
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

const http = createServer((_, response) => response.end('Healthy'));
const io = new Server(http, { transports: ['websocket'], pingInterval: 20000 });
io.on('connection', (socket) => {
  socket.on('join', async (runId, afterSequence, acknowledge) => {
    socket.join(runId);
    const { rows } = await pool.query({
      name: 'replay',
      text: `SELECT run_id AS "runId", sequence_number AS "sequenceNumber", event_type AS "eventType", user_id AS "userId", "timestamp", data,
               true AS "isCritical", id AS "messageId" FROM events WHERE run_id = $1 AND sequence_number > $2 ORDER BY sequence_number LIMIT 1000`,
      values: [runId, afterSequence ?? 0],
    });
    acknowledge({ runId, events: rows });
  });
  socket.on('publish', async (runId, eventType, data, messageId, acknowledge) => {
    const event = await store(runId, eventType, data, messageId);
    io.to(runId).emit('ReceiveEvents', runId, [event]);
    acknowledge({ messageId, sequenceNumber: event.sequenceNumber, timestamp: event.timestamp, duplicate: false });
  });
});
http.listen(0, '127.0.0.1', () => console.log(`Now listening on: http://127.0.0.1:${http.address().port}`));
