// A hundred thousand rows and as many verdict lines: prints how long each part takes, in milliseconds, as JSON.

import { Store } from "../../aleph_nb/dashboard/js/store.js";
import { message } from "./rows.mjs";

const [ROWS, CHUNK, NOW] = [100_000, 5_000, Date.now()];
const VALUES = { rating: (n) => n % 6, pick: () => "pick", tag: (n) => `tag ${n % 20}`, note: (n) => ({ id: `n${n}`, time: 1, text: "the ridge flickers" }) };
const took = {};

function time(name, work) {
  const start = performance.now();
  const outcome = work();
  (took[name] ??= []).push(Math.round((performance.now() - start) * 10) / 10);
  return outcome;
}

const id = (n) => n.toString(16).padStart(32, "0");
const row = (n) => ({
  task_id: id(n), state: n % 10 ? "succeeded" : "failed", prompt: `Make the canyon number ${n} a golden sunset with snow, birds and a red sun over the hills`,
  error_message: n % 10 ? null : "refused", source: `https://media.example/source/${n % 5_000}.mp4`, result: `https://media.example/result/${n}.mp4`,
  thumbnail: `https://media.example/${n}.jpg`, labels: n % 3 ? null : { shot: `sh${n}`, client: "acme" },
  created: NOW - n * 1_000, completed: NOW - n * 1_000 + 100_000 + ((n * 7_919) % 50_000), expires: NOW + 86_400_000 * (14 - n / 5_000), asked: NOW,
});
const line = (n) => {
  const field = Object.keys(VALUES)[n % 4];
  return { uuid: `u${n}`, task_id: id((n * 13) % ROWS), at: n, field, value: VALUES[field](n) };
};
const made = (count, first, make) => Array.from({ length: count }, (_, k) => make(first + k));

const store = new Store();
store.start({ total: ROWS, now: NOW, reviewer: "ada" });
for (let first = 0; first < ROWS; first += CHUNK) {
  const [content, buffers] = message(made(CHUNK, first, row), { first, total: ROWS, done: first + CHUNK >= ROWS });
  time("rows", () => store.take(content, buffers));
}
for (let first = 0; first < ROWS; first += CHUNK) {
  const lines = made(CHUNK, first, line);
  time("lines", () => store.lines(lines));
}
for (let n = 0; n < 5; n += 1) time("counts", () => store.counts());
time("first search", () => store.arrange({ text: "snow 777" }));
for (const text of ["canyon flickers", "zzz", "e", "acme sunset", "tag"]) time("search", () => store.arrange({ text }));
for (const sort of ["dies", "rating", "longest", "newest"]) {
  time("sort", () => store.arrange({ text: "", sort, group: false }));
  time("sort and search", () => store.arrange({ sort, text: "canyon" }));
  time("sort and group", () => store.arrange({ sort, group: true, text: "" }));
}
time("verdict", () => store.lines([{ uuid: "x", task_id: id(5), at: ROWS, field: "rating", value: 5 }]));
time("fresh", () => store.take(...message(made(20, ROWS, row), { fresh: true })));
time("verdict on all", () => store.lines(made(1_000, 0, (n) => ({ uuid: `y${n}`, task_id: id(n), at: ROWS, field: "rating", value: 5 }))));
process.stdout.write(JSON.stringify(took));
