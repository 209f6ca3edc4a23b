// Counts and prints checks, and holds what all of them need: the stack's
// variables, requests without the driver, and endpoints of their own.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export { assert };
export const env = process.env;

let passed = 0;
let failed = 0;
let version = '1.1';

// Which version of HTTP send() speaks to https URLs: '1.1' or '2'.
export async function overHttp(which, body) {
  const before = version;
  version = which;
  try {
    await body();
  } finally {
    version = before;
  }
}

const label = (name) => version === '1.1' ? name : `HTTP/2: ${name}`;

export async function check(name, body) {
  try {
    const note = await body();
    passed++;
    console.log(`ok - ${label(name)}${note ? ` (${note})` : ''}`);
  } catch (error) {
    failed++;
    console.log(`not ok - ${label(name)}`);
    console.log(String(error?.message ?? error).replace(/^/gm, '    '));
  }
}

export function finish() {
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed ? 1 : 0;
}

export function connectionString(parts = {}) {
  const p = {
    user: env.REMOTE_PGUSER,
    password: env.REMOTE_PGPASSWORD,
    host: 'ep-test-123.local.neon.test',
    dbname: env.REMOTE_PGDATABASE,
    query: '',
    ...parts,
  };
  const e = encodeURIComponent;
  return `postgresql://${e(p.user)}:${e(p.password)}@${p.host}/${e(p.dbname)}${p.query}`;
}

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

const agents = {
  'http:': new http.Agent({ keepAlive: true }),
  'https:': new https.Agent({ keepAlive: true }),
};

// A session of HTTP/2 for each server, and for each agent that asks for one
// of its own.
const sessions = new Map();

function http2Session(origin, agent) {
  const key = agent ?? origin;
  let session = sessions.get(key);
  if (!session || session.closed || session.destroyed) {
    session = http2.connect(origin);
    session.on('error', () => {});
    session.unref();
    sessions.set(key, session);
  }
  return session;
}

// Like http.request(), as far as it is needed here.
function http2Request(target, { method, headers, agent }, onReply) {
  const stream = http2Session(target.origin, agent).request({
    ':method': method, ':path': target.pathname, ...headers,
  }, { endStream: false });
  stream.on('response', (reply) => {
    stream.statusCode = reply[':status'];
    stream.headers = reply;
    onReply(stream);
  });
  stream.abort = () => stream.close(http2.constants.NGHTTP2_CANCEL);
  return stream;
}

// What it does to take a request back.
export const abort = (request) => request.abort ? request.abort() : request.destroy();

// One request.  Headers with the value null are left out.  Resolves to
// {status, headers, text, json}; rejects when the connection breaks.
export function send(body, { headers = {}, url = env.ENDPOINT_URL,
  method = 'POST', agent, started } = {}) {
  const target = new URL(url);
  const all = {
    'Neon-Connection-String': connectionString(),
    'Neon-Pool-Opt-In': 'true',
    ...headers,
  };
  for (const name of Object.keys(all)) if (all[name] === null) delete all[name];
  const payload = typeof body === 'string' || Buffer.isBuffer(body)
    ? body : body === undefined ? '' : JSON.stringify(body);
  const options = {
    method, headers: { ...all, 'Content-Length': Buffer.byteLength(payload) },
    agent: agent ?? agents[target.protocol],
  };
  return new Promise((resolve, reject) => {
    const take = (reply) => {
      const chunks = [];
      reply.on('data', (chunk) => chunks.push(chunk));
      reply.on('error', reject);
      reply.on('aborted', () => reject(new Error('aborted')));
      reply.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        let json;
        try { json = JSON.parse(text); } catch { /* not JSON */ }
        resolve({ status: reply.statusCode, headers: reply.headers, text, json });
      });
    };
    const request = target.protocol === 'http:' ? http.request(target, options, take)
      : version === '1.1' ? https.request(target, options, take)
        : http2Request(target, { ...options, agent }, take);
    request.on('error', reject);
    request.on('close', () => reject(new Error('closed without a reply')));
    started?.(request);
    request.end(payload);
  });
}

export const query = (sql, params = [], options = {}) =>
  send({ query: sql, params }, options);

export const batch = (statements, headers = {}, options = {}) =>
  send({ queries: statements.map((s) => typeof s === 'string' ? { query: s } : s) },
    { ...options, headers });

// The rows of a statement that must succeed.
export async function rows(sql, params = [], options = {}) {
  const reply = await query(sql, params, options);
  assert.equal(reply.status, 200, reply.text);
  return reply.json.rows;
}

export const errorKeys = ['message', 'code', 'detail', 'hint', 'position',
  'internalPosition', 'internalQuery', 'severity', 'where', 'table', 'column',
  'schema', 'dataType', 'constraint', 'file', 'line', 'routine'];

// An error reply; fields not named in expected are not looked at.
export function assertError(reply, status, expected) {
  assert.equal(reply.status, status, reply.text);
  assert.deepEqual(Object.keys(reply.json).sort(), [...errorKeys].sort());
  for (const [key, value] of Object.entries(expected)) {
    if (value instanceof RegExp) assert.match(reply.json[key], value);
    else assert.equal(reply.json[key], value, key);
  }
  assertRequestId(reply);
}

export function assertRequestId(reply) {
  assert.match(reply.headers['neon-request-id'] ?? '(none)',
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
}

// Options of an endpoint with the stack's certificate: it can speak HTTP/2.
export const tls = ['--cert', path.join(env.STACK_DIR, 'server.pem'),
  '--key', path.join(env.STACK_DIR, 'server.key')];

// Runs body with an endpoint of its own, in plain http if it is not told
// otherwise.
export async function withEndpoint(args, body) {
  const here = path.dirname(fileURLToPath(import.meta.url));
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'neon_conformance.'));
  const portFile = path.join(dir, 'port');
  const log = path.join(dir, 'log');
  const faults = path.join(dir, 'faults');
  const messages = path.join(dir, 'messages');
  const messagesFd = fs.openSync(messages, 'w');
  const child = spawn(path.join(here, '../endpoint/neon_endpoint'), [
    '--port-file', portFile, '--log', log, '--faults', faults,
    '--pg-host', env.REMOTE_PGHOST, '--pg-port', env.REMOTE_PGPORT, ...args,
  ], { stdio: ['ignore', 'ignore', messagesFd] });
  fs.closeSync(messagesFd);
  const ended = new Promise((done) => child.once('exit', done));
  try {
    for (let i = 0; !fs.existsSync(portFile); i++) {
      if (i > 3000 || child.exitCode !== null)
        throw new Error(`no endpoint: ${fs.readFileSync(messages, 'utf8')}`);
      await sleep(20);
    }
    const port = fs.readFileSync(portFile, 'utf8').trim();
    return await body({
      url: args.includes('--cert') ? `https://localhost:${port}/sql`
        : `http://127.0.0.1:${port}/sql`,
      log: () => fs.readFileSync(log, 'utf8').trim().split('\n').map(JSON.parse),
      fault: (fault) => {
        // renamed into place, so that it is never seen half written
        fs.writeFileSync(`${faults}.new`, JSON.stringify(fault));
        fs.renameSync(`${faults}.new`, faults);
      },
    });
  } finally {
    child.kill();
    await ended;
    fs.rmSync(dir, { recursive: true });
  }
}
