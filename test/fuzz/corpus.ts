/** What the inputs of the fuzzer are made of: the answers of real hosts, and the samples and words of the sources and their tests. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import ts from 'typescript';

import { parseContent, parseRecording, type Entry } from '../../lib/host/recording.ts';

/** All recordings of the project, by the folder of their check. */
export function recordings(top: string): readonly { readonly check: string; readonly text: string }[] {
  const folder = join(top, 'test/recordings');
  return readdirSync(folder).flatMap((check) =>
    readdirSync(join(folder, check)).map((file) => ({
      check,
      text: readFileSync(join(folder, check, file), 'utf8'),
    })),
  );
}

/** Every content of a file and every output of a tool that the recordings hold, once, with what it was the answer to. */
export function answersOf(texts: readonly string[]): ReadonlyMap<string, string> {
  const answers = new Map<string, string>();
  for (const text of texts) {
    const looks = parseRecording(text, 'recording');
    for (const { entries } of looks.ok ? looks.value : []) {
      for (const entry of entries) for (const content of contentsOf(entry)) answers.set(content, entry.key);
    }
  }
  return answers;
}

/** As latin1, so that equal ones are found. */
function contentsOf({ key, outcome, lines }: Entry): readonly string[] {
  if (outcome !== 'ok') return [];
  if (key.startsWith('bytes ')) return [parseContent(lines).toString('latin1')];
  if (key.startsWith('lines ')) return lines.map((line) => Buffer.from(line).toString('latin1'));
  const out = lines.filter((line) => line.startsWith('out ')).map((line) => line.slice(4));
  return key.startsWith('run ') ? [parseContent(out).toString('latin1')] : [];
}

/** The texts that stand in a source: of a parser its words, of its test its samples. */
export function textsIn(path: string): readonly string[] {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest);
  const texts = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) return;
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
      texts.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...texts].filter((text) => text !== '');
}
