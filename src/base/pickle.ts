import { InputError } from './errors.ts';
import { phrase, type Phrase } from './phrase.ts';

/** Something a pickle names by module and attribute, e.g. `torch FloatStorage`; only those on the reader's list become one. */
export class PickleGlobal {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** What a pickle may hold. Lists and tuples are arrays, dictionaries maps; `object` is what the reader's rules have made. */
export type PickleValue = null | boolean | number | bigint | string | Uint8Array | PickleValue[] | Map<string | number, PickleValue> | PickleGlobal | object;

/** What a reader allows beside plain containers and numbers. */
export interface PickleRules {
  /** Names `module attribute` that may occur, and what calling them with these arguments makes; undefined: may occur, not be called. @throws RangeError at wrong arguments */
  readonly globals: ReadonlyMap<string, ((args: readonly PickleValue[]) => PickleValue) | undefined>;
  /** What a persistent id stands for. @throws RangeError at one that is not known */
  persistent(id: PickleValue): PickleValue;
}

/** Protocol 5 of Python 3.8. */
const newestProtocol = 5;
/** Torch writes a few dozen values; deeper nesting than this is an attack. */
const mostDepth = 1000;
/** Whole numbers of up to 64 bits and a sign. */
const longestInteger = 9;

const mark = Symbol('mark');
type Entry = PickleValue | typeof mark;

/**
 * Read a pickle (the opcodes of Python's pickletools) as data: containers, numbers, texts and what the rules allow. Nothing is imported or executed; whatever would be is refused by name.
 * Work and memory are proportional to the bytes: every opcode makes at most one value.
 * @param place of the pickle in the file, for errors. @throws InputError at anything else, with the byte
 */
export function readPickle(bytes: Uint8Array, rules: PickleRules, file: string, place: string): PickleValue {
  return new Unpickler(bytes, rules, file, place).run();
}

class Unpickler {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #rules: PickleRules;
  readonly #file: string;
  readonly #place: string;
  readonly #stack: Entry[] = [];
  readonly #memo = new Map<number, PickleValue>();
  #at = 0;
  #marks = 0;

  constructor(bytes: Uint8Array, rules: PickleRules, file: string, place: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#rules = rules;
    this.#file = file;
    this.#place = place;
  }

  run(): PickleValue {
    try {
      for (;;) {
        const opcode = this.#byte();
        if (opcode === 0x2e) return this.#finish(); // STOP
        this.#step(opcode);
      }
    } catch (error) {
      if (error instanceof RangeError) throw this.#fault(phrase`${error.message}`);
      throw error;
    }
  }

  #finish(): PickleValue {
    const value = this.#pop();
    if (this.#stack.length > 0) throw new RangeError('values are left over');
    return value;
  }

  #step(opcode: number): void {
    switch (opcode) {
      case 0x80: this.#protocol(); break;
      case 0x95: this.#whole(8); break; // FRAME: how many bytes follow
      case 0x28: this.#mark(); break;
      case 0x30: this.#pop(); break;
      case 0x32: this.#push(this.#top()); break; // DUP
      case 0x4e: this.#push(null); break;
      case 0x88: this.#push(true); break;
      case 0x89: this.#push(false); break;
      case 0x4b: this.#push(this.#byte()); break; // BININT1
      case 0x4d: this.#push(this.#whole(2)); break; // BININT2
      case 0x4a: this.#push(this.#take(4).getInt32(0, true)); break; // BININT
      case 0x8a: this.#push(this.#long(this.#byte())); break; // LONG1
      case 0x47: this.#push(this.#take(8).getFloat64(0, false)); break; // BINFLOAT
      case 0x58: this.#push(this.#text(this.#whole(4))); break; // BINUNICODE
      case 0x8c: this.#push(this.#text(this.#byte())); break; // SHORT_BINUNICODE
      case 0x43: this.#push(this.#blob(this.#byte())); break; // SHORT_BINBYTES
      case 0x5d: this.#push([]); break;
      case 0x29: this.#push([]); break; // EMPTY_TUPLE
      case 0x7d: this.#push(new Map()); break;
      case 0x85: this.#tuple(1); break;
      case 0x86: this.#tuple(2); break;
      case 0x87: this.#tuple(3); break;
      case 0x74: this.#push(this.#toMark()); break; // TUPLE
      case 0x6c: this.#push(this.#toMark()); break; // LIST
      case 0x64: this.#dictionary(); break; // DICT
      case 0x61: this.#append([this.#pop()]); break; // APPEND
      case 0x65: this.#append(this.#toMark()); break; // APPENDS
      case 0x73: this.#setItems(this.#two()); break; // SETITEM
      case 0x75: this.#setItems(this.#toMark()); break; // SETITEMS
      case 0x71: this.#remember(this.#byte()); break; // BINPUT
      case 0x72: this.#remember(this.#whole(4)); break; // LONG_BINPUT
      case 0x94: this.#remember(this.#memo.size); break; // MEMOIZE
      case 0x68: this.#recall(this.#byte()); break; // BINGET
      case 0x6a: this.#recall(this.#whole(4)); break; // LONG_BINGET
      case 0x63: this.#global(this.#line(), this.#line()); break; // GLOBAL
      case 0x93: this.#global(...this.#two()); break; // STACK_GLOBAL
      case 0x51: this.#push(this.#rules.persistent(this.#pop())); break; // BINPERSID
      case 0x52: this.#reduce(); break;
      case 0x62: this.#build(); break;
      default: throw this.#fault(phrase`opcode 0x${opcode.toString(16).padStart(2, '0')} is not read`);
    }
  }

