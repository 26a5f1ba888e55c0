// What went wrong on a long walk: all of it is told at its end, not only the first.

import { strict as assert } from 'node:assert';

export class Faults {
  #found = [];

  /** Goes on after what fails here, and keeps it. */
  async of(where, act) {
    try {
      return await act();
    } catch (error) {
      this.#found.push(`${where}: ${error.code === 'ERR_ASSERTION' ? error.message : error.stack}`);
    }
  }

  tell() {
    assert.equal(this.#found.length, 0, `${this.#found.length} faults\n${this.#found.join('\n')}`);
  }
}
