"""Pages of policy: rules and notices where they are decided about, and the rules as anybody reads them."""
