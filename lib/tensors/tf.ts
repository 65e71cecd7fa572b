/**
 * TensorFlow.js. Every other file imports it from here, so that its version is written once: a second copy of the
 * package in one process would share the engine of the first.
 *
 * @module
 */
export * from "npm:@tensorflow/tfjs@4.22.0";
