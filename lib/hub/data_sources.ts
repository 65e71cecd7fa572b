/** Annotations that the authors of benchmarks publish in git: each file at one commit, with the hash that git gives it. */
import type { Expected } from "./download.ts";

/** One file of a benchmark. */
export interface DataFile extends Expected {
  /** Its path in the authors' repository. */
  from: string;
  /** Its path in the benchmark's folder, as `evaluate` reads it. */
  to: string;
}

/** What can be fetched of a benchmark, and what cannot. */
export interface DataSource {
  /** Repository on GitHub, `OWNER/NAME`. */
  repository: string;
  /** The commit, 40 hexadecimal digits. */
  commit: string;
  /** What the repository's own licence file says. */
  licence: string;
  /** The files; a hash is git's SHA-1 of the blob. */
  files: readonly DataFile[];
  /** What is left to the reader, one step a line. */
  steps: readonly string[];
}

/** The benchmarks whose annotations can be fetched. */
export const dataSourceNames = ["cirr", "circo"] as const;

/** A benchmark whose annotations can be fetched. */
export type DataSourceName = typeof dataSourceNames[number];

/** The sources by the benchmark's name. */
export const dataSources: Readonly<Record<DataSourceName, DataSource>> = {
  cirr: {
    repository: "Cuberick-Orion/CIRR",
    commit: "2276fba2d2c53862c8ae79ea18e1f1ae03719f56",
    licence: "MIT",
    files: [
      ["captions/cap.rc2.val.json", 1_609_916, "0c65c92cb41ec1aee226df91ed4b2851a774a9b4"],
      ["captions/cap.rc2.test1.json", 1_254_129, "e34a010f4e5e3fefee931a99c59a0aa4775b8ece"],
      ["image_splits/split.rc2.val.json", 105_568, "0d147941d0b476e9057d2781b2302e36fff06e7b"],
      ["image_splits/split.rc2.test1.json", 120_364, "24548fffcc44b99a86ecdfbb9fdb415fb6f90811"],
    ].map(([from, size, hash]) => ({ from, to: `cirr/${from}`, size, hash }) as DataFile),
    steps: [
      "The images are those of NLVR2 and need a form: https://github.com/lil-lab/nlvr/tree/master/nlvr2#direct-image-download",
      "If no answer comes, write to CIRR's authors as their README says: https://github.com/Cuberick-Orion/CIRR#raw-images",
      "Put the folders dev and test1 directly into the benchmark's folder, beside cirr.",
    ],
  },
  circo: {
    repository: "miccunifi/CIRCO",
    commit: "267b5c9087d856ce1b41d2daf8f385ae5b629a3b",
    licence: "CC BY-NC 4.0",
    files: [
      { from: "annotations/val.json", size: 111_978, hash: "ae56f48ff7ddda4c7e5018aca72602ca85dfe3b3" },
      { from: "annotations/test.json", size: 167_660, hash: "968f113f016f451112472aa993c5afab29172b87" },
    ].map((file) => ({ ...file, to: file.from })),
    steps: [
      "The images are COCO's: at https://cocodataset.org/#download take the 2017 unlabeled images (about 19 GB) and image info.",
      "Unzip the images into COCO2017_unlabeled/unlabeled2017 of the benchmark's folder.",
      "Unzip the image info so that COCO2017_unlabeled/annotations/image_info_unlabeled2017.json is there.",
    ],
  },
};
