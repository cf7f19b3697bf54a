"""Many processes at once on one house, and some of them are killed: nothing may be lost, doubled or oversold."""
