// What a <video> needs besides its own: to be let go of.

/** Let go of a clip: without this a browser keeps its connection and its decoder. */
export function releaseVideo(video) {
  video.pause();
  if (!video.hasAttribute("src")) return;
  video.removeAttribute("src");
  video.load();
}
