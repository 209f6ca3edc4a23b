// What the hosted endpoint is strict about, as it was seen there: limits,
// refusals, what a lost connection ends and what not, wrong JSON.

import net from 'node:net';
import https from 'node:https';
import tlsModule from 'node:tls';
import { abort, assert, assertError, batch, check, connectionString, env, query,
  rows, send, sleep, tls, withEndpoint } from './check.mjs';

async function until(condition, what) {
  for (let i = 0; !await condition(); i++) {
    assert.ok(i < 3000, what);
    await sleep(10);
  }
}

async function parameters() {
  const values = (n) => Array.from({ length: n }, () => '1');
  const sql = (n) => `SELECT ${values(n).map((_, i) => `$${i + 1}`).join('||')} AS v`;
  const tooMany = {
    code: '', message: 'error serializing parameter 0: value too large to transmit',
  };
  await check('strict: 32767 parameters', async () => {
    const list = values(32767).map((_, i) => `($${i + 1}::int)`).join(',');
    const [{ n }] = await rows(`SELECT count(*)::int AS n FROM (VALUES ${list}) x`,
      values(32767));
    assert.equal(n, 32767);
  });
  for (const n of [32768, 40000, 70000]) {
    await check(`strict: ${n} parameters`, async () => {
      assertError(await query(sql(n), values(n)), 400, tooMany);
    });
  }
  await check('strict: too many parameters: nothing ran', async () => {
    await query('CREATE TABLE strict_many (a int)');
    try {
      const list = values(32768).map((_, i) => `($${i + 1}::int)`).join(',');
      const insert = { query: `INSERT INTO strict_many VALUES ${list}`, params: values(32768) };
      assertError(await send(insert), 400, tooMany);
      assertError(await batch(['INSERT INTO strict_many VALUES (1)', insert]), 400, tooMany);
      assert.deepEqual(await rows('SELECT * FROM strict_many'), []);
    } finally {
      await query('DROP TABLE strict_many');
    }
  });
  await check('strict: 1664 columns, 1000 statements', async () => {
    const [row] = await rows(`SELECT ${values(1664).join(',')}`, [],
      { headers: { 'Neon-Array-Mode': 'true' } });
    assert.equal(row.length, 1664);
    const reply = await batch(Array.from({ length: 1000 }, () => 'SELECT 1'));
    assert.equal(reply.json.results.length, 1000);
  });
  for (const sql of ['', ';', '-- nothing', '/* nothing */']) {
    await check(`strict: empty statement: ${sql}`, async () => {
      const { status, json } = await query(sql);
      assert.deepEqual([status, json.command, json.rowCount], [200, '', null]);
    });
  }
}

// A commit that takes a while: the trigger's sleep.
async function commits() {
  await query('CREATE TABLE strict_commit (a float8)');
  await query(`CREATE FUNCTION strict_wait() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_sleep(NEW.a); RETURN NULL; END'`);
  await query(`CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON strict_commit DEFERRABLE
    INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION strict_wait()`);
  const active = async (text) => (await rows(`SELECT count(*)::int AS n FROM pg_stat_activity
    WHERE state = 'active' AND query LIKE $1 AND pid <> pg_backend_pid()`, [text]))[0].n > 0;
  const left = async () => (await rows('SELECT a FROM strict_commit')).map((row) => row.a);
  const begin = (statements) => {
    let request;
    const agent = new https.Agent({ keepAlive: false });
    batch(statements, {}, { agent, started: (r) => { request = r; } }).catch(() => {});
    return request;
  };
  await check('strict: a disconnect does not cancel a COMMIT', async () => {
    const request = begin(['INSERT INTO strict_commit VALUES (4.5)']);
    await until(() => active('COMMIT'), 'no COMMIT');
    abort(request);
    await sleep(300);
    assert.ok(await active('COMMIT'));
    await until(async () => !await active('COMMIT'), 'no end of the COMMIT');
    assert.deepEqual(await left(), [4.5]);
  });
  await check('strict: a disconnect cancels a statement in front of the COMMIT', async () => {
    const request = begin(['INSERT INTO strict_commit VALUES (0)',
      'SELECT pg_sleep(20) /* strict */']);
    await until(() => active('%pg_sleep(20) /* strict%'), 'no statement');
    const start = performance.now();
    abort(request);
    await until(async () => !await active('%pg_sleep(20) /* strict%'), 'not cancelled');
    assert.ok(performance.now() - start < 15000);
    assert.deepEqual(await left(), [4.5]);
  });
  await query('DROP TABLE strict_commit');
  await query('DROP FUNCTION strict_wait');
}

