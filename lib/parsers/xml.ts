/**
 * XML as libvirt writes it: elements, attributes, text, CDATA, comments, the five named entities and numeric ones. A DOCTYPE is
 * refused, and with it every entity that could refer to a file or grow. Read by fast-xml-parser, which is
 * loaded on first use; it does not check what it reads, so its validator runs before it.
 *
 * Entities are decoded here: the package leaves numeric ones alone unless it may also decode those of HTML.
 */
import { FormatError } from './text.ts';

/** An element; names are as written, with their prefix. */
export interface XmlElement {
  readonly name: string;
  /** '' where there is none. */
  attribute(name: string): string;
  /** Prefixes and the default ('') with the namespaces that this element declares for them. */
  readonly namespaces: ReadonlyMap<string, string>;
  /** Its children of that name, in order. */
  children(name: string): readonly XmlElement[];
  /** The names of its children, each once. */
  readonly childNames: readonly string[];
  /** Its own text, without that of its children; spaces and line breaks as they are. */
  readonly text: string;
}

/** Far more than a definition with its metadata takes, far less than would keep a check busy. */
const MAX_CHARACTERS = 4 * 1024 * 1024;
/** libvirt follows a chain of 200 disk images, each an element within the one before (src/qemu/qemu_domain.h). */
const MAX_DEPTH = 256;
const ATTRIBUTES = '@';

/** The root element. Throws FormatError; quotes names at most, because definitions hold passwords. */
export async function parseXml(text: string): Promise<XmlElement> {
  if (text.length > MAX_CHARACTERS) throw new FormatError('XML', 'more than 4 Mi characters');
  refuseDeclarations(text);
  const { XMLParser, XMLValidator } = await import('../vendor/fast-xml-parser.ts');
  let parsed: unknown;
  try {
    const valid = XMLValidator.validate(text);
    if (valid !== true) {
      const { line, col, code } = valid.err;
      throw new FormatError(`XML, line ${line}, column ${col}`, `not well-formed (${code})`);
    }
    parsed = new XMLParser({
      ignoreAttributes: false,
      attributesGroupName: ATTRIBUTES,
      attributeNamePrefix: '',
      parseTagValue: false,
      parseAttributeValue: false,
      trimValues: false,
      alwaysCreateTextNode: true,
      ignorePiTags: true,
      jPath: false,
      maxNestedTags: MAX_DEPTH,
      isArray: (_name, _path, _isLeaf, isAttribute) => !isAttribute,
      entityDecoder: ENTITIES,
    }).parse(text);
  } catch (error) {
    if (error instanceof FormatError) throw error;
    // Not in its words: some of them quote the text.
    throw new FormatError(
      'XML',
      `not understood: broken, nested deeper than ${MAX_DEPTH}, or with a reserved name`,
    );
  }
  const roots = childrenOf(parsed);
  const [root] = roots;
  if (root === undefined || roots.length > 1) throw new FormatError('XML', 'not exactly one root element');
  return root;
}

/** Comments and CDATA may hold anything; every other `<!` is a DOCTYPE or belongs to one. */
function refuseDeclarations(text: string): void {
  for (let at = text.indexOf('<!'); at >= 0; at = text.indexOf('<!', at)) {
    const [begin, end] = text.startsWith('<!--', at) ? ['<!--', '-->'] : ['<![CDATA[', ']]>'];
    if (!text.startsWith(begin, at)) throw new FormatError('XML', 'a DOCTYPE, which is refused');
    const ends = text.indexOf(end, at + begin.length);
    if (ends < 0) throw new FormatError('XML', `${begin} that does not end`);
    at = ends + end.length;
  }
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['apos', "'"],
  ['quot', '"'],
]);

function decodeEntities(text: string): string {
  return text.replace(/&([^;&]{0,12};)?/g, (_, entity: string | undefined) => {
    const name = entity?.slice(0, -1) ?? '';
    const number = /^#(?:x([0-9a-fA-F]+)|([0-9]+))$/.exec(name);
    const code = Number.parseInt(number?.[1] ?? number?.[2] ?? '', number?.[1] === undefined ? 10 : 16);
    const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
    const character = isCharacter ? String.fromCodePoint(code) : NAMED.get(name);
    if (character === undefined) throw new FormatError('XML', 'an entity that is not defined');
    return character;
  });
}

const nothing = (): void => undefined;
const ENTITIES = {
  decode: decodeEntities,
  setExternalEntities: nothing,
  addInputEntities: nothing,
  setXmlVersion: nothing,
  reset: nothing,
};

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function ownOf(node: unknown, key: string): unknown {
  return isRecord(node) ? node[key] : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function childrenOf(node: unknown): readonly XmlElement[] {
  return namesOf(node).flatMap((name) => childrenNamed(node, name));
}

function namesOf(node: unknown): readonly string[] {
  return isRecord(node) ? Object.keys(node).filter((name) => name !== '#text' && name !== ATTRIBUTES) : [];
}

function childrenNamed(node: unknown, name: string): readonly XmlElement[] {
  const nodes = ownOf(node, name);
  return Array.isArray(nodes) ? nodes.map((child: unknown) => elementOf(name, child)) : [];
}

function elementOf(name: string, node: unknown): XmlElement {
  const attributes = ownOf(node, ATTRIBUTES);
  const attribute = (key: string): string => textOf(ownOf(attributes, key));
  return {
    name,
    attribute,
    get namespaces() {
      const declared = Object.keys(isRecord(attributes) ? attributes : {}).filter((key) =>
        /^xmlns(:|$)/.test(key),
      );
      return new Map(declared.map((key) => [key.slice('xmlns:'.length), attribute(key)]));
    },
    children: (child) => childrenNamed(node, child),
    get childNames() {
      return namesOf(node);
    },
    text: textOf(ownOf(node, '#text')),
  };
}
