import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { FileChangedError, makeDirectory, writeAtomically } from '../../src/io/atomic-write.ts';
import { testWith } from '../support/needs.ts';
import { scratchHome } from '../support/process.ts';

const ROOT = { missing: process.getuid?.() === 0 ? undefined : 'only root may give a file away' };
const SOMEBODY = 65_534;

function ownerOf(path: string) {
  const { uid, gid, mode } = statSync(path);
  return { uid, gid, mode: (mode & 0o7777).toString(8) };
}

describe('for root in the home of another user', () => {
  testWith([ROOT], "a new directory and a new file are that user's", () => {
    const home = scratchHome();
    chownSync(home, SOMEBODY, SOMEBODY);
    makeDirectory(join(home, '.docker'));
    writeAtomically(join(home, '.docker/config.json'), '{}');
    const somebodys = { uid: SOMEBODY, gid: SOMEBODY };
    expect(ownerOf(join(home, '.docker'))).toEqual({ ...somebodys, mode: '700' });
    expect(ownerOf(join(home, '.docker/config.json'))).toEqual({ ...somebodys, mode: '600' });
  });

  testWith([ROOT], 'a file keeps its owner and its mode, but no bits that give rights', () => {
    const home = scratchHome({ 'config.json': '{}' });
    const path = join(home, 'config.json');
    chownSync(path, SOMEBODY, SOMEBODY);
    chmodSync(path, 0o4640);
    writeAtomically(path, '{"a":1}');
    expect(ownerOf(path)).toEqual({ uid: SOMEBODY, gid: SOMEBODY, mode: '640' });
  });

  testWith([ROOT], "a link of theirs is followed to what is theirs, and not to root's", () => {
    const home = scratchHome({ 'docker/config.json': '{}' });
    const link = join(home, 'link');
    const path = join(link, 'config.json');
    symlinkSync('docker', link);
    lchownSync(link, SOMEBODY, SOMEBODY);
    expect(() => writeAtomically(path, '{"a":1}')).toThrow("not its owner's");
    expect(readFileSync(path, 'utf8')).toBe('{}');
    chownSync(join(home, 'docker'), SOMEBODY, SOMEBODY);
    writeAtomically(path, '{"a":1}');
    expect(readFileSync(path, 'utf8')).toBe('{"a":1}');
    expect(readdirSync(join(home, 'docker'))).toEqual(['config.json']);
  });
});

test('who renames the directory between two steps does not lead us elsewhere', () => {
  const home = scratchHome({ 'docker/config.json': '{}', 'elsewhere/config.json': 'theirs' });
  const recheck = () => {
    renameSync(join(home, 'docker'), join(home, 'moved'));
    symlinkSync('elsewhere', join(home, 'docker'));
  };
  writeAtomically(join(home, 'docker/config.json'), '{"a":1}', { recheck });
  expect(readFileSync(join(home, 'elsewhere/config.json'), 'utf8')).toBe('theirs');
  expect(readFileSync(join(home, 'moved/config.json'), 'utf8')).toBe('{"a":1}');
  expect(readdirSync(join(home, 'moved'))).toEqual(['config.json']);
});

test('a write that is called off leaves no temp file', () => {
  const home = scratchHome({ 'config.json': '{}' });
  const recheck = () => {
    throw new FileChangedError('changed');
  };
  const path = join(home, 'config.json');
  expect(() => writeAtomically(path, 'x', { recheck })).toThrow(FileChangedError);
  expect(readdirSync(home)).toEqual(['config.json']);
});

test('a directory in place of the file, and a file in place of the directory, are errors', () => {
  const home = scratchHome({ file: '' });
  mkdirSync(join(home, 'folder'));
  expect(() => writeAtomically(join(home, 'folder'), 'x')).toThrow();
  expect(() => writeAtomically(join(home, 'file/config.json'), 'x')).toThrow();
  writeFileSync(join(home, 'file'), 'same');
  expect(readdirSync(home).sort()).toEqual(['file', 'folder']);
});

test("owners and modes are set on descriptors: a path may be somebody else's by then", () => {
  const text = readFileSync(join(__dirname, '../../src/io/atomic-write.ts'), 'utf8');
  expect(text).not.toMatch(/\b(?:l?chown|chmod|lutimes)Sync\(/);
});
