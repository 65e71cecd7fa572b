/**
 * TensorFlow.js, imported here and nowhere else: the seam behind which another engine could stand.
 *
 * The version is written once. A second copy of the package in one process would share the engine of the first.
 *
 * @module
 */
export * from "npm:@tensorflow/tfjs@4.22.0";
