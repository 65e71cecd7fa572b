/** Rows of JSON lines. */
import { shown } from "../../io/shown.ts";
import { type RowBatch, rowBatcher } from "./row_batches.ts";
import { utf8Decoder } from "./utf8.ts";

/** Longest line, in letters: a row of three texts is shorter, and a file without line ends must not fill the memory. */
const longestLine = 1 << 24;

/**
 * Reads JSON lines: one value a line. Lines end with LF or CRLF, and with nothing else: JSON texts may contain the other
 * signs that Unicode calls line ends. Empty lines are skipped.
 *
 * @param fail throws an error that says what is wrong with the file
 */
export async function* jsonLineRows(
  chunks: AsyncIterable<Uint8Array>,
  fail: (what: string) => never,
): AsyncGenerator<RowBatch> {
  const batch = rowBatcher(), decode = utf8Decoder(fail);
  let rest = "", line = 0;
  const add = (text: string) => {
    line++;
    if (text.trim() !== "") batch.add(parsed(text, batch.count() + 1, line, fail));
  };
  for await (const chunk of chunks) {
    const text = decode(chunk);
    let from = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
      add(rest + text.slice(from, end));
      rest = "";
      from = end + 1;
      if (batch.full()) yield batch.take();
    }
    rest += text.slice(from);
    if (rest.length > longestLine) {
      fail(`has a line ${line + 1} of more than ${longestLine} letters; write one row a line`);
    }
  }
  add(rest + decode(undefined));
  yield batch.take();
}

function parsed(text: string, row: number, line: number, fail: (what: string) => never): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return fail(
      `has a row ${row} (line ${line}) that is not JSON and begins with ${
        shown(text.trim().slice(0, 40))
      }; fetch or make it again`,
    );
  }
}
