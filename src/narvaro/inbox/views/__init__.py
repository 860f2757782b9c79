"""Pages of the inbox: lists, one thread, the steps behind it, saved answers, and the expert's one-time page."""
