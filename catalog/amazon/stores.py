"""The shops the Creators API knows: which credentials they take, what they charge in and speak.

Regions of the credentials: NA (version 2.1 or 3.1), EU (2.2 or 3.2), FE (2.3 or 3.3).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Store:
    """One marketplace. `domain` is its name in this project, `host` its name in the protocol."""

    domain: str
    region: str
    currency: str
    language: str

    @property
    def host(self) -> str:
        return f"www.{self.domain}"


_TABLE = """
amazon.co.uk  EU GBP en_GB
amazon.de     EU EUR de_DE
amazon.fr     EU EUR fr_FR
amazon.it     EU EUR it_IT
amazon.es     EU EUR es_ES
amazon.nl     EU EUR nl_NL
amazon.com.be EU EUR fr_BE
amazon.ie     EU EUR en_IE
amazon.pl     EU PLN pl_PL
amazon.se     EU SEK sv_SE
amazon.eg     EU EGP en_AE
amazon.in     EU INR en_IN
amazon.com.tr EU TRY tr_TR
amazon.ae     EU AED en_AE
amazon.sa     EU SAR en_SA
amazon.com    NA USD en_US
amazon.ca     NA CAD en_CA
amazon.com.mx NA MXN es_MX
amazon.com.br NA BRL pt_BR
amazon.co.jp  FE JPY ja_JP
amazon.com.au FE AUD en_AU
amazon.sg     FE SGD en_SG
"""
STORES = {
    store.domain: store for store in (Store(*line.split()) for line in _TABLE.strip().splitlines())
}
REGION_OF_VERSION = {"1": "NA", "2": "EU", "3": "FE"}


def region_of(version: str) -> str:
    """NA, EU or FE for a credential version such as "3.2"; empty for an unknown one."""
    family, _, minor = version.partition(".")
    return REGION_OF_VERSION.get(minor, "") if family in ("2", "3") else ""
