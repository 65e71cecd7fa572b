/** Parsers of texts: captions in their three forms, captions of images, phrases, concepts, and triplets. */
import { clipTokenizerJson } from "../../../lib/clip/files/clip_tokenizer_json.ts";
import { makeTokenizer } from "../../../lib/clip/model/tokenizer.ts";
import { readImageCaptions } from "../../../lib/evaluation/caption_features.ts";
import { readCaptions } from "../../../lib/projection/lincir/caption_file.ts";
import { cleanConcepts } from "../../../lib/projection/searle/generate_phrases.ts";
import { readPhrases } from "../../../lib/projection/searle/phrases.ts";
import { cleanText } from "../../../lib/triplets/triplet.ts";
import { Contradiction, jsonSample, type MakeParser, textSample } from "../parser.ts";
import { smallConfig } from "./clip_files.ts";

const lines = ["a red apple on the table", "two dogs run", "is", "the blue $ of <PERSON>"];

/** Captions for LinCIR: one a line, JSON lines, or JSON of two forms. */
export const captions: MakeParser = (scratch) => ({
  samples: [
    textSample("captions.txt", lines.join("\n")),
    textSample("captions.txt", lines.map((caption) => JSON.stringify({ caption })).join("\n")),
    jsonSample("captions.txt", lines),
    jsonSample("captions.txt", { info: {}, annotations: lines.map((caption, id) => ({ id, image_id: 1, caption })) }),
  ],
  names: ["captions.txt"],
  async read(bytes, file) {
    Deno.writeFileSync(`${scratch}/${file}`, bytes);
    const { captions } = await readCaptions(`${scratch}/${file}`);
    const empty = captions.find(({ caption, masked }) => caption === "" || !masked.includes("[$]"));
    if (empty) throw new Contradiction("a caption is not masked", `"${empty.caption}" as "${empty.masked}"`);
  },
});

/** Captions in the place of images. */
export const imageCaptions: MakeParser = (scratch) => ({
  samples: [
    jsonSample("captions.json", lines.map((caption, i) => ({ candidate: `image ${i}`, captions: [caption, "more"] }))),
  ],
  names: ["captions.json"],
  async read(bytes, file) {
    Deno.writeFileSync(`${scratch}/${file}`, bytes);
    await readImageCaptions(`${scratch}/${file}`);
  },
});

/** Concept phrases. */
export const phrases: MakeParser = (scratch) => ({
  samples: [
    jsonSample("phrases.json", { dog: ["a dog runs", "the dog, asleep"], "Red (hat)": ["a red (hat) on a chair"] }),
  ],
  names: ["phrases.json"],
  async read(bytes, file) {
    Deno.writeFileSync(`${scratch}/${file}`, bytes);
    const read = await readPhrases(`${scratch}/${file}`, () => {});
    for (const [concept, list] of read) {
      if (concept === "" || list.length === 0) {
        throw new Contradiction("a concept has no name or phrases", `"${concept}", ${list.length}`);
      }
    }
  },
});

/** Lines of concepts. */
export const concepts: MakeParser = () => ({
  samples: [textSample("concepts", "dog\nRed hat\n\ncaf\u00e9\n")],
  names: ["of the concepts"],
  read: (bytes) => cleanConcepts(new TextDecoder().decode(bytes).split("\n")),
});

/** Triplets: cleaned, then tokenized with a placeholder behind them. */
export const triplets: MakeParser = () => {
  const vocabulary = ["$</w>", "r", "e", "d</w>", "re", "red</w>", "<|startoftext|>", "<|endoftext|>"];
  const json = clipTokenizerJson(Object.fromEntries(vocabulary.map((token, id) => [token, id])), "r e\nre d</w>", "v");
  const tokenizer = makeTokenizer(json, smallConfig.text, "tokenizer.json", () => {});
  return {
    samples: [
      jsonSample("triplets", { reference: "a red dog", conditioning: "is $ two", target: "red <PERSON>" }),
      textSample("triplets", JSON.stringify({ reference: "red red", conditioning: "r", target: "e red" })),
    ],
    names: ["Tokenizing "],
    read(bytes) {
      let triplet: Record<string, unknown>;
      try {
        triplet = JSON.parse(new TextDecoder().decode(bytes)) ?? {};
      } catch {
        return;
      }
      const texts = ["reference", "conditioning", "target"].map((name) => triplet[name])
        .filter((text): text is string => typeof text === "string").map(cleanText);
      if (texts.some((text) => text.includes("$"))) throw new Contradiction("a cleaned text has a $", texts);
      for (const text of texts) {
        const { endAt, length, pseudoTokenMask } = tokenizer.encode([`[$] ${text}`]);
        const masked = pseudoTokenMask?.reduce((sum, one) => sum + one, 0);
        if (masked !== 1 || endAt[0] < 1 || endAt[0] >= length) {
          throw new Contradiction("placeholder or end are elsewhere", `${masked}, the end at ${endAt[0]} of ${length}`);
        }
      }
    },
  };
};
