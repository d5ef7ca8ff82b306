import assert from 'node:assert/strict';
import { readSvd } from '../../../../runtime/registers/svd/index.js';
import { control, device, mode, refused, registerOf, timer } from './snippets.js';

describe('Reading the XML of an SVD file', () => {
  it('takes name and version of the device', () => {
    const { name, version, peripherals } = readSvd(device(''));
    assert.deepEqual({ name, version, peripherals }, { name: 'CHIP', version: '1.0', peripherals: [] });
  });

  it('accepts a byte order mark, comments, CDATA and entities', () => {
    const text = control('<description><!-- no --><![CDATA[a < b]]> &amp; c</description>');
    assert.equal(registerOf(`\uFEFF<?xml version="1.0"?><!-- chip -->\n${text}`).description, 'a < b & c');
  });

  it('refuses what is not well-formed, and says where', () => {
    refused(() => readSvd('<device>\n<name>X</nome>\n</device>'), /^Line 2, device: This is not well-formed XML: /);
    refused(() => readSvd('<device><name>X</name>'), /not well-formed/);
    refused(() => readSvd(''), /not well-formed/, { line: 1 });
    refused(() => readSvd('no XML at all'), /not well-formed/);
  });

  it('refuses another kind of XML', () => {
    refused(() => readSvd('\n<svg/>'), /outermost element is <svg>\. A CMSIS-SVD file has <device> there/, { line: 2 });
  });

  it('refuses an unknown element and names its line and path', () => {
    refused(
      () => readSvd(control('\n<colour>red</colour>')),
      /^Line 3, TIM\.CTRL: <colour> does not exist in <register>\. Correct its spelling, or move it into <vendorExt/,
      { line: 3, path: 'TIM.CTRL' },
    );
  });

  it('ignores anything within vendorExtensions', () => {
    const extended = device('').replace('</device>', '<vendorExtensions>v <a><b>1</b></a></vendorExtensions></device>');
    assert.equal(readSvd(extended).name, 'CHIP');
  });

  it('refuses an element that is given twice', () => {
    refused(
      () => readSvd(control('<size>8</size><size>16</size>')),
      /<register> has a second <size>\. Remove the one/,
      { path: 'TIM.CTRL' },
    );
  });

  it('refuses text between elements', () => {
    refused(() => readSvd(timer('stray')), /<registers> holds the text 'stray'/);
  });

  it('refuses a device, peripheral, register or value without a name', () => {
    refused(() => readSvd('<device/>'), /device has no <name>/);
    refused(
      () => readSvd(device('<peripheral><baseAddress>0</baseAddress></peripheral>')),
      /<peripheral> has no <name>/,
    );
    refused(() => readSvd(timer('<register><addressOffset>0</addressOffset></register>')), /<register> has no <name>/);
    const values = '<enumeratedValues><enumeratedValue><value>1</value></enumeratedValue></enumeratedValues>';
    refused(() => readSvd(mode(values)), /<enumeratedValue> has no <name>/);
  });

  it('refuses a peripheral or register without an address', () => {
    refused(() => readSvd(device('<peripheral><name>P</name></peripheral>')), /<peripheral> has no <baseAddress>/);
    refused(() => readSvd(timer('<register><name>R</name></register>')), /<register> has no <addressOffset>/, {
      path: 'TIM.R',
    });
  });

  it('refuses addresses that do not count bytes', () => {
    refused(() => readSvd(device('', '<addressUnitBits>16</addressUnitBits>')), /units of 16 bits/);
  });
});
