/**
 * The standard Hugging Face cache, shared with Python: what one of them downloaded, the other finds.
 *
 * Layout: `models--ORG--NAME/refs/REVISION` holds a commit; `snapshots/COMMIT/FILE` links to `blobs/ETAG`.
 */

/** Where models are kept: `HF_HUB_CACHE`, or `hub` in `HF_HOME`, or `~/.cache/huggingface/hub`. */
export function hubCache(): string {
  const cache = Deno.env.get("HF_HUB_CACHE") ?? Deno.env.get("HUGGINGFACE_HUB_CACHE");
  if (cache) return cache;
  const base = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE") ?? "."}/.cache`;
  return `${Deno.env.get("HF_HOME") ?? `${base}/huggingface`}/hub`;
}

/** The folder of a model such as "openai/clip-vit-base-patch32". @throws {Error} if the name is none */
export function modelCache(model: string): string {
  if (!/^[\w.-]+\/[\w.-]+$/.test(model) || model.includes("..")) {
    throw new Error(`Finding the model "${model}" failed: a name looks like "openai/clip-vit-base-patch32".`);
  }
  return `${hubCache()}/models--${model.replace("/", "--")}`;
}

/** The newest snapshot of a model in the cache, or undefined. @param revision a branch, a tag or a commit */
export async function cachedSnapshot(model: string, revision = "main"): Promise<string | undefined> {
  const folder = modelCache(model);
  const commit = await Deno.readTextFile(`${folder}/refs/${revision}`).then((text) => text.trim(), () => revision);
  const snapshot = `${folder}/snapshots/${commit}`;
  return await Deno.stat(snapshot).then(() => snapshot, () => undefined);
}

/**
 * The files of a model that are needed to use it, given all that it has; the weights in the form that is read best.
 * @throws {Error} if something needed is not there
 */
export function neededFiles(model: string, all: readonly string[]): string[] {
  const has = (name: string) => all.includes(name);
  const need = (name: string, ...forms: string[][]) => {
    const form = forms.find((files) => files.length > 0 && files.every(has));
    if (!form) {
      throw new Error(`Fetching ${model} failed: it has no ${name} (${forms.map((f) => f.join(" + ")).join(" or ")}).`);
    }
    return form;
  };
  const shards = all.filter((name) => /^model-\d+-of-\d+\.safetensors$/.test(name));
  return [
    ...need("configuration", ["config.json"]),
    ...need("tokenizer", ["tokenizer.json"], ["vocab.json", "merges.txt"]),
    ...need(
      "weights",
      ["model.safetensors"],
      ["model.safetensors.index.json", ...shards],
      ["pytorch_model.bin"],
    ),
    ...all.filter((name) => name === "preprocessor_config.json"),
  ];
}
