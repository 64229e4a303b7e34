"""Clicks on the way to the shop, and what the shop pays for sales."""

from affiliates.models.click import Click
from affiliates.models.commission import CommissionRate
from affiliates.models.earning import Family, Report, ReportedItem, ReportedTraffic, ReportFile
from affiliates.models.tracking import Purpose, TrackingId, TrackingLease
from affiliates.models.visitor import VisitorKey

__all__ = [
    "Click",
    "CommissionRate",
    "Family",
    "Purpose",
    "Report",
    "ReportFile",
    "ReportedItem",
    "ReportedTraffic",
    "TrackingId",
    "TrackingLease",
    "VisitorKey",
]
