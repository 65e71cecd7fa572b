/** The table of plain image-text retrieval. */
import { type Table, table } from "../../report/table.ts";
import type { LabelRetrieval } from "../evaluation/label_retrieval.ts";

/** Makes the table of R@1, percent, in both directions; one row a style of drawings. */
export function labelTable(retrievals: readonly LabelRetrieval[]): Table {
  return table(
    ["style", "images", "label to image R@1", "image to label R@1"],
    retrievals.map(({ style, images, labelToImage, imageToLabel }) => [
      style,
      String(images),
      labelToImage["R@1"],
      imageToLabel["R@1"],
    ]),
  );
}
