// What the official driver sees.

import { neon, neonConfig, NeonDbError } from '@neondatabase/serverless';
import { assert, check, connectionString, env, errorKeys } from './check.mjs';

neonConfig.fetchEndpoint = () => env.ENDPOINT_URL;

const sql = neon(connectionString());

async function failure(promise) {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof NeonDbError, String(error));
    return error;
  }
  throw new Error('no error');
}

async function queries() {
  await check('driver: a tagged template', async () => {
    const name = "O'Neill";
    assert.deepEqual(await sql`SELECT ${name}::text AS name, 1 + ${1} AS two`,
      [{ name, two: 2 }]);
  });
  await check('driver: query() with placeholders', async () => {
    assert.deepEqual(
      await sql.query('SELECT id, email FROM customers WHERE id = $1', [42]),
      [{ id: 42, email: 'customer42@example.com' }]);
  });
  await check('driver: no rows', async () => {
    assert.deepEqual(await sql`SELECT id FROM customers WHERE id < 0`, []);
  });
  await check('driver: array mode', async () => {
    assert.deepEqual(
      await sql.query('SELECT 1 AS a, 2 AS a, NULL::int', [], { arrayMode: true }),
      [[1, 2, null]]);
  });
  await check('driver: full results', async () => {
    const result = await sql.query(
      'SELECT id, name FROM customers WHERE id <= $1 ORDER BY id', [2],
      { fullResults: true });
    assert.equal(result.command, 'SELECT');
    assert.equal(result.rowCount, 2);
    assert.equal(result.rowAsArray, false);
    assert.equal(result.viaNeonFetch, true);
    assert.deepEqual(result.fields.map((f) => [f.name, f.dataTypeID,
      f.columnID, f.dataTypeSize, f.dataTypeModifier, f.format]),
    [['id', 23, 1, 4, -1, 'text'], ['name', 25, 3, -1, -1, 'text']]);
    assert.ok(result.fields[0].tableID > 16383);
    assert.equal(result.rows.length, 2);
  });
  await check('driver: full results of writes and DDL', async () => {
    const [create, insert, update, merge, drop] = await sql.transaction([
      sql`CREATE TABLE driver_dml (a int)`,
      sql`INSERT INTO driver_dml VALUES (1), (2), (3)`,
      sql`UPDATE driver_dml SET a = a + 1 WHERE a > 1 RETURNING a`,
      sql`DELETE FROM driver_dml WHERE a > 100`,
      sql`DROP TABLE driver_dml`,
    ], { fullResults: true });
    assert.deepEqual([create.command, create.rowCount], ['CREATE', null]);
    assert.deepEqual([insert.command, insert.rowCount], ['INSERT', 3]);
    assert.deepEqual([update.command, update.rowCount, update.rows],
      ['UPDATE', 2, [{ a: 3 }, { a: 4 }]]);
    assert.deepEqual([merge.command, merge.rowCount], ['DELETE', 0]);
    assert.deepEqual([drop.command, drop.rowCount], ['DROP', null]);
  });
  await check('driver: 10,000 rows', async () => {
    const result = await sql`SELECT id, total FROM orders ORDER BY id`;
    assert.equal(result.length, 10000);
    assert.equal(result[9999].id, '10000');
  });
}

