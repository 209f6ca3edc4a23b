// Is the local endpoint faithful?  Run by test/conformance/run.

import { jwtChecks } from './jwt.mjs';   // first: see there
import { finish, overHttp } from './check.mjs';
import { driverChecks } from './driver.mjs';
import { httpChecks } from './http.mjs';
import { optionChecks } from './options.mjs';
import { strictChecks } from './strict.mjs';

await driverChecks();
for (const version of ['1.1', '2']) {
  await overHttp(version, async () => {
    await httpChecks();
    await strictChecks(version);
  });
}
await optionChecks();
await jwtChecks();
finish();
process.exit();
