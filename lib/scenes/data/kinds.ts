/** The kinds of things in scenes: food, plants, animals, vehicles, objects that three packages of drawings all have. */

/** A kind of thing. */
export interface Kind {
  /** One of it, such as "strawberry". */
  name: string;
  /** Several of it, such as "strawberries". */
  plural: string;
  /** Code of its emoji; its drawing is found by it. */
  code: string;
}

const irregular: Readonly<Record<string, string>> = {
  strawberry: "strawberries",
  butterfly: "butterflies",
  fish: "fish",
  bus: "buses",
  octopus: "octopuses",
};

const codes: Readonly<Record<string, string>> = {
  ...{ apple: "1F34E", banana: "1F34C", grape: "1F347", strawberry: "1F353", watermelon: "1F349", pear: "1F350" },
  ...{ lemon: "1F34B", pineapple: "1F34D", carrot: "1F955", mushroom: "1F344", avocado: "1F951" },
  ...{ hamburger: "1F354", pizza: "1F355", doughnut: "1F369", cookie: "1F36A", cake: "1F382", lollipop: "1F36D" },
  ...{ cat: "1F408", dog: "1F415", rabbit: "1F407", pig: "1F416", cow: "1F404", frog: "1F438", turtle: "1F422" },
  ...{ snake: "1F40D", fish: "1F41F", octopus: "1F419", crab: "1F980", butterfly: "1F98B", bee: "1F41D" },
  ...{ ladybug: "1F41E", duck: "1F986", owl: "1F989", penguin: "1F427", elephant: "1F418", whale: "1F433" },
  ...{ car: "1F697", bus: "1F68C", tractor: "1F69C", bicycle: "1F6B2", train: "1F686", airplane: "2708" },
  ...{ helicopter: "1F681", rocket: "1F680", sailboat: "26F5", hammer: "1F528", axe: "1FA93", key: "1F511" },
  ...{ umbrella: "2602", guitar: "1F3B8", drum: "1F941", balloon: "1F388", gift: "1F381", candle: "1F56F" },
  ...{ bell: "1F514", crown: "1F451", camera: "1F4F7", television: "1F4FA", book: "1F4D5", pencil: "270F" },
  ...{ cactus: "1F335", tree: "1F333", sunflower: "1F33B", tulip: "1F337", chair: "1FA91", bomb: "1F4A3" },
  ...{ trophy: "1F3C6", basketball: "1F3C0" },
};

const plurals: Readonly<Record<string, string>> = { ...irregular, cactus: "cactuses", trophy: "trophies" };

/** The 68 kinds, in a fixed order: a scene names them by their index. */
export const kinds: readonly Kind[] = Object.entries(codes).map(([name, code]) => ({
  name,
  plural: plurals[name] ?? `${name}s`,
  code,
}));
