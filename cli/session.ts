/** What a running command is given: Ctrl-C as a signal, progress displays, the device. */
import type { Device } from "../lib/backend/device.ts";
import type { DeviceChoice } from "../lib/backend/device_choice.ts";
import { type Progress, progress } from "../lib/report/progress.ts";

/** What a running command is given. */
export interface Session {
  /** Aborted by the first Ctrl-C; the second ends the process at once. */
  signal: AbortSignal;
  /** Starts a progress display, which is closed before anything else is printed about the command's end. */
  progress(title: string): Progress;
  /** Shows one display at a time: a new title closes the display before. Throws the signal's reason after Ctrl-C. */
  stage(title: string, done: number, total: number, note?: string): void;
  /** Closes the display of {@linkcode stage}. */
  stageDone(): void;
  /** Lets Ctrl-C be heard: the native backend computes without ever yielding. */
  yield(): Promise<void>;
  /** Makes a device the one that computes, and prints which it is and why. */
  device(choice: DeviceChoice): Promise<Device>;
  /** Sets what is printed when Ctrl-C has ended the command, or a function that says it then; "Stopped." until then. */
  whenStopped(text: string | (() => string)): void;
  /** Returns the command line that the user typed, with a flag more, such as "--resume". */
  commandLine(flag?: string): string;
}

/** Makes a session, and the functions that only the wrapper calls. @param name "deno task NAME" */
export function makeSession(
  signal: AbortSignal,
  name: string,
): { session: Session; close: () => void; stopText: () => string } {
  const open = new Set<Progress>();
  let stage: { title: string; display: Progress } | undefined, stopText: string | (() => string) = "Stopped.";
  const session: Session = {
    signal,
    progress(title) {
      const inner = progress(title);
      const display: Progress = { update: inner.update, done: () => open.delete(display) && inner.done() };
      open.add(display);
      return display;
    },
    stage(title, done, total, note) {
      signal.throwIfAborted();
      if (stage?.title !== title) {
        session.stageDone();
        stage = { title, display: session.progress(title) };
      }
      stage.display.update(done, total, note);
    },
    stageDone() {
      stage?.display.done();
      stage = undefined;
    },
    yield: () => new Promise((go) => setTimeout(go, 0)),
    async device(choice) {
      const { describeDevice, useDevice } = await import("../lib/backend/device.ts");
      const device = await useDevice(choice);
      console.log(describeDevice(device));
      return device;
    },
    whenStopped: (text) => void (stopText = text),
    commandLine(flag) {
      const args = Deno.args.filter((arg) => arg !== flag).map((arg) =>
        /^[\w@%+=:,./-]+$/.test(arg) ? arg : quote(arg)
      );
      return [name, ...(flag ? [flag] : []), ...args].join(" ");
    },
  };
  return {
    session,
    close: () => open.forEach((display) => display.done()),
    stopText: () => typeof stopText === "string" ? stopText : stopText(),
  };
}

/** Quotes an argument for a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
