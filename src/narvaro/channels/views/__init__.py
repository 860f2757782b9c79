"""Pages of the channel register: the channels, connecting them, who watches them."""
