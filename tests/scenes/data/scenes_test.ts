import { assert, assertEquals } from "@std/assert";
import { drawSceneCaption, maskSceneCaption, sceneCaption, sceneWords } from "../../../lib/scenes/data/captions.ts";
import { drawEdit, randomSibling, sceneAspects } from "../../../lib/scenes/data/edits.ts";
import { kinds } from "../../../lib/scenes/data/kinds.ts";
import { isHeldOut, splitKinds } from "../../../lib/scenes/data/pairs.ts";
import { randomScene, type Scene, sceneKey } from "../../../lib/scenes/data/scene.ts";
import { sceneSampler } from "../../../lib/scenes/data/triplets.ts";
import { sceneTemplates, sceneText, sceneWordings } from "../../../lib/scenes/data/wording.ts";
import { random } from "../../../lib/tensors/random.ts";
import { untrainedScenesClip } from "../../../lib/scenes/model/scenes_model.ts";

const all = [...kinds.keys()], named = (name: string) => kinds.findIndex((kind) => kind.name === name);
const dogs: Scene = {
  groups: [{ kind: named("dog"), count: 2, size: "small" }, { kind: named("apple"), count: 1, size: "large" }],
  background: "striped",
};

Deno.test("sceneCaption: numbers, articles, plurals and sides read as a person would say them", () => {
  assertEquals(sceneCaption(dogs), "two small dogs and a large apple on a striped background");
  const turned: Scene = { groups: dogs.groups.toReversed(), background: "blue", side: "above" };
  assertEquals(sceneCaption(turned), "a large apple above two small dogs on a blue background");
  assertEquals(maskSceneCaption("a photo of two small dogs and an apple on blue"), "a photo of [$] and an [$] on [$]");
});

Deno.test("sceneKey: the order of groups does not matter, everything else does", () => {
  const turned = { ...dogs, groups: dogs.groups.toReversed() };
  assertEquals(sceneKey(turned), sceneKey(dogs));
  assertEquals(sceneKey({ ...turned, side: "left" }), sceneKey({ ...dogs, side: "right" }));
  const rng = random(101), keys = new Set([sceneKey(dogs)]);
  for (let i = 0; i < 50; i++) keys.add(sceneKey(randomSibling(dogs, { kinds: all }, rng)));
  assert(keys.size > 25, String(keys.size));
});

Deno.test("splitKinds: 34, 10 and 24 kinds, none in two splits, another split with another seed", () => {
  assertEquals(kinds.length, 68);
  for (const seed of [0, 1, 2]) {
    const { train, validation, test } = splitKinds(seed);
    assertEquals([train.length, validation.length, test.length], [34, 10, 24]);
    assertEquals([...train, ...validation, ...test].sort((a, b) => a - b), all);
  }
  assert(splitKinds(0).test.join() !== splitKinds(1).test.join());
});

Deno.test("isHeldOut: half of all pairs, whatever their order", () => {
  const pairs = all.flatMap((a) => all.filter((b) => b < a).map((b) => [a, b]));
  assertEquals(pairs.filter(([a, b]) => isHeldOut(a, b)).length, pairs.length / 2);
  assert(pairs.every(([a, b]) => isHeldOut(a, b) === isHeldOut(b, a)));
});

Deno.test("drawEdit: each aspect changes what it says, and nothing else", () => {
  const rng = random(202), choice = { kinds: all };
  for (const aspect of sceneAspects) {
    for (let drawn = 0; drawn < 60;) {
      const edit = drawEdit(randomScene({ kinds: all, alone: 0.4 }, rng), aspect, choice, rng);
      if (!edit) continue;
      drawn++;
      const { reference, target, changes } = edit, before = reference.groups, after = target.groups;
      assert(sceneKey(reference) !== sceneKey(target), sceneCaption(reference));
      assertEquals(changes.length, aspect === "two" ? 2 : 1);
      assert(
        after.every(({ count }) => count >= 1 && count <= 4) &&
          new Set(after.map(({ kind }) => kind)).size === after.length,
      );
      const changed = after.filter((group) => !before.includes(group));
      const was = before.filter((group) => !after.includes(group));
      switch (aspect) {
        case "cardinality":
          assertEquals({ ...changed[0], count: 0 }, { ...was[0], count: 0 });
          break;
        case "one more or fewer":
          assertEquals(Math.abs(changed[0].count - was[0].count), 1);
          break;
        case "addition":
          assertEquals([before.length, after.length, was.length], [1, 2, 0]);
          break;
        case "removal":
          assertEquals([before.length, after.length, changed.length], [2, 1, 0]);
          break;
        case "replacement":
          assertEquals({ ...changed[0], kind: 0 }, { ...was[0], kind: 0 });
          break;
        case "size":
          assertEquals([changed[0].kind, changed[0].count], [was[0].kind, was[0].count]);
          assert(changed[0].size !== was[0].size);
          break;
        case "background":
          assertEquals(changed, []);
          assert(reference.background !== target.background);
          break;
        case "two":
          assertEquals(new Set(changes.map(({ says }) => says)).size, 2);
      }
    }
  }
});

