"""The player on a page of its own: no notebook, no kernel; `harness.js` plays their part."""
