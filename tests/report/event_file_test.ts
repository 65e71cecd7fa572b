import { assertEquals } from "@std/assert";
import { eventFileHeader, scalarEvent } from "../../lib/report/event_file.ts";

Deno.test("scalarEvent: the bytes are those that the tensorboard package writes", () => {
  // By tests/goldens/make_event_file.py: tensorboard's EventFileWriter over the same events.
  assertEquals(eventFileHeader().toHex(), "0f000000000000006d532b091a0d627261696e2e4576656e743a32fc985129");
  const scalars = { "train/loss": 2.7310257, "validation/R@1": 75 };
  assertEquals(
    scalarEvent(300, 5.808, scalars).toHex(),
    "3800000000000000a3797d570908ac1c5a643b174010ac022a2a0a110a0a747261696e2f6c6f73731520c92e400a150a0e76616c69646174696f6e2f5240311500009642ddb4b9ec",
  );
});
