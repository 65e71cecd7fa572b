/** Fuzzes one parser in a thread of its own, so that an input that never ends can be ended. */
/// <reference lib="deno.worker" />
import { useDevice } from "../../lib/backend/device.ts";
import { type FuzzBounds, fuzzParser } from "./campaign.ts";
import { openNotes } from "./last_input.ts";
import { makeParser } from "./parsers.ts";

/** What the thread is sent. */
export interface FuzzOrder extends Omit<FuzzBounds, "onInput"> {
  parser: string;
  /** An empty folder for the parser's files. */
  scratch: string;
  /** The folder of notes on the inputs that are being read. */
  notes: string;
  /** One 32-bit number: that of the input that is being read, or -1 while the parser is made. */
  at: SharedArrayBuffer;
}

self.onmessage = async ({ data }: MessageEvent<FuzzOrder>) => {
  const { parser: name, scratch, notes, at, ...bounds } = data, current = new Int32Array(at);
  // Warnings are not refusals, and there would be thousands.
  console.warn = () => {};
  await useDevice("wasm");
  const parser = await makeParser(name, scratch);
  using notebook = openNotes(notes, name, bounds.seed);
  const onInput = (number: number) => {
    Atomics.store(current, 0, number);
    notebook.note(number);
  };
  self.postMessage(await fuzzParser(name, parser, { ...bounds, onInput }));
};
