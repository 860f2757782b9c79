"""Written plans for channels: why, for whom, who has time, how it ends; advised upon and decided. It never opens a channel."""
