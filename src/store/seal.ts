/**
 * The seal at the end of `_details.h5`: behind the last byte that HDF5 knows of, where every reader of HDF5 passes over it.
 *
 *     seal = "AISBseal" u32 version, u32 CRC-32 of all bytes before the seal, f64 how many these are,
 *            f64 bytes of the _details.jsonl of the same run or NaN, u32 CRC-32 of the seal so far, u32 0
 */
import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { openToRead } from './own-files.ts';

export interface Seal {
  /** Of the jsonl file that was written with this one; null without one. */
  jsonlBytes: number | null;
}

const MAGIC = 'AISBseal';
const VERSION = 1;
const SEAL_BYTES = 40;
const CRC_AT = 32;
const READ_BYTES = 2 ** 20;

/** Closes a whole file with its seal; reads it once, with memory for a megabyte. */
export function sealFile(path: string, { jsonlBytes }: Seal): void {
  const fd = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
  try {
    const { size } = fstatSync(fd);
    const seal = Buffer.alloc(SEAL_BYTES);
    seal.write(MAGIC, 'latin1');
    seal.writeUInt32LE(VERSION, 8);
    seal.writeUInt32LE(checksum(fd, size), 12);
    seal.writeDoubleLE(size, 16);
    seal.writeDoubleLE(jsonlBytes ?? Number.NaN, 24);
    seal.writeUInt32LE(crc32(seal.subarray(0, CRC_AT)), CRC_AT);
    for (let done = 0; done < SEAL_BYTES; ) done += writeSync(fd, seal, done, SEAL_BYTES - done, size + done);
  } finally {
    closeSync(fd);
  }
}

/** The seal of a file whose every byte is as it was written; null without a seal. An `Error` for a file that has changed. */
export function checkSeal(path: string): Seal | null {
  const fd = openToRead(path);
  try {
    const { size } = fstatSync(fd);
    const seal = Buffer.alloc(SEAL_BYTES);
    const read = size < SEAL_BYTES ? 0 : readSync(fd, seal, 0, SEAL_BYTES, size - SEAL_BYTES);
    if (read < SEAL_BYTES || seal.toString('latin1', 0, MAGIC.length) !== MAGIC) return null;
    const isWhole =
      seal.readUInt32LE(CRC_AT) === crc32(seal.subarray(0, CRC_AT)) &&
      seal.readUInt32LE(8) === VERSION &&
      seal.readDoubleLE(16) === size - SEAL_BYTES &&
      seal.readUInt32LE(12) === checksum(fd, size - SEAL_BYTES);
    if (!isWhole) throw new Error('it is damaged: its checksum does not fit');
    const jsonlBytes = seal.readDoubleLE(24);
    return { jsonlBytes: Number.isNaN(jsonlBytes) ? null : jsonlBytes };
  } finally {
    closeSync(fd);
  }
}

function checksum(fd: number, bytes: number): number {
  const piece = Buffer.allocUnsafe(Math.min(READ_BYTES, bytes));
  let crc = 0;
  for (let at = 0; at < bytes; ) {
    const got = readSync(fd, piece, 0, Math.min(piece.length, bytes - at), at);
    if (got === 0) break;
    crc = crc32(piece.subarray(0, got), crc);
    at += got;
  }
  return crc;
}
