/** What every `deno task` command shares: its options and help, Ctrl-C, progress displays, and how it ends. */
import { Command, CommanderError } from "./commander.ts";
import { makeSession, type Session } from "./session.ts";
import { reportError } from "./usage_error.ts";

/**
 * Makes a command that `deno task NAME` runs; the caller chains its options, then hands it to {@linkcode runCommand}.
 * @param examples whole command lines for the help
 */
export function command(name: string, description: string, examples: readonly string[]): Command {
  return new Command(`deno task ${name}`)
    .description(description)
    .helpOption("-h, --help", "show this help")
    .addHelpText("after", `\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`)
    .showSuggestionAfterError()
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => console.log(text.replace(/\n$/, "")),
      writeErr: () => {}, // runCommand prints the error
      // The standard versions read NO_COLOR, FORCE_COLOR and CLICOLOR_FORCE, each of which needs a permission.
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
}

/**
 * Parses the command line, runs `action`, and ends the process: with the code that `action` returns, else 130 after
 * Ctrl-C, 1 after an error, 0 otherwise.
 *
 * The first Ctrl-C aborts the session's signal, the second ends the process at once. What loads TensorFlow.js is
 * imported inside `action`, so that the help answers at once.
 */
export async function runCommand<Args extends unknown[], Options extends Record<string, unknown>>(
  cmd: Command<Args, Options>,
  action: (options: Options, args: Args, session: Session) => Promise<number | void>,
): Promise<never> {
  const stop = new AbortController(), { session, close, stopText } = makeSession(stop.signal, cmd.name());
  const onInterrupt = () => {
    close();
    if (stop.signal.aborted) Deno.exit(130);
    console.error("Stopping; press Ctrl-C again to stop at once.");
    stop.abort();
  };
  let code: number;
  try {
    parse(cmd);
    Deno.addSignalListener("SIGINT", onInterrupt);
    code = await action(cmd.opts(), cmd.processedArgs, session) ?? (stop.signal.aborted ? 130 : 0);
    close();
  } catch (error) {
    close();
    code = reportError(error, cmd.name(), stop.signal);
  }
  if (code === 130) console.log(stopText());
  // Native libraries may keep the event loop alive.
  Deno.exit(code);
}

function parse<Args extends unknown[], Options extends Record<string, unknown>>(cmd: Command<Args, Options>): void {
  const read = () => cmd.parse(Deno.args, { from: "user" });
  try {
    read();
  } catch (error) {
    if (!(error instanceof CommanderError && error.code === "commander.missingMandatoryOptionValue")) throw error;
    // Commander looks for missing options first, which would hide that one is misspelt.
    for (const option of cmd.options) option.mandatory = false;
    read();
    throw error;
  }
}
