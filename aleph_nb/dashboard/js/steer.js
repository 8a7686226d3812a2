/** How a side that has drifted from the other comes back: by a little more or less speed, or by one seek. */

const STEER_FAR = 0.25; // seconds, from which on a seek is quicker
const STEER_MOST = 0.1; // of the speed: more can be seen and heard
const STEER_TIME = 0.12; // seconds in which what is left of a small drift shall be gone
const STEER_SETTLED = 0.15; // of a frame: a correction ends here, well inside of the half at which it begins

/**
 * Decide about a drift.
 * @param {{drift: number, frame: number, speed: number, steering: boolean}} now drift: seconds by which the
 *   follower is ahead of where it should be; frame: how long one lasts, the shorter of both sides';
 *   speed: of both; steering: whether a correction is under way
 * @returns {{seek: boolean, rate: number}}
 */
export function steer({ drift, frame, speed, steering }) {
  const size = Math.abs(drift);
  if (size > STEER_FAR * Math.max(speed, 1)) return { seek: true, rate: speed };
  if (size <= frame * (steering ? STEER_SETTLED : 0.5)) return { seek: false, rate: speed };
  const share = Math.min(size / (STEER_TIME * speed), STEER_MOST);
  return { seek: false, rate: speed * (1 - Math.sign(drift) * share) };
}
