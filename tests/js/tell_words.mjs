// Says what the tests hand over on stdin in the desk's words: [[function, argument, …], …].

import { readFileSync } from "node:fs";

import * as words from "../../aleph_nb/dashboard/js/words.js";

const asked = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(asked.map(([name, ...given]) => words[name](...given))));
