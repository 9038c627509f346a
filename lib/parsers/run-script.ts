/**
 * The beginning of an executable, as the kernel reads it to start it (BINPRM_BUF_SIZE, 256 bytes from 5.1 on, 128 before;
 * load_script in fs/binfmt_script.c).
 *
 *     #!/bin/sh -e\n
 *
 * Blanks may stand before the interpreter; one argument may follow. A carriage return is a part of it: `/bin/sh\r` does not
 * exist. A byte order mark, or nothing like `#!`, is ENOEXEC; a shell would run such a file, no supervisor does (they call
 * execve themselves).
 */
export interface RunScript {
  /** `text`: neither a script nor a binary; `binary`: may be one that the kernel has been taught (binfmt_misc). */
  readonly form: 'script' | 'elf' | 'text' | 'binary' | 'empty';
  /** As written, without the carriage return; null: no `#!` line, none in it, or longer than what was read. */
  readonly interpreter: string | null;
  /** The first line ends like those of Windows. */
  readonly hasCarriageReturn: boolean;
  /** It begins with the byte order mark of UTF-8. */
  readonly hasByteOrderMark: boolean;
}

/** How many bytes are worth reading. */
export const RUN_BYTES = 256;

/** Total: any bytes are the beginning of something. */
export function parseRunScript(bytes: Uint8Array): RunScript {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const hasByteOrderMark = text.startsWith('\xef\xbb\xbf');
  const none = { interpreter: null, hasCarriageReturn: false, hasByteOrderMark };
  if (text === '') return { form: 'empty', ...none };
  if (text.startsWith('\x7fELF')) return { form: 'elf', ...none };
  const end = text.indexOf('\n');
  const line = end < 0 ? text : text.slice(0, end);
  const hasCarriageReturn = line.endsWith('\r');
  if (!text.startsWith('#!')) {
    const form = /\x00/.test(text) ? 'binary' : 'text';
    return { form, ...none, hasCarriageReturn: form === 'text' && hasCarriageReturn };
  }
  const words = line.slice(2).replace(/\r$/, '');
  const [interpreter = null] = /[^ \t]+/.exec(words) ?? [];
  // What the end of the buffer cuts may be another path.
  const isCut = end < 0 && text.length >= RUN_BYTES && !/[^ \t][ \t]/.test(words);
  return {
    form: 'script',
    ...none,
    interpreter: isCut ? null : interpreter,
    hasCarriageReturn,
  };
}
