"""Short links of the authority's own: where they lead, and how often they are followed, counted without anybody."""