async function parameters() {
  const cases = [
    ['string', 'text', 'plain', 'plain'],
    ['string with everything', 'text', `a"b'c\\d\n\t\u0001 ü 山 🚀 {}[],`,
      `a"b'c\\d\n\t\u0001 ü 山 🚀 {}[],`],
    ['empty string', 'text', '', ''],
    ['integer', 'int4', -42, -42],
    ['float', 'float8', 1.5e-7, 1.5e-7],
    ['large float', 'float8', 1e300, 1e300],
    ['bigint', 'int8', 9223372036854775807n, '9223372036854775807'],
    ['numeric as string', 'numeric', '123456789012345678901234567890.123',
      '123456789012345678901234567890.123'],
    ['true', 'bool', true, true],
    ['false', 'bool', false, false],
    ['null', 'text', null, null],
    ['undefined', 'text', undefined, null],
    ['date', 'timestamptz', new Date('2026-02-03T04:05:06.789Z'),
      new Date('2026-02-03T04:05:06.789Z')],
    ['object', 'jsonb', { a: [1, { b: null }], 'ü"': 'x' },
      { a: [1, { b: null }], 'ü"': 'x' }],
    ['bytes', 'bytea', Buffer.from([0, 1, 254, 255]),
      Buffer.from([0, 1, 254, 255])],
    ['array of numbers', 'int4[]', [1, null, 3], [1, null, 3]],
    ['array of strings', 'text[]', ['a', 'b"c', 'd\\e', '', 'NULL', null, '{,}'],
      ['a', 'b"c', 'd\\e', '', 'NULL', null, '{,}']],
    ['nested array', 'int4[]', [[1, 2], [3, 4]], [[1, 2], [3, 4]]],
    ['empty array', 'text[]', [], []],
    ['array of booleans', 'bool[]', [true, false], [true, false]],
    ['uuid', 'uuid', '0b8e1a6c-3c29-4d9e-8f9f-2f7f6f1c2d3e',
      '0b8e1a6c-3c29-4d9e-8f9f-2f7f6f1c2d3e'],
    ['enum', 'order_status', 'shipped', 'shipped'],
    ['1 MB string', 'text', 'é'.repeat(524288), 'é'.repeat(524288)],
  ];
  for (const [name, type, value, expected] of cases) {
    await check(`driver: parameter: ${name}`, async () => {
      const [row] = await sql.query(`SELECT $1::${type} AS v`, [value]);
      assert.deepEqual(row.v, expected);
    });
  }
  await check('driver: parameter types come from the context', async () => {
    assert.deepEqual(await sql.query(
      'SELECT id FROM orders WHERE placed_at < $1 AND status = $2 ORDER BY id LIMIT $3',
      [new Date('2025-01-02T00:00:00Z'), 'paid', '2']), [{ id: '1' }, { id: '6' }]);
  });
  await check('driver: 1,000 parameters', async () => {
    const values = Array.from({ length: 1000 }, (_, i) => i);
    const list = values.map((i) => `$${i + 1}::int`).join('+');
    assert.deepEqual(await sql.query(`SELECT ${list} AS sum`, values),
      [{ sum: 499500 }]);
  });
}

