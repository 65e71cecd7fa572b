/**
 * What the authors of benchmarks publish: annotations in git, each file at one commit with the hash that git gives it,
 * and the archives of COCO. That the addresses still answer was not verified; hashes and sizes of files in git were read
 * from the repositories, those of archives are told with each.
 */
import type { Expected } from "./download.ts";

/** One file of a benchmark. */
export interface DataFile extends Omit<Expected, "size"> {
  /** Bytes, if known. */
  size?: number;
  /** Its path in the authors' repository. */
  from: string;
  /** Its path in the benchmark's folder, as `evaluate` reads it. */
  to: string;
}

/** A ZIP archive of a benchmark. */
export interface DataArchive {
  /** Its address. */
  url: string;
  /** Bytes, as its authors' page tells them: for saying it before. */
  size: number;
  /** Its sum, 64 digits for SHA-256 and 32 for MD5. */
  hash: string;
  /** The folder of the benchmark's folder into which it is unpacked; "" for the folder itself. */
  to: string;
  /** The entries that are needed, by name; all if it is left out. */
  only?: readonly string[];
  /** Whether it holds images: these are fetched on demand. */
  images: boolean;
}

/** What can be fetched of a benchmark, and what cannot. */
export interface DataSource {
  /** Repository on GitHub, `OWNER/NAME`; for data that are in no repository the page that tells of them. */
  repository: string;
  /** The commit, 40 hexadecimal digits; for data in no repository the year. */
  commit: string;
  /** What the repository's own licence file says. */
  licence: string;
  /** The files; a hash is git's SHA-1 of the blob. */
  files: readonly DataFile[];
  /** The archives; none if it is left out. */
  archives?: readonly DataArchive[];
  /** What is left to the reader, one step a line. */
  steps: readonly string[];
  /** What is left to the reader who does not have the archives of images fetched, in place of `steps`. */
  withoutImages?: readonly string[];
}

const coco = "http://images.cocodataset.org";

// COCO publishes no sums. SHA-256 and bytes: TensorFlow Datasets (url_checksums/coco.txt, commit 333639b). MD5: a list of
// pytorchcocotools; COCO's download page tells these two sizes, rounded. COCO's host has no certificate for https.
const cocoArchives = {
  validation: {
    url: `${coco}/zips/val2017.zip`,
    size: 815_585_330,
    hash: "4f7e2ccb2866ec5041993c9cf2a952bbed69647b115d0f74da7ce8f4bef82f05",
    to: "",
    images: true,
  },
  annotations: {
    url: `${coco}/annotations/annotations_trainval2017.zip`,
    size: 252_907_541,
    hash: "113a836d90195ee1f884e704da6304dfaaecff1f023f49b6ca93c4aaae470268",
    to: "",
    images: false,
  },
  unlabelled: {
    url: `${coco}/zips/unlabeled2017.zip`,
    size: 19 * 2 ** 30,
    hash: "7ebc562819fdb32847aab79530457326",
    to: "COCO2017_unlabeled",
    images: true,
  },
  unlabelledInfo: {
    url: `${coco}/annotations/image_info_unlabeled2017.zip`,
    size: 4 * 2 ** 20,
    hash: "ede38355d5c3e5251bb7f8b68e2c068f",
    to: "COCO2017_unlabeled",
    only: ["annotations/image_info_unlabeled2017.json"],
    images: true,
  },
} as const satisfies Record<string, DataArchive>;

/** The benchmarks whose annotations can be fetched, and those of which the steps to them are told. */
export const dataSourceNames = ["cirr", "circo", "fashioniq", "genecis", "coco", "icir", "coco-captions"] as const;

