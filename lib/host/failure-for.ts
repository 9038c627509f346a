import { failed, type Failure } from '../reading.ts';
import type { LooseAnswers, Question, Want } from './ask.ts';

/** The failure of whoever was to answer, as the failure of each question. */
export function failuresFor(want: Want, failure: Failure): LooseAnswers {
  return Object.fromEntries(Object.entries(want).map(([name, asked]) => [name, failureFor(asked, failure)]));
}

export function failureFor(question: Question, failure: Failure): Failure {
  switch (question.op) {
    case 'run':
      return { ...failure, path: [question.tool, ...question.args].join(' '), detail: failure.detail };
    case 'processes':
      return { ...failure, path: '/proc' };
    case 'each':
      return failed(failure.why, question.glob, `on ${failure.path}`);
    case 'files':
      return failed(failure.why, question.globs[0] ?? '', `on ${failure.path}`);
    case 'bytes':
    case 'lines':
    case 'list':
    case 'stat':
    case 'link':
    case 'statfs':
    case 'fifo':
      return failed(failure.why, question.path, `on ${failure.path}`);
  }
}
