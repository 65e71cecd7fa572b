/**
 * The forms in which triplets are published, with the exact names of their fields.
 *
 * Some hold the captions; in others the reference, the target or both are ids of images, whose captions come from
 * another file.
 */
import { isObject } from "../../io/json_values.ts";
import { shown } from "../../io/shown.ts";
import type { Triplet } from "../triplet.ts";
import { keyField, type Row } from "./row_batches.ts";

/** One text of a triplet in the rows of a file. */
export interface Column {
  /** Name of the field. */
  field: string;
  /** Whether it holds the id of an image, or a list that begins with one, in the place of its caption. */
  image: boolean;
}

/** Where the three texts of a triplet are. */
export interface TripletForm {
  /** What the form is called, after who published it. */
  name: string;
  /** The fields of the three texts. */
  columns: Record<keyof Triplet, Column>;
}

/**
 * The known forms; the first whose fields a row has is the row's. `@` marks an id of an image.
 *
 * - RTD trains on `reference_caption`, `conditioning_caption`, `target_caption` (jaeseokbyun/RTD, `loader.py`), which
 *   are CompoDiff's text triplets. WeiMoCIR's join with CIRR val, which this project made, says `conditioning`.
 * - InstructPix2Pix: `generate_txt_dataset.py` writes `caption`, `edit`, `output`; the published files have `input`
 *   (`prepare_for_gpt.py`, `generate_img_dataset.py`), their copies on the Hugging Face hub `original_prompt`,
 *   `edit_prompt`, `edited_prompt`.
 * - CoVR, and CC-CoIR from the same authors: `txt1`, `edit`, `txt2` (lucas-ventura/CoVR, `src/data/`).
 * - TransAgg: an object from the reference's id to `tgt_image_id`, `relative_cap`, `tgt_cap` (Code-kunkun/ZS-CIR,
 *   `laion_llm_info.json`), and a list with `ref_image_id` (`laion_template_info.json`, `laion_combined_info.json`).
 * - LaSCo: `query-image` and `target-image` are `[id, path]` of COCO 2014 (levymsn/LaSCo, README).
 * - CIRR (Cuberick-Orion/CIRR), CIRCO (miccunifi/CIRCO), Shoes (XiaoxiaoGuo/fashion-retrieval): ids of images.
 * - This library's own {@linkcode Triplet}, last: its names are part of others' rows.
 */
export const tripletForms: readonly TripletForm[] = [
  form("RTD / CompoDiff", "reference_caption", "conditioning_caption", "target_caption"),
  form("RTD / CompoDiff (conditioning)", "reference_caption", "conditioning", "target_caption"),
  form("InstructPix2Pix", "input", "edit", "output"),
  form("InstructPix2Pix (caption)", "caption", "edit", "output"),
  form("InstructPix2Pix (hub)", "original_prompt", "edit_prompt", "edited_prompt"),
  form("CoVR", "txt1", "edit", "txt2"),
  form("TransAgg", `@${keyField}`, "relative_cap", "tgt_cap"),
  form("TransAgg (list)", "@ref_image_id", "relative_cap", "@tgt_image_id"),
  form("LaSCo", "@query-image", "query-text", "@target-image"),
  form("CIRR", "@reference", "caption", "@target_hard"),
  form("CIRCO", "@reference_img_id", "relative_caption", "@target_img_id"),
  form("Shoes", "@ReferenceImageName", "RelativeCaption", "@ImageName"),
  form("reference, conditioning, target", "reference", "conditioning", "target"),
];

function form(name: string, reference: string, conditioning: string, target: string): TripletForm {
  const column = (text: string): Column => ({ field: text.replace(/^@/, ""), image: text.startsWith("@") });
  return {
    name,
    columns: { reference: column(reference), conditioning: column(conditioning), target: column(target) },
  };
}

/** The three keys of a triplet, in the order of a reader. */
export const tripletKeys = ["reference", "conditioning", "target"] as const;

/**
 * Makes a form from the names of columns.
 *
 * @param spec such as "reference=before,conditioning=text,target=after"; a name with `@` before it, such as
 *   "reference=@image_id", holds ids of images
 * @throws {Error} if one of the three is not named, or named twice
 */
export function namedColumns(spec: string): TripletForm {
  const fail = (what: string): never => {
    throw new Error(
      `Reading the names of columns failed: ${shown(spec)} ${what}; write ` +
        "reference=NAME,conditioning=NAME,target=NAME, with @NAME for ids of images.",
    );
  };
  const names = new Map<string, string>();
  for (const part of spec.split(",")) {
    const at = part.indexOf("="), key = part.slice(0, at).trim(), name = part.slice(at + 1).trim();
    if (!tripletKeys.some((known) => known === key)) fail(`names ${shown(at < 0 ? part.trim() : key)}`);
    if (name === "" || name === "@") fail(`gives no name for ${key}`);
    if (names.has(key)) fail(`names ${key} twice`);
    names.set(key, name);
  }
  const [reference, conditioning, target] = tripletKeys.map((key) => names.get(key) ?? fail(`does not name ${key}`));
  return form("named columns", reference, conditioning, target);
}

/** Whether a row has all fields of a form, be they empty. */
export function hasForm(row: Row, { columns }: TripletForm): boolean {
  return tripletKeys.every((key) => columns[key].field in row);
}

/** Returns the known form of a row, if it has one. */
export function formOf(row: unknown): TripletForm | undefined {
  return isObject(row) ? tripletForms.find((form) => hasForm(row, form)) : undefined;
}

/** Names of the fields that some form reads. */
export function fieldsOf(forms: readonly TripletForm[]): Set<string> {
  return new Set(forms.flatMap(({ columns }) => tripletKeys.map((key) => columns[key].field)));
}
