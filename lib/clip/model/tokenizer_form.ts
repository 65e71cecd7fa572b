/** The form of a `tokenizer.json`, as far as a mistake in it would give wrong token ids instead of an error. */
import { isObject } from "../../io/json_values.ts";
import { shown } from "../../io/shown.ts";

/**
 * Checks vocabulary, added tokens, patterns and merges of a parsed `tokenizer.json`.
 *
 * @param vocabulary number of token embeddings of the model
 * @param file its name, for error messages
 * @throws {Error} if a part is missing or of another type, an id has no embedding, or a merge makes no token of the
 *   vocabulary, as happens when `merges.txt` was changed or belongs to another model
 */
export function checkTokenizerForm(json: unknown, vocabulary: number, file: string): asserts json is object {
  const fail = (what: string): never => {
    throw new Error(`Reading ${file} failed: ${what}; fetch or make the tokenizer's files again.`);
  };
  const model = isObject(json) ? json.model : undefined;
  if (!isObject(json) || !isObject(model)) return fail("it has no model, so it is no tokenizer");
  const { vocab: tokens, merges } = model, { added_tokens: added } = json;
  if (!isObject(tokens)) return fail("its vocabulary is no object from tokens to ids");
  const checkId = (token: unknown, id: unknown) => {
    if (!Number.isInteger(id) || (id as number) < 0 || (id as number) >= vocabulary) {
      fail(`its token ${shown(token)} has the id ${shown(id)}, config.json has ${vocabulary} tokens`);
    }
  };
  for (const [token, id] of Object.entries(tokens)) checkId(token, id);
  if (!Array.isArray(added)) return fail("its added_tokens are no list");
  for (const token of added) {
    if (!isObject(token) || typeof token.content !== "string" || token.content === "") {
      return fail(`its added token ${shown(token)} has no content`);
    }
    checkId(token.content, token.id);
  }
  const odd = oddPattern([json.normalizer, json.pre_tokenizer, json.post_processor, json.decoder]);
  if (odd !== undefined) fail(`its pattern ${shown(odd)} has no Regex and no String`);
  if (merges === undefined) return;
  if (!Array.isArray(merges)) return fail("its merges are no list");
  // In other families of tokenizers the second part carries a prefix that is cut off.
  const joins = (model.continuing_subword_prefix ?? "") === "";
  merges.forEach((merge, i) => {
    const pair: unknown = typeof merge === "string" ? merge.split(" ") : merge;
    if (!Array.isArray(pair) || pair.length !== 2 || !pair.every((part) => typeof part === "string" && part !== "")) {
      return fail(`its merge ${i}, ${shown(merge)}, is no pair of tokens`);
    }
    if (joins && !Object.hasOwn(tokens, pair.join(""))) {
      fail(`its merge ${i}, ${shown(merge)}, makes ${shown(pair.join(""))}, which the vocabulary does not have`);
    }
  });
}

/**
 * Returns the first pattern, at any depth, that a tokenizer would pass over without splitting or replacing anything.
 */
function oddPattern(stages: unknown[]): unknown {
  for (let value = stages.pop(); value !== undefined || stages.length > 0; value = stages.pop()) {
    if (typeof value !== "object" || value === null) continue;
    const { type, pattern } = value as Record<string, unknown>;
    if (type === "Split" || type === "Replace" || Object.hasOwn(value, "pattern")) {
      const written = isObject(pattern) ? pattern.Regex ?? pattern.String : undefined;
      if (typeof written !== "string") return pattern ?? null;
    }
    for (const inner of Object.values(value)) stages.push(inner);
  }
  return undefined;
}
