/** `npm run bench`: every number that this project promises, measured. `-- --json` prints them as one array. */
import { parseArgs } from 'node:util';
import { measureCalls } from './calls.js';
import { measureCheckpoints } from './checkpoints.js';
import { measureContextOnHost } from './context.js';
import { measureFirmware } from './firmware.js';
import { measureHost } from './host.js';
import { measureRecovery } from './recovery.js';
import { measureRecord, measureRecordOnHost } from './record.js';
import { printTable } from './report.js';
import { measureThroughput } from './throughput.js';
import { measureUno } from './uno.js';

const USAGE = `Usage: npm run bench -- [--json]

Measures round trips, cycles, recovery and host time; everything but host- and wall ratios is deterministic.

  --json   print an array of {name, value, unit, target, ok}
  --help   print this

Exits with 1 when a target is missed.`;

const { values } = parseArgs({ options: { json: { type: 'boolean' }, help: { type: 'boolean' } } });
if (values.help) {
  console.log(USAGE);
} else {
  // Host time first, before the emulators have filled the heap.
  const rows = [
    ...(await measureHost()),
    ...(await measureRecordOnHost()),
    ...(await measureThroughput()),
    ...(await measureCalls()),
    ...(await measureRecord()),
    ...(await measureCheckpoints()),
    ...(await measureRecovery()),
    ...(await measureFirmware()),
    ...(await measureUno()),
    ...(await measureContextOnHost()),
  ];
  if (values.json) console.log(JSON.stringify(rows, undefined, 2));
  else printTable(rows);
  process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1;
}
