"""Meaning in two dimensions: what is warm, and what is for sleeping."""

import numpy as np

from catalog.models import Product
from catalog.search.meaning import Meaning

asked: list[str] = []


def vector(text):
    found = np.array([0.1, "warm" in text.lower(), "sleep" in text.lower()], np.float32)
    return found / np.linalg.norm(found)


def encode(text):
    asked.append(text)
    return vector(text)


def made_up():
    gifts = list(Product.objects.order_by("pk"))
    ids = [gift.pk.int for gift in gifts]
    return Meaning(
        version=f"{len(ids)}",
        high=np.array([number >> 64 for number in ids], np.uint64),
        low=np.array([number & (1 << 64) - 1 for number in ids], np.uint64),
        vectors=np.array([vector(gift.description) for gift in gifts], np.float32).reshape(-1, 3),
        encode=encode,
    )
