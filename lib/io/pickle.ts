/**
 * A pickle reader that runs nothing: it knows the handful of operations and names from which PyTorch state dicts are
 * built, and refuses every other by name.
 *
 * Operations: https://github.com/python/cpython/blob/main/Lib/pickletools.py (protocols 2 to 4).
 */

/** What a name in the pickle stands for: called with the arguments of REDUCE, it gives a plain value. */
export type PickleGlobal = (args: PickleValue[]) => PickleValue;

/** A value of a pickle. A Python dict is a `Map`. */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | PickleGlobal
  | object;

/** What the caller decides about a pickle: which names it may use, and how errors are worded. */
export interface PickleReader {
  /** The function behind `module name`, or undefined if the name is not allowed. */
  global(module: string, name: string): PickleGlobal | undefined;
  /** The object behind a persistent id, as PyTorch uses them for storages. */
  persistent(id: PickleValue): PickleValue;
  /** Throws an error that says what is wrong. */
  fail(what: string): never;
}

const mark = Symbol("mark");
type Slot = PickleValue | typeof mark;

/**
 * Reads one pickle and returns the value that it builds; no code of it is run.
 *
 * @throws {Error} through `fail`, if the pickle is damaged, or needs an operation or a name that is not allowed
 */
export function readPickle(bytes: Uint8Array, { global, persistent, fail }: PickleReader): PickleValue {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stack: Slot[] = [], memo = new Map<number, PickleValue>();
  let at = 0;
  const take = (length: number): number => {
    if (at + length > bytes.length) fail("its pickle ends in the middle");
    at += length;
    return at - length;
  };
  const text = (length: number) => {
    const from = take(length);
    return new TextDecoder().decode(bytes.subarray(from, from + length));
  };
  const line = () => {
    const end = bytes.indexOf(10, at);
    if (end < 0) fail("its pickle ends in the middle");
    const value = text(end - at);
    at++;
    return value;
  };
  const pop = (): PickleValue => {
    const value = stack.pop();
    return value === undefined || value === mark ? fail("its pickle takes from an empty stack") : value;
  };
  const top = (): PickleValue => {
    const value = stack[stack.length - 1];
    return value === undefined || value === mark ? fail("its pickle looks at an empty stack") : value;
  };
  const toMark = (): PickleValue[] => {
    const from = stack.lastIndexOf(mark);
    if (from < 0) fail("its pickle has no mark");
    return (stack.splice(from) as PickleValue[]).slice(1);
  };
  const named = (module: string, name: string): PickleGlobal =>
    global(module, name) ??
      fail(`it wants to use "${module}.${name}", which is not needed to rebuild tensors; nothing of it was run`);
  const setAll = (target: PickleValue, pairs: PickleValue[]) => {
    if (!(target instanceof Map) || pairs.length % 2 !== 0) return fail("its pickle sets items of what is no dict");
    for (let i = 0; i < pairs.length; i += 2) target.set(pairs[i], pairs[i + 1]);
  };
  const appendAll = (target: PickleValue, items: PickleValue[]) => {
    if (!Array.isArray(target)) return fail("its pickle appends to what is no list");
    for (const item of items) target.push(item);
  };
  const long = (length: number): number => {
    const from = take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = value << 8n | BigInt(bytes[from + i]);
    if (length > 0 && bytes[from + length - 1] >= 128) value -= 1n << BigInt(8 * length);
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : fail(`its pickle holds the number ${value}`);
  };

  while (true) {
    const operation = bytes[take(1)];
    switch (operation) {
      case 0x80: // PROTO
        if (bytes[take(1)] > 5) fail(`its pickle is of protocol ${bytes[at - 1]}, known are those up to 5`);
        break;
      case 0x95: // FRAME
        take(8);
        break;
      case 0x2e: // STOP
        return pop();
      case 0x28: // MARK
        stack.push(mark);
        break;
      case 0x4e: // NONE
        stack.push(null);
        break;
      case 0x88: // NEWTRUE
        stack.push(true);
        break;
      case 0x89: // NEWFALSE
        stack.push(false);
        break;
      case 0x4a: // BININT
        stack.push(view.getInt32(take(4), true));
        break;
      case 0x4b: // BININT1
        stack.push(bytes[take(1)]);
        break;
      case 0x4d: // BININT2
        stack.push(view.getUint16(take(2), true));
        break;
      case 0x8a: // LONG1
        stack.push(long(bytes[take(1)]));
        break;
      case 0x47: // BINFLOAT
        stack.push(view.getFloat64(take(8), false));
        break;
      case 0x58: // BINUNICODE
        stack.push(text(view.getUint32(take(4), true)));
        break;
      case 0x8c: // SHORT_BINUNICODE
        stack.push(text(bytes[take(1)]));
        break;
      case 0x7d: // EMPTY_DICT
        stack.push(new Map());
        break;
      case 0x5d: // EMPTY_LIST
        stack.push([]);
        break;
      case 0x29: // EMPTY_TUPLE
        stack.push([]);
        break;
      case 0x74: // TUPLE
        stack.push(toMark());
        break;
      case 0x85: // TUPLE1
        stack.push([pop()]);
        break;
      case 0x86: // TUPLE2
        stack.push([pop(), pop()].reverse());
        break;
      case 0x87: // TUPLE3
        stack.push([pop(), pop(), pop()].reverse());
        break;
      case 0x61: { // APPEND
        const item = pop();
        appendAll(top(), [item]);
        break;
      }
      case 0x65: { // APPENDS
        const items = toMark();
        appendAll(top(), items);
        break;
      }
      case 0x73: { // SETITEM
        const value = pop(), key = pop();
        setAll(top(), [key, value]);
        break;
      }
      case 0x75: { // SETITEMS
        const pairs = toMark();
        setAll(top(), pairs);
        break;
      }
      case 0x71: // BINPUT
        memo.set(bytes[take(1)], top());
        break;
      case 0x72: // LONG_BINPUT
        memo.set(view.getUint32(take(4), true), top());
        break;
      case 0x94: // MEMOIZE
        memo.set(memo.size, top());
        break;
      case 0x68: // BINGET
        stack.push(memoised(bytes[take(1)]));
        break;
      case 0x6a: // LONG_BINGET
        stack.push(memoised(view.getUint32(take(4), true)));
        break;
      case 0x63: { // GLOBAL
        const module = line();
        stack.push(named(module, line()));
        break;
      }
      case 0x93: { // STACK_GLOBAL
        const name = pop(), module = pop();
        stack.push(named(String(module), String(name)));
        break;
      }
      case 0x52: { // REDUCE
        const args = pop(), callable = pop();
        if (typeof callable !== "function" || !Array.isArray(args)) fail("its pickle calls what is no function");
        stack.push((callable as PickleGlobal)(args as PickleValue[]));
        break;
      }
      case 0x51: // BINPERSID
        stack.push(persistent(pop()));
        break;
      case 0x62: // BUILD: attributes, such as a state dict's _metadata; they carry no tensor
        pop();
        top();
        break;
      default:
        fail(`its pickle has the operation 0x${operation.toString(16)}, which no state dict needs`);
    }
  }

  function memoised(key: number): PickleValue {
    const value = memo.get(key);
    return value === undefined ? fail(`its pickle reads memo entry ${key}, which it never wrote`) : value;
  }
}
