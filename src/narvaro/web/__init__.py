"""The door: settings, root urls, navigation, the command line and pages that span capabilities.

It owns no table. What it shows it asks the capabilities for.
"""
