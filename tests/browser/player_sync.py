"""Disturb one of two clips that play together, and see whether they come back together."""

from statistics import median
from typing import NamedTuple

from tests.browser.bare_player import PlayerPage
from tests.clips import CLIPS

__all__ = ["DISTURBANCES", "Round", "disturb"]

# A video that is held does not play, whoever tells it to: so it is with one whose bytes do not come.
DISTURBANCES = {
    "the follower is paused for 120 ms": "async ({ follower }) => { await hold(follower, 120); }",
    "the follower is moved by 60 ms": """async ({ follower }) => {
      follower.currentTime += 0.06; await seeked(follower); }""",
    "the master stalls for 300 ms": "async ({ master }) => { await hold(master, 300); }",
    "the follower plays at 1.1": """async ({ follower }) => {
      follower.playbackRate = 1.1; await sleep(500); }""",
}

_BACK_SECONDS = 1.5
_MOST_STRUCK = {"the follower is paused for 120 ms": 0.16}  # more was the machine's doing: it is done again
_MOST_TRIES = 5

# Goes to the beginning and waits until both have run in, strikes, waits, and gathers how far apart they are.
_ROUND = """async ([disturbance, seconds, leads]) => {
  const sleep = (ms) => new Promise((done) => { setTimeout(done, ms); });
  const seeked = (video) => new Promise((done) => {
    video.addEventListener("seeked", done, { once: true });
  });
  const hold = async (video, ms) => {
    video.play = () => Promise.resolve();
    video.pause();
    await sleep(ms);
    delete video.play;
    await video.play();
  };
  const strike = new Function("sleep", "seeked", "hold", `return ${disturbance};`)(sleep, seeked, hold);
  const [source, result] = ["source", "result"].map((side) => barcode.videoOf(side));
  const [master, follower] = leads === "source" ? [source, result] : [result, source];
  const begun = performance.now();
  const runs = ({ paused, seeking, currentTime: time }) => !paused && !seeking && time > 0.3 && time < 1.2;
  while (!(runs(source) && runs(result))) {
    if (performance.now() - begun > 8000) {
      const told = [source, result].map(({ paused, seeking, currentTime }) => [paused, seeking, currentTime]);
      throw new Error(`they do not play: paused, seeking, at: ${JSON.stringify(told)}`);
    }
    await sleep(20);
  }
  const before = barcode.drift();
  let struck = 0;
  const due = performance.now() + 1000 * seconds;
  const watch = setInterval(() => { struck = Math.max(struck, Math.abs(barcode.drift() - before)); }, 5);
  await strike({ master, follower });
  await sleep(due - performance.now());
  clearInterval(watch);
  const after = [];
  for (let n = 0; n < 25; n += 1) {
    after.push(barcode.drift());
    await sleep(10);
  }
  return { before, struck, after };
}"""


class Round(NamedTuple):
    """What came of a disturbance: seconds that the source was ahead of the result.

    Attributes
    ----------
    before, struck, after : float
        When both had run in; how far the disturbance took them from there, at most; and 1.5 s after it.
    half_frame : float
        Of the faster of the two.
    """

    before: float
    struck: float
    after: float
    half_frame: float

    @property
    def is_back(self) -> bool:
        """Say whether they are within half a frame of each other."""
        return abs(self.after) <= self.half_frame

    def __str__(self) -> str:
        """Say it in milliseconds."""
        told = (f"{1000 * each:.1f}" for each in self)
        return "before {} ms, struck by {} ms, after {} ms (half a frame: {} ms)".format(*told)


def disturb(player: PlayerPage, disturbance: str, source: str, result: str, *, begins: bool = True) -> Round:
    """Strike once while the pair plays, and look 1.5 s later. It must be playing.

    It is sent to the beginning first (`begins`), or is waited for until it begins again by itself.
    """
    leads = "source" if CLIPS[source].seconds > CLIPS[result].seconds else "result"
    for _ in range(_MOST_TRIES):
        if begins:
            player.seek(0)
        found = player.page.evaluate(_ROUND, [DISTURBANCES[disturbance], _BACK_SECONDS, leads])
        if found["struck"] <= _MOST_STRUCK.get(disturbance, 1):
            break
    half_frame = float(1 / (2 * max(CLIPS[source].rate, CLIPS[result].rate)))
    return Round(found["before"], found["struck"], median(found["after"]), half_frame)
