/** Takes steps of several programs in turn, round by round, so that what disturbs the machine disturbs all. */
import { firstSteps } from "./inputs.ts";
import type { Product } from "./matrix_product.ts";
import type { StepChoices, Taken, Worker } from "./workers.ts";

/** What was measured. */
export interface Rounds {
  /** For each program, the steps whose captions are new to the frozen encoder, round by round. */
  fresh: Taken[][];
  /** For each program, the steps whose frozen features are known. */
  known: Taken[][];
  /** The best matrix product of all programs in each round. */
  products: Product[];
}

/** How rounds are taken. */
export interface RoundOptions {
  rounds: number;
  /** Whether a program's frozen encoder runs although its features are known. */
  always?: (worker: Worker) => boolean;
  /** What else every step is told. */
  choices?: Omit<StepChoices, "teacher">;
  /** Called after each step. */
  onStep?: (name: string) => void;
  /** Pause before each step, milliseconds, in which threads that spin after work go to sleep (default 200). */
  pause?: number;
}

/** Takes first steps that do not count, then the rounds: a step of each program with new captions, then one with known. */
export async function takeRounds(
  workers: readonly Worker[],
  { rounds, always = () => false, choices = {}, onStep, pause = 200 }: RoundOptions,
): Promise<Rounds> {
  const fresh: Taken[][] = workers.map(() => []), known: Taken[][] = workers.map(() => []), products: Product[] = [];
  const stepOf = async (worker: Worker, index: number, isNew: boolean) => {
    await new Promise((go) => setTimeout(go, pause));
    const taken = await worker.step(index, { ...choices, teacher: isNew || always(worker) });
    onStep?.(worker.name);
    return taken;
  };
  for (let index = 0; index < firstSteps; index++) {
    for (const worker of workers) await stepOf(worker, index, index === 0);
  }
  for (let round = 0; round < rounds; round++) {
    const index = firstSteps + 2 * round;
    for (const [i, worker] of workers.entries()) fresh[i].push(await stepOf(worker, index, true));
    for (const [i, worker] of workers.entries()) known[i].push(await stepOf(worker, index + 1, false));
    let best: Product = { gigaflops: 0, side: 0 };
    for (const worker of workers) {
      const product = await worker.product(choices);
      if (product.gigaflops > best.gigaflops) best = product;
    }
    products.push(best);
  }
  return { fresh, known, products };
}

/** Index of the step of a round, for what is known of its sizes. */
export function indexOf(round: number, kind: "fresh" | "known"): number {
  return firstSteps + 2 * round + (kind === "fresh" ? 0 : 1);
}
