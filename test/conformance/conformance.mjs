// Is the local endpoint faithful?  Run by test/conformance/run.

import { jwtChecks } from './jwt.mjs';   // first: see there
import { finish } from './check.mjs';
import { driverChecks } from './driver.mjs';
import { httpChecks } from './http.mjs';
import { optionChecks } from './options.mjs';

await driverChecks();
await httpChecks();
await optionChecks();
await jwtChecks();
finish();
process.exit();
