// What the driver does not show: headers, statuses, conversions, batches
// that end their transaction themselves, pooled connections, cancelling.

import { readFileSync } from 'node:fs';
import https from 'node:https';
import { abort, assert, assertError, assertRequestId, batch, check,
  connectionString, env, query, rows, send, sleep } from './check.mjs';

async function conversions() {
  const values = [
    ['1::int2', 1], ['(-2147483648)::int4', -2147483648],
    ['9007199254740993::int8', '9007199254740993'],
    ['1.10::numeric', '1.10'], ["'NaN'::numeric", 'NaN'],
    ['1.5::float4', 1.5], ['1e300::float8', 1e300], ['1e-7::float8', 1e-7],
    ["'NaN'::float8", 'NaN'], ["'-Infinity'::float8", '-Infinity'],
    ["'infinity'::float4", 'Infinity'],
    ['true', true], ['false', false], ['NULL::bool', null],
    ["'x'::text", 'x'], ["'a'::char(3)", 'a  '], ["'\\x00ff'::bytea", '\\x00ff'],
    [`'{"a": [1, 2.50, null, "ü"]}'::json`, { a: [1, 2.5, null, 'ü'] }],
    [`'{"b":{"c":1}}'::jsonb`, { b: { c: 1 } }],
    ["'{1,NULL,3}'::int4[]", [1, null, 3]],
    ["'{{1,2},{3,4}}'::int2[]", [[1, 2], [3, 4]]],
    ["'[0:1]={7,8}'::int4[]", [7, 8]],
    ["'{1,2}'::int8[]", ['1', '2']],
    ["'{t,f,NULL}'::bool[]", [true, false, null]],
    ["'{1.5,NaN}'::float8[]", [1.5, 'NaN']],
    [`ARRAY['a', 'b"c', 'd\\e', '', NULL, 'NULL', 'x,y', '{z}']`,
      ['a', 'b"c', 'd\\e', '', null, 'NULL', 'x,y', '{z}']],
    [`ARRAY['{"a":1}', '[2]']::jsonb[]`, [{ a: 1 }, [2]]],
    ["ARRAY['new','paid']::order_status[]", ['new', 'paid']],
    ["ARRAY[ARRAY['new'],ARRAY[NULL]]::order_status[]", [['new'], [null]]],
    ["'{}'::text[]", ['']],
    ["'[1,5)'::int4range", '[1,5)'],
    ["ARRAY['2026-01-02'::date]", ['2026-01-02']],
    ["interval '1 day 02:03:04'", '1 day 02:03:04'],
    ["'(1,2)'::point", '(1,2)'],
  ];
  for (const [sql, expected] of values) {
    await check(`http: value: ${sql}`, async () => {
      const [row] = await rows(`SELECT ${sql} AS v`);
      assert.deepEqual(row, { v: expected });
    });
  }
  await check('http: raw text output is always text', async () => {
    const headers = { 'Neon-Raw-Text-Output': 'true', 'Neon-Array-Mode': 'true' };
    assert.deepEqual(await rows(`SELECT 1, 1.5::float8, true, '{"a": 1}'::json,
      '[0:1]={1,2}'::int[], NULL, 'x'`, [], { headers }),
    [['1', '1.5', 't', '{"a": 1}', '[0:1]={1,2}', null, 'x']]);
  });
  await check('http: flags other than exactly "true" are false', async () => {
    const headers = { 'Neon-Raw-Text-Output': 'True', 'Neon-Array-Mode': '1' };
    assert.deepEqual(await rows('SELECT 1 AS a', [], { headers }), [{ a: 1 }]);
  });
  await check('http: arrayMode of a query wins over the header', async () => {
    const headers = { 'Neon-Array-Mode': 'true' };
    const reply = await send({ query: 'SELECT 1 AS a', arrayMode: false }, { headers });
    assert.deepEqual([reply.json.rows, reply.json.rowAsArray], [[{ a: 1 }], false]);
  });
  for (const sql of ["'1 2'::int2vector", "'{}'::int4[]", "'{}'::int2[]", "'{}'::float8[]"]) {
    await check(`http: a value that cannot be converted: ${sql}`, async () => {
      assertError(await query(`SELECT ${sql}`), 500,
        { message: 'could not parse postgres response', code: '' });
    });
  }
  await check('http: an empty array as raw text', async () => {
    const headers = { 'Neon-Raw-Text-Output': 'true' };
    assert.deepEqual(await rows("SELECT '{}'::int[] AS a", [], { headers }), [{ a: '{}' }]);
  });
  await check('http: a batch makes an enum and reads an array of it', async () => {
    const reply = await batch(["CREATE TYPE pg_temp.mood AS ENUM ('sad', 'ok')",
      "SELECT ARRAY['ok','sad']::pg_temp.mood[] AS m"]);
    assert.deepEqual(reply.json.results[1].rows, [{ m: ['ok', 'sad'] }]);
  });
  await check('http: order of the keys', async () => {
    const { text } = await query('SELECT 1 AS a');
    const at = ['"fields"', '"rows"', '"command"', '"rowCount"', '"rowAsArray"'].map((k) => text.indexOf(k));
    assert.deepEqual([...at].sort((a, b) => a - b), at);
  });
  await check('http: odd column names and texts', async () => {
    const name = 'a"b\\c\u0001ü🚀';
    const [row] = await rows(`SELECT $1::text AS "${name.replaceAll('"', '""')}"`, [name]);
    assert.deepEqual(row, { [name]: name });
  });
}