async function notifications() {
  await check('strict: LISTEN and NOTIFY in a batch: committed, yet closed', async () => {
    await query('CREATE TABLE strict_notify (a int)');
    try {
      assertError(await batch(['LISTEN strict', 'INSERT INTO strict_notify VALUES (1)',
        'NOTIFY strict']), 400, { code: '', message: 'connection closed' });
      assert.equal((await rows('SELECT * FROM strict_notify')).length, 1);
    } finally {
      await query('DROP TABLE strict_notify');
    }
  });
  await check('strict: LISTEN, or NOTIFY, alone', async () => {
    assert.equal((await query('LISTEN strict')).status, 200);
    assert.equal((await query('NOTIFY strict')).status, 200);
    assert.equal((await batch(['LISTEN strict', 'NOTIFY another'])).status, 200);
  });
}

async function wrongJson() {
  const bodies = [
    ['', 'EOF while parsing a value at line 1 column 0'],
    ['{', 'EOF while parsing an object at line 1 column 1'],
    ['{"query":"SELECT 1"', 'EOF while parsing an object at line 1 column 19'],
    ['{"query":"SELECT 1', 'EOF while parsing a string at line 1 column 18'],
    ['{"query":"SELECT 1",}', 'trailing comma at line 1 column 21'],
    ['{"query":"SELECT 1"} x', 'trailing characters at line 1 column 22'],
    ['{\n "query" "SELECT 1"}', 'expected `:` at line 2 column 10'],
    ['{"query":"a","params":[1 2]}', 'expected `,` or `]` at line 1 column 26'],
    ['{"query":"a","params":[1,]}', 'trailing comma at line 1 column 26'],
    ['{"query":"a" "b":1}', 'expected `,` or `}` at line 1 column 14'],
    ["{'query':1}", 'key must be a string at line 1 column 2'],
    ['{"query":"a\nb"}', /^control character .* found while parsing a string at line 2 column 0$/],
    ['{"query":"\\x"}', 'invalid escape at line 1 column 12'],
    ['{"query":nul}', 'expected ident at line 1 column 13'],
    ['{"query":"a","params":[NaN]}', 'expected value at line 1 column 24'],
    ['{"query":"a","params":[01]}', 'invalid number at line 1 column 25'],
    ['{"query":"a","params":[1e999]}', /^number out of range at line 1 column /],
    ['{"query":"a","params":' + '['.repeat(200), /^recursion limit exceeded at line 1 column /],
    // surrogates on their own
    ['{"query":"\\ud800"}', 'unexpected end of hex escape at line 1 column 17'],
    ['{"query":"\\udc00"}', 'lone leading surrogate in hex escape at line 1 column 16'],
    ['{"query":"\\ud800\\ud800"}', 'lone leading surrogate in hex escape at line 1 column 22'],
    ['{"query":"\\ud800\\n"}', 'unexpected end of hex escape at line 1 column 18'],
    // no UTF-8
    [Buffer.from('{"query":"\xff"}', 'latin1'), 'invalid unicode code point at line 1 column 12'],
    [Buffer.from('{"query":"\xc3"}', 'latin1'), 'invalid unicode code point at line 1 column 12'],
    [Buffer.from('{"query":"\xed\xa0\x80"}', 'latin1'),
      'invalid unicode code point at line 1 column 14'],
  ];
  for (const [body, problem] of bodies) {
    await check(`strict: body: ${JSON.stringify(body.toString()).slice(0, 60)}`, async () => {
      const reply = await send(body);
      assertError(reply, 400, { code: '', message: /^could not parse the HTTP request body: / });
      const text = reply.json.message.replace(/^[^:]*: /, '');
      if (problem instanceof RegExp) assert.match(text, problem);
      else assert.equal(text, problem);
    });
  }
  await check('strict: JSON that is right', async () => {
    const [row] = await rows('SELECT $1::text AS a, $2::text AS b, $3::text AS c',
      ['\u{1f680}\u007f', -1.5e3, { 'ü': [true, null] }]);
    assert.equal(row.a, '\u{1f680}\u007f');
    assert.equal(row.c, '{"ü":[true,null]}');
    assert.equal((await send('{"query":"SELECT \'\\ud83d\\ude80\'"}')).json.rows[0]['?column?'],
      '\u{1f680}');
  });
}