Deno.test("sceneText: no slot stays open, no template is in both wordings, and every word has a token", () => {
  const { tokenizer, config } = untrainedScenesClip(), rng = random(303), words = new Set(sceneWords());
  assertEquals(config.text.vocabulary, words.size + 4);
  for (const { seen, unseen } of Object.values(sceneTemplates)) {
    assert(new Set<string>(seen).isDisjointFrom(new Set(unseen)));
  }
  for (let i = 0; i < 400; i++) {
    const aspect = sceneAspects[i % sceneAspects.length],
      scene = randomScene({ kinds: all, alone: 0.4, sided: 0.3 }, rng);
    const edit = drawEdit(scene, aspect, { kinds: all }, rng);
    const texts = edit ? sceneWordings.map((wording) => sceneText(edit.changes, wording, rng)) : [];
    for (const text of [drawSceneCaption(scene, rng), sceneCaption(scene), ...texts]) {
      assert(!/[{}@]|undefined/.test(text), text);
      assertEquals(text.split(" ").filter((word) => !words.has(word)), [], text);
      assert(tokenizer.encode([text]).length <= config.text.context);
    }
  }
});

Deno.test("drawEdit: a text about size names what there is, and what there was", () => {
  const rng = random(505), edits = Array.from({ length: 40 }, () => drawEdit(dogs, "size", { kinds: all }, rng)!);
  const slots = edits.map(({ changes: [{ slots }] }) => slots);
  assert(slots.some(({ N, O, IS }) => N === "large dogs" && O === "small dogs" && IS === "are"));
  assert(slots.some(({ N, R, IS }) => N === "a small apple" && R === "large apple" && IS === "is"));
});

Deno.test("drawEdit: what each text of two changes names is in the reference before, and in the target after them", () => {
  const rng = random(606), said = new Set<string>();
  const shows = (caption: string, words: string) => ` ${caption} `.includes(` ${words} `);
  for (let drawn = 0; drawn < 400;) {
    const edit = drawEdit(randomScene({ kinds: all, alone: 0.4 }, rng), "two", { kinds: all }, rng);
    if (!edit) continue;
    drawn++;
    const before = sceneCaption(edit.reference), after = sceneCaption(edit.target);
    for (const { says, slots: { N, O, R, S, K, T, V, W, G } } of edit.changes) {
      said.add(says);
      const noun = (text: string) => text.split(" ").at(-1)!, told = `${says}: ${before}; ${after}`;
      const either = (caption: string) => shows(caption, K) || shows(caption, S);
      switch (says) {
        case "cardinality":
          assert(shows(after, noun(N)) && (O !== "one" ? shows(before, O) : shows(before, "a")), told);
          break;
        case "more":
        case "fewer":
          assert(either(before) && either(after), told);
          break;
        case "addition":
          assert(!shows(before, noun(G)) && shows(after, G), told);
          break;
        case "removal":
          assert(shows(before, T) && !shows(after, T) && !shows(after, S), told);
          break;
        case "replacement":
          assert(shows(before, noun(O)) && !shows(after, noun(O)) && shows(after, noun(N)), told);
          break;
        case "size":
          assert(shows(before, R) && shows(after, `${V} ${T}`), told);
          break;
        case "background":
          assert(before.endsWith(`a ${W} background`) && after.endsWith(`a ${V} background`), told);
      }
    }
  }
  assertEquals(said.size, Object.keys(sceneTemplates).length);
});

Deno.test("sceneSampler: the same triplets from a seed and from a state, no scene twice in a batch, train kinds alone", () => {
  const sampler = sceneSampler(0)(7), first = sampler.next(128), state = sampler.state();
  assertEquals(sceneSampler(0)(7).next(128), first);
  assertEquals(sceneSampler(0)(state).next(16), sampler.next(16));
  const texts = first.flatMap(({ reference, target }) => [reference, target]);
  assertEquals(new Set(texts).size, 256);
  const others = splitKinds(0).test.concat(splitKinds(0).validation).flatMap((i) => [kinds[i].name, kinds[i].plural]);
  const known = new Set(texts.join(" ").split(" "));
  assert(others.every((name) => !known.has(name)));
});
