// Answers questions to the Cedar engine, one JSON line each: ["validate", argument, ...] is a call
// of that function of cedar-wasm. The answer is a JSON line, too; {"crashed": why} where it threw.
// The first argument is the folder that cedar-wasm is installed in.
"use strict";
const { createRequire } = require("node:module");
const { join } = require("node:path");
const { createInterface } = require("node:readline");

const cedar = createRequire(join(process.argv[2], "/"))("@cedar-policy/cedar-wasm/nodejs");

function answer([name, ...given]) {
  try {
    return cedar[name](...given);
  } catch (error) {
    return { crashed: String(error) };
  }
}

createInterface({ input: process.stdin, crlfDelay: Infinity }).on("line", (line) => {
  process.stdout.write(JSON.stringify(answer(JSON.parse(line))) + "\n");
});
