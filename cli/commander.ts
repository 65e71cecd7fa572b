/** The option library: the one file that names it and its version. */
export { Command, Option } from "npm:@commander-js/extra-typings@15.1.0";
export { CommanderError, InvalidArgumentError } from "npm:commander@15.1.0";
