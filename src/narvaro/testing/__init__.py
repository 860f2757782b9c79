"""What tests need and the product never ships: real servers on loopback."""
