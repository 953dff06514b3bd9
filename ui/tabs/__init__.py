"""One module a tab: the widgets, what they do, and how the two are wired."""