async function parameters() {
  const values = [
    [true, 'true'], [false, 'false'], [42, '42'], [-1.5, '-1.5'],
    [{ b: 1, a: [null] }, '{"a":[null],"b":1}'],
    [{ z: { y: 1, x: 'ü/' }, Z: [] }, '{"Z":[],"z":{"x":"ü/","y":1}}'],
    [{ b: [{ d: 1, c: 2 }], a: {} }, '{"a":{},"b":[{"c":2,"d":1}]}'],
    ['x', 'x'], [null, null],
    [[1, 'a"b\\', null, true], '{1,"a\\"b\\\\",NULL,true}'],
    [[[1, 2], []], '{{1,2},{}}'], [[{ b: 1, a: 'b' }], '{"{\\"a\\":\\"b\\",\\"b\\":1}"}'],
    ['/', '/'], [['/'], '{"/"}'],
  ];
  for (const [value, expected] of values) {
    await check(`http: parameter: ${JSON.stringify(value)}`, async () => {
      assert.deepEqual(await rows('SELECT $1::text AS v', [value]), [{ v: expected }]);
    });
  }
  await check('http: a NUL in a parameter', async () => {
    assertError(await query('SELECT $1::text', ['a\0b']), 400, {
      code: '22021', message: 'invalid byte sequence for encoding "UTF8": 0x00',
    });
  });
  await check('http: a NUL in a query', async () => {
    assertError(await query('SELECT 1 -- \0'), 400,
      { code: '', message: /^error encoding message to server: / });
  });
  await check('http: params may be left out', async () => {
    assert.equal((await send({ query: 'SELECT 1' })).status, 200);
  });
  await check('http: an empty query', async () => {
    const { json } = await query('');
    assert.deepEqual([json.command, json.rowCount, json.rows, json.fields],
      ['', null, [], []]);
  });
  await check('http: COPY is refused, the endpoint goes on', async () => {
    for (const sql of ['COPY customers TO STDOUT', 'COPY customers FROM STDIN',
      'COPY (SELECT 1) TO STDOUT (FORMAT csv)'])
      assertError(await query(sql), 400,
        { code: '', message: /^error parsing response from server: / });
    assert.deepEqual(await rows('SELECT 1 AS a'), [{ a: 1 }]);
  });
}

