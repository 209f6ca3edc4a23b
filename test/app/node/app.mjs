// node-postgres: queries, parameters, transactions, cursors, errors.
//
//   node app.mjs create    makes the tables on the remote
//   node app.mjs           runs; APP_URL says where
//
// The lines on standard output are those of test/app/steps.py.
import fs from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import Cursor from 'pg-cursor';

const direct = (process.env.APP_MODE ?? 'direct') === 'direct';

function config(url) {
  const parts = new URL(url);
  const query = parts.searchParams;
  return {
    host: query.get('host') ?? parts.hostname,
    port: Number(query.get('port') ?? parts.port),
    user: decodeURIComponent(parts.username),
    password: decodeURIComponent(parts.password),
    database: parts.pathname.slice(1),
    options: query.get('options'),
  };
}

const admin = new pg.Client(config(process.env.APP_ADMIN_URL));
const pool = new pg.Pool({ ...config(process.env.APP_URL), max: 5 });

async function create() {
  await admin.query(`
    DROP SCHEMA IF EXISTS app CASCADE;
    CREATE SCHEMA app;
    SET search_path = app;
    CREATE TABLE accounts (id serial PRIMARY KEY, owner text NOT NULL UNIQUE,
      balance numeric(12,2) NOT NULL CHECK (balance >= 0), data jsonb,
      codes int[], at timestamptz NOT NULL DEFAULT now());
    INSERT INTO accounts (owner, balance, data, codes)
      SELECT 'owner ' || i, i, json_build_object('n', i), ARRAY[i, i + 1]
      FROM generate_series(1, 50) i`);
}

// --- steps -------------------------------------------------------------------

const log = direct ? null : fs.openSync(process.env.ENDPOINT_LOG);
let position = 0;

async function requests() {
  if (log === null) return null;
  let count = 0;
  for (;;) {
    await setTimeout(10);
    const size = fs.fstatSync(log).size;
    if (size === position) return count;
    const text = Buffer.alloc(size - position);
    fs.readSync(log, text, 0, text.length, position);
    position = size;
    count += text.toString().split('\n').length - 1;
  }
}

async function step(name, run, { refused = null } = {}) {
  await requests();
  let outcome;
  let failed = false;
  const client = await pool.connect();
  try {
    outcome = JSON.stringify(await run(client));
  } catch (error) {
    outcome = error.code ?? error.message;
    failed = outcome !== refused;
    console.error(`--- ${name}\n${error.stack}`);
  }
  client.release(failed);       // after a failure another connection
  console.log(JSON.stringify({
    step: name, outcome, failed, requests: await requests(), by_design: refused,
  }));
}

async function caught(promise) {
  try {
    await promise;
    return 'no error';
  } catch (error) {
    return [error.code, error.constraint ?? null];
  }
}

// --- the application ---------------------------------------------------------

