/** A step that is measured and thrown away, to say how long a run will take before it begins. */
import { disposeWeights } from "../tensors/weights.ts";
import type { StepTime } from "../training/time_left.ts";
import { trainRtd, type TrainRtdOptions } from "./train.ts";

/** Seconds of a first step that is measured itself; after a shorter one a second is, which starts nothing. */
const longStep = 60;

/**
 * Takes a step or two of a training, measures the last and throws their result away: nothing of a later `trainRtd` with
 * the same options is changed by it. Nothing is cached for the measured step, as in a first epoch.
 *
 * @returns the time of the step; undefined if the signal stopped it
 * @throws {Error} as `trainRtd` does, which is then known before the run begins
 */
export async function trialStep<State>(
  { clip, phi, triplets, recipe, encoder, recompute, signal }: Omit<TrainRtdOptions<State>, "onStep" | "checkpoint">,
): Promise<StepTime | undefined> {
  const enough = new AbortController();
  const signals = [enough.signal, ...(signal ? [signal] : [])];
  let measured: StepTime | undefined;
  const { textWeights } = await trainRtd({
    clip,
    phi,
    triplets,
    recipe,
    encoder,
    recompute,
    gradientNorm: true,
    signal: AbortSignal.any(signals),
    onStep({ step, seconds, drawing }) {
      measured = { seconds, drawing };
      if (step === 2 || seconds >= longStep) enough.abort();
    },
  });
  disposeWeights(textWeights);
  return signal?.aborted ? undefined : measured;
}