// What stands in front of a request's body is enough to refuse it.
async function unread(version) {
  await withEndpoint([...tls, '--max-request', '100000'], async ({ url, log }) => {
    const large = ' '.repeat(3000000);   // more than a window
    await check('strict: a request over the limit is not read', async () => {
      const reply = await send(large, { url }).catch((error) => error);
      if (version === '1.1' && reply instanceof Error)
        assert.match(reply.code, /^(EPIPE|ECONNRESET)$/);
      else
        assertError(reply, 413, { code: '', message: 'request is too large (max is 100000 bytes)' });
      const last = log().at(-1);
      assert.deepEqual([last.status, last.bytes_in, last.http], [413, 0, version]);
    });
    await check('strict: nor is one to a wrong path', async () => {
      const reply = await send(large, { url: new URL('/wrong', url) }).catch((error) => error);
      if (!(reply instanceof Error))
        assert.deepEqual([reply.status, reply.json], [400, 'query is not supported']);
      assert.deepEqual([log().at(-1).status, log().at(-1).bytes_in], [400, 0]);
    });
    await check('strict: a request of exactly the limit', async () => {
      const body = JSON.stringify({ query: 'SELECT 1 AS a' }).padEnd(100000);
      assert.deepEqual((await send(body, { url })).json.rows, [{ a: 1 }]);
      const reply = await send(`${body} `, { url });
      assertError(reply, 413, {});
    });
    await check('strict: the connection goes on after what was not read', async () => {
      assert.deepEqual((await query('SELECT 1 AS a', [], { url })).json.rows, [{ a: 1 }]);
    });
    await check('strict: half a request does nothing', async () => {
      await query('CREATE TABLE strict_half (a int)');
      try {
        const body = JSON.stringify({ query: 'INSERT INTO strict_half VALUES (1)' });
        const before = log().length;
        // all but white space at its end
        await send(body, {
          url,
          agent: new https.Agent({ keepAlive: false }),
          headers: { 'Content-Length': body.length + 10 },
          started: (request) => {
            request.setHeader?.('Content-Length', body.length + 10);
            request.write(body);
            request.end = () => {};
            setTimeout(() => abort(request), 200);
          },
        }).catch(() => {});
        await sleep(200);
        assert.deepEqual(await rows('SELECT * FROM strict_half'), []);
        assert.equal(log().length, before);
      } finally {
        await query('DROP TABLE strict_half');
      }
    });
  });
}

async function encodings() {
  await query("CREATE ROLE strict_latin LOGIN PASSWORD 'p'");
  await query("ALTER ROLE strict_latin SET client_encoding = 'LATIN1'");
  await query('CREATE TABLE strict_text (a text)');
  await query('GRANT ALL ON strict_text TO strict_latin');
  await withEndpoint(tls, async ({ url }) => {
    const headers = {
      'Neon-Connection-String': connectionString({ user: 'strict_latin', password: 'p' }),
    };
    const utf8 = "SELECT set_config('client_encoding', 'UTF8', true)";
    const insert = { query: 'INSERT INTO strict_text VALUES ($1)', params: ['ö'] };
    await check('strict: client_encoding of a role: what is written', async () => {
      assert.equal((await send(insert, { headers, url })).status, 200);
      assert.deepEqual(await rows('SELECT a FROM strict_text'), [{ a: 'Ã¶' }]);
      await query('TRUNCATE strict_text');
      assert.equal((await batch([utf8, insert], headers, { url })).status, 200);
      assert.deepEqual(await rows('SELECT a FROM strict_text'), [{ a: 'ö' }]);
    });
    await check('strict: client_encoding of a role: what is read', async () => {
      for (const raw of ['true', null]) {
        const all = { ...headers, 'Neon-Raw-Text-Output': raw };
        assertError(await query('SELECT a FROM strict_text', [], { headers: all, url }), 500,
          { code: '', message: 'could not parse postgres response' });
        const reply = await batch([utf8, 'SELECT a FROM strict_text'], all, { url });
        assert.deepEqual(reply.json.results[1].rows, [{ a: 'ö' }]);
      }
    });
  });
  await query('DROP TABLE strict_text');
  await query('DROP ROLE strict_latin');
}

