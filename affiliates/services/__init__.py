"""What the affiliates app does: links, clicks, expected commission, counts for the catalogue."""
