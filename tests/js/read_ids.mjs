// Reads what the tests hand over on stdin, and tells what ids.js makes of each: [[name or null, base64], …].

import { readFileSync } from "node:fs";

import { readIdFile, readIdText } from "../../aleph_nb/dashboard/js/ids.js";

function read([name, content]) {
  const bytes = new Uint8Array(Buffer.from(content, "base64"));
  try {
    return name === null ? readIdText(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)) : readIdFile(name, bytes);
  } catch (error) {
    return { error: error.message, kind: error.constructor.name };
  }
}

const cases = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(cases.map(read)));
