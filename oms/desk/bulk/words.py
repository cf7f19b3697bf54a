"""The words that the bulk shop is made of."""

PLACES = {
    "BULK-N": ("Hanover warehouse", "warehouse", "Hafenstraße 12", "30159", "Hannover", 9),
    "BULK-S": ("Munich warehouse", "warehouse", "Lagerweg 4", "80331", "München", 7),
    "BULK-W": ("Cologne warehouse", "warehouse", "Industriestraße 40", "50667", "Köln", 5),
    "BULK-H": ("Hamburg city store", "store", "Alter Wall 9", "20457", "Hamburg", 1),
}
CHANNELS = {
    "bulk-web": ("Web shop", "api"),
    "bulk-market": ("Marketplace", "api"),
    "bulk-phone": ("Phone", "phone"),
    "bulk-store": ("Store till", "store"),
    "bulk-file": ("Wholesale file", "csv"),
}
_LISTS = {
    "goods": "MUG PLATE BOWL JUG CANDLE TOWEL APRON BOARD KNIFE TEAPOT TRAY VASE",
    "looks": "blue sand white black oak walnut linen copper green red",
    "firsts": """Ada Jonas Mira Til Lena Emil Nora Kai Ida Paul Mia Ben Lea Finn Emma Leon Hanna Luis Clara Max Ella
        Noah Lina Theo Marie Oskar Greta Anton Frieda Jakob Ruth Karl Elsa Hugo Rosa Otto Alma Bruno Edda Arne""",
    "families": """Winter Berg Sommer Brandt Vogt Lang Roth Meyer Schulz Fischer Weber Wagner Becker Hoffmann Koch
        Bauer Richter Klein Wolf Schwarz Braun Hofmann Lange Krause Lehmann Maier Herrmann Walter Huber Kaiser Fuchs
        Peters Scholz Weiss Jung Hahn Keller Frank Beck Lorenz""",
    "streets": """Hauptstraße Bahnhofstraße Gartenweg Schulstraße Lindenallee Marktplatz Kirchgasse Bergstraße
        Waldweg Ringstraße Mühlenweg Seestraße Rosenweg Talstraße Birkenweg Feldstraße Parkallee Uferweg
        Poststraße Wiesenweg""",
    "cities": """Berlin Hamburg München Köln Frankfurt Stuttgart Düsseldorf Leipzig Dortmund Essen Bremen Dresden
        Hannover Nürnberg Duisburg Bochum Wuppertal Bielefeld Bonn Münster Karlsruhe Mannheim Augsburg Wiesbaden""",
    "postcodes": """10115 20354 80331 50667 60313 70173 40210 04103 44135 45127 28195 01069 30159 90402 47051 44787
        42103 33602 53111 48143 76131 68159 86150 65183""",
}
LISTS = {name: text.split() for name, text in _LISTS.items()}
