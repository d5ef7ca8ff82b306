import { DOMParser, ParseError, type Element, type Node } from '@xmldom/xmldom';
import { SvdError, type SvdPlace } from './error.js';
import { checkChildren } from './schema.js';

/** An element of an SVD file, without the XML around it. */
export interface SvdNode extends SvdPlace {
  readonly tag: string;
  readonly derivedFrom?: string;
  /** Trimmed; empty where there are children. */
  readonly text: string;
  readonly children: readonly SvdNode[];
}

const ELEMENT = 1;
const TEXT = 3;
const CDATA = 4;

/** Text of an SVD file → its `device` element, in which every element is one that CMSIS-SVD knows. */
export function parseXml(text: string): SvdNode {
  let root: Element | null;
  try {
    root = new DOMParser({ onError: stop }).parseFromString(text.replace(/^\uFEFF/, ''), 'text/xml').documentElement;
  } catch (cause) {
    throw new SvdError({ line: lineOf(cause), path: '' }, `This is not well-formed XML: ${messageOf(cause)}.`, {
      cause,
    });
  }
  if (root?.nodeName !== 'device')
    throw new SvdError(
      { line: root?.lineNumber ?? 1, path: '' },
      `The outermost element is <${root?.nodeName ?? ''}>. A CMSIS-SVD file has <device> there.`,
    );
  return convert(root, '');
}

function stop(level: string, message: string): void {
  if (level !== 'warning') throw new Error(message);
}

function lineOf(cause: unknown): number {
  const locator = cause instanceof ParseError ? (cause.locator as { lineNumber?: number } | undefined) : undefined;
  // Nothing has been read yet where the line is 0.
  return locator?.lineNumber || 1;
}

/** The parser's own words, without the position that it appends. */
const messageOf = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).replace(/\s*\n?@?#?\[line:.*$/s, '').replace(/\.$/, '');

function convert(element: Element, parentPath: string): SvdNode {
  const tag = element.nodeName;
  const elements = [...element.childNodes].filter(isElement);
  const name = tag === 'device' ? undefined : elements.find((each) => each.nodeName === 'name')?.textContent?.trim();
  const path = [parentPath, name].filter(Boolean).join('.');
  const line = element.lineNumber ?? 1;
  const derivedFrom = element.getAttribute('derivedFrom')?.trim();
  const text = [...element.childNodes]
    .filter(({ nodeType }) => nodeType === TEXT || nodeType === CDATA)
    .map((each) => each.nodeValue ?? '')
    .join('')
    .trim();
  const opaque = tag === 'vendorExtensions';
  const node: SvdNode = {
    tag,
    line,
    path,
    text: opaque ? '' : text,
    children: opaque ? [] : elements.map((each) => convert(each, path)),
    ...(derivedFrom ? { derivedFrom } : {}),
  };
  checkChildren(node);
  return node;
}

const isElement = (node: Node): node is Element => node.nodeType === ELEMENT;

/** The child with this tag, if there is one. */
export const childOf = (node: SvdNode, tag: string): SvdNode | undefined =>
  node.children.find((each) => each.tag === tag);

/** The text of the child with this tag; undefined where it is missing or empty. */
export const textOf = (node: SvdNode, tag: string): string | undefined => childOf(node, tag)?.text || undefined;

export const nameOf = (node: SvdNode): string => textOf(node, 'name') ?? '';
