import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

const pages = ['.', 'docs', 'docs/decisions']
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
  .filter((file) => file.endsWith('.md'));

const read = (file: string) => readFileSync(join(root, file), 'utf8');

/** A page without its blocks of code and its code spans, in which brackets are no links. */
function prose(file: string): string {
  return read(file)
    .replaceAll(/^```.*?^```$/gms, '')
    .replaceAll(/`[^`\n]*`/g, 'code');
}

/** Anchors of a page's headings, as GitHub makes them. */
function anchorsOf(file: string): string[] {
  const headings = read(file)
    .replaceAll(/^```.*?^```$/gms, '')
    .matchAll(/^#{1,6} (.*)$/gm);
  return [...headings].map(([, text]) =>
    text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-'),
  );
}

function linksOf(file: string): string[] {
  return [...prose(file).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]);
}

describe('the pages', () => {
  it.each(pages)('%s: every relative link leads to a file and a heading', (file) => {
    const dead = linksOf(file).filter((link) => {
      if (/^[a-z]+:/.test(link)) return false;
      const [path, anchor] = link.split('#');
      const target = path === '' ? file : join(dirname(file), path);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchorsOf(target).includes(anchor);
    });
    expect(dead).toEqual([]);
  });

  it('leads from the README to every page that users read', () => {
    const linked = new Set(linksOf('README.md').map((link) => link.split('#')[0]));
    const forUsers = pages.filter((file) => dirname(file) === 'docs');
    expect(forUsers.filter((file) => !linked.has(file))).toEqual([]);
  });
});

describe('the README', () => {
  it('links only to what is in the package, so that the links work there, too', () => {
    const { files } = JSON.parse(read('package.json')) as { files: string[] };
    const packed = ['LICENSE', ...files.filter((pattern) => !pattern.startsWith('!'))];
    const targets = linksOf('README.md').filter((link) => !/^[a-z]+:|^#/.test(link));
    expect(targets.filter((link) => !packed.includes(link.split(/[/#]/)[0]))).toEqual([]);
  });

  it('is short enough to be read', () => {
    expect(statSync(join(root, 'README.md')).size).toBeLessThanOrEqual(14 * 1024);
  });

  it('shows at most 14 lines of output', () => {
    const excerpts = [...read('README.md').matchAll(/^```(?:text|console)\n(.*?)^```$/gms)].map(
      ([, text]) => text.trimEnd().split('\n').length,
    );
    expect(excerpts.filter((lines) => lines > 14)).toEqual([]);
  });
});

describe('the changelog', () => {
  const lines = read('CHANGELOG.md').split('\n');

  it('has lines of at most 100 characters', () => {
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
  });

  it('is sorted by version and kind', () => {
    const headings = lines.filter((line) => /^##+ /.test(line));
    const versions = headings.filter((line) => line.startsWith('## '));
    expect(versions[0]).toBe('## Unreleased');
    expect(versions.slice(1).every((line) => /^## \d+\.\d+\.\d+ - \d{4}-\d{2}-\d{2}$/.test(line))).toBe(true);
    const kinds = headings.filter((line) => line.startsWith('### '));
    expect(new Set(kinds)).toEqual(new Set(['### Added', '### Changed', '### Fixed']));
  });
});
