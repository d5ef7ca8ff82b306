import assert from 'node:assert/strict';
import { applyOverlay, readOverlay, readSvd, writeModule } from '../../../../runtime/registers/svd/index.js';
import { device, overlayRefused, refused } from './snippets.js';

const field = (name: string, bit: number, rest = ''): string =>
  `<field><name>${name}</name><bitOffset>${bit}</bitOffset>${rest}</field>`;
const register = (name: string, offset: number, rest: string): string =>
  `<register><name>${name}</name><addressOffset>${offset}</addressOffset>${rest}</register>`;
const peripheral = (name: string, base: number): string =>
  `<peripheral><name>${name}</name><baseAddress>${base}</baseAddress><registers>
${register('CR', 0, `<fields>${field('EN', 0)}${field('GO', 1)}${field('UP', 2, '<access>read-only</access>')}</fields>`)}
${register('DR', 4, '')}
${register('CNT', 8, '<access>write-only</access>')}</registers></peripheral>`;

const CHIP = device(peripheral('U0', 0) + peripheral('U1', 0x100));

const corrected = (overlay: object) => applyOverlay(readSvd(CHIP), readOverlay(JSON.stringify(overlay)));
const written = (overlay: object): string => writeModule(corrected(overlay), { file: 'chip.svd', overlay: 'fix.json' });
const check = (overlay: unknown) => applyOverlay(readSvd(CHIP), readOverlay(JSON.stringify(overlay)));

