/** What the desks of one browser tell each other, in this page and in others: which lines a ledger has by now. */

/** One desk's end of it. Where there is no channel, each desk goes by what its own kernel says. */
export class Hearsay {
  #channel = null;

  /**
   * @param {object} parts
   * @param {string} parts.ledger its uuid
   * @param {string} parts.service
   * @param {(uuids: string[]) => void} parts.heard called with what another desk was told to be in the ledger
   * @param {function} [parts.Channel] BroadcastChannel: a page hears its own storage change by no event
   */
  constructor({ ledger, service, heard, Channel = globalThis.BroadcastChannel }) {
    try {
      this.#channel = new Channel(`aleph_nb/${ledger}/${service}`);
      this.#channel.onmessage = ({ data }) => {
        if (Array.isArray(data)) heard(data.filter((uuid) => typeof uuid === "string"));
      };
    } catch {
      this.#channel = null;
    }
  }

  /** These are in the ledger, as the kernel says. @param {string[]} uuids */
  tell(uuids) {
    if (uuids.length > 0) this.#channel?.postMessage(uuids);
  }

  /** Hear and tell no more. */
  dispose() {
    this.#channel?.close();
    this.#channel = null;
  }
}
