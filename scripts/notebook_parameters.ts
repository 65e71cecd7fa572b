/** Changes parameters of a notebook for a run, such as fewer steps. */
import { type Notebook, textOf } from "./docs/notebook.ts";

/** A value that a parameters cell gives to a name, and where it stands in the cell. */
interface Parameter {
  value: unknown;
  start: number;
  end: number;
}

// A number, a text, true or false, or a list of them without lists inside.
const literal =
  /^(?:-?(?:\d[\d_]*)(?:\.\d+)?(?:e[-+]?\d+)?|"(?:[^"\\\n]|\\.)*"|true|false|\[[^[\]]*\])(?=\s*(?:[,;]|\/\/|\n|$))/i;

/** Parses settings as they are typed: `["steps=5", "seeds=[1]"]`. @throws {Error} if one has no "=" or no name */
export function parseSettings(settings: readonly string[]): Map<string, string> {
  return new Map(settings.map((setting) => {
    const [, name, value] = setting.match(/^\s*([\w$]+)\s*=\s*([^]+)$/) ?? [];
    if (name === undefined) throw new Error(`Reading --set failed: "${setting}" is not NAME=VALUE, such as steps=5.`);
    return [name, value.trim()];
  }));
}

/** Returns the names that the parameters cell of a notebook gives plain values to: its second code cell. */
export function parameterNames(notebook: Notebook): string[] {
  return [...parametersIn(sourceOf(notebook)).keys()];
}

/**
 * Returns a notebook whose parameters cell gives other values; names that it does not have are left to the caller.
 *
 * @param settings values by name as they are typed; a text may stand without quotes
 * @throws {Error} if a value is not of the type of the one that it replaces
 */
export function setParameters(notebook: Notebook, settings: ReadonlyMap<string, string>): Notebook {
  const cell = notebook.cells.filter(({ cell_type }) => cell_type === "code")[1];
  let source = sourceOf(notebook);
  for (const [name, typed] of settings) {
    const parameter = parametersIn(source).get(name);
    if (!parameter) continue;
    source = source.slice(0, parameter.start) + JSON.stringify(typedLike(parameter.value, typed, name)) +
      source.slice(parameter.end);
  }
  return { ...notebook, cells: notebook.cells.map((one) => one === cell ? { ...one, source } : one) };
}

function sourceOf({ cells }: Notebook): string {
  const cell = cells.filter(({ cell_type }) => cell_type === "code")[1];
  return cell ? textOf(cell.source) : "";
}

/** Finds `const a = 1, b = "x";`; what is computed is no parameter. */
function parametersIn(source: string): Map<string, Parameter> {
  const found = new Map<string, Parameter>();
  for (const start of source.matchAll(/^(?:const|let)\s+/gm)) {
    let at = start.index + start[0].length;
    while (true) {
      const [declared, name] = source.slice(at).match(/^\s*([A-Za-z_$][\w$]*)\s*=\s*/) ?? [];
      if (declared === undefined) break;
      at += declared.length;
      const [text] = source.slice(at).match(literal) ?? [];
      if (text === undefined) break;
      const value = valueOf(text);
      if (value !== undefined) found.set(name, { value, start: at, end: at + text.length });
      at += text.length;
      const comma = source.slice(at).match(/^\s*,/);
      if (!comma) break;
      at += comma[0].length;
    }
  }
  return found;
}

/** Reads a literal; undefined if it is none, such as a list of computed values. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text.replace(/(?<=\d)_(?=\d)/g, "").replace(/,\s*\]$/, "]"));
  } catch {
    return undefined;
  }
}

/** Reads a typed value as one of the type of another. */
function typedLike(old: unknown, typed: string, name: string): unknown {
  const value = valueOf(typed) ?? typed, kind = kindOf(old);
  if (kind === kindOf(value)) return value;
  if (kind === "a text") return typed;
  throw new Error(`Setting "${name}" failed: ${typed} is ${kindOf(value)}, the notebook has ${kind}.`);
}

function kindOf(value: unknown): string {
  if (!Array.isArray(value)) {
    return { number: "a number", boolean: "true or false" }[typeof value as string] ?? "a text";
  }
  const kinds = new Set(value.map(kindOf));
  return kinds.size === 1 ? `a list, each ${[...kinds][0]}` : "a list";
}