describe('An overlay of an SVD file', () => {
  it('drops peripherals, registers and fields', () => {
    const { peripherals } = corrected({ U1: null, 'U0.DR': null, 'U0.CR.*': null });
    assert.deepEqual(
      peripherals.map(({ name, registers }) => [name, registers.map((each) => [each.name, each.fields.length])]),
      [
        [
          'U0',
          [
            ['CR', 0],
            ['CNT', 0],
          ],
        ],
      ],
    );
  });

  it('matches any characters with *, within one name', () => {
    const { peripherals } = corrected({ 'U*.C*': null });
    assert.deepEqual(
      peripherals.map(({ registers }) => registers.map(({ name }) => name)),
      [['DR'], ['DR']],
    );
  });

  it('gives a register another class, and its fields with it', () => {
    const text = written({ 'U0.CR': { access: 'w1c' }, 'U0.DR': { access: 'fifo' } });
    assert.match(text, /CR: \{\n {6}address: 0x00000000,\n {6}access: 'w1c',\n {6}fields: \{\n {8}EN: flag\(0\),/);
    assert.match(text, /DR: \{\n {6}address: 0x00000004,\n {6}access: 'fifo',\n/);
    assert.match(text, /save: \[\],\n\}\);\n\nexport const u1/);
    assert.match(text, /save: \['CR', 'DR'\],\n\}\);\n$/);
  });

  it('gives a field another class, which an SVD file has no word for', () => {
    const text = written({ 'U*.CR.GO': { access: 'self-clearing' }, 'U0.CR.EN': { access: 'volatile' } });
    assert.match(text, /EN: flag\(0, \{ access: 'volatile' \}\),\n {8}GO: flag\(1, \{ access: 'self-clearing' \}\),/);
  });

  it('adds and removes side effects', () => {
    const effects = { 'U0.DR': { readAction: 'modify' }, 'U1.CR': { modifiedWriteValues: 'oneToSet' } };
    const text = written(effects);
    assert.match(text, /DR: \{\n {6}address: 0x00000004,\n {6}access: 'fifo',/);
    assert.match(
      text,
      /access: 'w1s',\n {6}fields: \{\n {8}EN: flag\(0\),\n {8}GO: flag\(1\),\n {8}UP: flag\(2, \{ access: 'ro'/,
    );
    const undone = { ...effects, 'U*.DR': { readAction: null }, 'U*.CR': { modifiedWriteValues: null } };
    assert.deepEqual(
      corrected(undone).peripherals.map(({ registers }) => registers),
      readSvd(CHIP).peripherals.map(({ registers }) => registers),
    );
  });

  it('says what a checkpoint keeps', () => {
    const text = written({
      'U0.CR': { save: false },
      'U0.DR': { save: 'volatile' },
      'U0.CNT': { save: true },
      U1: null,
    });
    assert.match(text, /save: \[\{ register: 'DR', volatile: true \}, 'CNT'\],/);
  });

  it('gives a register another reset value', () => {
    assert.match(
      written({ 'U0.DR': { resetValue: 0x80 } }),
      /address: 0x00000004,\n {6}access: 'rw',\n {6}reset: 0x80,/,
    );
  });

  it('lets a later correction win', () => {
    const text = written({ 'U*.*': { save: false }, 'U1.DR': { save: true } });
    assert.match(text, /save: \[\],\n\}\);\n\nexport const u1/);
    assert.match(text, /save: \['DR'\],/);
  });

  it('is named in the module', () => {
    assert.match(written({}), /from chip\.svd \(CHIP 1\.0\), corrected by fix\.json\./);
  });

  it('is refused where it corrects what is not there', () => {
    overlayRefused(() => check({ 'X9.CR': {} }), /^X9\.CR corrects nothing: no peripheral has that name/);
    overlayRefused(() => check({ 'U0.X': {} }), /^U0\.X corrects nothing: no register has that name/);
    overlayRefused(() => check({ 'U*.CR.X*': null }), /corrects nothing: no field has that name/);
    overlayRefused(() => check({ 'U0.cr': {} }), /no register has that name/);
    overlayRefused(() => check({ 'U0.DR': null, 'U0.D*': null }), /U0\.D\* corrects nothing/);
  });

  it('is refused where it is no JSON, or not of this form', () => {
    overlayRefused(() => readOverlay('{"U0": nul}'), /The overlay is not JSON: /);
    for (const wrong of [[], null, 'U0', 1]) overlayRefused(() => check(wrong), /not an object\. Write/);
    overlayRefused(() => check({ 'U0.CR': 'fifo' }), /U0\.CR takes an object of corrections, or null to drop it/);
    for (const path of ['', 'U0.', 'U0.CR.EN.X', 'U0/CR', 'U[0-9]'])
      overlayRefused(() => check({ [path]: null }), /is no path\. Write PERIPHERAL\.REGISTER\.FIELD/);
  });

  it('is refused where it has keys or values that do not exist', () => {
    overlayRefused(() => check({ U0: {} }), /U0 is a peripheral, which can only be dropped\. Write null/);
    overlayRefused(
      () => check({ 'U0.CR': { acess: 'rw' } }),
      /has the key acess\. A register takes access, readAction/,
    );
    overlayRefused(() => check({ 'U0.CR.EN': { save: true } }), /has the key save\. A field takes access, readAction/);
    overlayRefused(
      () => check({ 'U0.CR': { access: 'read-only' } }),
      /access is "read-only"\. It takes one of rw, ro,/,
    );
    overlayRefused(() => check({ 'U0.CR': { access: 'self-clearing' } }), /It takes one of rw, .*permanent\./);
    overlayRefused(() => check({ 'U0.CR.EN': { access: 'fifo' } }), /It takes one of .*self-clearing, volatile\./);
    overlayRefused(
      () => check({ 'U0.CR': { readAction: 'pop' } }),
      /It takes one of clear, set, modify, modifyExternal/,
    );
    overlayRefused(
      () => check({ 'U0.CR': { resetValue: -1 } }),
      /resetValue is -1\. It takes a whole number of 32 bits/,
    );
    overlayRefused(() => check({ 'U0.CR': { save: 'yes' } }), /It takes one of true, false, volatile/);
  });

  it('cannot save what cannot be saved', () => {
    refused(() => written({ 'U0.DR': { access: 'fifo', save: true } }), /The overlay saves it, but it is fifo/);
  });
});
