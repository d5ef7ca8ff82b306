import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../../examples/browser/serve.ts', import.meta.url));

const start = (...options: readonly string[]) =>
  spawn(process.execPath, ['--import', 'tsx', SCRIPT, ...options], { stdio: ['ignore', 'pipe', 'pipe'] });

describe('npm run example:browser', () => {
  it('prints where the page is, serves it there, and ends with Ctrl-C', async () => {
    const server = start('--port', '0');
    const [printed] = (await once(server.stdout, 'data')) as [Buffer];
    const url = /^The page is at (http:\/\/localhost:\d+\/) \(Ctrl-C ends it\)\n$/.exec(String(printed))?.[1];
    assert.ok(url, String(printed));
    const page = await fetch(url);
    assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.match(await page.text(), /<script type="module" src="page\.js">/);
    assert.equal((await fetch(`${url}no-such-file`)).status, 404);
    server.kill('SIGINT');
    assert.deepEqual(await once(server, 'exit'), [null, 'SIGINT']);
  });

  it('says what it takes when it is given something else', async () => {
    const server = start('--port', 'eighty');
    const [said] = (await once(server.stderr, 'data')) as [Buffer];
    assert.match(
      String(said),
      /^--port takes a number from 0 to 65535, not eighty\.\n\nUsage: npm run example:browser/,
    );
    assert.deepEqual(await once(server, 'exit'), [2, null]);
  });
});
