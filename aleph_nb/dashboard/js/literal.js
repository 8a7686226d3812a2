/** Values written down as JSON, or as Python prints them; numbers keep their digits. */

const DEEPEST_LITERAL = 900;
const MOST_DIGITS_READ = 400;
const JSON_BLANKS = /[ \t\n\r]*/y;
const PYTHON_BLANKS = /(?:[ \t\n\f]|#[^\n]*)*/y;
const NUMBER_TOKEN = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const PYTHON_NUMBER = /[+-]?(?:[1-9][0-9]*|0+)(\.[0-9]*)?([eE][+-]?[0-9]+)?/y;
const JSON_ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const PYTHON_ESCAPE = /\\[^]/y;
const JSON_PLAIN = { '"': /[^"\\\u0000-\u001f]*/y };
const PYTHON_PLAIN = { '"': /[^"\\\n]*/y, "'": /[^'\\\n]*/y };
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|([0-7]{1,3})|([^]))/g;
const ESCAPED = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", a: "\u0007", v: "\v", "\n": "" };
const JSON_WORDS = { null: null, true: true, false: false };
const PYTHON_WORDS = { None: null, True: true, False: false };

/** A number, as Python would print it. */
export class Digits {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }
}

/**
 * @param {string} text
 * @param {{python?: boolean}} [options] python: as Python prints it, and not JSON
 * @returns {*} objects as Map, numbers as Digits; undefined where it is neither
 */
export function readLiteral(text, { python = false } = {}) {
  const reader = new LiteralReader(text, python);
  try {
    const value = reader.value(0);
    reader.blanks();
    return reader.at === text.length ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

class LiteralReader {
  at = 0;

  constructor(text, python) {
    this.text = text;
    this.python = python;
    this.words = python ? PYTHON_WORDS : JSON_WORDS;
  }

  value(depth) {
    if (depth > DEEPEST_LITERAL) throw new SyntaxError("nested too deeply");
    this.blanks();
    const mark = this.text[this.at];
    if (mark === "{") return this.map(depth);
    if (mark === "[") return this.list("]", depth);
    if (mark === "(" && this.python) return this.list(")", depth);
    const word = /[A-Za-z]+/y;
    word.lastIndex = this.at;
    const found = word.exec(this.text)?.[0];
    if (found && Object.hasOwn(this.words, found)) {
      this.at += found.length;
      return this.words[found];
    }
    return this.string() ?? this.number();
  }

  list(end, depth) {
    const values = [];
    this.at += 1;
    while (!this.skip(end)) {
      values.push(this.value(depth + 1));
      if (this.skip(",")) this.mayEnd(end);
      else if (!this.sees(end)) throw new SyntaxError(end);
      else if (end === ")" && values.length === 1) return this.skip(end) && values[0]; // brackets, and no tuple
    }
    return values;
  }

  /** An object; of Python's sets, the values. */
  map(depth) {
    const found = new Map();
    const members = [];
    this.at += 1;
    while (!this.skip("}")) {
      const name = this.python ? this.value(depth + 1) : this.blanks() ?? this.string();
      if (name === null && !this.python) throw new SyntaxError("a name is due");
      if (this.python && !this.sees(":")) members.push(name);
      else if (this.skip(":")) found.set(name instanceof Digits ? name.text : String(name), this.value(depth + 1));
      else throw new SyntaxError(":");
      if (this.skip(",")) this.mayEnd("}");
      else if (!this.sees("}")) throw new SyntaxError("}");
    }
    if (members.length > 0 && found.size > 0) throw new SyntaxError("neither an object nor a set");
    return members.length > 0 ? members : found;
  }

  string() {
    let text = null;
    for (;;) {
      if (this.python && /[uU]/.test(this.text[this.at]) && this.text[this.at + 1] in PYTHON_PLAIN) this.at += 1;
      const plain = (this.python ? PYTHON_PLAIN : JSON_PLAIN)[this.text[this.at]];
      if (!plain) return text;
      text = (text ?? "") + unescapedText(this.quoted(plain));
      if (!this.python) return text;
      this.blanks(); // texts beside each other are one
    }
  }

  /** What stands between the quotes, piece by piece: one pattern for all of it runs out of stack. */
  quoted(plain) {
    const quote = this.text[this.at];
    const start = (this.at += 1);
    for (;;) {
      this.match(plain);
      if (this.text[this.at] === quote) {
        this.at += 1;
        return this.text.slice(start, this.at - 1);
      }
      if (!this.match(this.python ? PYTHON_ESCAPE : JSON_ESCAPE)) throw new SyntaxError("a text without an end");
    }
  }

  number() {
    const match = this.match(this.python ? PYTHON_NUMBER : NUMBER_TOKEN);
    if (!match) throw new SyntaxError("no value");
    const [digits, fraction, exponent] = match;
    if (fraction === undefined && exponent === undefined) {
      return digits.length > MOST_DIGITS_READ ? digits : new Digits(String(BigInt(digits.replace("+", ""))));
    }
    return Number.isFinite(Number(digits)) ? new Digits(printedFloat(Number(digits))) : digits;
  }

  blanks() {
    this.match(this.python ? PYTHON_BLANKS : JSON_BLANKS);
    return null;
  }

  sees(mark) {
    this.blanks();
    return this.text[this.at] === mark;
  }

  skip(mark) {
    const isThere = this.sees(mark);
    if (isThere) this.at += 1;
    return isThere;
  }

  mayEnd(end) {
    if (!this.python && this.sees(end)) throw new SyntaxError("a comma before the end");
  }

  match(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at += found[0].length;
    return found;
  }
}

function unescapedText(text) {
  return text.replace(ESCAPE, (all, unit, point, byte, octal, mark) => {
    const code = unit ?? point ?? byte;
    if (code !== undefined) return String.fromCodePoint(parseInt(code, 16));
    if (octal !== undefined) return String.fromCodePoint(parseInt(octal, 8));
    return ESCAPED[mark] ?? (/["'\\/]/.test(mark) ? mark : all);
  });
}

/** A whole number as such, below 2**53; else as Python's repr has it. */
function printedFloat(number) {
  if (Number.isSafeInteger(number)) return String(number === 0 ? 0 : number);
  const size = Math.abs(number);
  if (size >= 1e-4 && size < 1e16) return size >= 1 && Number.isInteger(number) ? `${number}.0` : plainFloat(number);
  return number.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
}

function plainFloat(number) {
  return String(number).includes("e") ? number.toFixed(30).replace(/0+$/, "") : String(number);
}