/** One of {@linkcode dataSourceNames}. */
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
    archives: [cocoArchives.unlabelledInfo, cocoArchives.unlabelled],
    steps: [],
    withoutImages: ["The images are COCO's unlabeled ones of 2017: add --images to fetch them and their list."],
  },
  fashioniq: {
    repository: "XiaoxiaoGuo/fashion-iq",
    commit: "f71b16c3b09ef03b02c0fed160fa072fb3b8aa16",
    licence: "Community Data License Agreement",
    files: [
      ["captions/cap.dress.val.json", 397_427, "8058b4f6939644bb74956d488fe83b927d8b1d75"],
      ["captions/cap.shirt.val.json", 398_072, "deb212a7a20fb8da5d09fe96cff109439090b2e1"],
      ["captions/cap.toptee.val.json", 391_897, "da6e44a6c2af25e46aba791b09519263049fafcf"],
      ["captions/cap.dress.test.json", 335_557, "c3b32df9213fc87e3dceef8b3447debd45c45160"],
      ["captions/cap.shirt.test.json", 333_382, "b63efc40847c0adf71313fd58b2a03684da26a41"],
      ["captions/cap.toptee.test.json", 345_441, "534d2b92b29663d9de5361c24100a99cf35bd409"],
      ["image_splits/split.dress.val.json", 68_708, "043c875df540c80b1c9b04313d971fee0d97f97a"],
      ["image_splits/split.shirt.val.json", 114_230, "e7eda347d43305a0251a9828d9d97db57aadf9d1"],
      ["image_splits/split.toptee.val.json", 96_716, "a45be27ee3f244bb793725fa058b897fec583311"],
      ["image_splits/split.dress.test.json", 68_726, "15dab4929cc5694ee3dcc89f804ef87b07d169fe"],
      ["image_splits/split.shirt.test.json", 114_230, "99eb760be749844f744824d4f4507ed04255fa77"],
      ["image_splits/split.toptee.test.json", 96_734, "270b30ebcc72f0bae02153b090768d74d72f5d76"],
    ].map(([from, size, hash]) => ({ from, to: from, size, hash }) as DataFile),
    steps: [
      "The images lie at shops; their addresses are listed by https://github.com/hongwang600/fashion-iq-metadata, and many are gone.",
      "If that is so, write to FashionIQ's authors: https://github.com/XiaoxiaoGuo/fashion-iq/issues",
      "Put the images into the folder images of the benchmark's folder, as ID.png or ID.jpg.",
    ],
  },
  genecis: {
    repository: "facebookresearch/genecis",
    commit: "0c5c968c01b8ccffcc0990af2b430d21d7a12f49",
    licence: "CC BY-NC 4.0",
    files: [
      { from: "genecis/focus_attribute.json", hash: "9f81b1777d5e4a849c85ab1b3e293dfb9bd054f3" },
      { from: "genecis/change_attribute.json", hash: "074b39e5c2483b252cb99e10ee3256c9ca82f06a" },
      { from: "genecis/focus_object.json", size: 2_270_369, hash: "8aa323433948d115beb48d18058208dff586edd0" },
      { from: "genecis/change_object.json", size: 2_270_031, hash: "f06e61063c121f1ec68bea021ab3b08887d517d5" },
    ].map((file) => ({ ...file, to: file.from })),
    archives: [cocoArchives.validation],
    steps: [
      "The attribute tasks need Visual Genome 1.2: take both parts of the images at http://visualgenome.org/api/v0/api_home.html",
      "Unzip them into VG_100K and VG_100K_2 of the benchmark's folder.",
    ],
    withoutImages: [
      "The object tasks need COCO's validation images of 2017: add --images to fetch them.",
      "The attribute tasks need Visual Genome 1.2: take both parts of the images at http://visualgenome.org/api/v0/api_home.html",
      "Unzip them into VG_100K and VG_100K_2 of the benchmark's folder.",
    ],
  },
  coco: {
    repository: "https://cocodataset.org",
    commit: "2017",
    licence: "CC BY 4.0 (annotations), Flickr's terms (images)",
    files: [],
    archives: [
      { ...cocoArchives.annotations, only: ["annotations/instances_val2017.json"] },
      cocoArchives.validation,
    ],
    steps: [],
    withoutImages: ["The images are COCO's validation images of 2017: add --images to fetch them."],
  },
  icir: {
    repository: "billpsomas/icir",
    commit: "463cc1d4881854f9667977b6dab0e775902ea760",
    licence: "CC BY-NC-SA 4.0 (images and lists), MIT (program)",
    files: [],
    steps: [
      "Lists and images, about 750,000, are one archive: curl -L -C - -O https://vrg.fel.cvut.cz/icir/icir_v1.0.0.tar.gz",
      "Unpack it: tar -xzf icir_v1.0.0.tar.gz; in its folder icir check it: sha256sum -c checksums.sha256",
      "That folder is the benchmark's, with query_files.csv, database_files.csv, query and database: deno task data-check icir --data icir",
      "The copy at https://huggingface.co/datasets/billpsomas/icir has its images in shards, which are not read.",
    ],
  },
  "coco-captions": {
    repository: "https://cocodataset.org",
    commit: "2017",
    licence: "CC BY 4.0",
    files: [],
    archives: [{
      ...cocoArchives.annotations,
      only: ["annotations/captions_train2017.json", "annotations/captions_val2017.json"],
    }],
    steps: [],
  },
};
