import type { FileHandle } from 'node:fs/promises';
import { InputError } from './errors.ts';
import { readRange } from './fileBytes.ts';
import { phrase, type Phrase } from './phrase.ts';

/** Where the bytes of a stored member lie, counted from the start of the file. */
export interface ZipMember {
  readonly offset: number;
  readonly length: number;
}

const signatures = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50 } as const;

/** The end record has 22 bytes and a comment of at most 65535. */
const longestEnd = 22 + 0xffff;

/** PyTorch writes a member for each tensor; an SAE has about ten. */
const mostMembers = 4096;
const mostDirectoryBytes = 4 * 2 ** 20;
const longestName = 1024;

/**
 * The members of a zip archive (PKWARE APPNOTE 6.3.10, zip64 included) whose members are stored, not compressed, as PyTorch writes them. Nothing is unpacked, so that no
 * archive can grow in memory. Checksums are not looked at: PyTorch can be told to write none, and what members say is checked by who reads them.
 * @throws InputError when it is malformed, compressed or encrypted, or members overlap or leave the file
 */
export async function readZipDirectory(handle: FileHandle, size: number, file: string): Promise<Map<string, ZipMember>> {
  const { entries, start, end } = await findDirectory(handle, size, file);
  if (end - start > mostDirectoryBytes || entries > mostMembers) throw malformed(phrase`${entries} members are more than ${mostMembers}`, file, start);
  const bytes = await readRange(handle, start, end - start, file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const members = new Map<string, ZipMember>();
  const ranges: { from: number; to: number }[] = [];
  for (let at = 0, entry = 0; entry < entries; entry++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== signatures.central) throw malformed(phrase`the list of members breaks off`, file, start + at);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const next = at + 46 + nameLength + extraLength + commentLength;
    if (next > bytes.length || nameLength > longestName) throw malformed(phrase`the list of members breaks off`, file, start + at);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    if ((view.getUint16(at + 8, true) & 1) !== 0 || view.getUint16(at + 10, true) !== 0) {
      throw new InputError(phrase`is compressed or encrypted`, { file, place: name, remedy: phrase`Save the SAE again with torch.save, and do not pack it.` });
    }
    const { length, header } = sizesOf(view, at, nameLength, extraLength, () => malformed(phrase`the member has no size`, file, start + at));
    const offset = await dataStart(handle, header, start, file);
    if (offset + length > start) throw malformed(phrase`the member ${name} leaves the file`, file, header);
    if (members.has(name)) throw malformed(phrase`two members are called ${name}`, file, header);
    members.set(name, { offset, length });
    ranges.push({ from: header, to: offset + length });
    at = next;
  }
  ranges.sort((a, b) => a.from - b.from);
  const overlap = ranges.find(({ from }, index) => index > 0 && from < ranges[index - 1].to);
  if (overlap !== undefined) throw malformed(phrase`members overlap`, file, overlap.from);
  return members;
}

/** Length of the data and place of the local header; 32-bit fields of ones stand for those of the zip64 extra field, in this order. */
function sizesOf(view: DataView, at: number, nameLength: number, extraLength: number, fail: () => InputError): { length: number; header: number } {
  const [packed, length, header] = [view.getUint32(at + 20, true), view.getUint32(at + 24, true), view.getUint32(at + 42, true)];
  const wide = [length, packed, header].map((value) => value === 0xffffffff);
  const from = at + 46 + nameLength;
  let [wideLength, widePacked, wideHeader] = [length, packed, header];
  for (let field = from; wide.includes(true) && field + 4 <= from + extraLength;) {
    const fieldLength = view.getUint16(field + 2, true);
    if (view.getUint16(field, true) === 1) {
      const count = wide.filter(Boolean).length;
      if (fieldLength < 8 * count || field + 4 + fieldLength > from + extraLength) throw fail();
      let place = field + 4;
      const take = (): number => {
        const value = Number(view.getBigUint64(place, true));
        place += 8;
        return value;
      };
      if (wide[0]) wideLength = take();
      if (wide[1]) widePacked = take();
      if (wide[2]) wideHeader = take();
      wide.fill(false);
    }
    field += 4 + fieldLength;
  }
  if (wide.includes(true) || wideLength !== widePacked || !Number.isSafeInteger(wideLength) || !Number.isSafeInteger(wideHeader)) throw fail();
  return { length: wideLength, header: wideHeader };
}

async function dataStart(handle: FileHandle, header: number, limit: number, file: string): Promise<number> {
  if (header + 30 > limit) throw malformed(phrase`a member begins beyond the end`, file, header);
  const local = await readRange(handle, header, 30, file);
  const view = new DataView(local.buffer, local.byteOffset);
  if (view.getUint32(0, true) !== signatures.local) throw malformed(phrase`no member begins here`, file, header);
  return header + 30 + view.getUint16(26, true) + view.getUint16(28, true);
}

async function findDirectory(handle: FileHandle, size: number, file: string): Promise<{ entries: number; start: number; end: number }> {
  const from = Math.max(0, size - longestEnd);
  const tail = await readRange(handle, from, size - from, file);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.length);
  let at = tail.length - 22;
  while (at >= 0 && view.getUint32(at, true) !== signatures.end) at--;
  if (at < 0) throw malformed(phrase`the end of the archive is missing`, file, size);
  let [entries, length, start] = [view.getUint16(at + 10, true), view.getUint32(at + 12, true), view.getUint32(at + 16, true)];
  let end = from + at;
  if (entries === 0xffff || length === 0xffffffff || start === 0xffffffff) {
    const locator = at - 20;
    if (locator < 0 || view.getUint32(locator, true) !== signatures.locator64) throw malformed(phrase`the end of the archive is missing`, file, from + at);
    end = Number(view.getBigUint64(locator + 8, true));
    if (end + 56 > size) throw malformed(phrase`the end of the archive is missing`, file, from + locator);
    const record = await readRange(handle, end, 56, file);
    const wide = new DataView(record.buffer, record.byteOffset);
    if (wide.getUint32(0, true) !== signatures.end64) throw malformed(phrase`the end of the archive is missing`, file, end);
    [entries, length, start] = [32, 40, 48].map((field) => Number(wide.getBigUint64(field, true)));
  }
  if (!Number.isSafeInteger(start + length) || start + length > end) throw malformed(phrase`the list of members leaves the file`, file, end);
  return { entries, start, end: start + length };
}

function malformed(message: Phrase, file: string, byte: number): InputError {
  return new InputError(message, { file, place: `byte ${byte}`, remedy: phrase`The file is damaged or truncated: copy, download or write it again.` });
}
