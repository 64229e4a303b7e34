"""The account's pages that are not allauth's."""
