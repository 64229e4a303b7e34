"""Clicks on the way to the shop, what they add up to, and what the shop pays for sales."""

from affiliates.models.click import Click
from affiliates.models.commission import CommissionRate
from affiliates.models.dashboard import Dashboard
from affiliates.models.earning import Family, Report, ReportedItem, ReportedTraffic, ReportFile
from affiliates.models.link_finding import LinkFinding
from affiliates.models.sales import SalesTally
from affiliates.models.tally import ClickTally, ProductTally, ShelfTally, Span, TallyMark
from affiliates.models.tracking import Purpose, TrackingId, TrackingLease
from affiliates.models.visitor import VisitorKey

__all__ = [
    "Click",
    "ClickTally",
    "CommissionRate",
    "Dashboard",
    "Family",
    "LinkFinding",
    "ProductTally",
    "Purpose",
    "Report",
    "ReportFile",
    "ReportedItem",
    "ReportedTraffic",
    "SalesTally",
    "ShelfTally",
    "Span",
    "TallyMark",
    "TrackingId",
    "TrackingLease",
    "VisitorKey",
]
