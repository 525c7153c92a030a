"""From stays to exposures: windows, the sweep, encounters, accumulation."""
