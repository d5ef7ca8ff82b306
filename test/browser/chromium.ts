/** Chromium without a window, on pages that are served to this machine alone. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { serve } from '../../examples/browser/server.js';

const EXECUTABLE = '/usr/bin/chromium';

const FLAGS: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Browser {
  /** A fresh page at the URL of the served files. */
  open(): Promise<Page>;
  /** Fails if a page has complained: an exception that nobody caught, an error or a warning on its console; but for those expected. */
  assertQuiet(expected?: RegExp): void;
  close(): Promise<void>;
}

/** `port`: where the pages are served, if that matters. */
export async function browser(files: ReadonlyMap<string, Uint8Array>, port = 0): Promise<Browser> {
  if (!existsSync(EXECUTABLE)) {
    throw new Error('These tests need Chromium. On Debian: sudo apt-get install -y --no-install-recommends chromium');
  }
  const { server, url } = await serve(files, port);
  const profile = mkdtempSync(join(tmpdir(), 'fgft-chromium-'));
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    executablePath: EXECUTABLE,
    headless: true,
    viewport: { width: 1280, height: 1000 },
    args: [...FLAGS],
  });
  const complaints: string[] = [];
  return {
    async open() {
      const page = await context.newPage();
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
      });
      // The loader of these tests names functions, also those that are sent to the page.
      await page.addInitScript('globalThis.__name = (made) => made');
      await page.goto(url);
      return page;
    },
    assertQuiet(expected) {
      const unexpected = complaints.splice(0).filter((each) => !expected?.test(each));
      assert.deepEqual(unexpected, []);
    },
    async close() {
      await context.close();
      await closed(server);
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

const closed = (server: Server): Promise<void> => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
};
