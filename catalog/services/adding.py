"""Products from what people paste: Amazon links and ASINs, in any mixture.

The same for staff, who get products, and for anybody's own list, which gets the product it means.
What is pasted is only taken apart here; whatever has to be asked over the network, a short link or
the shop itself, is left to a task.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from catalog.amazon.asin import is_asin
from catalog.amazon.isbn import asin_of_isbn
from catalog.amazon.types import AmazonItem
from catalog.amazon.urls import ShortLink, parse_amazon_url
from catalog.models import Product, StoreKey
from catalog.services.shop_rows import OwnWords
from catalog.services.shop_writing import write_items

MOST_AT_ONCE = 200
BETWEEN = re.compile(r"[\s,;]+")
