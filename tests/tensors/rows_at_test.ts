import { assertEquals } from "@std/assert";
import { rowsAt } from "../../lib/tensors/rows_at.ts";
import * as tf from "../../lib/tensors/tf.ts";
import { eachBackend } from "../backends.ts";

eachBackend("rowsAt: rows in the order of the indices, repeated ones too, and no tensor beside them", async () => {
  const x = tf.tensor2d([[1, 2], [3, 4], [5, 6]]), before = tf.memory().numTensors;
  const rows = rowsAt(x, [2, 0, 2]);
  assertEquals(await rows.array(), [[5, 6], [1, 2], [5, 6]]);
  assertEquals(tf.memory().numTensors, before + 1);
  const none = rowsAt(x, []);
  assertEquals(none.shape, [0, 2]);
  tf.dispose([x, rows, none]);
});