const refusals = {
  rate: [500, 'Too many connections to this endpoint. Please try again later.'],
  attempts: [500, 'Too many connections attempts'],
  permit: [500, 'Failed to acquire permit to connect to the database. '
    + 'Too many database connection attempts are currently ongoing.'],
  compute: [500, "Couldn't connect to compute node"],
  control: [500, 'Control plane request failed'],
  ip: [400, 'This IP address 127.0.0.1 is not allowed to connect to this endpoint. '
    + 'Please add it to the allowed list in the Neon console. '
    + 'Make sure to check for IPv4 or IPv6 addresses.'],
  vpc: [400, 'This VPC endpoint id vpce-0123456789 is not allowed to connect to this '
    + 'endpoint. Please add it to the allowed list in the Neon console.'],
  network: [400, 'This connection is trying to access this endpoint from a blocked network.'],
};

async function refused() {
  await query('CREATE TABLE strict_refused (a int)');
  const insert = (url) => query('INSERT INTO strict_refused VALUES (1)', [], { url });
  const count = async () => (await rows('SELECT * FROM strict_refused')).length;
  await withEndpoint(tls, async ({ url, fault, log }) => {
    for (const [name, [status, message]] of Object.entries(refusals)) {
      await check(`strict: refused by a fault: ${name}`, async () => {
        const before = await count();
        fault({ count: 1, refuse: name });
        assertError(await insert(url), status, { code: '', severity: '', message });
        assert.equal(log().at(-1).fault, 'refuse');
        assert.equal(await count(), before);
        assert.equal((await insert(url)).status, 200);
      });
    }
  });
  await withEndpoint([...tls, '--refuse', 'ip'], async ({ url }) => {
    await check('strict: refused by an option', async () => {
      const before = await count();
      for (let i = 0; i < 2; i++)
        assertError(await insert(url), 400, { code: '', message: refusals.ip[1] });
      assert.equal(await count(), before);
    });
  });
  await withEndpoint([...tls, '--rate-limit', '5@1,4@3'], async ({ url }) => {
    const at = (host) => query('SELECT 1', [], {
      url, headers: { 'Neon-Connection-String': connectionString({ host }) },
    });
    // again, with another endpoint, if a busy machine has taken longer than that
    const within = async (limit, ask) => {
      for (let i = 0; ; i++) {
        const start = performance.now();
        const result = await ask(`-${i}`);
        if (performance.now() - start < limit || i === 30) return result;
      }
    };
    await check('strict: the rate limit of an endpoint', async () => {
      let host;
      const burst = await within(950, async (number) => {
        const replies = [];
        host = `ep-one${number}.neon.test`;
        for (let i = 0; i < 7; i++) replies.push(await at(host));
        return replies;
      });
      assert.deepEqual(burst.map((r) => r.status), [200, 200, 200, 200, 200, 500, 500]);
      assertError(burst[6], 500, { code: '', message: refusals.rate[1] });
      assert.equal((await at('ep-two.neon.test')).status, 200);
      await sleep(1100);
      assert.equal((await at(host)).status, 200);
    });
    await check('strict: the rate limit of a longer time', async () => {
      const taken = await within(2950, async (number) => {
        let n = 0;
        for (let i = 0; i < 4; i++) {
          for (let k = 0; k < 5; k++)
            n += (await at(`ep-long${number}.neon.test`)).status === 200 ? 1 : 0;
          if (i < 2) await sleep(1000);
        }
        return n;
      });
      assert.equal(taken, 12);
    });
  });
  await query('DROP TABLE strict_refused');
}

// How many statements killed() has sent: each is known by its number, for the
// remote goes on with those before it after their connections have broken.
let sent = 0;

