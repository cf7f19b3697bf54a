"""A day of trade against the running product, through the doors that people, shops and carriers use: HTTP alone."""