async function batches() {
  await query('DROP TABLE IF EXISTS http_batch');
  await query('CREATE TABLE http_batch (a int)');
  const content = async () =>
    (await rows('SELECT a FROM http_batch ORDER BY a')).map((row) => row.a);

  await check('http: empty batch', async () => {
    assert.deepEqual((await send({ queries: [] })).json, { results: [] });
  });
  await check('http: batch headers come back', async () => {
    const headers = {
      'Neon-Batch-Isolation-Level': 'Serializable',
      'Neon-Batch-Read-Only': 'true', 'Neon-Batch-Deferrable': 'true',
    };
    const reply = await batch(['SELECT 1'], headers);
    for (const [name, value] of Object.entries(headers))
      assert.equal(reply.headers[name.toLowerCase()], value);
    const plain = await query('SELECT 1', [], { headers });
    assert.equal(plain.headers['neon-batch-read-only'], undefined);
  });
  await check('http: closing ROLLBACK', async () => {
    const reply = await batch(['INSERT INTO http_batch VALUES (1) RETURNING a', 'rollback']);
    assert.equal(reply.status, 200);
    assert.deepEqual(reply.json.results[0].rows, [{ a: 1 }]);
    const { command, rowCount, rows: none, fields } = reply.json.results[1];
    assert.deepEqual({ command, rowCount, rows: none, fields },
      { command: 'ROLLBACK', rowCount: null, rows: [], fields: [] });
    assert.deepEqual(await content(), []);
  });
  await check('http: statements behind COMMIT run one by one', async () => {
    const reply = await batch(['INSERT INTO http_batch VALUES (1)', 'COMMIT',
      'INSERT INTO http_batch VALUES (2)', 'SELECT 1/0']);
    assertError(reply, 400, { code: '22012' });
    assert.deepEqual(await content(), [1, 2]);
  });
  await check('http: statements behind ROLLBACK run one by one', async () => {
    await query('TRUNCATE http_batch');
    const reply = await batch(['INSERT INTO http_batch VALUES (1)', 'ROLLBACK',
      'INSERT INTO http_batch VALUES (2)']);
    assert.equal(reply.status, 200);
    assert.deepEqual(await content(), [2]);
  });
  await check('http: savepoints', async () => {
    await query('TRUNCATE http_batch');
    const reply = await batch(['INSERT INTO http_batch VALUES (1)', 'SAVEPOINT s',
      'INSERT INTO http_batch VALUES (2)', 'ROLLBACK TO s', 'RELEASE s']);
    assert.deepEqual(reply.json.results.map((r) => r.command),
      ['INSERT', 'SAVEPOINT', 'INSERT', 'ROLLBACK', 'RELEASE']);
    assert.deepEqual(await content(), [1]);
  });
  await check('http: set_config(..., true) holds for the batch', async () => {
    const reply = await batch([
      { query: "SELECT set_config('TimeZone', $1, true)", params: ['Asia/Tokyo'] },
      "SELECT current_setting('TimeZone') AS z"]);
    assert.deepEqual(reply.json.results[1].rows, [{ z: 'Asia/Tokyo' }]);
    assert.deepEqual(await rows("SELECT current_setting('TimeZone') AS z"),
      [{ z: 'America/St_Johns' }]);
  });
  await check('http: locks are gone when the error arrives', async () => {
    await batch(['LOCK TABLE http_batch', 'SELECT 1/0']);
    assert.equal((await batch(['LOCK TABLE http_batch NOWAIT'])).status, 200);
  });
  for (const level of ['serializable', 'Repeatable Read', '']) {
    await check(`http: isolation level "${level}"`, async () => {
      const headers = { 'Neon-Batch-Isolation-Level': level };
      assertError(await batch(['SELECT 1'], headers), 400,
        { code: '', message: 'invalid isolation level' });
    });
  }
  await query('DROP TABLE http_batch');
}