// A server whose connections break: the endpoint reaches it through a relay.
async function killed() {
  await check('strict: the backend is gone in mid query', async () => {
    const sockets = [];
    const relay = net.createServer((near) => {
      const far = net.connect(env.REMOTE_PGPORT, env.REMOTE_PGHOST);
      near.pipe(far).pipe(near);
      for (const socket of [near, far]) socket.on('error', () => {});
      sockets.push(near);
    });
    await new Promise((done) => relay.listen(0, '127.0.0.1', done));
    try {
      await withEndpoint([...tls, '--pg-port', String(relay.address().port)], async ({ url }) => {
        for (const body of [(sleeping) => ({ query: sleeping }),
          (sleeping) => ({ queries: [{ query: 'SELECT 1' }, { query: sleeping }] })]) {
          const mark = `/* gone ${++sent} */`;
          until(async () => (await rows(`SELECT count(*)::int AS n FROM pg_stat_activity
            WHERE state = 'active' AND query LIKE $1 AND pid <> pg_backend_pid()`,
          [`%${mark}%`]))[0].n > 0, 'no statement')
            .then(() => sockets.splice(0).forEach((socket) => socket.destroy()), () => {});
          assertError(await send(body(`SELECT pg_sleep(25) ${mark}`), { url }), 400,
            { code: '', severity: '', message: 'connection closed' });
        }
      });
    } finally {
      relay.close();
    }
  });
}

async function broken(version) {
  await withEndpoint(tls, async ({ url, fault, log }) => {
    const one = () => query('SELECT 1 AS a', [], { url });
    await check('strict: a fault closes the connection', async () => {
      for (const drop of ['before', 'after']) {
        fault({ drop });
        await assert.rejects(one());
        assert.equal((await one()).status, 200);
      }
    });
    await check('strict: a fault cuts the body', async () => {
      fault({ truncate: 50 });
      await assert.rejects(one());
      assert.deepEqual([log().at(-1).bytes_out, log().at(-1).http], [50, version]);
      assert.equal((await one()).status, 200);
    });
    await check('strict: a pause in the body, other requests go on', async () => {
      fault({ delay_body_ms: 4000, after_bytes: 20 });
      const start = performance.now();
      let first;
      const slow = query('SELECT 1 AS a', [], {
        url,
        started: (request) => request.on('response', (head) =>
          (head.once ? head : request).once('data', (chunk) => {
            first = [chunk.length, performance.now() - start];
          })),
      });
      await sleep(100);
      assert.equal((await one()).status, 200);
      assert.ok(performance.now() - start < 3900);
      assert.deepEqual((await slow).json.rows, [{ a: 1 }]);
      assert.equal(first[0], 20);
      assert.ok(first[1] < 3900 && performance.now() - start >= 4000, `${first[1]}`);
    });
    await check('strict: a client that does not read holds nobody up', async () => {
      let paused;
      const large = query("SELECT repeat('x', 9000000) AS v", [], {
        url,
        started: (request) => request.on('response', (head) => {
          paused = head.pause ? head : request;
          setTimeout(() => paused.pause(), 0);
        }),
      });
      await until(() => paused, 'no reply');
      await sleep(100);
      for (let i = 0; i < 5; i++) assert.equal((await one()).status, 200);
      paused.resume();
      assert.equal((await large).json.rows[0].v.length, 9000000);
    });
    await check('strict: 50 requests at once', async () => {
      const replies = await Promise.all(Array.from({ length: 50 }, (_, i) =>
        query('SELECT $1::int AS i, pg_sleep(0.05)', [i], { url })));
      assert.deepEqual(replies.map((r) => r.json.rows[0].i), Array.from(Array(50).keys()));
      if (version === '2')
        assert.equal(new Set(log().slice(-50).map((line) => line.conn)).size, 1);
    });
  });
}

// Which version a client gets that can speak both.
async function versions() {
  const protocol = (url) => new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = tlsModule.connect({ host: hostname, port, servername: hostname,
      ALPNProtocols: ['h2', 'http/1.1'] }, () => {
      resolve(socket.alpnProtocol);
      socket.destroy();
    });
    socket.on('error', reject);
  });
  await check('strict: HTTP/2 by ALPN', async () => {
    await withEndpoint(tls, async ({ url }) => assert.equal(await protocol(url), 'h2'));
  });
  await check('strict: no HTTP/2 on demand', async () => {
    await withEndpoint([...tls, '--http1'],
      async ({ url }) => assert.equal(await protocol(url), 'http/1.1'));
  });
}

export async function strictChecks(version) {
  await parameters();
  await commits();
  await notifications();
  await wrongJson();
  await unread(version);
  await encodings();
  await refused();
  await killed();
  await broken(version);
  if (version === '2') await versions();
}
