import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { FormatError } from '../../lib/parsers/text.ts';
import { parseXml } from '../../lib/parsers/xml.ts';

const nested = (depth: number): string => '<a>'.repeat(depth) + '</a>'.repeat(depth);

describe('XML', () => {
  it('is a tree of elements with attributes and text', async () => {
    const root = await parseXml(
      `<?xml version='1.0'?>\n<!-- <no/> --><d a='x > "y"' b="it's"><e>1</e><f/> text <e n="2"> two </e></d>`,
    );
    expect(root.name).toBe('d');
    expect(root.attribute('a')).toBe('x > "y"');
    expect(root.attribute('b')).toBe("it's");
    expect(root.attribute('c')).toBe('');
    expect(root.children('f')[0]?.attribute('n')).toBe('');
    expect(root.children('e').map(({ text }) => text)).toEqual(['1', ' two ']);
    expect(root.children('e')[1]?.attribute('n')).toBe('2');
    expect(root.children('no')).toEqual([]);
    expect(root.childNames).toEqual(['e', 'f']);
    expect(root.text).toBe(' text ');
  });

  it.each([
    ['&lt;a&gt; &amp;&apos;&quot;', `<a> &'"`],
    ['&#65;&#x42;&#x1F600;', 'AB😀'],
    ['&amp;lt;', '&lt;'],
    ['<![CDATA[<b>&amp;</b>]]>', '<b>&amp;</b>'],
    ['a<![CDATA[<!DOCTYPE html>]]>b', 'a<!DOCTYPE html>b'],
    ['a<!-- <!DOCTYPE d> -->b', 'ab'],
    ['a<![CDATA[<!]]>b', 'a<!b'],
    ['&#x10FFFF;&#xD7FF;&#xE000;', '\u{10ffff}\ud7ff\ue000'],
    ['007', '007'],
    ['true', 'true'],
    [' a\r\n', ' a\n'],
    ['&amp;'.repeat(5000), '&'.repeat(5000)],
  ])('%s is the text %j', async (inner, text) => {
    expect((await parseXml(`<d>${inner}</d>`)).text).toBe(text);
  });

  it('decodes entities in attributes', async () => {
    expect((await parseXml(`<d a='&quot;&#10;&lt;'/>`)).attribute('a')).toBe('"\n<');
  });

  it('knows which namespaces an element declares', async () => {
    const root = await parseXml(`<d xmlns='urn:d' xmlns:q='urn:q' a='1'><q:e/></d>`);
    expect([...root.namespaces]).toEqual([
      ['', 'urn:d'],
      ['q', 'urn:q'],
    ]);
    expect(root.childNames).toEqual(['q:e']);
    expect((await parseXml('<d/>')).namespaces.size).toBe(0);
    expect((await parseXml(`<d q:xmlns='urn:d' xmlns-q='urn:q'/>`)).namespaces.size).toBe(0);
  });

  it('has no children that are instructions', async () => {
    const root = await parseXml(`<?xml version='1.0'?><?a b='c'?><d><?e f='g'?><h/></d>`);
    expect(root.childNames).toEqual(['h']);
  });

  it('takes names that mean something to JavaScript for names', async () => {
    const root = await parseXml('<d toString="x"><valueOf/></d>');
    expect(root.attribute('hasOwnProperty')).toBe('');
    expect(root.children('constructor')).toEqual([]);
    await expect(parseXml('<d><__proto__/></d>')).rejects.toThrow(FormatError);
  });

  it.each([
    ['', 'not well-formed'],
    ['text', 'not well-formed'],
    ['<d>', 'XML'],
    ['<d', 'XML'],
    ['<d><e></d></e>', 'not well-formed'],
    ['<d a=1/>', 'not well-formed'],
    ['<d a="1" a="2"/>', 'not well-formed'],
    ['<d/><d/>', 'not exactly one root'],
    ['<d/><e/>', 'not exactly one root'],
    ['<d>&nbsp;</d>', 'an entity that is not defined'],
    ['<d a="&x;"/>', 'an entity that is not defined'],
    ['<d>&#xD800;</d>', 'an entity that is not defined'],
    ['<d>&#xDFFF;</d>', 'an entity that is not defined'],
    ['<d>a & b</d>', 'not well-formed'],
    ['<d a="a & b"/>', 'an entity that is not defined'],
    ['<d a="&x#65;"/>', 'an entity that is not defined'],
    ['<d a="&#65x;"/>', 'an entity that is not defined'],
    ['<d>&#0;</d>', 'an entity that is not defined'],
    ['<d>&#x110000;</d>', 'an entity that is not defined'],
    ['<!DOCTYPE d><d/>', 'DOCTYPE'],
    ['<!doctype d><d/>', 'DOCTYPE'],
    ['<!DOCTYPE d [<!ENTITY a "aaa">]><d>&a;</d>', 'DOCTYPE'],
    ['<!DOCTYPE d SYSTEM "file:///etc/passwd"><d/>', 'DOCTYPE'],
    ['<d/><!DOCTYPE d>', 'DOCTYPE'],
    ['<!-- --><!-- <d/>', '<!-- that does not end'],
    ['<d><!--></d>', '<!-- that does not end'],
    ['<d><![CDATA[</d>', '<![CDATA[ that does not end'],
    [nested(300), 'nested deeper'],
    [`<d>${' '.repeat(4 * 1024 * 1024)}</d>`, 'more than 4 Mi'],
  ])('%.60j is refused: %s', async (text, problem) => {
    await expect(parseXml(text)).rejects.toThrow(FormatError);
    await expect(parseXml(text)).rejects.toThrow(problem);
    await expect(parseXml(text)).rejects.toThrow(/^XML/);
  });

  it('may be nested as deep as a chain of 200 disk images', async () => {
    expect((await parseXml(nested(210))).name).toBe('a');
  });

  it('is refused without a word of what may be secret in it', async () => {
    for (const text of [
      '<d passwd="s3cret"',
      '<d passwd=s3cret/>',
      '<d>s3cret<',
      '<d>&s3cret;</d>',
      '<d>s3cret',
    ]) {
      await expect(parseXml(text)).rejects.toThrow(/^(?!.*s3cret)/s);
    }
  });

  const PIECES = [
    ...[
      '<d>',
      '</d>',
      '<d',
      '/>',
      '>',
      '<!',
      '--',
      '-->',
      '<!--',
      '<![CDATA[',
      ']]>',
      '<?',
      '?>',
      '&',
      ';',
      '&#',
      '&amp;',
    ],
    ...[
      '"',
      "'",
      '=',
      ' a="1"',
      ' xmlns:q="u"',
      '<__proto__>',
      '<constructor/>',
      '#text',
      '@',
      '\0',
      '\ufeff',
      ' ',
    ],
  ];
  const piece = fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 4 }));

  it('is read, or a format error is thrown', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(piece), fc.boolean(), async (pieces, isWrapped) => {
        const text = isWrapped ? `<d>${pieces.join('')}</d>` : pieces.join('');
        try {
          const root = await parseXml(text);
          expect(root.name).not.toBe('');
          expect(root.childNames.flatMap((name) => root.children(name)).length).toBeLessThan(text.length);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('gives back any text that was escaped for it', async () => {
    // What virBufferEscapeString of libvirt, src/util/virbuffer.c, escapes.
    const ESCAPES: Record<string, string> = {
      '<': '&lt;',
      '>': '&gt;',
      '&': '&amp;',
      "'": '&apos;',
      '"': '&quot;',
    };
    const escape = (text: string): string =>
      text.replace(/[<>&'"]/g, (character) => ESCAPES[character] ?? '');
    // Characters that XML 1.0 allows, line breaks apart, which it normalises.
    const unit = fc.oneof(
      fc.constantFrom('<', '>', '&', "'", '"', ' ', ';', '#', '-', '!', ']', '['),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.string({ unit }), async (text) => {
        const root = await parseXml(`<d a='${escape(text)}'>${escape(text)}</d>`);
        expect(root.text).toBe(text);
        expect(root.attribute('a')).toBe(text);
      }),
    );
  });
});
