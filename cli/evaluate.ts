/**
 * `deno task evaluate`: a benchmark, a CLIP, a phi and a text encoder; figures, ranking results, submissions, a page.
 */
import { runCommand } from "./command.ts";
import { evaluateCommand } from "./evaluate_options.ts";

await runCommand(evaluateCommand, async (options, _args, session) => {
  const { checkInputs } = await import("./evaluate_inputs.ts");
  const { loadModels } = await import("./models.ts");
  const { device, data, out, cache } = await checkInputs(options, session);
  const { evaluateData } = await import("../lib/evaluation/evaluate_benchmark.ts");
  const { evaluationConfiguration, openRowFiles } = await import("../lib/report/row_files.ts");
  const { evaluationTable } = await import("../lib/report/evaluation_table.ts");
  const { saveEvaluation, whyNoSubmission } = await import("../lib/report/save_evaluation.ts");

  console.log(`loading ${options.clip}`);
  const { prompt: template, orders, sum, methods, resume, show } = options;
  const prompt = {
    orders,
    ...(template === undefined ? {} : { template }),
    ...(sum === "raw" ? { sum } : {}),
  };
  const models = await loadModels(options);
  const configuration = await evaluationConfiguration(data, { ...models, prompt });
  using rowFiles = await openRowFiles(out, { configuration, resume });
  session.whenStopped(`Stopped; finished rows are kept. To go on: ${session.commandLine("--resume")}`);
  const evaluation = await evaluateData(data, {
    ...models,
    finished: rowFiles.finished,
    onRow: rowFiles.onRow,
    methods,
    prompt,
    cache,
    onStage: session.stage,
    signal: session.signal,
  });
  session.stageDone();
  const { encodedImages = 0, featuresKey, cutTexts } = evaluation;
  if (featuresKey && encodedImages < data.files.length) {
    console.log(`${data.files.length - encodedImages} images were encoded before (features ${featuresKey})`);
  }
  console.log(`writing ${out}`);
  const files = await saveEvaluation(out, evaluation, {
    ...models,
    device,
    arguments: Deno.args,
    show,
    half: options.half,
    export: options.export,
  });
  const why = whyNoSubmission(evaluation), { context } = models.clip.config.text;
  const facts = [
    ...data.stamps,
    ...(cutTexts > 0
      ? [`${cutTexts} texts reach the ${context} tokens that the model reads; longer ones are cut.`]
      : []),
    ...(why ? [`No submission is written: ${why}.`] : []),
  ];
  console.log(`\n${[...facts, evaluationTable(evaluation).text()].join("\n")}\n\nwritten: ${files.join(", ")}`);
});
