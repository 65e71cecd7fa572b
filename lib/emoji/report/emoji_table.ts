/** The table in which results on the embedded benchmark are read. */
import { type EditKind, editKinds } from "../data/edits.ts";
import { type EmojiRow, type SideSetting, sideSettings } from "../evaluation/rows.ts";
import { type Cell, type Table, table } from "../../report/table.ts";

/**
 * Makes the table: macro R@1, which counts, then R@5, R@10 and R@1 in the family, R@1 by kind of edit with its number
 * of queries, and macro R@1 in the side settings.
 */
export function emojiTable(rows: readonly EmojiRow[]): Table {
  const first = rows[0].main;
  const kinds = editKinds.filter((kind) => first.kinds[kind] !== undefined);
  const head = (kind: EditKind) =>
    `${kind}${first.macroOver.includes(kind) ? "" : "*"} (${first.kinds[kind]!.queries})`;
  const sides = Object.keys(sideSettings) as SideSetting[];
  const columns = ["query method", "macro R@1", "R@5", "R@10", "in family", ...kinds.map(head), ...sides];
  return table(
    columns,
    rows.map(({ name, main, side }): Cell[] => [
      name,
      main.macro["R@1"],
      main.macro["R@5"],
      main.macro["R@10"],
      main.familyR1,
      ...kinds.map((kind) => main.kinds[kind]?.["R@1"]),
      ...sides.map((setting) => side[setting]?.macro["R@1"]),
    ]),
  );
}
