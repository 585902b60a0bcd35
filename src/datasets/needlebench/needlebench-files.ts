/** The files of NeedleBench: long documents, needles with their questions, and names of people. */
import { join } from 'node:path';
import { z } from 'zod';
import { EXIT, UserError } from '../../core/errors.ts';
import type { LoadContext } from '../dataset.ts';
import {
  badRow,
  parseJsonl,
  parseJsonObject,
  placesOf,
  readText,
  requiredFile,
  requiredText,
} from '../rows/data-file.ts';
import type { Language } from './family-chain.ts';

/** Options of every NeedleBench type. */
export const folderOption = z
  .string()
  .default('ais_bench/datasets/NeedleBench')
  .describe('The folder with the documents, `needles.jsonl` and `names.json`.');
export const languageOption = z.enum(['English', 'Chinese']).describe('Of needles, names and questions.');

export interface Needle {
  /** The sentence to hide. */
  text: string;
  question: string;
  /** What it is about, and what has to be found. */
  subject: string;
  answer: string;
}

/** The texts of the documents in all the files. */
export async function readDocuments(
  folder: string,
  files: readonly string[],
  context: LoadContext,
): Promise<string[]> {
  const texts: string[] = [];
  for (const name of files) {
    const file = await fileIn(folder, name, context);
    for (const row of parseJsonl(await readText(file), file)) texts.push(requiredText(row, 'text', file));
  }
  if (texts.length > 0) return texts;
  throw new UserError(EXIT.usage, `${join(folder, files[0])}: has no rows`);
}

/** The needles of a language, in the order of the file. */
export async function readNeedles(
  folder: string,
  name: string,
  language: Language,
  context: LoadContext,
): Promise<Needle[]> {
  const file = await fileIn(folder, name, context);
  const rows = parseJsonl(await readText(file), file).filter((row) => row.fields.language === language);
  if (rows.length === 0)
    throw new UserError(EXIT.usage, `${file}: has no needle whose language is ${language}`);
  return rows.map((row) => ({
    text: requiredText(row, 'needle', file),
    question: requiredText(row, 'retrieval_question', file),
    subject: typeof row.fields.arg1 === 'string' ? row.fields.arg1 : '',
    answer: requiredText(row, 'arg2', file),
  }));
}

/** Where names stand. */
export interface NameFile {
  folder: string;
  name: string;
  language: Language;
}

/** The names of a language, which the file holds as one text with commas. */
export async function readNames(
  { folder, name, language }: NameFile,
  atLeast: number,
  context: LoadContext,
): Promise<string[]> {
  const file = await fileIn(folder, name, context);
  const row = parseJsonObject(await readText(file), file);
  const given = requiredText(row, language, file);
  const names = [...new Set(given.split(',').map((one) => one.trim()))].filter((one) => one !== '');
  if (names.length >= atLeast) return names;
  throw badRow(file, 1, `has ${names.length} names in "${language}"`, `${atLeast} or more`);
}

async function fileIn(folder: string, name: string, context: LoadContext): Promise<string> {
  const places = placesOf(folder, context).map((place) => join(place, name));
  return requiredFile(`NeedleBench: ${name}`, places, HOW_TO_GET);
}

const HOW_TO_GET =
  'Put the files of the dataset opencompass/NeedleBench of Hugging Face there, or name their folder: `path` in the ' +
  'dataset config, or the environment variable AIS_BENCH_DATASETS_CACHE as the folder that relative paths start from.';