async function badRequests() {
  const plain = connectionString();
  const strings = [
    ['no connection string', null, 'invalid header: neon-connection-string'],
    ['no URL', 'nonsense', /^invalid connection string: /],
    ['another scheme', plain.replace('postgresql', 'mysql'), 'incorrect scheme'],
    ['no database', plain.replace(/\/neondb$/, ''), 'missing database name'],
    ['no user', 'postgresql://ep-x.neon.test/neondb', 'missing username'],
    ['no password', 'postgresql://u@ep-x.neon.test/neondb',
      'missing authentication credentials: required password'],
    ['empty password', connectionString({ password: '' }),
      'missing authentication credentials: required password'],
    ['IPv6 address as host', connectionString({ host: '[::1]' }), 'missing hostname'],
    ['empty host', connectionString({ host: '' }),
      'invalid connection string: empty host'],
    ['empty host with a port', connectionString({ host: ':5432' }),
      'invalid connection string: empty host'],
    ['empty host, another scheme', connectionString({ host: '' }).replace('postgresql', 'x'),
      'invalid connection string: empty host'],
    ['no port number', connectionString({ host: 'ep-x.neon.test:x' }),
      'invalid connection string: invalid port number'],
  ];
  for (const [name, value, message] of strings) {
    await check(`http: connection string: ${name}`, async () => {
      assertError(await query('SELECT 1', [],
        { headers: { 'Neon-Connection-String': value } }), 400, { code: '', message });
    });
  }
  for (const scheme of ['postgres', 'postgresql']) {
    await check(`http: connection string: ${scheme}, port, query`, async () => {
      const value = connectionString({ host: 'ep-x-pooler.neon.test:5432', query: '?a=b' })
        .replace('postgresql', scheme);
      assert.deepEqual(await rows('SELECT 1 AS a', [],
        { headers: { 'Neon-Connection-String': value } }), [{ a: 1 }]);
    });
  }
  await check('http: an address of IPv4 as host is a name like others', async () => {
    const value = connectionString({ host: '127.0.0.1' });
    assert.deepEqual(await rows('SELECT 1 AS a', [],
      { headers: { 'Neon-Connection-String': value } }), [{ a: 1 }]);
  });
  await check('http: Authorization on a password host', async () => {
    assertError(await query('SELECT 1', [],
      { headers: { Authorization: 'Bearer x' } }), 400,
    { code: '', message: 'missing authentication credentials: required password' });
  });
  const bodies = ['', '{', '{"query":"SELECT 1"', '[]', '"x"', '{}', 'null',
    '{"query":1}', '{"query":null}', '{"query":"SELECT 1","params":{}}',
    '{"query":"SELECT 1","params":null}', '{"queries":{}}',
    '{"queries":["SELECT 1"]}', '{"queries":[{"params":[]}]}',
    "{'query':'SELECT 1'}", '{"query":"SELECT 1",}', '{"query":"SELECT 1"} x',
    '{"query":"SELECT\n1"}', '{"query":"SELECT $1","params":[NaN]}',
    Buffer.from('{"query":"SELECT \'\xff\'"}', 'latin1')];
  for (const body of bodies) {
    await check(`http: body: ${JSON.stringify(body.toString())}`, async () => {
      assertError(await send(body), 400,
        { code: '', message: /^could not parse the HTTP request body: / });
    });
  }
  await check('http: white space around the body', async () => {
    assert.equal((await send(' \r\n{ "query" : "SELECT 1" }\t\n')).status, 200);
  });
  for (const [method, path] of [['GET', '/sql'], ['POST', '/'], ['PUT', '/sql']]) {
    await check(`http: ${method} ${path}`, async () => {
      const reply = await send('', { method, url: new URL(path, env.ENDPOINT_URL) });
      assert.deepEqual([reply.status, reply.json], [400, 'query is not supported']);
      assertRequestId(reply);
    });
  }
  await check('http: OPTIONS /sql', async () => {
    const reply = await send('', { method: 'OPTIONS' });
    assert.equal(reply.status, 200);
    assert.equal(reply.headers.allow, 'OPTIONS, POST');
    assert.match(reply.headers['access-control-allow-headers'], /Neon-Connection-String/);
    assertRequestId(reply);
  });
}

