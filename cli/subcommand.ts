/** Commands of a task that has several, such as "inspect" of `deno task triplets`. */
import { command } from "./command.ts";
import type { Command } from "./commander.ts";
import type { Session } from "./session.ts";

/** One of the commands of a task. */
export interface Subcommand {
  /** Its options and help. */
  // deno-lint-ignore no-explicit-any
  command: Command<any, any>;
  /** Sets what is called with the work when the user has typed this command. */
  whenChosen(choose: (work: (session: Session) => Promise<number | void>) => void): void;
}

/**
 * Makes a command of a task.
 *
 * @param describe chains the options of a command that has its description and examples
 * @param action what it does; the exit code is what it returns, or 0
 */
export function subcommand<Args extends unknown[], Options extends Record<string, unknown>>(
  { task, name, description, examples }: { task: string; name: string; description: string; examples: string[] },
  describe: (start: Command) => Command<Args, Options>,
  action: (options: Options, args: Args, session: Session) => Promise<number | void>,
): Subcommand {
  const described = describe(command(`${task} ${name}`, description, examples)).name(name);
  return {
    command: described,
    whenChosen(choose) {
      described.action(() => choose((session) => action(described.opts(), described.processedArgs as Args, session)));
    },
  };
}
