// What node-postgres sends; see ../drivers_check.py.
import { createRequire } from 'node:module';
import readline from 'node:readline';

const require = createRequire(new URL('../node/package.json', import.meta.url));
const pg = require('pg');
const client = new pg.Client({ options: process.env.PGOPTIONS });
await client.connect();
// it prepares what has a name
const named = process.argv[2] === 'named';
const names = new Map();

function statement(text, values) {
  if (!named) return { text, values };
  if (!names.has(text)) names.set(text, `s${names.size}`);
  return { name: names.get(text), text, values };
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const [, sql, ...values] = line.split('\t');
  try {
    await client.query(statement(sql, values));
    console.log('ok');
  } catch (error) {
    console.log(`error: ${error.message}`);
  }
}
await client.end();
