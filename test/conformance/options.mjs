// The endpoint's own options: limits, faults, latency.  These run against
// endpoints of their own, so the stack's options do not matter.

import { assert, assertError, batch, check, query, rows, send, sleep,
  withEndpoint } from './check.mjs';

async function limits() {
  await withEndpoint(['--max-request', '2000', '--max-response', '1000'], async ({ url, log }) => {
    await check('options: request limit', async () => {
      assertError(await query('SELECT $1::text', ['x'.repeat(2000)], { url }), 413,
        { code: '', message: 'request is too large (max is 2000 bytes)' });
      const body = JSON.stringify({ query: 'SELECT 1' });
      assert.equal((await send(body.padEnd(2000), { url })).status, 200);
      assertError(await send(body.padEnd(2001), { url }), 413, {});
    });
    await check('options: a request far over the limit', async () => {
      // the reply is often lost, as the request is not read
      const reply = await send(' '.repeat(20000000), { url }).catch((error) => error);
      if (reply instanceof Error) assert.match(reply.code, /^(EPIPE|ECONNRESET)$/);
      else assertError(reply, 413, {});
      assert.deepEqual([log().at(-1).status, log().at(-1).bytes_in], [413, 0]);
    });
    await check('options: reply limit', async () => {
      const two = "SELECT repeat('x', 1000) FROM generate_series(1, 2)";
      assertError(await query(two, [], { url }), 507,
        { code: '', message: 'response is too large (max is 1000 bytes)' });
      assert.equal((await query("SELECT repeat('x', 500)", [], { url })).status, 200);
    });
    await check('options: the last row may exceed the reply limit', async () => {
      const [{ v }] = await rows("SELECT repeat('x', 20000000) AS v", [], { url });
      assert.equal(v.length, 20000000);
      const reply = await batch(["SELECT repeat('x', 2000)", 'SELECT WHERE false'], {}, { url });
      assert.equal(reply.status, 200);
    });
    await check('options: the reply limit is that of the whole batch', async () => {
      const one = "SELECT repeat('x', 300)";
      assert.equal((await batch([one], {}, { url })).status, 200);
      assertError(await batch([one, one, one, one], {}, { url }), 507, {});
    });
    await check('options: a batch over the limit is rolled back', async () => {
      await query('CREATE TABLE option_limit (a text)');
      try {
        const insert = `INSERT INTO option_limit
          SELECT repeat('x', 1000) FROM generate_series(1, 2) RETURNING a`;
        assertError(await batch([insert], {}, { url }), 507, {});
        assert.deepEqual(await rows('SELECT * FROM option_limit'), []);
        assertError(await query(insert, [], { url }), 507, {});
        assert.equal((await rows('SELECT * FROM option_limit')).length, 2);
      } finally {
        await query('DROP TABLE option_limit');
      }
    });
  });
}

async function faults() {
  await withEndpoint([], async ({ url, fault, log }) => {
    const one = () => query('SELECT 1 AS a', [], { url });

    await check('options: fault: a reply of a balancer', async () => {
      fault({ count: 2, status: 503, body: '<html>', headers: { 'Retry-After': '1' } });
      for (let i = 0; i < 2; i++) {
        const reply = await one();
        assert.deepEqual([reply.status, reply.text, reply.headers['content-type'],
          reply.headers['retry-after']], [503, '<html>', 'text/html', '1']);
      }
      assert.equal((await one()).status, 200);
    });
    await check('options: fault: a reply in JSON', async () => {
      fault({ status: 500, json: { message: 'Control plane request failed', code: '' } });
      const reply = await one();
      assert.deepEqual([reply.status, reply.json],
        [500, { message: 'Control plane request failed', code: '' }]);
      assert.equal((await one()).status, 200);
    });
    await check('options: fault: dropped before or after', async () => {
      await query('CREATE TABLE option_fault (a int)');
      try {
        const insert = () => query('INSERT INTO option_fault VALUES (1)', [], { url });
        const count = async () => (await rows('SELECT * FROM option_fault')).length;
        fault({ drop: 'before' });
        await assert.rejects(insert());
        assert.equal(await count(), 0);
        fault({ drop: 'after' });
        await assert.rejects(insert());
        assert.equal(await count(), 1);
        assert.equal((await insert()).status, 200);
      } finally {
        await query('DROP TABLE option_fault');
      }
    });
    await check('options: fault: truncated body', async () => {
      fault({ truncate: 50 });
      await assert.rejects(one(), /aborted/);
      assert.equal((await one()).status, 200);
    });
    await check('options: fault: pause in the body', async () => {
      fault({ delay_body_ms: 3000, after_bytes: 20 });
      const start = performance.now();
      let first;
      const reply = await query('SELECT 1 AS a', [], {
        url,
        started: (request) => request.on('response', (r) =>
          r.once('data', (chunk) => { first = [chunk.length, performance.now() - start]; })),
      });
      const total = performance.now() - start;
      assert.deepEqual(reply.json.rows, [{ a: 1 }]);
      assert.equal(first[0], 20);
      assert.ok(first[1] < 2900 && total >= 3000, `${first[1]} ${total}`);
    });
    await check('options: faults are in the log', async () => {
      const seen = log().map((line) => line.fault).filter(Boolean);
      assert.deepEqual(seen, ['reply', 'reply', 'reply', 'drop before', 'drop after',
        'truncate', 'delay']);
    });
  });
}

async function others() {
  await withEndpoint(['--latency', '200'], async ({ url }) => {
    await check('options: latency', async () => {
      const start = performance.now();
      await query('SELECT 1', [], { url });
      const ms = performance.now() - start;
      assert.ok(ms >= 200 && ms < 20000, `${ms}`);
    });
  });
  await withEndpoint(['--no-closing-rollback'], async ({ url }) => {
    await check('options: a closing ROLLBACK that is not honoured', async () => {
      const reply = await batch(['CREATE TABLE option_kept (a int)', ' Rollback ; '], {}, { url });
      assert.deepEqual(reply.json.results.map((r) => r.command), ['CREATE', 'ROLLBACK']);
      assert.equal((await query('DROP TABLE option_kept')).status, 200);
    });
  });
  await withEndpoint(['--pool-size', '2'], async ({ url }) => {
    await check('options: 30 requests at once', async () => {
      const replies = await Promise.all(Array.from({ length: 30 }, (_, i) =>
        query('SELECT $1::int AS i, pg_sleep(0.05)', [i], { url })));
      assert.deepEqual(replies.map((r) => r.json.rows[0].i), Array.from(Array(30).keys()));
      let n = Infinity;
      for (let i = 0; i < 3000 && n > 2 + 20 + 1; i++) {
        await sleep(20);
        [{ n }] = await rows(`SELECT count(*)::int AS n FROM pg_stat_activity
          WHERE query LIKE 'RESET ALL%'`);
      }
      assert.ok(n <= 2 + 20 + 1, `${n} idle connections`);
    });
  });
  await withEndpoint(['--pg-port', '1'], async ({ url }) => {
    await check('options: no server behind the endpoint', async () => {
      assertError(await query('SELECT 1', [], { url }), 500,
        { code: '', message: "Couldn't connect to compute node" });
    });
  });
}

export async function optionChecks() {
  await limits();
  await faults();
  await others();
}