async function transactions() {
  const settings = `SELECT current_setting('transaction_isolation') AS level,
    current_setting('transaction_read_only') AS ro,
    current_setting('transaction_deferrable') AS deferrable`;
  const levels = {
    ReadUncommitted: 'read uncommitted',
    ReadCommitted: 'read committed',
    RepeatableRead: 'repeatable read',
    Serializable: 'serializable',
  };

  for (const [isolationLevel, level] of Object.entries(levels)) {
    for (const readOnly of [undefined, true, false]) {
      for (const deferrable of [undefined, true, false]) {
        const name = `driver: transaction: ${isolationLevel}, read only ` +
          `${readOnly ?? 'not said'}, deferrable ${deferrable ?? 'not said'}`;
        await check(name, async () => {
          const [[row]] = await sql.transaction([sql.query(settings)],
            { isolationLevel, readOnly, deferrable });
          assert.deepEqual(row, {
            level,
            ro: readOnly ? 'on' : 'off',
            deferrable: deferrable ? 'on' : 'off',
          });
        });
      }
    }
  }
  await check('driver: transaction without options', async () => {
    const [[row]] = await sql.transaction([sql.query(settings)]);
    assert.deepEqual(row,
      { level: 'read committed', ro: 'off', deferrable: 'off' });
  });
  await check('driver: a transaction is one transaction', async () => {
    const [[a], [b]] = await sql.transaction((tx) => [
      tx`SELECT pg_current_xact_id()::text AS id, now() AS t`,
      tx`SELECT pg_current_xact_id()::text AS id, now() AS t`]);
    assert.deepEqual(a, b);
  });
  await check('driver: a failed transaction leaves nothing', async () => {
    const error = await failure(sql.transaction([
      sql`CREATE TABLE never_seen (a int)`,
      sql`SELECT 1/0`,
      sql`SELECT 1`]));
    assert.equal(error.code, '22012');
    assert.deepEqual(await sql`SELECT to_regclass('never_seen') AS t`,
      [{ t: null }]);
  });
  await check('driver: a write in a read-only transaction', async () => {
    const error = await failure(sql.transaction(
      [sql`CREATE TABLE never_seen (a int)`], { readOnly: true }));
    assert.equal(error.code, '25006');
  });
  await check('driver: an empty transaction', async () => {
    assert.deepEqual(await sql.transaction([]), []);
  });
  await check('driver: array mode per query of a transaction', async () => {
    assert.deepEqual(await sql.transaction([
      sql.query('SELECT 1 AS a', [], { arrayMode: true }),
      sql.query('SELECT 1 AS a')]), [[[1]], [{ a: 1 }]]);
  });
  await check('driver: an error at COMMIT', async () => {
    await sql`CREATE TABLE driver_deferred (a int UNIQUE DEFERRABLE INITIALLY DEFERRED)`;
    try {
      const error = await failure(sql.transaction([
        sql`INSERT INTO driver_deferred VALUES (1)`,
        sql`INSERT INTO driver_deferred VALUES (1)`]));
      assert.equal(error.code, '23505');
      assert.equal(error.constraint, 'driver_deferred_a_key');
      assert.deepEqual(await sql`SELECT * FROM driver_deferred`, []);
    } finally {
      await sql`DROP TABLE driver_deferred`;
    }
  });
}

