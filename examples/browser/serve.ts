/** `npm run example:browser`: builds the page and serves it to this machine. */
import { parseArgs } from 'node:util';
import { buildPage } from './build.js';
import { serve } from './server.js';

const USAGE = `Usage: npm run example:browser -- [--port 8080]

Serves a page in which drivers fail and leave nothing behind, on a board on USB or on an emulated one. Ctrl-C ends it.

  --port N   where to listen on this machine; 0 takes a free one
  --help     print this`;

const { values } = parseArgs({ options: { port: { type: 'string', default: '8080' }, help: { type: 'boolean' } } });
const port = Number(values.port);
if (values.help) {
  console.log(USAGE);
} else if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error(`--port takes a number from 0 to 65535, not ${values.port}.\n\n${USAGE}`);
  process.exitCode = 2;
} else {
  try {
    const { url } = await serve(await buildPage(), port);
    console.log(`The page is at ${url} (Ctrl-C ends it)`);
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    if (!isTaken) throw error;
    console.error(`Port ${port} is taken: say --port 0, or another.`);
    process.exitCode = 1;
  }
}