async function run() {
  const committed = async (sql) => (await admin.query(sql)).rows[0].v;

  await step('query: parameters of several types', async () => {
    const { rows } = await pool.query(
      `SELECT id, owner, balance, data, codes FROM accounts
       WHERE id = ANY ($1) AND balance < $2 AND data @> $3 ORDER BY id`,
      [[3, 4, 5], '4.5', { n: 3 }]);
    return rows;
  });

  await step('query: row mode, field names and types', async () => {
    const { rows, fields } = await pool.query({
      text: 'SELECT owner, balance, at FROM accounts WHERE id = $1',
      values: [1], rowMode: 'array',
    });
    return [rows[0].slice(0, 2), rows[0][2] instanceof Date,
      fields.map((f) => [f.name, f.dataTypeID])];
  });

  await step('query: named, so prepared, ten times', async (client) => {
    let sum = 0;
    for (let i = 1; i <= 10; i++) {
      const { rows } = await client.query({
        name: 'by id', text: 'SELECT balance FROM accounts WHERE id = $1',
        values: [i],
      });
      sum += Number(rows[0].balance);
    }
    return sum;
  });

  await step('write: insert with RETURNING, update, delete', async () => {
    const inserted = await pool.query(
      `INSERT INTO accounts (owner, balance, data) VALUES ($1, $2, $3)
       RETURNING id, owner, at`, ['new', '1.50', { a: [1, null, 'ü'] }]);
    const { id, owner, at } = inserted.rows[0];
    const updated = await pool.query(
      'UPDATE accounts SET balance = balance + $1 WHERE id = $2', [2, id]);
    const { rows } = await pool.query(
      'SELECT balance, data FROM accounts WHERE id = $1', [id]);
    const deleted = await pool.query(
      'DELETE FROM accounts WHERE owner = $1 RETURNING balance', ['new']);
    return [id > 50, owner, at instanceof Date, inserted.rowCount,
      updated.rowCount, rows, deleted.rowCount, deleted.rows,
      await committed('SELECT count(*) AS v FROM accounts')];
  });

  await step('write: upsert', async () => {
    const result = [];
    for (const owner of ['owner 1', 'other', 'other']) {
      const { rows } = await pool.query(
        `INSERT INTO accounts (owner, balance) VALUES ($1, 100)
         ON CONFLICT (owner) DO UPDATE
         SET balance = accounts.balance + EXCLUDED.balance
         RETURNING balance`, [owner]);
      result.push(rows[0].balance);
    }
    return result;
  }, { refused: process.env.APP_MODE === 'rows' ? '0A000' : null });

  await step('transaction: rolled back, then committed', async (client) => {
    const seen = [];
    for (const end of ['ROLLBACK', 'COMMIT']) {
      await client.query('BEGIN');
      await client.query('UPDATE accounts SET balance = balance - 1 WHERE id = 20');
      await client.query('UPDATE accounts SET balance = balance + 1 WHERE id = 21');
      const { rows } = await client.query(
        'SELECT balance FROM accounts WHERE id IN (20, 21) ORDER BY id');
      seen.push(rows.map((r) => r.balance));
      await client.query(end);
      seen.push(await committed('SELECT balance AS v FROM app.accounts WHERE id = 20'));
    }
    return seen;
  });

  await step('transaction: savepoint after an error', async (client) => {
    await client.query('BEGIN');
    await client.query("INSERT INTO accounts (owner, balance) VALUES ('sp', 1)");
    await client.query('SAVEPOINT a');
    const error = await caught(client.query(
      "INSERT INTO accounts (owner, balance) VALUES ('sp', 2)"));
    await client.query('ROLLBACK TO a');
    await client.query("UPDATE accounts SET balance = 3 WHERE owner = 'sp'");
    await client.query('COMMIT');
    return [error,
      await committed("SELECT balance AS v FROM app.accounts WHERE owner = 'sp'")];
  });

  await step('transaction: several statements in one string', async () => {
    const error = await caught(pool.query(
      `UPDATE accounts SET balance = 0 WHERE id = 30;
       UPDATE accounts SET balance = -1 WHERE id = 31`));
    return [error, await committed('SELECT balance AS v FROM app.accounts WHERE id = 30')];
  });

  await step('cursor: read in pieces, closed early', async (client) => {
    const cursor = client.query(new Cursor(
      'SELECT id FROM accounts WHERE id <= $1 ORDER BY id', [40]));
    const ids = [];
    for (let i = 0; i < 3; i++) {
      ids.push((await cursor.read(10)).map((r) => r.id));
    }
    await cursor.close();
    return ids.map((piece) => [piece[0], piece.length]);
  });

  await step('pool: twenty transfers at once', async () => {
    const transfer = async (from, to) => {
      const client = await pool.connect();
      try {
        for (;;) {
          try {
            await client.query('BEGIN');
            await client.query(
              'UPDATE accounts SET balance = balance - 1 WHERE id = $1', [from]);
            await client.query(
              'UPDATE accounts SET balance = balance + 1 WHERE id = $1', [to]);
            await client.query('COMMIT');
            return;
          } catch (error) {
            await client.query('ROLLBACK');
            if (!['40001', '40P01'].includes(error.code)) throw error;
          }
        }
      } finally {
        client.release();
      }
    };
    await Promise.all(Array.from({ length: 20 },
      (_, i) => transfer(40 + (i % 3), 43 + (i % 2))));
    return (await admin.query(
      'SELECT id, balance FROM app.accounts WHERE id BETWEEN 40 AND 44 ORDER BY id')).rows;
  });

  await step('errors: code and constraint', async () => [
    await caught(pool.query("INSERT INTO accounts (owner, balance) VALUES ('owner 2', 1)")),
    await caught(pool.query('UPDATE accounts SET balance = -1 WHERE id = 5')),
    await caught(pool.query('INSERT INTO accounts (owner) VALUES (NULL)')),
    await caught(pool.query('SELECT 1 / (balance - balance) FROM accounts')),
    await caught(pool.query('SELECT * FROM accounts WHERE id = $1', ['x'])),
    await caught(pool.query('SELECT * FROM nowhere')),
  ]);
}

await admin.connect();
await admin.query('SET search_path = app');
if (isDeepStrictEqual(process.argv.slice(2), ['create'])) {
  await create();
} else {
  await run();
}
await pool.end();
await admin.end();