async function errors() {
  await check('driver: all fields of a constraint violation', async () => {
    const error = await failure(sql`INSERT INTO products (sku, title, price)
      VALUES ('SKU-00001', 'again', 1)`);
    assert.equal(error.message,
      'duplicate key value violates unique constraint "products_sku_key"');
    assert.deepEqual([error.severity, error.code, error.detail, error.schema,
      error.table, error.constraint, error.routine],
    ['ERROR', '23505', 'Key (sku)=(SKU-00001) already exists.', 'public',
      'products', 'products_sku_key', '_bt_check_unique']);
    assert.match(error.file, /^nbtinsert\.c$/);
    assert.match(error.line, /^\d+$/);
    for (const key of ['hint', 'position', 'internalPosition',
      'internalQuery', 'where', 'column', 'dataType'])
      assert.equal(error[key], undefined, key);
  });
  await check('driver: position and hint', async () => {
    const error = await failure(sql`SELECT emial FROM customers`);
    assert.deepEqual([error.code, error.position, error.hint], ['42703', '8',
      'Perhaps you meant to reference the column "customers.email".']);
  });
  await check('driver: column and data type', async () => {
    let error = await failure(sql`INSERT INTO customers (uid, email, country)
      VALUES (gen_random_uuid(), 'x@y', 'DE')`);
    assert.deepEqual([error.code, error.schema, error.table, error.column],
      ['23502', 'public', 'customers', 'name']);
    await sql`CREATE DOMAIN positive AS int CONSTRAINT above_zero CHECK (VALUE > 0)`;
    try {
      error = await failure(sql`SELECT (-1)::positive`);
    } finally {
      await sql`DROP DOMAIN positive`;
    }
    assert.deepEqual([error.code, error.schema, error.dataType, error.constraint],
      ['23514', 'public', 'positive', 'above_zero']);
  });
  await check('driver: internal query, position and context', async () => {
    const body = "BEGIN EXECUTE 'SELECT nonsense'; END";
    await sql.query(`CREATE FUNCTION driver_fails() RETURNS void
      LANGUAGE plpgsql AS $$${body}$$`);
    let error;
    try {
      error = await failure(sql`SELECT driver_fails()`);
    } finally {
      await sql`DROP FUNCTION driver_fails()`;
    }
    assert.deepEqual([error.code, error.internalQuery, error.internalPosition,
      error.position, error.where], ['42703', 'SELECT nonsense', '8',
      undefined, 'PL/pgSQL function driver_fails() line 1 at EXECUTE']);
  });
  await check('driver: all fields of RAISE', async () => {
    const error = await failure(sql.query(`DO $$BEGIN RAISE 'm' USING
      ERRCODE = 'NE001', DETAIL = 'd', HINT = 'h', SCHEMA = 's', TABLE = 't',
      COLUMN = 'c', DATATYPE = 'dt', CONSTRAINT = 'cc'; END$$`));
    assert.deepEqual([error.message, error.code, error.detail, error.hint,
      error.schema, error.table, error.column, error.dataType,
      error.constraint, error.severity],
    ['m', 'NE001', 'd', 'h', 's', 't', 'c', 'dt', 'cc', 'ERROR']);
    for (const key of errorKeys) assert.ok(key in error, key);
  });
  await check('driver: two statements in one query', async () => {
    const error = await failure(sql.query('SELECT 1; SELECT 2'));
    assert.deepEqual([error.code, error.message], ['42601',
      'cannot insert multiple commands into a prepared statement']);
  });
  await check('driver: a wrong number of parameters', async () => {
    const error = await failure(sql.query('SELECT $1::int, $2::int', [1]));
    assert.equal(error.code, '08P01');
  });
  await check('driver: wrong password', async () => {
    const wrong = neon(connectionString({ password: 'nonsense' }));
    const error = await failure(wrong`SELECT 1`);
    assert.deepEqual([error.code, error.severity, error.message], ['', '',
      "password authentication failed for user 'neondb_owner'"]);
  });
  await check('driver: unknown role', async () => {
    const error = await failure(neon(connectionString({ user: 'nobody' }))`SELECT 1`);
    assert.deepEqual([error.code, error.message],
      ['', "password authentication failed for user 'nobody'"]);
  });
  await check('driver: unknown database', async () => {
    const error = await failure(neon(connectionString({ dbname: 'none' }))`SELECT 1`);
    assert.deepEqual([error.code, error.severity, error.message],
      ['3D000', 'FATAL', 'database "none" does not exist']);
  });
  await check('driver: a token on a password host', async () => {
    const error = await failure(neon(connectionString(),
      { authToken: 'e.y.J' })`SELECT 1`);
    assert.deepEqual([error.code, error.message],
      ['', 'missing authentication credentials: required password']);
  });
}

async function state() {
  await check('driver: session state does not survive', async () => {
    neonConfig.fetchFunction = (url, options) => fetch(url, {
      ...options, headers: { ...options.headers, 'Neon-Pool-Opt-In': 'true' },
    });
    try {
      const [first] = await sql`SELECT set_config('work_mem', '77MB', false),
        pg_backend_pid() AS pid`;
      const [second] = await sql`SELECT current_setting('work_mem') AS mem,
        pg_backend_pid() AS pid`;
      assert.notEqual(second.mem, '77MB');
      assert.equal(second.pid, first.pid, 'the connection was not pooled');
    } finally {
      neonConfig.fetchFunction = undefined;
    }
  });
  await check('driver: parameters of the connection string are dropped', async () => {
    const url = connectionString(
      { query: '?application_name=x&options=-c%20search_path%3Dpg_catalog&sslmode=require' });
    const [row] = await neon(url)`SELECT current_setting('application_name') AS a,
      current_setting('search_path') AS s`;
    assert.deepEqual(row, { a: '', s: '"$user", public' });
  });
  await check('driver: aborting a request', async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 100);
    const error = await failure(sql.query('SELECT pg_sleep(30)', [],
      { fetchOptions: { signal: abort.signal } }));
    assert.match(error.message, /abort/i);
  });
}

export async function driverChecks() {
  await queries();
  await parameters();
  await transactions();
  await errors();
  await state();
}
