import { describe, expect, it } from 'vitest';
import { RECORDS_ARE_KEPT, writeError } from './write-error.ts';

const codes = ['ENOSPC', 'EDQUOT', 'EFBIG', 'EMFILE', 'ENFILE', 'EACCES', 'EPERM', 'EROFS', 'ENOENT', 'EIO'];

describe('writeError', () => {
  it.each(codes)('says in words what %s is and what to do', (code) => {
    const error = writeError('/x/y.csv', Object.assign(new Error('raw'), { code }), 'start again');
    expect(error.message).toMatch(new RegExp(`^cannot write /x/y.csv: .* \\(${code}\\)$`));
    expect(error.message).not.toContain('raw');
    expect(error.hint).toMatch(/^[A-Z].*; start again\.$/);
    expect(error.exitCode).toBe(1);
  });

  it('takes what is kept for the second half of its sentence', () => {
    const error = writeError('f', Object.assign(new Error('raw'), { code: 'EIO' }), RECORDS_ARE_KEPT);
    expect(error.hint).toMatch(/^[^.;]+; what was recorded is kept, and [^.;]+\.$/);
  });

  it('knows the words of the HDF5 library, and hands on those it does not know', () => {
    expect(writeError('f', new Error('No space left on device'), 'x').message).toContain('ENOSPC');
    expect(writeError('f', new Error('Permission denied'), 'x').message).toContain('EACCES');
    expect(writeError('f', new Error('a strange thing'), 'x').message).toBe(
      'cannot write f: a strange thing',
    );
  });
});