  #protocol(): void {
    const version = this.#byte();
    if (version > newestProtocol) throw this.#fault(phrase`pickle protocol ${version} is not read`);
  }

  #mark(): void {
    if (++this.#marks > mostDepth) throw new RangeError('nests too deeply');
    this.#stack.push(mark);
  }

  #push(value: PickleValue): void {
    this.#stack.push(value);
  }

  #pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined || value === mark) throw new RangeError('a value is missing');
    return value;
  }

  #two(): [first: PickleValue, second: PickleValue] {
    const second = this.#pop();
    return [this.#pop(), second];
  }

  #top(): PickleValue {
    const value = this.#stack.at(-1);
    if (value === undefined || value === mark) throw new RangeError('a value is missing');
    return value;
  }

  #toMark(): PickleValue[] {
    const at = this.#stack.lastIndexOf(mark);
    if (at < 0) throw new RangeError('a mark is missing');
    this.#marks--;
    const values = this.#stack.splice(at).slice(1);
    return values as PickleValue[];
  }

  #tuple(length: number): void {
    const values = Array.from({ length }, () => this.#pop()).reverse();
    this.#push(values);
  }

  #append(values: readonly PickleValue[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) throw new RangeError('appends to something that is no list');
    for (const value of values) list.push(value);
  }

  #dictionary(): void {
    const items = this.#toMark();
    this.#push(new Map());
    this.#setItems(items);
  }

  #setItems(items: readonly PickleValue[]): void {
    const target = this.#top();
    if (!(target instanceof Map)) throw new RangeError('sets an item of something that is no dictionary');
    if (items.length % 2 !== 0) throw new RangeError('a value is missing');
    for (let index = 0; index < items.length; index += 2) {
      const key = items[index];
      if (typeof key !== 'string' && typeof key !== 'number') throw new RangeError('a key is neither text nor number');
      target.set(key, items[index + 1]);
    }
  }

  #remember(index: number): void {
    this.#memo.set(index, this.#top());
  }

  #recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw new RangeError('refers to a value that is not there');
    this.#push(value);
  }

  #global(module: PickleValue, attribute: PickleValue): void {
    if (typeof module !== 'string' || typeof attribute !== 'string') throw new RangeError('names a global by something that is no text');
    const name = `${module} ${attribute}`;
    if (!this.#rules.globals.has(name)) throw this.#fault(phrase`names ${`${module}.${attribute}`.slice(0, 100)}, which is code or an object of a class`);
    this.#push(new PickleGlobal(name));
  }

  #reduce(): void {
    const args = this.#pop();
    const callable = this.#pop();
    const make = callable instanceof PickleGlobal ? this.#rules.globals.get(callable.name) : undefined;
    if (make === undefined || !Array.isArray(args)) throw this.#fault(phrase`calls something that may not be called`);
    this.#push(make(args));
  }

  /** Dictionaries of PyTorch carry the version of their layout, which nobody needs; no object gets a state. */
  #build(): void {
    const state = this.#pop();
    if (!(this.#top() instanceof Map) || !(state instanceof Map)) throw this.#fault(phrase`sets the state of an object`);
  }

  #byte(): number {
    return this.#take(1).getUint8(0);
  }

  /** An unsigned whole number of 2, 4 or 8 bytes. */
  #whole(width: 2 | 4 | 8): number {
    const view = this.#take(width);
    return width === 2 ? view.getUint16(0, true) : width === 4 ? view.getUint32(0, true) : Number(view.getBigUint64(0, true));
  }

  #long(length: number): number | bigint {
    if (length > longestInteger) throw new RangeError('a whole number is too long');
    const bytes = this.#blob(length);
    let value = 0n;
    for (let index = length - 1; index >= 0; index--) value = value * 256n + BigInt(bytes[index]);
    const signed = length > 0 && bytes[length - 1] >= 0x80 ? value - (1n << BigInt(8 * length)) : value;
    return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
  }

  #text(length: number): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.#blob(length));
    } catch (error) {
      if (error instanceof TypeError) throw new RangeError('a text is not UTF-8', { cause: error });
      throw error;
    }
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw new RangeError('breaks off');
    const line = this.#text(end - this.#at);
    this.#at = end + 1;
    return line;
  }

  #blob(length: number): Uint8Array {
    const view = this.#take(length);
    return new Uint8Array(view.buffer, view.byteOffset, length);
  }

  #take(length: number): DataView {
    if (length > this.#bytes.length - this.#at) throw new RangeError('breaks off');
    this.#at += length;
    return new DataView(this.#view.buffer, this.#view.byteOffset + this.#at - length, length);
  }

  #fault(message: Phrase): InputError {
    return new InputError(phrase`the pickle is not plain data: ${message}`, {
      file: this.#file, place: `${this.#place}, byte ${this.#at}`,
      remedy: phrase`Nothing of it was run. In Python, load it if you trust where it comes from, and save only the tensors: torch.save({name: tensor}, path), or safetensors.torch.save_file.`,
    });
  }
}