async function connecting() {
  await check('http: a server that takes no more connections', async () => {
    await query("CREATE ROLE http_crowd LOGIN PASSWORD 'p' CONNECTION LIMIT 0");
    try {
      const headers = {
        'Neon-Connection-String': connectionString({ user: 'http_crowd', password: 'p' }),
      };
      assertError(await query('SELECT 1', [], { headers }), 500, {
        code: '53300', severity: 'FATAL', file: /\.c$/, line: /^\d+$/,
        message: 'too many connections for role "http_crowd"',
      });
    } finally {
      await query('DROP ROLE http_crowd');
    }
  });
  await check('http: names with odd characters', async () => {
    const user = 'odd %:@/?#&+"ü';
    const quoted = `"${user.replaceAll('"', '""')}"`;
    await query(`CREATE ROLE ${quoted} LOGIN PASSWORD '%41 ''ü'`);
    try {
      const headers = {
        'Neon-Connection-String': connectionString({ user, password: "%41 'ü" }),
        'Neon-Pool-Opt-In': null,
      };
      assert.deepEqual(await rows('SELECT current_user AS u', [], { headers }),
        [{ u: user }]);
    } finally {
      await query(`DROP ROLE ${quoted}`);
    }
  });
  await check('http: the backend is terminated in mid query', async () => {
    const running = query('SELECT pg_sleep(20), $1::text AS mark', ['terminate me']);
    await waitFor('terminate', 'active');
    await query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE query LIKE '%pg_sleep(20)%' AND pid <> pg_backend_pid()`);
    assertError(await running, 400, { code: '57P01', severity: 'FATAL' });
  });
  await check('http: a pooled connection that the server closed', async () => {
    const [{ pid }] = await rows('SELECT pg_backend_pid() AS pid');
    await query('SELECT pg_terminate_backend($1)', [pid],
      { headers: { 'Neon-Pool-Opt-In': null } });
    // it ends a moment after it was told to
    for (let i = 0; i < 3000 && (await query('SELECT 1 / count(*) FROM pg_stat_activity WHERE pid = $1',
      [pid], { headers: { 'Neon-Pool-Opt-In': null } })).status === 200; i++) await sleep(20);
    const [row] = await rows('SELECT pg_backend_pid() AS pid');
    assert.notEqual(row.pid, pid);
  });
}

async function pooling() {
  const alone = { headers: { 'Neon-Pool-Opt-In': null } };

  await check('http: without opt-in each request has its own backend', async () => {
    const [a] = await rows('SELECT pg_backend_pid() AS pid', [], alone);
    const [b] = await rows('SELECT pg_backend_pid() AS pid', [], alone);
    assert.notEqual(a.pid, b.pid);
  });
  await check('http: options that choose a compute forbid the pool', async () => {
    const headers = {
      'Neon-Connection-String': connectionString({ query: '?options=neon_lsn%3A0/1' }),
    };
    const [a] = await rows('SELECT pg_backend_pid() AS pid', [], { headers });
    const [b] = await rows('SELECT pg_backend_pid() AS pid', [], { headers });
    assert.notEqual(a.pid, b.pid);
  });
  await check('http: a pooled connection does not help a wrong password', async () => {
    await query('SELECT 1');
    const headers = { 'Neon-Connection-String': connectionString({ password: 'x' }) };
    assertError(await query('SELECT 1', [], { headers }), 400, { code: '' });
  });
  await check('http: nothing of a session survives', async () => {
    const [{ pid }] = await rows('SELECT pg_backend_pid() AS pid');
    for (const statement of ["SET search_path = pg_catalog", 'CREATE TEMP TABLE t (a int)',
      'PREPARE p AS SELECT 1', 'LISTEN x', 'SELECT pg_advisory_lock(4711)'])
      assert.equal((await query(statement)).status, 200, statement);
    const [state] = await rows(`SELECT pg_backend_pid() AS pid,
      current_setting('search_path') AS path, to_regclass('pg_temp.t') AS temp,
      (SELECT count(*)::int FROM pg_prepared_statements WHERE name = 'p') AS prepared,
      (SELECT count(*)::int FROM pg_listening_channels()) AS listening,
      (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory') AS locks`);
    assert.deepEqual(state, {
      pid, path: '"$user", public', temp: null, prepared: 0, listening: 0, locks: 0,
    });
  });
  await check('http: an open transaction does not survive', async () => {
    assert.equal((await query('BEGIN')).status, 200);
    await query('CREATE TABLE http_open (a int)');
    const [row] = await rows("SELECT to_regclass('http_open')::text AS t", [], alone);
    assert.deepEqual(row, { t: 'http_open' });
    await query('DROP TABLE http_open');
  });
}

// The number of statements with this mark in pg_stat_activity.
async function running(mark) {
  const [{ n }] = await rows(`SELECT count(*)::int AS n FROM pg_stat_activity
    WHERE state = 'active' AND query LIKE '%' || $1 || '%' || 'mark%'
      AND pid <> pg_backend_pid()`, [mark]);
  return n;
}

async function waitFor(mark, what) {
  for (let i = 0; i < 3000; i++) {
    const n = mark === 'terminate' ? (await rows(`SELECT count(*)::int AS n
      FROM pg_stat_activity WHERE query LIKE '%pg_sleep(20)%' AND state = $1
        AND pid <> pg_backend_pid()`, [what]))[0].n : await running(mark);
    if (n === 1) return;
    await sleep(10);
  }
  throw new Error('the query did not start');
}

async function cancelling() {
  const cases = {
    'a statement': { query: 'SELECT pg_sleep(30) /* one mark */' },
    'a batch': {
      queries: [{ query: 'SELECT 1' }, { query: 'SELECT pg_sleep(30) /* two mark */' }],
    },
    'a statement that returns rows': {
      query: `SELECT i, repeat('x', 100), pg_sleep(0.0002)
        FROM generate_series(1, 1000000) i /* three mark */`,
    },
  };
  const marks = ['one', 'two', 'three'];
  for (const [name, body] of Object.entries(cases)) {
    const mark = marks.shift();
    await check(`http: closing the connection cancels ${name}`, async () => {
      let request;
      let ms = Infinity;
      // on a busy machine one measurement says little
      for (let i = 0; i < 15 && ms >= 500; i++) {
        const agent = new https.Agent({ keepAlive: false });
        const reply = send(body, { agent, started: (r) => { request = r; } })
          .catch((error) => error);
        await waitFor(mark);
        const start = performance.now();
        abort(request);
        while (await running(mark) > 0) {
          assert.ok(performance.now() - start < 25000, 'still running');
          await sleep(2);
        }
        ms = performance.now() - start;
        await reply;
      }
      assert.ok(ms < 500, `gone only after ${ms.toFixed(0)} ms`);
      return `gone after ${ms.toFixed(0)} ms`;
    });
  }
}

async function logging() {
  const entries = () => readFileSync(env.ENDPOINT_LOG, 'utf8').trim().split('\n');

  await check('http: the log has one line per request, in time', async () => {
    const before = entries().length;
    const reply = await batch(['SELECT 1', { query: 'SELECT $1::text', params: ['ü'] }], {
      'Neon-Batch-Read-Only': 'true', 'Neon-Batch-Isolation-Level': 'RepeatableRead',
      'Neon-Raw-Text-Output': 'true',
    });
    // a request that was cancelled before this one may still come in
    const lines = entries().slice(before).map(JSON.parse)
      .filter((entry) => entry.id === reply.headers['neon-request-id']);
    assert.equal(lines.length, 1);
    const [line] = lines;
    assert.deepEqual([line.method, line.path, line.status, line.user, line.dbname,
      line.host, line.read_only, line.isolation, line.pool, line.raw_text,
      line.array_mode, line.cancelled, line.bytes_out, line.body.queries[1].params],
    ['POST', '/sql', 200, env.REMOTE_PGUSER, env.REMOTE_PGDATABASE,
      'ep-test-123.local.neon.test', true, 'RepeatableRead', true, true, false, false,
      Buffer.byteLength(reply.text), ['ü']]);
  });
  await check('http: the log numbers connections', async () => {
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    const other = new https.Agent({ keepAlive: true, maxSockets: 1 });
    const ids = [];
    for (const a of [agent, agent, other])
      ids.push((await query('SELECT 1', [], { agent: a })).headers['neon-request-id']);
    agent.destroy();
    other.destroy();
    const conns = ids.map((id) =>
      entries().map(JSON.parse).find((line) => line.id === id).conn);
    assert.equal(conns[0], conns[1]);
    assert.notEqual(conns[0], conns[2]);
  });
  await check('http: cancelled requests are in the log', async () => {
    const cancelled = () => entries().map(JSON.parse).filter((line) => line.cancelled).length;
    for (let i = 0; i < 3000 && cancelled() < 3; i++) await sleep(20);
    assert.ok(cancelled() >= 3);
  });
  await check('http: no credential is in the log', async () => {
    const text = readFileSync(env.ENDPOINT_LOG, 'utf8');
    assert.ok(!text.includes(env.REMOTE_PGPASSWORD));
    assert.ok(!text.includes(encodeURIComponent(env.REMOTE_PGPASSWORD)));
  });
}

export async function httpChecks() {
  await conversions();
  await parameters();
  await batches();
  await badRequests();
  await connecting();
  await pooling();
  await cancelling();
  await logging();
}
