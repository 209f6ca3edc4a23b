// Logins by token: the official driver with a key of ours, and what the hosted
// endpoint answers to a request that has the wrong credentials for its host.

import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { neon, neonConfig, NeonDbError } from '@neondatabase/serverless';
import { assert, assertError, check, connectionString, env, query, rows,
  withEndpoint } from './check.mjs';

// The driver's own rule for the host: this module is the first to be loaded.
const driverEndpoint = neonConfig.fetchEndpoint;

const host = 'ep-test-123.local.neon.test';
const without = `postgresql://${env.REMOTE_PGUSER}@${host}/${env.REMOTE_PGDATABASE}`;
const keys = {
  RS256: crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }),
};

function token(alg, claims = {}, header = {}) {
  const text = [
    { alg, kid: alg, ...header },
    { sub: 'anna', exp: Math.floor(Date.now() / 1000) + 36000, ...claims },
  ].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const signature = crypto.sign('sha256', text,
    { key: keys[alg].privateKey, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

// What the driver asks for, sent to an endpoint here with the same host name.
function fetchFrom(endpoint, seen) {
  return async (url, { headers, body }) => {
    const { host: name } = new URL(url);
    seen.push(String(url));
    const { query: sql, ...rest } = JSON.parse(body);
    const reply = await query(sql, rest.params,
      { url: endpoint, headers: { ...headers, Host: name } });
    return new Response(reply.text, { status: reply.status });
  };
}

async function driver(url) {
  const seen = [];
  const replaced = neonConfig.fetchEndpoint;
  neonConfig.fetchEndpoint = driverEndpoint;
  neonConfig.fetchFunction = fetchFrom(url, seen);
  try {
    for (const alg of Object.keys(keys)) {
      await check(`jwt: driver: ${alg}`, async () => {
        const sql = neon(without, { authToken: () => token(alg) });
        const [row] = await sql`SELECT session_user AS u,
          current_setting('request.jwt.claims')::json ->> 'sub' AS sub`;
        assert.deepEqual(row, { u: env.REMOTE_PGUSER, sub: 'anna' });
        assert.equal(seen.at(-1), 'https://apiauth.local.neon.test/sql');
      });
    }
    await check('jwt: driver: a password goes to the other host', async () => {
      assert.deepEqual(await neon(connectionString())`SELECT 1 AS a`, [{ a: 1 }]);
      assert.equal(seen.at(-1), 'https://api.local.neon.test/sql');
    });
    await check('jwt: driver: an expired token', async () => {
      const sql = neon(without, { authToken: token('ES256', { exp: 1 }) });
      await assert.rejects(sql`SELECT 1`, (error) => error instanceof NeonDbError &&
        error.code === '' && error.message === 'JWT token has expired');
    });
  } finally {
    neonConfig.fetchEndpoint = replaced;
    neonConfig.fetchFunction = undefined;
  }
}

async function plain(url, log) {
  const apiauth = { Host: 'apiauth.local.neon.test' };
  const send = (headers, sql = 'SELECT 1 AS a') => query(sql, [], { url,
    headers: { ...apiauth, 'Neon-Connection-String': without, ...headers } });
  const bearer = (value) => ({ Authorization: `Bearer ${value}` });
  const wanted = 'missing authentication credentials: required authorization bearer token in JWT format';
  const wrong = [
    ['no token', {}, wanted],
    ['a password instead', { 'Neon-Connection-String': connectionString() }, wanted],
    ['another scheme', { Authorization: `bearer ${token('RS256')}` }, wanted],
    ['no user', { ...bearer('x'), 'Neon-Connection-String': `postgresql://${host}/db` }, 'missing username'],
    ['a token on a password host', { ...bearer(token('RS256')), Host: 'api.local.neon.test' },
      'missing authentication credentials: required password'],
    ['no JWT', bearer('x'), 'Provided authentication token is not a valid JWT encoding'],
    ['no kid', bearer(token('RS256', {}, { kid: undefined })), 'missing key id'],
    ['unknown kid', bearer(token('RS256', {}, { kid: 'x' })), 'jwk not found'],
    ['algorithm of the other key', bearer(token('RS256', {}, { kid: 'ES256' })),
      'signature algorithm not supported'],
    ['no signature', bearer(`${token('RS256').replace(/[^.]*$/, '')}`), /^signature error: /],
    ['not yet valid', bearer(token('RS256', { nbf: Math.floor(Date.now() / 1000) + 36000 })),
      'JWT token is not yet ready to use'],
    ['a role that does not exist', { ...bearer(token('RS256')),
      'Neon-Connection-String': `postgresql://nobody@${host}/${env.REMOTE_PGDATABASE}` },
    "password authentication failed for user 'nobody'"],
  ];
  for (const [name, headers, message] of wrong) {
    await check(`jwt: ${name}`, async () => {
      assertError(await send(headers), 400, { code: '', severity: '', message });
    });
  }
  await check('jwt: a password beside the token does not matter', async () => {
    const reply = await send({ ...bearer(token('RS256')),
      'Neon-Connection-String': connectionString({ password: 'nonsense' }) });
    assert.equal(reply.status, 200, reply.text);
  });
  await check('jwt: what a token says ends with its request', async () => {
    const sql = `SELECT current_setting('request.jwt.claims', true) AS claims,
      pg_backend_pid() AS pid`;
    const one = (await send(bearer(token('ES256', { sub: 'bert' })), sql)).json.rows[0];
    const two = (await send(bearer(token('ES256')), sql)).json.rows[0];
    assert.equal(one.pid, two.pid, 'the connection was not pooled');
    assert.deepEqual([one, two].map((row) => JSON.parse(row.claims).sub), ['bert', 'anna']);
    const [three] = await rows(sql, [], { url });
    assert.notEqual(three.pid, two.pid, 'pooled together with a password');
    assert.ok(!three.claims);
  });
  await check('jwt: the log says who it was, and has no token', async () => {
    const lines = log();
    assert.ok(lines.some((line) => line.subject === 'bert' && line.by_token));
    assert.ok(!JSON.stringify(lines).includes('eyJ'));
  });
}

export async function jwtChecks() {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'neon_conformance.'));
  const file = (name, content) => {
    fs.writeFileSync(path.join(dir, name), content);
    return path.join(dir, name);
  };
  const set = Object.entries(keys).map(([kid, { publicKey }]) =>
    ({ kid, ...publicKey.export({ format: 'jwk' }) }));
  try {
    await withEndpoint(['--jwks', file('jwks', JSON.stringify({ keys: set })),
      '--jwt-password-file', file('password', env.REMOTE_PGPASSWORD)], async ({ url, log }) => {
      await driver(url);
      await plain(url, log);
    });
  } finally {
    fs.rmSync(dir, { recursive: true });
  }
}
