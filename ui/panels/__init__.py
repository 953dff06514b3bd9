"""Parts of a page that more than one tab can hold: whose voice, with what settings, and what came of it."""
