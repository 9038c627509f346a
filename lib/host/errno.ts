import { failed, type Failure, type Why } from '../reading.ts';

/** What a system call's error number means for the one who asked. */
const WHY: Readonly<Record<string, Why>> = {
  ENOENT: 'absent',
  ENOTDIR: 'absent',
  EACCES: 'denied',
  EPERM: 'denied',
  // /proc files of a process that ended while its folder was held open
  ESRCH: 'vanished',
  EISDIR: 'wrongType',
  ELOOP: 'wrongType',
};

/** The same by the words of strerror(3) in the C locale, as the tools of a shell print them. */
const NUMBER_OF_WORDS: Readonly<Record<string, string>> = {
  'No such file or directory': 'ENOENT',
  'Not a directory': 'ENOTDIR',
  'Permission denied': 'EACCES',
  'Operation not permitted': 'EPERM',
  'No such process': 'ESRCH',
  'Is a directory': 'EISDIR',
  'Too many levels of symbolic links': 'ELOOP',
  'Invalid argument': 'EINVAL',
  'Input/output error': 'EIO',
  'Stale file handle': 'ESTALE',
  'No such device': 'ENODEV',
  'Transport endpoint is not connected': 'ENOTCONN',
};

export function failureOfErrno(path: string, errno: string): Failure {
  const why = WHY[errno];
  return why === undefined ? failed('failed', path, errno) : failed(why, path);
}

/** From what node:fs threw. Anything that is not a system error is a bug and is thrown on. */
export function failureOfError(path: string, error: unknown): Failure {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error) {
    return failureOfErrno(path, error.code);
  }
  throw error;
}

/** From the message of a tool, `head: /etc/x: Permission denied`. */
export function failureOfWords(path: string, words: string): Failure {
  return failureOfErrno(path, NUMBER_OF_WORDS[words] ?? words);
}
