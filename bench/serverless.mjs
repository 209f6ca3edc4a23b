// Runs statements by @neondatabase/serverless: a JSON object per line in,
// {statements: [[SQL, parameters], ...], transaction}, one per line out, {rows}
// or {error}.
import { createRequire } from 'node:module';
import readline from 'node:readline';

// installed there for the tests of the endpoint
const require = createRequire(
  new URL('../test/conformance/package.json', import.meta.url));
const { neon, neonConfig } = require('@neondatabase/serverless');

neonConfig.fetchEndpoint = () => process.env.ENDPOINT_URL;
const sql = neon(process.env.SERVERLESS_URL);

async function run({ statements, transaction }) {
  const queries = statements.map(([text, parameters]) =>
    sql.query(text, parameters));
  const results = transaction ? await sql.transaction(queries)
    : await Promise.all(queries);
  return { rows: results.at(-1)?.length ?? 0 };
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const answer = await run(JSON.parse(line)).catch(
    (error) => ({ error: error.message }));
  console.log(JSON.stringify(answer));
}
