"""A shop with years behind it: any number of orders, written set by set, and coherent after every portion."""
