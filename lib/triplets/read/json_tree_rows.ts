/** Rows of one JSON value, a list or an object of rows, read without holding the whole. */
import { JSONParser } from "npm:@streamparser/json@0.0.26";
import { isObject } from "../../io/json_values.ts";
import { keyField, type RowBatch, rowBatcher } from "./row_batches.ts";
import { utf8Decoder } from "./utf8.ts";

/**
 * Reads the members of a JSON list or object as rows; an object's keys become the rows' field {@linkcode keyField}.
 *
 * @param fail throws an error that says what is wrong with the file
 */
export async function* jsonTreeRows(
  chunks: AsyncIterable<Uint8Array>,
  fail: (what: string) => never,
): AsyncGenerator<RowBatch> {
  const batch = rowBatcher(), check = utf8Decoder(fail);
  const parser = new JSONParser({ paths: ["$.*"], keepStack: false });
  let broken: Error | undefined;
  parser.onValue = ({ value, key }) =>
    batch.add(typeof key === "string" && isObject(value) ? { [keyField]: key, ...value } : value);
  parser.onError = (error) => void (broken ??= error);
  const failIfBroken = () => {
    const after = `after row ${batch.count()}`;
    if (broken && /in state ENDED$/.test(broken.message)) {
      fail(`has text behind the end of its JSON, ${after}; fetch it again`);
    }
    if (broken) fail(`is no longer JSON ${after}; fetch or make it again`);
  };
  for await (const chunk of chunks) {
    check(chunk);
    parser.write(chunk);
    failIfBroken();
    if (batch.full()) yield batch.take();
  }
  check(undefined);
  if (!parser.isEnded) fail(`is cut: its JSON ends after row ${batch.count()}, in the middle; fetch it again`);
  yield batch.take();
}
